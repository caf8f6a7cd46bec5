"""What is counted beside the entries of the rail. Composed here, because packages do not know the site."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from amity.conversations.models import Conversation, ConversationQuerySet
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.site.navigation import MOST_COUNTED, register_count
from amity.teamwork.models import Promise, PromiseState


def _capped(rows: QuerySet[Any]) -> int:
    return rows.order_by()[:MOST_COUNTED].count()


def _conversations(actor: Actor, rows: ConversationQuerySet) -> int:
    return _capped(policy.visible(rows, actor))


def waiting(actor: Actor) -> int:
    """Conversations in which the customer had the last word."""
    return _conversations(actor, Conversation.objects.waiting())


def mine(actor: Actor) -> int:
    """Of those, the actor's own."""
    return _conversations(actor, Conversation.objects.mine(actor.staff_id)) if actor.staff_id else 0


def unassigned(actor: Actor) -> int:
    """Of those, nobody's."""
    return _conversations(actor, Conversation.objects.unassigned())


def promised_today(actor: Actor) -> int:
    """Open promises that are due before the actor's day ends, or are late."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    end = timezone.make_aware(datetime.combine(tomorrow, time.min))
    return _capped(policy.visible(Promise.objects.filter(state=PromiseState.OPEN, due_at__lt=end), actor))


def register() -> None:
    """Called once at start."""
    register_count("inbox", waiting)
    register_count("inbox.waiting", waiting)
    register_count("inbox.mine", mine)
    register_count("inbox.unassigned", unassigned)
    register_count("inbox.promised", promised_today)
