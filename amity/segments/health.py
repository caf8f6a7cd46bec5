"""What of segments stands on the Status screen."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.kernel.health import MOST_COUNTED, Finding, Health, Look, capped, register_check
from amity.segments.models import Segment, State, Touched

LATE = timedelta(minutes=10)


@register_check("segments", order=76)
def segments(look: Look) -> Finding | None:
    """How many changes wait to be taken in, and whether that takes too long."""
    if not State.objects.filter(is_kept=True).exists():
        return None
    waiting: int = Touched.objects.order_by()[:MOST_COUNTED].count()
    oldest = Touched.objects.order_by("id").values_list("at", flat=True).first()
    figures: dict[str, int | float | str] = {"segments": Segment.objects.there().count(), "waiting": waiting}
    words = ngettext(
        "%(waiting)s change waits to be taken in.", "%(waiting)s changes wait to be taken in.", waiting
    )
    words = words % {"waiting": capped(waiting)}
    health, remedy = Health.GOOD, ""
    if oldest is not None and oldest < look.at - LATE:
        health = Health.CAUTION
        remedy = _("After a large import that passes by itself. Else the log of the worker says what is odd.")
    return Finding("segments", _("Segments"), health, words, remedy, figures, link="segments")
