"""What is counted beside the entries of the rail. Composed here, because packages do not know the site."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone

from amity.conversations.queries import boxes
from amity.kernel.actor import Actor
from amity.people.queries.proposed import waiting_count
from amity.site.navigation import register_count
from amity.webhooks.queries import given_up_count


def promised_today(actor: Actor) -> int:
    """Conversations with an open promise that is due before the actor's day ends, or late."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    return boxes.promised_count(actor, timezone.make_aware(datetime.combine(tomorrow, time.min)))


def register() -> None:
    """Called once at start."""
    register_count("inbox", boxes.waiting_count)
    register_count("inbox.waiting", boxes.waiting_count)
    register_count("inbox.mine", boxes.mine_count)
    register_count("inbox.unassigned", boxes.unassigned_count)
    register_count("inbox.promised", promised_today)
    register_count("duplicates", waiting_count)
    register_count("settings", given_up_count, alarm=True)
