"""Comparing where people live and what they do: lines of an address, town, postcode, region, work."""

from __future__ import annotations

from amity.people.domain.matching.names import latin, squeezed
from amity.people.domain.matching.records import Said
from amity.people.domain.matching.topics import Comparison, Levels
from amity.people.domain.matching.words import DIFFERENT, likeness

NUMBER = Comparison(
    "house_number", ("missing", "same", "digit_wrong", "different"), (0.88, 0.06, 0.06), frozenset({1})
)
LINE = Comparison(
    "street",
    ("missing", "same", "typing_error", "alike", "different"),
    (0.82, 0.10, 0.02, 0.06),
    frozenset({1, 2}),
)
SECOND = Comparison(
    "address_line",
    ("missing", "same", "typing_error", "alike", "different"),
    (0.78, 0.12, 0.02, 0.08),
    frozenset({1, 2}),
)
PLACE = Comparison(
    "place",
    ("missing", "same", "typing_error", "alike", "different"),
    (0.80, 0.10, 0.02, 0.08),
    frozenset({1, 2}),
)
POSTCODE = Comparison(
    "postcode",
    ("missing", "same", "digit_wrong", "same_district", "different"),
    (0.82, 0.08, 0.04, 0.06),
    frozenset({1, 2}),
)
REGION = Comparison("region", ("missing", "same", "different"), (0.93, 0.07), frozenset({1}))
WORK = Comparison("work", ("missing", "same", "alike", "different"), (0.75, 0.05, 0.20), frozenset({1, 2}))
_WORTH = (0, 3, 2, 1, -1)

Address = tuple[str, str, str]
Where = tuple[str, str, str]


def _likeness(one: str, other: str) -> int:
    return likeness(one, other) if one and other else 0


class Street:
    """House number and two lines of an address. The lines may stand in either order."""

    name = "street"
    comparisons = (NUMBER, LINE, SECOND)

    def prepare(self, said: Said) -> Address | None:
        """Number, first and second line without spaces."""
        lines = [squeezed(line) for line in said.lines[:2]] + ["", ""]
        value = (squeezed(said.number), lines[0], lines[1])
        return value if any(value) else None

    def compare(self, one: Address, other: Address) -> Levels:
        """The alignment of lines that explains more; the swapped one has to be clearly better."""
        number = _number_level(one[0], other[0])
        straight = _likeness(one[1], other[1]), _likeness(one[2], other[2])
        if straight[0] in {1, 2} or not (one[2] or other[2]):
            return (number, *straight)
        crossed = _likeness(one[1], other[2]), _likeness(one[2], other[1])
        if sum(_WORTH[level] for level in crossed) > sum(_WORTH[level] for level in straight) + 1:
            return (number, *sorted(crossed, key=lambda level: level or DIFFERENT))
        return (number, *straight)

    def terms(self, value: Address) -> tuple[str, ...]:
        """The number and the lines."""
        return value

    def shown(self, value: Address) -> tuple[str, ...]:
        """The number and the lines."""
        return value


def _number_level(one: str, other: str) -> int:
    if not one or not other:
        return 0
    if one == other:
        return 1
    return 2 if sorted(one) == sorted(other) or one.startswith(other) or other.startswith(one) else 3


class Home:
    """Town, postcode and region."""

    name = "home"
    comparisons = (PLACE, POSTCODE, REGION)

    def prepare(self, said: Said) -> Where | None:
        """Without spaces."""
        value = (squeezed(said.place), squeezed(said.postcode), squeezed(said.region))
        return value if any(value) else None

    def compare(self, one: Where, other: Where) -> Levels:
        """A level for each."""
        region = 0 if not one[2] or not other[2] else 1 if one[2] == other[2] else 2
        return (_likeness(one[0], other[0]), _postcode_level(one[1], other[1]), region)

    def terms(self, value: Where) -> tuple[str, ...]:
        """The three."""
        return value

    def shown(self, value: Where) -> tuple[str, ...]:
        """The three."""
        return value


def _postcode_level(one: str, other: str) -> int:
    if not one or not other:
        return 0
    if one == other:
        return 1
    like = likeness(one, other)
    if like == 2 and len(one) == len(other):
        return 2
    return 3 if (one[:-3] == other[:-3] and len(one) > 4) or like == 2 else 4


class Work:
    """What somebody does, or for whom."""

    name = "work"
    comparisons = (WORK,)

    def prepare(self, said: Said) -> str | None:
        """Folded words."""
        return latin(said.work) or None

    def compare(self, one: str, other: str) -> Levels:
        """Same words, some words in common or a typing error, or different."""
        if one == other:
            return (1,)
        if not set(one.split()).isdisjoint(other.split()):
            return (2,)
        return (2,) if likeness(one, other) in {2, 3} else (3,)

    def terms(self, value: str) -> tuple[str, ...]:
        """The words."""
        return (value,)

    def shown(self, value: str) -> tuple[str, ...]:
        """The words."""
        return (value,)
