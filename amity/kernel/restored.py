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

from django.db import connection, transaction

from amity.kernel.models import Erasure


@dataclass(frozen=True, slots=True)
class Moment:
    """`saved_at`: when the backup was made. `at`: now."""

    saved_at: datetime
    at: datetime


Step = Callable[[Moment], str]
Eraser = Callable[[UUID, datetime], None]
EraserOfAll = Callable[[datetime], int]
_steps: dict[str, Step] = {}
_erasers: dict[str, Eraser] = {}
_erasers_of_all: dict[str, EraserOfAll] = {}


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


def erases_all(kind: str) -> Callable[[EraserOfAll], EraserOfAll]:
    """Register how all subjects of this kind that are here again are erased at once: `eraser(at)` finds them itself,
    runs in transactions of its own, and says how many it found."""

    def register(eraser: EraserOfAll) -> EraserOfAll:
        _erasers_of_all[kind] = eraser
        return eraser

    return register


def note_erasure(kind: str, subject_id: UUID, *, at: datetime) -> None:
    """Remember that a subject was erased, in the transaction that erases it. Only its id is kept."""
    Erasure.objects.get_or_create(kind=kind, subject_id=subject_id, defaults={"erased_at": at})


_TAKE_OVER = """
    INSERT INTO kernel_erasure (kind, subject_id, erased_at)
    SELECT * FROM unnest(%s::text[], %s::uuid[], %s::timestamptz[])
    ON CONFLICT (kind, subject_id) DO UPDATE SET erased_at = GREATEST(kernel_erasure.erased_at, excluded.erased_at)
"""


def take_over_erasures(rows: list[tuple[str, UUID, datetime]]) -> int:
    """Add what was erased after the backup was made, as (kind, subject, at); returns how many were new.

    Who was erased more than once was erased when it happened last.
    """
    before = Erasure.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OVER, [[row[place] for row in rows] for place in range(3)])
    return Erasure.objects.count() - before


def erase_again(moment: Moment) -> int:
    """Apply all erasures that are on record once more; returns how many. An unknown kind is an error, not a silence."""
    done = 0
    for kind, eraser in _erasers_of_all.items():
        if Erasure.objects.filter(kind=kind).exists():
            done += eraser(moment.at)
    for erasure in Erasure.objects.exclude(kind__in=_erasers_of_all).order_by("erased_at").iterator():
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
