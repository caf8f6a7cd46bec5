"""Reads of promises: those of a customer, and how many were kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q

from amity.kernel.actor import Actor
from amity.teamwork.models import Promise, PromiseState

MOST_SHOWN = 50
_OVER = Q(state__in=[PromiseState.KEPT, PromiseState.BROKEN])


@dataclass(frozen=True, slots=True)
class PromiseShown:
    """A promise as a list shows it. `was_late` is a promise that was kept after its time."""

    id: UUID
    what: str
    state: str
    due_at: datetime
    made_at: datetime
    settled_at: datetime | None
    owner: str
    about_id: UUID

    @property
    def was_late(self) -> bool:
        return (
            self.state == PromiseState.KEPT and self.settled_at is not None and self.settled_at > self.due_at
        )


@dataclass(frozen=True, slots=True)
class Score:
    """How many promises were kept in time, of those whose time has come or that were kept."""

    kept: int
    settled: int
    open: int


def promises_of(
    actor: Actor,
    identity_ids: Sequence[UUID],
    states: Iterable[str] = tuple(PromiseState),
    limit: int = MOST_SHOWN,
) -> tuple[PromiseShown, ...]:
    """Promises to these identities: open ones by their time, then the others, latest first."""
    promises = Promise.objects.visible_to(actor).filter(
        about_id__in=list(identity_ids), state__in=list(states)
    )
    rows = promises.select_related("owner").order_by("-due_at", "id")[:limit]
    shown = [
        PromiseShown(
            one.id, one.what, one.state, one.due_at, one.made_at, one.settled_at, one.owner.name, one.about_id
        )
        for one in rows
    ]
    open_ones = [one for one in shown if one.state == PromiseState.OPEN]
    return (*reversed(open_ones), *(one for one in shown if one.state != PromiseState.OPEN))


def promises_due(
    actor: Actor, identity_ids: Sequence[UUID], start: datetime, end: datetime, limit: int = 20
) -> tuple[PromiseShown, ...]:
    """Open promises to these identities whose time lies between two instants, soonest first."""
    promises = Promise.objects.visible_to(actor).filter(
        about_id__in=list(identity_ids), state=PromiseState.OPEN, due_at__gte=start, due_at__lt=end
    )
    return tuple(
        PromiseShown(
            one.id, one.what, one.state, one.due_at, one.made_at, one.settled_at, one.owner.name, one.about_id
        )
        for one in promises.select_related("owner").order_by("due_at", "id")[:limit]
    )


def score_of(actor: Actor, identity_ids: Sequence[UUID], at: datetime) -> Score:
    """How promises to these identities went until `at`. Kept after its time, or open after it, counts as broken."""
    counted = (
        Promise.objects.visible_to(actor)
        .filter(about_id__in=list(identity_ids))
        .aggregate(
            kept=Count("pk", filter=Q(state=PromiseState.KEPT, settled_at__lte=F("due_at"))),
            settled=Count("pk", filter=_OVER | Q(state=PromiseState.OPEN, due_at__lt=at)),
            open=Count("pk", filter=Q(state=PromiseState.OPEN)),
        )
    )
    return Score(counted["kept"], counted["settled"], counted["open"])
