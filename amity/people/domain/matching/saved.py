"""Weights as plain JSON and back: nothing but names and numbers, so that a model can be read, compared and trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from amity.people.domain.matching.chains import moves
from amity.people.domain.matching.model import Model, Weights
from amity.people.domain.matching.topics import Comparison, Topic

FORMAT = 1


class OtherWeights(ValueError):
    """The weights were learnt by another version: for other comparisons or levels. Learn them anew."""


def to_json(model: Model) -> dict[str, Any]:
    """The weights as an object for `json.dumps`."""
    comparisons = {}
    for comparison, weights in zip(model.moves.comparisons, model.weights, strict=True):
        levels = zip(comparison.levels[1:], weights.m[1:], weights.u[1:], strict=True)
        comparisons[comparison.name] = {
            "levels": [[level, float(m), float(u)] for level, m, u in levels],
            "shares": {term: float(share) for term, share in weights.shares.items()},
            "floor": float(weights.floor),
            "average": float(weights.average),
        }
    return {"format": FORMAT, "prior_bits": model.prior_bits, "comparisons": comparisons}


def from_json(saved: Mapping[str, Any], topics: Sequence[Topic]) -> Model:
    """The model that `to_json` wrote. Raises `OtherWeights` where it does not fit the topics."""
    chained = moves(topics)
    if saved.get("format") != FORMAT:
        raise OtherWeights(f"Format {saved.get('format')!r} is not {FORMAT}.")
    weights = []
    for comparison in chained.comparisons:
        kept = saved["comparisons"].get(comparison.name)
        if kept is None and comparison.bounds:  # came later, and is worth much the same whatever is learnt
            weights.append(_expected(comparison))
            continue
        if kept is None or [row[0] for row in kept["levels"]] != list(comparison.levels[1:]):
            raise OtherWeights(f"The levels of {comparison.name!r} differ.")
        m, u = (1.0, *(row[1] for row in kept["levels"])), (1.0, *(row[2] for row in kept["levels"]))
        weights.append(Weights(m, u, kept["shares"], kept["floor"], kept["average"]))
    return Model(tuple(topics), tuple(weights), saved["prior_bits"], chained)


def _expected(comparison: Comparison) -> Weights:
    count = len(comparison.expected)
    return Weights((1.0, *comparison.expected), (1.0, *[1 / count] * count))
