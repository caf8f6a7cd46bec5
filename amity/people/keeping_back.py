"""Why somebody is not erased after all when the time to stop it is over: a hold, or what later packages say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.utils.translation import gettext as _

from amity.people.models import PersonErasure
from amity.people.queries.held import holds_on, names_held

Keeper: TypeAlias = Callable[[PersonErasure, datetime], str]
_keepers: dict[str, Keeper] = {}


def keeps_back(key: str) -> Callable[[Keeper], Keeper]:
    """Register what may keep somebody from an erasure that waits: `keeper(erasure, at)` says why, or nothing.

    It is asked once, when the time is over, in the transaction that would begin.
    """

    def register(keeper: Keeper) -> Keeper:
        _keepers[key] = keeper
        return keeper

    return register


def what_keeps(erasure: PersonErasure, at: datetime) -> str:
    """Why this erasure must not begin, in words; empty where nothing keeps the person."""
    if erasure.person_id is not None and holds_on(erasure.person_id):
        return held_words()
    return next((why for keeper in _keepers.values() if (why := keeper(erasure, at))), "")


def held_words() -> str:
    """What is said of an erasure that a hold stopped."""
    return _("A legal hold keeps this person.")


def keep_runs_of_held(run_id: UUID) -> str:
    """An import that named somebody who is held is not taken back: what it said of them has to stay."""
    if not names_held(run_id):
        return ""
    return _(
        "A legal hold keeps somebody whom this import named. Until it is released, the import stays as it is. "
        "Settings, Retention shows who placed it, and why."
    )
