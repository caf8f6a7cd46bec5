"""What we promised to somebody, for their own eyes."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from amity.kernel import policy
from amity.kernel.disclosing import Section, Whose, discloses
from amity.teamwork.models import Promise


@discloses("teamwork", 40)
def tell(whose: Whose) -> Iterable[Section]:
    """The promises to them, oldest first."""
    found = policy.visible(Promise.objects.filter(about_id__in=whose.identity_ids), whose.actor)
    yield Section(
        "promises", _("What we promised you"),
        {"what": _("What"), "made_at": _("When"), "due_at": _("By"), "state": _("State")},
        found.order_by("made_at").values("what", "made_at", "due_at", "state"),
    )  # fmt: skip
