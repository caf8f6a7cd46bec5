"""What quality hears from the rest of the house."""

from __future__ import annotations

from django.utils import timezone

from amity.kernel.bus import handles
from amity.people.events import PeopleRegrouped


@handles(PeopleRegrouped)
def judge_regrouped(happened: PeopleRegrouped) -> None:
    """Who was merged has no verdict any more; who stays or came back has another."""
    from amity.quality.looking import refresh

    refresh(happened.person_ids, at=timezone.now())
