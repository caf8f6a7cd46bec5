"""What becomes of somebody whom a rule would erase, and why a rule does nothing in a night."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """`GOES` and `LATER` decide nothing against it; every other one says what keeps somebody."""

    GOES = "goes"
    LATER = "later"  # what changed about them is still being counted: looked at again the next night
    LEFT = "left"  # the segment does not hold of them any more, or not for long enough
    MERGED = "merged"  # they are part of somebody else now
    HELD = "held"  # a legal hold
    KEPT = "kept"  # a colleague keeps them from this rule
    BOUGHT = "bought"  # an order that has to be kept
    CLOSED = "closed"  # sources that segments do not count know of them
    ASKED = "asked"  # their erasure was asked for otherwise
    OFF = "off"  # the rule was turned off


class Still(StrEnum):
    """Why a rule does nothing."""

    GONE = "segment_gone"
    LOST = "segment_field_gone"  # a condition of it holds for nobody any more, and its opposite for everybody
    CHANGED = "segment_changed"  # another rule than the one that was looked at when it was turned on
    COUNTING = "segment_counting"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is so of one person at an instant, as far as a rule has to know."""

    is_in: bool
    is_root: bool = True
    is_held: bool = False
    is_kept: bool = False
    has_bought: bool = False
    is_closed: bool = False
    is_asked: bool = False
    is_touched: bool = False


def decide(one: Standing) -> Verdict:
    """What keeps somebody comes first, in the order in which it counts; what is not sure yet waits."""
    reasons = (
        (not one.is_root, Verdict.MERGED),
        (one.is_held, Verdict.HELD),
        (one.is_kept, Verdict.KEPT),
        (one.is_asked, Verdict.ASKED),
        (one.is_touched, Verdict.LATER),
        (not one.is_in, Verdict.LEFT),
        (one.has_bought, Verdict.BOUGHT),
        (one.is_closed, Verdict.CLOSED),
    )
    return next((verdict for holds, verdict in reasons if holds), Verdict.GOES)


def room(most: int, done: int, wanted: int) -> int:
    """How many more may go tonight, at most `wanted` at once."""
    return max(0, min(most - done, wanted))
