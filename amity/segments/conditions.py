"""The conditions of which rules are made: a registry, to which later packages add theirs.

A field answers the same question twice: as SQL over everybody (`sql`, for counts at once and for a new rule) and for
one person (`look`, for each event, with what it found). Tests hold both to an evaluator that reads the records.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias
from uuid import UUID

from django.utils.functional import Promise as Lazy

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.segments.domain.parts import TIME
from amity.segments.domain.traits import A_DAY, Traits
from amity.segments.domain.trees import BrokenRule, Leaf

Words: TypeAlias = str | Lazy
MOST_DAYS, MOST_COUNTED, LONGEST_VALUE, MOST_VALUES = 3_650, 500, 200, 50
MOST_AMOUNT = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Sql:
    """A boolean expression over `t`, the row of traits; never null."""

    text: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """Whether a condition holds of one person, and what was found: a number, words, or nothing."""

    holds: bool
    value: Any = None


@dataclass(frozen=True, slots=True)
class Edge:
    """When time alone changes the answer: `minutes` after an instant of the record `of` (`activity`, `order`, …)."""

    of: str
    minutes: int


@dataclass(frozen=True, slots=True)
class Moment:
    """When is asked, by which numbers lists name words, and which segments a person is in."""

    now: int
    codes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    inside: Callable[[UUID], bool] = lambda _: False


@dataclass(frozen=True, slots=True)
class Op:
    """One way to ask. `takes`: what stands behind it (`text`, `option`, `number`, `amount`, `figure`, `mood`, `days`,
    `hours`, `date`, `segment`, or nothing). `behind`: words behind that, so that it reads as a sentence."""

    key: str
    label: Words
    takes: str = ""
    behind: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(ABC):
    """Base of all fields. `part` is what it is read from; `personal` names fields of a person whose purposes it shares.

    `of` is what a condition may be narrowed to (`channel`, `source`, `verb`, `currency`, `product`), with `of_needed`
    it must be.
    """

    key: str
    label: Words
    group: Words
    part: int
    personal: tuple[str, ...] = ()
    of: str = ""
    of_needed: bool = False
    windowed: bool = False

    ops: ClassVar[tuple[Op, ...]] = ()
    toil: ClassVar[int] = 1
    """How long SQL works on it, roughly: what is quick is asked first."""

    def op(self, leaf: Leaf) -> Op:
        for one in self.ops:
            if one.key == leaf.op:
                return one
        raise BrokenRule("unknown_op", field=self.key, op=leaf.op)

    def check(self, leaf: Leaf) -> Leaf:
        """The condition as it is kept. Raises `BrokenRule`."""
        op = self.op(leaf)
        if leaf.within_days is not None and not self.windowed:
            raise BrokenRule("no_window", field=self.key)
        if leaf.within_days is not None and not 1 <= leaf.within_days <= MOST_DAYS:
            raise BrokenRule("days", most=MOST_DAYS)
        if leaf.of and not self.of:
            raise BrokenRule("nothing_to_narrow", field=self.key)
        if self.of_needed and not leaf.of:
            raise BrokenRule("of_needed", field=self.key, of=self.of)
        if len(leaf.of) > LONGEST_VALUE or "\0" in leaf.of:
            raise BrokenRule("too_long", most=LONGEST_VALUE)
        return Leaf(self.key, op.key, _value(op.takes, leaf.value), leaf.within_days, leaf.of)

    def choices(self) -> Sequence[tuple[str, str]]:
        """The values among which one chooses, with their names, where a field has its own."""
        return ()

    def named(self, value: str) -> str:
        """A value of a rule as it is shown."""
        return value

    def told(self, found: str) -> str:
        """Words that were found of one person as they are shown."""
        return found

    @abstractmethod
    def sql(self, leaf: Leaf, moment: Moment) -> Sql:
        """The question over everybody."""

    @abstractmethod
    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        """The question about one person, with what was found."""

    def edges(self, leaf: Leaf) -> tuple[Edge, ...]:  # noqa: ARG002  # what time alone does not change has none
        return ()

    def parts(self, leaf: Leaf) -> int:
        """The parts whose change can change the answer."""
        return self.part | (TIME if self.edges(leaf) else 0)

    def code(self, leaf: Leaf, moment: Moment) -> int | None:
        """The number of what it is narrowed to; −1 for what nobody ever named."""
        return moment.codes.get((self.of, leaf.of), -1) if leaf.of else None


def _value(takes: str, value: Any) -> Any:
    reader = _READERS.get(takes)
    if reader is None:
        if value not in (None, ""):
            raise BrokenRule("no_value")
        return None
    return reader(value)


def _text(value: Any) -> Any:
    many = value if isinstance(value, tuple) else (value,)
    if not many or len(many) > MOST_VALUES:
        raise BrokenRule("too_many_values", most=MOST_VALUES)
    for one in many:
        if not isinstance(one, str) or not one.strip():
            raise BrokenRule("no_text")
        if len(one) > LONGEST_VALUE or "\0" in one:
            raise BrokenRule("too_long", most=LONGEST_VALUE)
    return tuple(one.strip() for one in many) if len(many) > 1 else many[0].strip()


def whole(least: int, most: int) -> Callable[[Any], int]:
    """Reads a whole number between two bounds."""

    def read(value: Any) -> int:
        if (
            isinstance(value, bool) or not isinstance(value, int | float) or value % 1
        ):  # no number has a rest too
            raise BrokenRule("no_number")
        if not least <= value <= most:
            raise BrokenRule("out_of_range", least=least, most=most)
        return int(value)

    return read


def decimal(least: float, most: float) -> Callable[[Any], float]:
    """Reads a number between two bounds."""

    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BrokenRule("no_number")
        if not least <= value <= most:
            raise BrokenRule("out_of_range", least=least, most=most)
        return round(float(value), 2)

    return read


def _date(value: Any) -> str:
    from datetime import date

    if not isinstance(value, str):
        raise BrokenRule("no_date")
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise BrokenRule("no_date") from None


def _segment(value: Any) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise BrokenRule("no_segment") from None


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "text": _text,
    "option": _text,
    "number": whole(0, MOST_COUNTED),
    "amount": decimal(0, MOST_AMOUNT),
    "figure": decimal(-1e15, 1e15),
    "mood": decimal(-1, 1),
    "days": whole(1, MOST_DAYS),
    "hours": whole(1, MOST_DAYS * 24),
    "date": _date,
    "segment": _segment,
}


def days_edge(of: str, leaf: Leaf) -> tuple[Edge, ...]:
    """The edge of a window of `within_days`."""
    return (Edge(of, leaf.within_days * A_DAY),) if leaf.within_days else ()


_fields: dict[str, Field] = {}
_providers: list[Callable[[], Iterable[Field]]] = []
Reader: TypeAlias = Callable[[Sequence[UUID], Sequence[UUID]], Mapping[UUID, Mapping[str, Any]]]
_readers: list[Reader] = []


def register(*fields: Field) -> None:
    """Add fields. Registering a key again replaces it."""
    for one in fields:
        _fields[one.key] = one


def register_provider(provider: Callable[[], Iterable[Field]], reader: Reader | None = None) -> None:
    """Add fields that are made by administrators: asked for anew whenever rules are read.

    `reader(person_ids, hidden_sources)` gives their values by person, as they are kept under `Traits.fields`.
    """
    _providers.append(provider)
    if reader is not None:
        _readers.append(reader)


def read_fields(person_ids: Sequence[UUID], hidden: Sequence[UUID]) -> Mapping[UUID, dict[str, Any]]:
    """What the readers say of these people together."""
    found: dict[UUID, dict[str, Any]] = {}
    for reader in _readers:
        for person, values in reader(person_ids, hidden).items():
            found.setdefault(person, {}).update(values)
    return found


def all_fields() -> dict[str, Field]:
    """Every field by key, in the order of the builder."""
    made = {one.key: one for provider in _providers for one in provider()}
    return _fields | made


def field_of(leaf: Leaf, fields: Mapping[str, Field]) -> Field:
    """The field of a condition among these. Raises `BrokenRule` for one that is not there, or not for the asker."""
    found = fields.get(leaf.field)
    if found is None:
        raise BrokenRule("unknown_field", field=leaf.field)
    return found


def fields_for(actor: Actor) -> dict[str, Field]:
    """The fields that this actor may ask for: those whose purposes their role shares."""
    return {
        key: one
        for key, one in all_fields().items()
        if all(policy.sees_field(actor, "person", name) for name in one.personal)
    }
