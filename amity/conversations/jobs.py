"""Background work of conversations."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from amity.channels.events import MessageFailed
from amity.commerce.events import TiersChanged
from amity.conversations import refreshing, returning, services
from amity.kernel.actor import SYSTEM
from amity.kernel.bus import handles
from amity.kernel.timers import wakes
from amity.people.events import PeopleRegrouped
from amity.people.models import Link


@wakes(services.WAKE)
def conversation_wakes(conversation_id: UUID, payload: dict[str, Any], at: datetime) -> None:
    services.wake(conversation_id, actor=SYSTEM, at=at)


@handles(MessageFailed)
def answer_failed(happened: MessageFailed) -> None:
    returning.wait_for_another(happened.message_id, happened.at)


@handles(PeopleRegrouped)
def customers_regrouped(happened: PeopleRegrouped) -> None:
    """The clock of a waiting customer follows all that this person bought."""
    links = Link.objects.filter(person_id__in=happened.person_ids, revoked_at__isnull=True)
    with transaction.atomic():
        waiting = sorted(refreshing.conversations_of_customers(links.values_list("identity_id", flat=True)))
        refreshing.hold(waiting)
        refreshing.reset_clocks(waiting)


@handles(TiersChanged)
def tiers_changed(happened: TiersChanged) -> None:
    """Who waits may be due sooner now, or later: those of whom it tells, or all who wait."""
    if happened.identity_ids:
        some = [sorted(refreshing.conversations_of_customers(happened.identity_ids))]
    else:
        some = refreshing.all_waiting()
    for waiting in some:
        with transaction.atomic():
            refreshing.hold(waiting)
            refreshing.reset_clocks(waiting)
