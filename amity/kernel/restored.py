"""What has to be put right after a backup was restored: a registry to which each package brings its own.

A backup is a moment of the past. What left the house since then must not leave it twice, whoever was signed in then is
not now, and whoever was erased since then is erased again. A package writes its steps in `<package>/restored.py`, which
is imported at start:

    @after_restore("outbox")
    def hold_outbox(moment: Moment) -> str: ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from amity.kernel.models import Erasure


@dataclass(frozen=True, slots=True)
class Moment:
    """`saved_at`: when the backup was made. `at`: now."""

    saved_at: datetime
    at: datetime


Step = Callable[[Moment], str]
Eraser = Callable[[UUID, datetime], None]
_steps: dict[str, Step] = {}
_erasers: dict[str, Eraser] = {}


def after_restore(key: str) -> Callable[[Step], Step]:
    """Register a step. It runs in a transaction of its own, may run twice, and says in words what it did."""

    def register(step: Step) -> Step:
        _steps[key] = step
        return step

    return register


def erases(kind: str) -> Callable[[Eraser], Eraser]:
    """Register how a subject of this kind is erased: `eraser(subject_id, at)`. It may find nothing to erase."""

    def register(eraser: Eraser) -> Eraser:
        _erasers[kind] = eraser
        return eraser

    return register


def note_erasure(kind: str, subject_id: UUID, *, at: datetime) -> None:
    """Remember that a subject was erased, in the transaction that erases it. Only its id is kept."""
    Erasure.objects.get_or_create(kind=kind, subject_id=subject_id, defaults={"erased_at": at})


def take_over_erasures(rows: list[tuple[str, UUID, datetime]]) -> int:
    """Add what was erased after the backup was made, as (kind, subject, at); returns how many were new."""
    before = Erasure.objects.count()
    Erasure.objects.bulk_create(
        [Erasure(kind=kind, subject_id=subject, erased_at=at) for kind, subject, at in rows],
        ignore_conflicts=True,
    )
    return Erasure.objects.count() - before


def erase_again(moment: Moment) -> int:
    """Apply all erasures that are on record once more; returns how many. An unknown kind is an error, not a silence."""
    done = 0
    for erasure in Erasure.objects.order_by("erased_at").iterator():
        with transaction.atomic():
            _erasers[erasure.kind](erasure.subject_id, moment.at)
        done += 1
    return done


def put_right(moment: Moment) -> list[str]:
    """Run every step, then erase again; returns what was done, in words."""
    told = []
    for step in _steps.values():
        with transaction.atomic():
            told.append(step(moment))
    erased = erase_again(moment)
    if erased:
        told.append(f"{erased:,} erasures were applied again.")
    return [words for words in told if words]
