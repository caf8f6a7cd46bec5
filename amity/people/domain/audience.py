"""Who listens to somebody: what networks tell of an account, and what follows from it.

*Reach* of a person is the sum over networks of the largest number of followers told of an account there: two accounts
on one network reach mostly the same people. *Engagement* is how often others reacted to one post of theirs, as far as a
network tells. *Influence* puts both on a scale of 0 to 100:

    influence = 100 × log10(1 + reach × (1 + engagement)) / 8, at most 100

so that 100 million people who do not react come to 100, ten thousand to 50, and each ten times more adds 12.5 points.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

FOLLOWERS, POSTS, VERIFIED, REACTIONS = "followers", "posts", "verified", "reactions"
FIELDS = (FOLLOWERS, POSTS, VERIFIED, REACTIONS)
COUNTS = frozenset({FOLLOWERS, POSTS, REACTIONS})
"""Facts that are numbers. `reactions`: how often others liked, shared or answered the account's posts in all."""
DECADES = 8
_SHORT = re.compile(r"^\s*(\d{1,15}(?:[.,]\d{1,3})?)\s*([kKmM])\s*$")
_GROUPED = re.compile(r"^\s*\d{1,3}(?:[.,\s\u00a0\u202f'’]\d{3})+\s*$")
_TIMES = {"k": 1_000, "m": 1_000_000}
_YES = frozenset({"1", "true", "yes", "y", "ja", "verified", "on"})


def counted(field: str, value: str) -> str:
    """How a fact that counts is kept: as digits, whatever way a network writes it. Others stay as they are.

    >>> [counted("followers", one) for one in ("12,400", "12.4k", "1.2M", "800", "many")]
    ['12400', '12400', '1200000', '800', 'many']
    """
    if field not in COUNTS:
        return value
    if short := _SHORT.match(value):
        number = float(short[1].replace(",", "."))
        return str(round(number * _TIMES[short[2].lower()]))
    if _GROUPED.match(value):
        return re.sub(r"\D", "", value)
    return value.strip()


@dataclass(frozen=True, slots=True)
class Account:
    """What was told last of an account: `told_at` is when its followers were."""

    network: str
    followers: int = 0
    posts: int | None = None
    reactions: int | None = None
    is_verified: bool = False
    told_at: datetime | None = None

    @property
    def engagement(self) -> float:
        """Reactions for each post; 0 where nobody told."""
        return self.reactions / self.posts if self.reactions and self.posts else 0.0


@dataclass(frozen=True, slots=True)
class Reach:
    """`by_network`: network → its part of the sum, largest first."""

    people: int
    by_network: tuple[tuple[str, int], ...]
    engagement: float
    influence: int
    is_verified: bool


def number(value: str) -> int | None:
    """The number that a fact holds; None where it holds none."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 15 else None


def is_yes(value: str) -> bool:
    return value.strip().lower() in _YES


def influence(people: int, engagement: float) -> int:
    """0 to 100.

    >>> [influence(n, 0) for n in (0, 1, 9_999, 10**8)], influence(9_999, 9)
    ([0, 4, 50, 100], 62)
    """
    return min(100, round(100 * math.log10(1 + max(0, people) * (1 + max(0.0, engagement))) / DECADES))


def reach_of(accounts: Iterable[Account]) -> Reach | None:
    """What these accounts of one person come to; None where no network told of followers."""
    listed = [one for one in accounts if one.told_at is not None]
    if not listed:
        return None
    largest: dict[str, int] = {}
    for one in listed:
        largest[one.network] = max(one.followers, largest.get(one.network, 0))
    people = sum(largest.values())
    weighed = sum(one.engagement * one.followers for one in listed)
    followers = sum(one.followers for one in listed)
    engagement = weighed / followers if followers else 0.0
    by_network = tuple(sorted(largest.items(), key=lambda row: (-row[1], row[0])))
    verified = any(one.is_verified for one in listed)
    return Reach(people, by_network, engagement, influence(people, engagement), verified)
