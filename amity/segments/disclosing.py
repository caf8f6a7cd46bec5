"""In which segments somebody is and was, for their own eyes: sorting people by rule is profiling (GDPR, article 15)."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from amity.kernel.disclosing import Section, Whose, discloses
from amity.segments.queries import stays_of


@discloses("segments", 50)
def tell(whose: Whose) -> Iterable[Section]:
    """Their stays in segments, those of now first."""
    yield Section(
        "segments", _("Segments that our rules put you in"),
        {"segment": _("Segment"), "what": _("What it is for"), "since": _("From"), "until": _("Until")},
        [
            {"segment": one.name, "what": one.description, "since": stay.since, "until": stay.until}
            for one, stay in stays_of(whose.actor, whose.person_id)
        ],
    )  # fmt: skip
