"""Boxes, conversations and what was said in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Query, Router

from amity.conversations.api.schemas import (
    BoxesOut,
    ConversationOut,
    ConversationRow,
    ConversationsPage,
    ConversationsQuery,
    EntryOut,
    ThreadPage,
)
from amity.conversations.domain.cursor import decode
from amity.conversations.domain.filters import Filters, View
from amity.conversations.models import Conversation
from amity.conversations.queries import boxes, lists, talk
from amity.conversations.queries.known import known
from amity.conversations.queries.lists import Row
from amity.kernel.api.answers import Answer, chosen
from amity.kernel.api.etags import tag_of
from amity.kernel.api.operations import ApiRequest, operation
from amity.kernel.api.paging import FieldsQuery, PageQuery, page_of, read_cursor
from amity.kernel.errors import Invalid, NotFound

router = Router(tags=["conversations"])


def day_ends(request: ApiRequest) -> Any:
    """The end of the colleague's day."""
    local = request.now.astimezone(request.staff.zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def found(request: ApiRequest, conversation_id: UUID) -> Conversation:
    """A conversation that the actor sees. Raises `NotFound`."""
    one = (
        Conversation.objects.visible_to(request.actor)
        .select_related("assignee")
        .filter(pk=conversation_id)
        .first()
    )
    if one is None:
        raise NotFound(_("This conversation does not exist."))
    return one


@operation(router, "GET", "/conversations/boxes", of="conversation", does="read", answer=BoxesOut)
def count_of_boxes(request: ApiRequest) -> Mapping[str, int]:
    """Count what is in each box."""
    views = [view for view in View if view is not View.ALL]
    counts = boxes.counts(views, actor=request.actor, before=day_ends(request))
    return {view.value: count for view, count in counts.items()}


@operation(router, "GET", "/conversations", of="conversation", does="read", answer=ConversationsPage)
def list_of_conversations(request: ApiRequest, wanted: Query[ConversationsQuery]) -> Mapping[str, Any]:
    """List the conversations of a box in its order: what waits by when it is due, others newest first."""
    view = View(wanted.box)
    filters = Filters(
        q=" ".join(wanted.q.split()), channel=wanted.channel, assignee=_assignee(wanted.assignee),
        mood=wanted.mood or "", language=wanted.language.lower(),
        source=str(wanted.source_id or ""), late="1" if wanted.late else "",
    )  # fmt: skip
    of = f"conversations {request.staff.id} {view} {filters}"
    place = read_cursor(of, wanted.after)
    page = lists.page(
        view, filters, actor=request.actor, at=request.now, day_ends=day_ends(request),
        after=decode(place) if place else None, limit=wanted.limit,
    )  # fmt: skip
    after = page.after.encode() if page.after else None
    return page_of([_row(row) for row in page.rows], wanted, list(ConversationRow.model_fields), of, after)


def _assignee(word: str) -> str:
    if word in ("", "me", "nobody"):
        return word
    try:
        return str(UUID(word))
    except ValueError as error:
        words = _("Name a colleague by id, or say me or nobody.")
        raise Invalid(words, fields={"assignee": words}) from error


def _row(row: Row) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ConversationRow.model_fields}


@operation(
    router, "GET", "/conversations/{uuid:conversation_id}", of="conversation", does="read",
    answer=ConversationOut, also={304: None},
)  # fmt: skip
def get_conversation(request: ApiRequest, conversation_id: UUID, wanted: Query[FieldsQuery]) -> Answer:
    """A conversation."""
    whole = shown(request, found(request, conversation_id))
    return Answer(chosen(wanted.fields, whole, list(whole)), etag=tag_of(whole))


_PLAIN = (
    "id source_id customer_id subject preview channel state opened_at last_activity_at last_inbound_at waiting_since "
    "due_at closed_at snoozed_until messages language"
).split()


def shown(request: ApiRequest, one: Conversation) -> dict[str, Any]:
    """A conversation as the actor sees it."""
    who = known([one.customer_id], actor=request.actor).get(one.customer_id) if one.customer_id else None
    assignee = {"id": one.assignee_id, "name": one.assignee.name} if one.assignee else None
    return {name: getattr(one, name) for name in _PLAIN} | {
        "person_id": who.person_id if who else None, "name": who.name if who else "", "assignee": assignee
    }  # fmt: skip


@operation(
    router, "GET", "/conversations/{uuid:conversation_id}/thread", of="conversation", does="read",
    answer=ThreadPage,
)  # fmt: skip
def thread_of_conversation(
    request: ApiRequest, conversation_id: UUID, wanted: Query[PageQuery]
) -> Mapping[str, Any]:
    """What was said and done in a conversation: the newest part first, each part oldest first."""
    one = found(request, conversation_id)
    of = f"thread {request.staff.id} {conversation_id}"
    place = read_cursor(of, wanted.after)
    part = talk.newest(
        one, actor=request.actor, zone=request.staff.zone, before=decode(place) if place else None,
        limit=wanted.limit,
    )  # fmt: skip
    items = [_entry(drawn.knot.what) for drawn in part.drawn]
    return page_of(
        items, wanted, list(EntryOut.model_fields), of, part.earlier.encode() if part.earlier else None
    )


def _entry(entry: talk.Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in EntryOut.model_fields}
