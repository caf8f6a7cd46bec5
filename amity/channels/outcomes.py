"""What became of each row that tells of a person, and what would. Packages downstream know; the site answers.

Nothing of it is kept: it follows from the rows, which are, and from what is known of the people whom they name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from uuid import UUID

from amity.channels.adapters import RawItem, adapter, leans
from amity.channels.models import ImportRun, Item, ItemState, Repeat
from amity.channels.records import LeftOut, PersonRecord, Unreadable, left_out_of
from amity.channels.walking import config_of, reader_of
from amity.kernel.actor import Actor

TOGETHER = 1_000


class Fate(StrEnum):
    """What became of a row, or would."""

    NEW = "new"  # the person came with this import
    CHANGED = "changed"  # known, and it says something that nobody had said
    KNOWN = "known"  # known, and nothing new
    SAME = "same"  # the row itself came before
    NOT_TAKEN = "not_taken"
    OTHER = "other"  # a message or an order


@dataclass(frozen=True, slots=True)
class Outcome:
    """`fields` are those of which it said something new; the person is named for whom the actor may know.

    `left_out` are values of the row that are none, `still_refused` what it says yes to without lifting a refusal.
    """

    fate: Fate
    person_id: UUID | None = None
    name: str = ""
    fields: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    still_refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """A row of the file. `reason` says why it was not taken."""

    position: int
    outcome: Outcome
    reason: str = ""


Told = Mapping[int, Sequence[PersonRecord]]
"""Of each position the people whom its row tells of."""
Look = Callable[[ImportRun, Actor, Told], Mapping[int, Outcome]]
Compare = Callable[[Sequence[PersonRecord]], Sequence[Fate]]
_look: Look | None = None
_compare: Compare | None = None


def provide_outcomes(look: Look, compare: Compare) -> None:
    """Called once at start by the site."""
    global _look, _compare
    _look, _compare = look, compare


def compare(records: Sequence[PersonRecord]) -> Sequence[Fate]:
    """What would become of records that nobody has taken in yet, one for each."""
    assert _compare is not None, "the site provides it"
    return _compare(records)


def outcomes_of(run: ImportRun, items: Sequence[Item], actor: Actor) -> Mapping[UUID, Outcome]:
    """What became of these rows of a run, by their id. A row that its mapping cannot read any more has none."""
    assert _look is not None, "the site provides it"
    if run.source is None:
        return {}
    read = adapter(run.source.adapter).reader(config_of(run))
    after: int | None = None
    told: dict[int, list[PersonRecord]] = {}
    left_out: dict[int, tuple[LeftOut, ...]] = {}
    for item in items:
        if leans(read) and item.position - 1 != after:
            read = reader_of(run, before=item.position)
        after = item.position
        if item.state != ItemState.DONE:
            continue
        try:
            records = read(RawItem(item.position, bytes(item.raw), item.content_type))
        except Unreadable:  # the mapping was changed since
            continue
        told[item.position] = [record for record in records if isinstance(record, PersonRecord)]
        left_out[item.position] = left_out_of(records)
    people = _look(run, actor, {position: found for position, found in told.items() if found})
    return {
        item.id: replace(_outcome(item, people), left_out=left_out.get(item.position, ()))
        for item in items
        if item.position in told or item.state != ItemState.DONE
    }


def _outcome(item: Item, people: Mapping[int, Outcome]) -> Outcome:
    if item.state != ItemState.DONE:
        return Outcome(Fate.NOT_TAKEN)
    return people.get(item.position, Outcome(Fate.OTHER))


def every_outcome(run: ImportRun, actor: Actor) -> Iterator[RowOutcome]:
    """All rows of the file in its order, those that came before included; read in pieces."""
    kept, same = _kept(run, actor), _same(run)
    one, other = next(kept, None), next(same, None)
    while one is not None or other is not None:
        if other is None or (one is not None and one.position <= other.position):
            assert one is not None
            yield one
            one = next(kept, None)
        else:
            yield other
            other = next(same, None)


def _kept(run: ImportRun, actor: Actor) -> Iterator[RowOutcome]:
    waiting = Item.objects.filter(run=run).order_by("position").iterator(chunk_size=TOGETHER)
    while items := list(islice(waiting, TOGETHER)):
        found = outcomes_of(run, items, actor)
        for item in items:
            yield RowOutcome(item.position, found.get(item.id, Outcome(Fate.OTHER)), item.error_reason)


def _same(run: ImportRun) -> Iterator[RowOutcome]:
    """Those that were there already, without what the run took over since."""
    for positions in (
        Repeat.objects.filter(run=run).order_by("id").values_list("positions", flat=True).iterator()
    ):
        own = set(Item.objects.filter(run=run, position__in=positions).values_list("position", flat=True))
        for position in sorted(set(positions) - own):
            yield RowOutcome(position, Outcome(Fate.SAME))
