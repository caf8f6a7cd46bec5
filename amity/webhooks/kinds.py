"""What Amity tells the outside, and what of each is said: ids and where to ask for more, never a text or a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amity.activity.models import Activity
from amity.channels.models import ImportRun
from amity.commerce.models import Order
from amity.conversations.models import Conversation
from amity.kernel.actor import Actor
from amity.people.queries.visibility import known_people

TEST = "webhook.test"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened, on its way out. `data` is what receivers get beside type and time."""

    type: str
    subject_id: UUID
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of event. `is_known_to` says whether an actor may know of the subject as it is now."""

    type: str
    meaning: str | Promise
    is_known_to: Callable[[Actor, UUID, datetime], bool]


def _conversation(actor: Actor, subject_id: UUID, _at: datetime) -> bool:
    return Conversation.objects.visible_to(actor).filter(pk=subject_id).exists()


def _message(actor: Actor, subject_id: UUID, at: datetime) -> bool:
    return Activity.objects.visible_to(actor).filter(occurred_at=at, id=subject_id).exists()


def _person(actor: Actor, subject_id: UUID, _at: datetime) -> bool:
    return known_people(actor).filter(pk=subject_id).exists()


def _order(actor: Actor, subject_id: UUID, _at: datetime) -> bool:
    return Order.objects.visible_to(actor).filter(pk=subject_id).exists()


def _import(actor: Actor, subject_id: UUID, _at: datetime) -> bool:
    return ImportRun.objects.visible_to(actor).filter(pk=subject_id).exists()


KINDS: dict[str, Kind] = {
    kind.type: kind
    for kind in (
        Kind("message.received", _("A customer wrote something"), _message),
        Kind("conversation.opened", _("A conversation began"), _conversation),
        Kind("conversation.answered", _("A colleague answered the customer"), _conversation),
        Kind(
            "conversation.assigned", _("A conversation was given to a colleague, or to nobody"), _conversation
        ),
        Kind("conversation.closed", _("A conversation was closed"), _conversation),
        Kind(
            "conversation.reopened",
            _("A colleague opened a conversation again, or it woke up"),
            _conversation,
        ),
        Kind("conversation.snoozed", _("A conversation was put off"), _conversation),
        Kind("person.created", _("Somebody became known"), _person),
        Kind("person.updated", _("Something new is known about somebody"), _person),
        Kind("order.received", _("An order came in"), _order),
        Kind("import.finished", _("A file was read to its end"), _import),
    )
}


def is_known_to(actor: Actor, kind_of: str, subject_id: UUID, at: datetime) -> bool:
    """Whether this actor may be told of it now. What is not in the table is told to nobody, but for the test."""
    if kind_of == TEST:
        return True
    kind = KINDS.get(kind_of)
    return kind is not None and kind.is_known_to(actor, subject_id, at)
