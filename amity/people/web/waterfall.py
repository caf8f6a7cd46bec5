"""Why two records are one person, as a waterfall: every piece of evidence begins where the one before it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from amity.people.panels import Bits


@dataclass(frozen=True, slots=True)
class Step:
    """One bar. `left`, `width` and `end` are hundredths of the width; `tone` is good, bad, or start for the first."""

    label: str
    bits: float
    left: float
    width: float
    end: float
    tone: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A threshold: from `bits` on, at `place` in hundredths of the width. `kind` is asks or merges."""

    kind: str
    bits: float
    place: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """`total` is the sum; `zero` and `at` are where nothing, and the sum, lie."""

    steps: tuple[Step, ...]
    total: float
    zero: float
    at: float
    marks: tuple[Mark, ...] = ()


def waterfall(evidence: Sequence[Bits], marks: Mapping[str, float] | None = None) -> Waterfall | None:
    """Bars for this evidence, the first of which is where any two people stand; None for none.

    `marks` are thresholds in bits by their kind.
    """
    if not evidence:
        return None
    sums, total = [0.0], 0.0
    for one in evidence:
        total += one.bits
        sums.append(total)
    low, high = min(*sums, *(marks or {}).values()), max(*sums, *(marks or {}).values())
    span = (high - low) or 1.0

    def place(value: float) -> float:
        return round(100 * (value - low) / span, 2)

    steps = []
    for number, one in enumerate(evidence):
        start, end = sums[number], sums[number + 1]
        tone = "start" if number == 0 and one.bits <= 0 else "good" if one.bits > 0 else "bad"
        width = max(place(max(start, end)) - place(min(start, end)), 1.0)
        steps.append(Step(one.label, one.bits, min(place(min(start, end)), 99.0), width, place(end), tone))
    told = tuple(Mark(kind, bits, place(bits)) for kind, bits in (marks or {}).items())
    return Waterfall(tuple(steps), total, place(0.0), place(total), told)
