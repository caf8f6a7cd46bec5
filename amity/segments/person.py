"""What segments say on the page of a person and in the list of people."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy

from amity.kernel.actor import Actor
from amity.people import columns, panels
from amity.people.columns import Flag
from amity.people.models import Person
from amity.people.panels import Panel
from amity.segments.models import Member
from amity.segments.queries import known_segments


def register() -> None:
    """Called once at start."""
    panels.register_panel(Panel("segments", gettext_lazy("Segments"), "person-segments", 40, "segment"))
    columns.register_flags(flags)


def flags(actor: Actor) -> Iterable[Flag]:
    """A filter for each segment that this actor may know."""
    for one in known_segments(actor):
        yield Flag(
            f"segment:{one.id}", one.name, 50, "segment", partial(in_segment, one.id), gettext_lazy("Segment")
        )


def in_segment(segment_id: UUID, _actor: Actor, people: QuerySet[Person]) -> QuerySet[Person]:
    """Those of `people` who are in it now."""
    rows = Member.objects.filter(segment_id=segment_id, person_id=OuterRef("pk"), until__isnull=True)
    return people.filter(Exists(rows))
