"""What the colleagues of the demo company noted about some customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from amity.activity.models import Activity
from amity.activity.shaping import identity_id
from amity.channels.records import Direction, Handle
from amity.kernel.models import Staff
from amity.people.models import Link
from amity.people.noting import write_note
from amity.people.queries.noted import NOTE

_LONG = """Met at the fair in Dublin, at the stand beside ours. We talked for most of an hour.

Runs the evenings of a coffee club with some forty members, who meet on the second Thursday in the back of a bookshop. \
They buy beans together, two kilos of each of three roasts a month, and share the cost of the post. Decides alone \
which ones, but asks the members once a year, in January.

What matters: roasted within the last ten days, written on the bag; no valves that whistle; whole beans only. Two \
members cannot drink much caffeine, so one of the three should be a decaf that does not taste like one. Last year's \
washed Huila was the favourite, the natural from Sidama the least.

Would give a tasting with us, if somebody comes along who can tell where the farm is and what the farmer was paid. \
Prices matter less than that they stay for a season. Does not want to be called before noon, and reads mail on Sundays.

Agreed: we send the list of next season when it is ready, and two small bags of the decaf on the house."""
_INES, _PRIYA = "ines@tamp.example", "priya@tamp.example"

_NOTES: tuple[tuple[str, str, int, str], ...] = (
    ("ruairi.quinn@letterbox.example", _INES, 41, _LONG),
    ("ottilie.brenner@post.example", _INES, 12, "Grinds for a moka pot. Ask before we send ground beans."),
    ("lukas.reinhardt@briefkasten.example", _PRIYA, 27, "Rings rather than writes. Best reached after four."),
    ("noor@haddad-studio.example", _PRIYA, 63, "Photographs our bags; we may show the pictures with her name."),
    ("priscilla@dunmore-roastery.example", _INES, 5, "Thinks about a second machine. Wants to see the two-group one."),
)  # fmt: skip
"""Whose address, who noted it, how many days ago, and what."""


def has_notes() -> bool:
    """Whether somebody noted anything about a person."""
    return Activity.objects.filter(
        channel=NOTE, thread_id__isnull=True, direction=Direction.INTERNAL
    ).exists()


@transaction.atomic
def seed_notes(now: datetime, staff: Mapping[str, Staff]) -> None:
    """Write them. Once: `has_notes` tells whether it was done."""
    for address, author, days, text in _NOTES:
        person = Link.objects.get(
            identity_id=identity_id(Handle("email", address)), revoked_at=None
        ).person_id
        write_note(person, text, actor=staff[author].actor(), at=now - timedelta(days=days))
