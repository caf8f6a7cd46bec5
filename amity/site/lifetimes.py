"""What goes by itself, whatever rules there are, and after how long: told beside the rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.activity import sweeping as uploads
from amity.kernel.api import idempotency
from amity.people import disclosures
from amity.segments import jobs as segments
from amity.webhooks.services import inlets, sending


@dataclass(frozen=True, slots=True)
class Lifetime:
    """`place` is the table or folder, as the register of personal data names it; `age` in words."""

    place: str
    words: str
    age: str


def lifetimes() -> list[Lifetime]:
    """All of them, the shortest first."""
    own = [
        (uploads.KEPT_FOR, "activity_upload", _("Files in drafts that were never sent")),
        (idempotency.KEPT_FOR, "kernel_keptanswer", _("Answers kept for programs that ask twice")),
        (disclosures.KEPT_FOR, "files/disclosures/", _("Files of all that we know of somebody")),
        (sending.KEPT_FOR, "webhooks_event", _("What webhooks were told")),
        (inlets.KEPT_FOR, "webhooks_received", _("What others sent in by webhook")),
        (segments.KEPT_FOR, "segments_segment", _("Deleted segments with their history")),
    ]
    found = [Lifetime(place, words, _age(span)) for span, place, words in sorted(own, key=lambda one: one[0])]
    return [*found, Lifetime("files/imports/", _("Copies of imported files"), _("with their import"))]


def _age(span: timedelta) -> str:
    return ngettext("%(n)s day", "%(n)s days", span.days) % {"n": span.days}
