"""Whoever was erased since a backup was made is erased in what it brought, also where they count for others there."""

from __future__ import annotations

from datetime import datetime

from amity.kernel.erasing import IDENTITY
from amity.kernel.restored import Moment, after_restore, erases_all
from amity.kernel.timers import set_timer
from amity.people.models import ErasureState, PersonErasure


@after_restore("erasures")
def wait_once_more(moment: Moment) -> str:
    """Somebody may have stopped since what waited then: there is time to look before it cannot be taken back."""
    from amity.people.erasures import TIME_TO_STOP, TIMER

    waiting = list(PersonErasure.objects.filter(state=ErasureState.WAITING))
    for one in waiting:
        one.due_at = moment.at + TIME_TO_STOP
        one.save(update_fields=["due_at"])
        set_timer(TIMER, one.pk, one.due_at)
    return (
        f"{len(waiting):,} people are to be erased in a day: look whether that still holds."
        if waiting
        else ""
    )


@erases_all(IDENTITY)
def erase_accounts(at: datetime) -> int:
    """Erase them again, with their files."""
    from amity.people.erasures import erase_again

    return erase_again(at)
