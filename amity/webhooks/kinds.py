"""What Amity tells the outside, and what of each is said: ids and where to ask for more, never a text or a name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, Expression, F, OuterRef, QuerySet, Subquery, UUIDField, When
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
    """A type of event. `known` is its subject as it is now, for an actor who may know of it, and nothing for others."""

    type: str
    meaning: str | Promise
    known: Callable[[Actor, UUID | OuterRef, datetime | OuterRef], QuerySet[Any]]


def _conversation(actor: Actor, id: UUID | OuterRef, _at: datetime | OuterRef) -> QuerySet[Any]:
    return Conversation.objects.visible_to(actor).filter(id=id)


def _message(actor: Actor, id: UUID | OuterRef, at: datetime | OuterRef) -> QuerySet[Any]:
    return Activity.objects.visible_to(actor).filter(occurred_at=at, id=id)


def _person(actor: Actor, id: UUID | OuterRef, _at: datetime | OuterRef) -> QuerySet[Any]:
    return known_people(actor).filter(id=id)


def _order(actor: Actor, id: UUID | OuterRef, _at: datetime | OuterRef) -> QuerySet[Any]:
    return Order.objects.visible_to(actor).filter(id=id)


def _import(actor: Actor, id: UUID | OuterRef, _at: datetime | OuterRef) -> QuerySet[Any]:
    return ImportRun.objects.visible_to(actor).filter(id=id)


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
    return kind is not None and kind.known(actor, subject_id, at).exists()


def known_subject(actor: Actor, event: str) -> Expression:
    """`is_known_to` for the rows of a query: the subject's id, or null. `event` is the path to the event there."""
    alike: dict[Any, list[str]] = defaultdict(list)
    for kind in KINDS.values():
        alike[kind.known].append(kind.type)
    subject, at = OuterRef(f"{event}__subject_id"), OuterRef(f"{event}__happened_at")
    # Values and not EXISTS: those may be read for everything at once, though a page needs thirty.
    known = [
        When(**{f"{event}__type__in": types}, then=Subquery(found(actor, subject, at).values("id")[:1]))
        for found, types in alike.items()
    ]
    test = When(**{f"{event}__type": TEST}, then=F(f"{event}__subject_id"))
    return Case(test, *known, output_field=UUIDField())
