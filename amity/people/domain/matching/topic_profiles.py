"""Comparing what profiles link to: accounts that name each other, one that names the other, pages that both name.

Anybody can put the address of somebody else on a profile of their own. So that one names the other is little, however
seldom it is seen; that the other names it back is nearly all there is to know. What these answers are worth is
therefore held within bounds and not only learnt.
"""

from __future__ import annotations

from dataclasses import dataclass

from amity.people.domain.matching.records import Said
from amity.people.domain.matching.topics import Comparison, Levels

LITTLE, MUCH, NOTHING = (0.0, 4.0), (20.0, 24.0), (0.0, 0.0)
PROFILE = Comparison(
    "profile",
    ("missing", "same_page", "both_ways", "one_way", "neither"),
    (0.15, 0.15, 0.05, 0.65),
    frozenset({1}),
    bounds=(LITTLE, MUCH, LITTLE, NOTHING),
)
SAME_PAGE, BOTH_WAYS, ONE_WAY, NEITHER = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Profiles:
    """`accounts` are their own, `links` those and the pages that they name. `verified` are links of which the source
    has seen that they lead back (rel=me)."""

    accounts: frozenset[str]
    links: frozenset[str]
    verified: frozenset[str]


class ProfileLinks:
    """Accounts and links in the spelling of `profiles`."""

    name = "profiles"
    comparisons = (PROFILE,)

    def prepare(self, said: Said) -> Profiles | None:
        """What they have and name, as far as there is any of it."""
        if not (said.accounts or said.profiles or said.verified):
            return None
        accounts = frozenset(said.accounts)
        verified = frozenset(said.verified) - accounts
        return Profiles(accounts, (frozenset(said.profiles) | verified) - accounts, verified)

    def compare(self, one: Profiles, other: Profiles) -> Levels:
        """The strongest that holds; that neither names the other speaks neither for nor against."""
        named, back = one.links & other.accounts, other.links & one.accounts
        is_verified = not one.verified.isdisjoint(other.accounts) or not other.verified.isdisjoint(
            one.accounts
        )
        if is_verified or (named and back):
            return (BOTH_WAYS,)
        if named or back:
            return (ONE_WAY,)
        if not one.links.isdisjoint(other.links):
            return (SAME_PAGE,)
        return (NEITHER,) if one.links or other.links else (0,)

    def terms(self, value: Profiles) -> tuple[str, ...]:
        """The first of the links: what everybody names says little."""
        return (min(value.links, default=""),)

    def shown(self, value: Profiles) -> tuple[str, ...]:
        """What they link to, or who they are."""
        return (", ".join(sorted(value.links or value.accounts)),)
