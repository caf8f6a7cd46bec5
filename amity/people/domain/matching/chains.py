"""Evidence that follows from other evidence: what is counted in its place.

Two people of one town have the same postcode more often than two at random, and two of one name similar addresses
of mail.
Adding up both as if they had nothing to do with each other would take neighbours and namesakes for one person. So a
comparison that others imply moves to a twin with weights of its own: how often the level is seen *given* what the
others say (the chain rule of probability).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from amity.people.domain.matching.topics import Comparison, Topic


@dataclass(frozen=True, slots=True)
class Chain:
    """`source` is counted as `name` where every one of `given` has one of its levels. `rare`: rarity counts as
    before."""

    name: str
    source: str
    given: tuple[tuple[str, frozenset[str]], ...]
    rare: bool = False


def _when(**levels: str) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((name, frozenset(words.split())) for name, words in levels.items())


_SAME_GIVEN = "same short_form typing_error initial"
CHAINS: tuple[Chain, ...] = (
    Chain("place_of_same_postcode", "place", _when(postcode="same digit_wrong")),
    Chain("place_of_other_postcode", "place", _when(postcode="same_district different"), rare=True),
    Chain("region_of_same_place", "region", _when(place="same typing_error")),
    Chain("region_of_same_place", "region", _when(postcode="same digit_wrong")),
    Chain("number_in_same_street", "house_number", _when(street="same typing_error")),
    Chain("street_of_same_place", "street", _when(postcode="same digit_wrong")),
    Chain("street_of_same_place", "street", _when(place="same typing_error")),
    Chain("line_of_same_place", "address_line", _when(postcode="same digit_wrong")),
    Chain("line_of_same_place", "address_line", _when(place="same typing_error")),
    Chain("email_of_same_name", "email", _when(given_name=_SAME_GIVEN, family_name="same typing_error")),
    Chain("email_of_half_the_name", "email", _when(given_name=_SAME_GIVEN)),
    Chain("email_of_half_the_name", "email", _when(family_name="same typing_error part")),
    Chain("handle_of_same_name", "handle", _when(given_name=_SAME_GIVEN, family_name="same typing_error")),
    Chain("name_of_same_handle", "handle_and_name", _when(handle="same same_core alike")),
    Chain("label_of_same_handle", "handle_and_label", _when(handle="same same_core alike")),
    Chain("gender_of_same_name", "gender", _when(given_name="same short_form typing_error")),
)
"""In this order; what was moved by one is not moved by the next. Conditions look at levels as they were at first."""


@dataclass(frozen=True, slots=True)
class Moves:
    """Chains in numbers for given comparisons. `comparisons` are those of the topics, then the twins."""

    comparisons: tuple[Comparison, ...]
    sources: tuple[
        int, ...
    ]  # of each comparison the one whose values it shows: itself, or the source of a twin
    steps: tuple[tuple[int, int, tuple[tuple[int, frozenset[int]], ...]], ...]  # (from, to, conditions)
    first_twin: int
    places: tuple[
        tuple[int, int], ...
    ]  # of each comparison of a topic: which topic, and which of its comparisons

    def apply(self, levels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
        """Levels of all comparisons from those of the topics; arrays of pairs by comparisons."""
        twins = np.zeros((len(levels), len(self.comparisons) - self.first_twin), np.uint8)
        moved = np.hstack([levels, twins])
        for source, target, conditions in self.steps:
            holds = moved[:, source] > 0
            for place, allowed in conditions:
                holds &= np.isin(levels[:, place], list(allowed))
            moved[holds, target] = moved[holds, source]
            moved[holds, source] = 0
        return moved

    def apply_one(self, levels: Sequence[int]) -> list[int]:
        """As `apply`, for one pair."""
        moved = [*levels, *[0] * (len(self.comparisons) - self.first_twin)]
        for source, target, conditions in self.steps:
            if moved[source] and all(levels[place] in allowed for place, allowed in conditions):
                moved[target], moved[source] = moved[source], 0
        return moved


def moves(topics: Sequence[Topic], chains: Sequence[Chain] = CHAINS) -> Moves:
    """The chains that concern the comparisons of these topics."""
    comparisons = [comparison for topic in topics for comparison in topic.comparisons]
    places = tuple(
        (place, step) for place, topic in enumerate(topics) for step in range(len(topic.comparisons))
    )
    at = {comparison.name: place for place, comparison in enumerate(comparisons)}
    every, sources = list(comparisons), list(range(len(comparisons)))
    steps = []
    for chain in chains:
        if chain.source not in at or any(name not in at for name, _ in chain.given):
            continue
        source = at[chain.source]
        names = [one.name for one in every]
        if chain.name not in names:
            rare = every[source].rare if chain.rare else frozenset[int]()
            every.append(replace(every[source], name=chain.name, rare=rare, among_alike=True))
            sources.append(source)
            names.append(chain.name)
        conditions = tuple(
            (
                at[name],
                frozenset(
                    every[at[name]].levels.index(word) for word in words if word in every[at[name]].levels
                ),
            )
            for name, words in chain.given
        )
        steps.append((source, names.index(chain.name), conditions))
    return Moves(tuple(every), tuple(sources), tuple(steps), len(comparisons), places)
