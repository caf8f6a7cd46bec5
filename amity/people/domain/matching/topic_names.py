"""Comparing names: given, middle, family, and whether the two were written in the same fields."""

from __future__ import annotations

from amity.people.domain.matching.names import Name, are_forms_of_one_name, parse_name
from amity.people.domain.matching.records import Said
from amity.people.domain.matching.topics import Comparison, Levels
from amity.people.domain.matching.words import ALIKE, SAME, TYPO, likeness

GIVEN = Comparison(
    "given_name",
    ("missing", "same", "short_form", "typing_error", "initial", "alike", "different"),
    (0.78, 0.05, 0.08, 0.03, 0.02, 0.04),
    frozenset({1, 2, 3}),
)
FAMILY = Comparison(
    "family_name",
    ("missing", "same", "typing_error", "part", "initial", "alike", "different"),
    (0.83, 0.08, 0.02, 0.02, 0.02, 0.03),
    frozenset({1, 2, 3}),
)
MIDDLE = Comparison(
    "middle_name", ("missing", "same", "alike", "different"), (0.75, 0.15, 0.10), frozenset({1})
)
ORDER = Comparison("name_order", ("missing", "straight", "swapped"), (0.95, 0.05), among_alike=True)
_SAME, _SHORT, _TYPO, _INITIAL, _ALIKE, _DIFFERENT = 1, 2, 3, 4, 5, 6
# What an alignment of fields is worth while choosing between straight and swapped; missing is better than different.
_WORTH = (0.0, 4.0, 3.0, 3.0, 1.5, 1.5, -2.0)


def given_level(one: str, other: str) -> int:
    """The level of `GIVEN` for two folded words."""
    if not one or not other:
        return 0
    if one == other:
        return _SAME
    if len(one) == 1 or len(other) == 1:
        return _INITIAL if one[0] == other[0] else _DIFFERENT
    if are_forms_of_one_name(one, other):
        return _SHORT
    return _level(likeness(one, other), typo=_TYPO)


def family_level(one: Name, other: Name) -> int:
    """The level of `FAMILY`."""
    first, second = one.family, other.family
    if not first or not second:
        return 0
    if first == second:
        return _SAME
    if len(first) == 1 or len(second) == 1:
        return _INITIAL if first[0] == second[0] else _DIFFERENT
    level = _level(likeness(first, second), typo=2)
    if level >= _ALIKE and len(one.family_words) + len(other.family_words) > 2:
        shared = set(one.family_words) & set(other.family_words)
        return 3 if any(len(word) > 2 for word in shared) else level
    return level


def _level(like: int, *, typo: int) -> int:
    if like == SAME:
        return _SAME
    if like == TYPO:
        return typo
    return _ALIKE if like == ALIKE else _DIFFERENT


def _swapped(name: Name) -> Name:
    return Name(name.family, name.middle, name.given, (name.given,))


def _middle_level(one: Name, other: Name) -> int:
    """Words in the middle agree if one of each side does; a word that the other has as its family name counts too."""
    if not one.middle or not other.middle:
        return 0
    best = 3
    for first in one.middle:
        for second in other.middle:
            if first == second and len(first) > 1:
                return 1
            if (first[0] == second[0] and (len(first) == 1 or len(second) == 1)) or (
                len(first) > 1 and len(second) > 1 and likeness(first, second) in {TYPO, ALIKE}
            ):
                best = 2
    return best


def _straight(one: Name, other: Name) -> tuple[int, int]:
    given = given_level(one.given, other.given)
    if given >= _ALIKE:
        if one.given + "".join(one.middle[:1]) == other.given + "".join(other.middle[:1]):
            given = _SAME
        elif one.given in other.middle or other.given in one.middle:
            given = _SHORT  # known by the second given name
    family = family_level(one, other)
    if family >= _ALIKE and (one.family in other.middle or other.family in one.middle):
        family = 3  # one of two family names was left out
    return given, family


def _order_value(levels: tuple[int, int]) -> float:
    return _WORTH[levels[0]] + _WORTH[levels[1]] * 1.05


def compare_names(one: Name, other: Name) -> Levels:
    """Levels of given, family, middle and order; the fields are read as swapped where nothing speaks against it then.

    The order is asked of names that agree in both parts.
    """
    straight = _straight(one, other)
    if straight[0] in {_SAME, _SHORT} and straight[1] == _SAME:
        return (*straight, _middle_level(one, other), 1)
    if not _may_be_swapped(one, other):
        return (*straight, _middle_level(one, other), 1 if all(straight) and _agree(straight) else 0)
    # The same question asked from both sides: a word in the middle may make a difference.
    crossed = (_straight(one, _swapped(other)), _straight(_swapped(one), other))
    swapped = max(crossed, key=lambda levels: (_order_value(levels), levels))
    if _agree(swapped) and _order_value(swapped) > _order_value(straight) + 1:
        return (*swapped, _middle_level(one, other), 2 if all(swapped) else 0)
    return (*straight, _middle_level(one, other), 1 if all(straight) and _agree(straight) else 0)


def _may_be_swapped(one: Name, other: Name) -> bool:
    """A word starts as one in the other field does, or like a short form of it."""
    if one.given[:1] == other.family[:1] or one.family[:1] == other.given[:1]:
        return True
    return are_forms_of_one_name(one.given, other.family) or are_forms_of_one_name(one.family, other.given)


def _agree(levels: tuple[int, int]) -> bool:
    """One agrees at least, and none differs."""
    return any(levels) and max(levels) < _DIFFERENT


class Names:
    """The name in parts, other names beside it; of several the best pair counts."""

    name = "names"
    comparisons = (GIVEN, FAMILY, MIDDLE, ORDER)

    def prepare(self, said: Said) -> tuple[Name, ...] | None:
        """All names of the record, the first one is its own."""
        own = parse_name(said.given_name, said.middle_name, said.family_name, said.full_name)
        if not said.other_names:
            return (own,) if own else None
        others = [parse_name(full=other) for other in said.other_names]
        return tuple(dict.fromkeys(name for name in (own, *others) if name)) or None

    def compare(self, one: tuple[Name, ...], other: tuple[Name, ...]) -> Levels:
        """See `compare_names`."""
        if len(one) == 1 and len(other) == 1:
            return compare_names(one[0], other[0])
        pairs = [compare_names(first, second) for first in one for second in other]
        return max(pairs, key=lambda levels: (_order_value((levels[0], levels[1])), -levels[3], levels))

    def terms(self, value: tuple[Name, ...]) -> tuple[str, ...]:
        """Given and family name, and the first word between them."""
        first = value[0]
        return (first.given, first.family, first.middle[0] if first.middle else "", "")

    def shown(self, value: tuple[Name, ...]) -> tuple[str, ...]:
        """As `terms`."""
        first = value[0]
        return (first.given, first.family, " ".join(first.middle), f"{first.given} {first.family}".strip())
