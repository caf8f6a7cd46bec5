"""Segments as an actor may know them, their members, counts at once, and why somebody is in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.segments.conditions import Moment, fields_for
from amity.segments.domain.traits import minute_of
from amity.segments.domain.trees import Group, leaves, named_segments, read
from amity.segments.models import Segment, State
from amity.segments.rules import codes_of, rule_of, selection

NOT_KEPT = UUID(int=0)


def known_segments(actor: Actor) -> list[Segment]:
    """The segments that this actor may know of, by name: of whose rules no field is kept from their role."""
    if not policy.may(actor, "read", "segment"):
        return []
    listed = list(Segment.objects.visible_to(actor).filter(deleted_at__isnull=True).order_by("name", "id"))
    trees = {one.id: read(one.rule) for one in listed}
    seen = fields_for(actor).keys()
    all_seen = {id: _uses(tree) <= seen for id, tree in trees.items()}
    return [one for one in listed if _is_seen(one.id, trees, all_seen, set())]


def _uses(tree: Group) -> set[str]:
    return {leaf.field for _, leaf in leaves(tree)}


def _is_seen(id: UUID, trees: dict[UUID, Group], all_seen: dict[UUID, bool], passed: set[UUID]) -> bool:
    if id in passed or id not in trees:
        return True
    passed.add(id)
    return all_seen[id] and all(_is_seen(one, trees, all_seen, passed) for one in named_segments(trees[id]))


@dataclass(frozen=True, slots=True)
class Preview:
    """How many people a rule holds of, exactly; `of` how many there are; some of them."""

    count: int
    of: int
    sample: tuple[UUID, ...]


SAMPLE = 6


def preview(tree: Group, at: datetime, *, sample: int = SAMPLE) -> Preview:
    """Count a rule over everybody, now."""
    rule = rule_of(NOT_KEPT, 0, tree.to_json())
    chosen = selection(rule, Moment(minute_of(at), codes_of([rule])))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute(f"SELECT count(*) {chosen.text}", chosen.params)
        (count,) = cursor.fetchone() or (0,)
        some: Sequence[UUID] = ()
        if count and sample:
            cursor.execute(f"SELECT t.person_id {chosen.text} LIMIT {int(sample)}", chosen.params)
            some = [id for (id,) in cursor.fetchall()]
        cursor.execute(
            "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'segments_trait'::regclass"
        )
        (of,) = cursor.fetchone() or (0,)
    return Preview(count, of, tuple(some))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the first reading of everybody is: `share` of 1, null when it is done or was never begun."""

    is_kept: bool
    read: int
    to_read: int
    is_reading: bool


def progress() -> Progress:
    """Whether counts can be asked for."""
    state = State.objects.get()
    return Progress(state.is_kept, state.read, max(state.to_read, state.read), state.reading_from is not None)
