"""How far the bits of the engine can be believed, learnt from what people decided about pairs.

The engine's weights add up to logarithmic odds that take its comparisons for independent. People who decide on pairs
tell how often it was right: a line through these decisions (Platt 1999) says what the bits are worth here. It begins as
the engine's own word and moves as far as the decisions carry it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log, log2, sqrt

SHIFT_SD, SLOPE_SD = 2.0, 0.25
"""How far the line strays from the engine's word without reason, in bits and as a factor: the prior of both."""
LEAST_SLOPE, MOST_SHIFT = 0.25, 6.0
_STEPS = 50
_CLIP = 60.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibrated bits are `shift` + `slope` × bits. `decided` is from how many decisions it was learnt."""

    shift: float = 0.0
    slope: float = 1.0
    decided: int = 0

    def bits(self, bits: float) -> float:
        """What these bits of the engine are worth, as logarithmic odds to the base 2."""
        return self.shift + self.slope * bits

    def at(self, probability: float) -> float:
        """From how many bits of the engine on a pair is one person with this probability."""
        return (log2(probability / (1 - probability)) - self.shift) / self.slope


def calibrated(decisions: Iterable[tuple[float, bool]]) -> Calibration:
    """The line that fits decisions best: each the bits of a pair and whether it was one person."""
    known = [(max(-_CLIP, min(_CLIP, bits)), is_one) for bits, is_one in decisions]
    shift, slope = 0.0, 1.0
    for _ in range(_STEPS):  # Newton's method; the prior makes it convex
        step_shift, step_slope = _step(known, shift, slope)
        shift = max(-MOST_SHIFT, min(MOST_SHIFT, shift - step_shift))
        slope = max(LEAST_SLOPE, slope - step_slope)
        if abs(step_shift) + abs(step_slope) < 1e-9:
            break
    return Calibration(shift, slope, len(known))


def _step(known: list[tuple[float, bool]], shift: float, slope: float) -> tuple[float, float]:
    unit = log(2)
    to_shift, to_slope = shift / SHIFT_SD**2, (slope - 1) / SLOPE_SD**2
    shift_shift, slope_slope, both = 1 / SHIFT_SD**2, 1 / SLOPE_SD**2, 0.0
    for bits, is_one in known:
        likely = 1 / (1 + exp(-unit * (shift + slope * bits)))
        off, weight = unit * (likely - is_one), unit**2 * likely * (1 - likely)
        to_shift, to_slope = to_shift + off, to_slope + off * bits
        shift_shift += weight
        both += weight * bits
        slope_slope += weight * bits**2
    determinant = shift_shift * slope_slope - both**2
    return (
        (slope_slope * to_shift - both * to_slope) / determinant,
        (shift_shift * to_slope - both * to_shift) / determinant,
    )


def most_wrong(wrong: int, checked: int, z: float = 1.96) -> float:
    """The upper end of the interval (Wilson 1927) in which the share of wrong ones lies, by default with 95 %."""
    if not checked:
        return 1.0
    share, spread = wrong / checked, z**2 / checked
    root = sqrt(share * (1 - share) / checked + spread / (4 * checked))
    return min(1.0, (share + spread / 2 + z * root) / (1 + spread))
