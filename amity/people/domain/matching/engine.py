"""The whole way from records to persons: prepare, pair, learn, score, join. And what is done at which score."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from amity.people.domain.matching.clustering import join
from amity.people.domain.matching.model import Model
from amity.people.domain.matching.records import Said
from amity.people.domain.matching.table import Codes, candidate_pairs, table_of
from amity.people.domain.matching.topic_handles import Handles
from amity.people.domain.matching.topic_names import Names
from amity.people.domain.matching.topic_places import Home, Street, Work
from amity.people.domain.matching.topic_profiles import ProfileLinks
from amity.people.domain.matching.topic_values import Birth, Email, Gender, Identifier, Phone
from amity.people.domain.matching.topics import Topic
from amity.people.domain.matching.training import score_pairs, train

TOPICS: tuple[Topic, ...] = (
    Names(), Birth(), Email(), Phone(), Identifier(), Gender(), Street(), Home(), Work(), Handles(),
    ProfileLinks(),
)  # fmt: skip
"""What is compared, in the order of the weights."""
LINK_PROBABILITY = 0.9999
"""A pair is linked by itself from here on: one in ten thousand of those at the threshold would be wrong."""
PROPOSE_PROBABILITY = 0.5
"""People are asked from here on: one person is likelier than two."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Scored candidate pairs (lower record first; `bits` with the prior), and for each record the lowest of its
    person."""

    model: Model
    one: Codes
    other: Codes
    bits: npt.NDArray[np.float32]
    persons: Codes


def resolve(records: Iterable[Said], *, model: Model | None = None, split: int = 0) -> Resolution:
    """Find the records of one person. Without `model` the weights are learnt from these records.

    `split`: the first so many are a list of their own, and only pairs across both lists are compared.
    """
    table = table_of(records, TOPICS, split=split)
    one, other = candidate_pairs(table)
    used = model or train(table, one, other)
    bits = score_pairs(table, used, one, other)
    return Resolution(used, one, other, bits, join(table.count, one, other, bits))


def bits_of(probability: float) -> float:
    """Logarithmic odds to the base 2 of a probability."""
    return float(np.log2(probability / (1 - probability)))


def prepared(said: Said, topics: Sequence[Topic] = TOPICS) -> dict[str, object]:
    """What every topic compares of a record, by its name: what `keys_of` takes."""
    return {topic.name: topic.prepare(said) for topic in topics}
