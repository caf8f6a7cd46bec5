"""Who takes part in a conversation, and whom an answer goes to where nobody chooses.

Whoever knows the id of one mail can write into its thread. They are heard, but never answered without being chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from amity.activity.models import Activity
from amity.activity.shaping import identity_id
from amity.channels.records import Direction, Handle
from amity.conversations.models import Conversation
from amity.conversations.queries.customer import identity_ids

_OPEN_TO_ALL = "email"  # other channels know who may write into a thread
_MOST_READ = 2_000


@dataclass(frozen=True, slots=True)
class Asked:
    """`last` is what was said to us last, `own` the last of it by somebody who takes part: what an answer answers.

    `stranger` is the identity that said `last` where it takes no part; otherwise both are the same.
    """

    last: Activity | None
    own: Activity | None
    stranger: UUID | None = None


def asked_in(conversation: Conversation, said: QuerySet[Activity]) -> Asked:
    """What waits for an answer among the activities `said` of a conversation."""
    inbound = said.filter(direction=Direction.IN).order_by("-occurred_at", "-id")
    last = inbound.first()
    if last is None or last.channel != _OPEN_TO_ALL or last.actor_id in {None, conversation.customer_id}:
        return Asked(last, last)
    part = _taking_part(said, set(identity_ids(conversation.customer_id)))
    if not part or last.actor_id in part:
        return Asked(last, last)
    own = inbound.filter(Q(actor_id__in=part) | ~Q(channel=_OPEN_TO_ALL)).first()
    return Asked(last, own, last.actor_id)


def _taking_part(said: QuerySet[Activity], customer: set[UUID]) -> set[UUID]:
    """The customer, who began, whom we wrote to, and whom one of them wrote to together with us."""
    part = set(customer)
    rows = said.filter(direction__in=(Direction.IN, Direction.OUT)).order_by("occurred_at", "id")
    for direction, actor_id, about_id, answers, payload in rows.values_list(
        "direction", "actor_id", "about_id", "in_reply_to", "payload"
    )[:_MOST_READ]:
        is_ours = direction == Direction.OUT
        if actor_id and not is_ours and not answers:
            part.add(actor_id)
        if is_ours or actor_id in part:
            part |= _written_to(payload)
        if is_ours and about_id:
            part.add(about_id)
    return part


def _written_to(payload: dict[str, object] | None) -> set[UUID]:
    named = (payload or {}).get("to")
    people = [one for one in named if isinstance(one, dict)] if isinstance(named, list) else []
    return {identity_id(Handle(str(one.get("network")), str(one.get("address")))) for one in people}
