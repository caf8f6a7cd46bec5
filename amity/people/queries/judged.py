"""What people decided about pairs: how sure the engine must be to ask, and how often what it links is wrong."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from amity.kernel.actor import Actor
from amity.kernel.workspace import workspace
from amity.people.domain.matching.calibrating import Calibration, calibrated, most_wrong
from amity.people.models import Proposal, ProposalState
from amity.people.queries.proposed import sees_all, to_check

NEWEST = 5_000
"""Decisions from which it is learnt: what the data are like now."""
LINK_PROBABILITY = 0.9999


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many bits colleagues are asked, and two are merged by rule; None where nobody is."""

    asks: float
    merges: float | None
    learnt: Calibration


@dataclass(frozen=True, slots=True)
class Checked:
    """Of what a rule merged, how many colleagues looked at, how many of those were wrong, and how many are left.

    `at_most` is the upper end of the share that is wrong, with 95 % certainty.
    """

    checked: int
    wrong: int
    left: int

    @property
    def share(self) -> float | None:
        """The share of wrong ones among those that were looked at."""
        return self.wrong / self.checked if self.checked else None

    @property
    def at_most(self) -> float:
        return most_wrong(self.wrong, self.checked)


def calibration(*, only: Collection[UUID] | None = None) -> Calibration:
    """What the bits of the engine are worth by the newest decisions, those about people of `only` alone if given."""
    decided = Proposal.objects.filter(
        Q(is_by_rule=False) | Q(checked_at__isnull=False), state__in=(ProposalState.MERGED, ProposalState.TWO)
    )
    rows = decided.order_by("-decided_at", "-pk").values_list("bits", "state", "one_id", "other_id")[:NEWEST]
    return calibrated(
        (bits, state == ProposalState.MERGED)
        for bits, state, one, other in rows
        if only is None or (one in only and other in only)
    )


def merges_from(learnt: Calibration) -> float:
    """From how many bits a rule merges: decisions make it stricter, never laxer than the engine says."""
    return max(learnt.at(LINK_PROBABILITY), Calibration().at(LINK_PROBABILITY))


def thresholds() -> Thresholds:
    """Where the queue begins and where a rule merges, as the decisions so far have it."""
    learnt, settings = calibration(), workspace()
    merges = merges_from(learnt) if settings.link_duplicates else None
    return Thresholds(learnt.at(settings.propose_duplicates_from / 100), merges, learnt)


def checked_of(actor: Actor, *, since: datetime) -> Checked:
    """How many merges by rule were checked since an instant, and how many were wrong."""
    if not sees_all(actor):
        return Checked(0, 0, 0)
    looked = Proposal.objects.filter(checked_at__gte=since)
    return Checked(looked.count(), looked.filter(was_right=False).count(), to_check(actor).order_by().count())
