"""Conversations in the public interface."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints

from amity.activity.uploads import MOST_FILES
from amity.conversations.services.many import MOST_AT_ONCE
from amity.kernel.api.operations import In, Sparse
from amity.kernel.api.paging import PageQuery
from amity.kernel.api.types import Instant

Box = Literal["waiting", "mine", "unassigned", "promised", "snoozed", "closed", "all"]
Mood = Literal["angry", "unhappy", "neutral", "pleased", "delighted"]


class AssigneeOut(Schema):
    id: UUID
    name: str


class ConversationRow(Sparse):
    """A conversation in a box. `since` is when the wait began, else when something happened last."""

    id: UUID
    name: str
    channel: str
    channels_count: int = Field(description="On how many channels it was held.")
    tier: str = Field(description="The key of the customer's tier, such as gold; empty for none.")
    words: str = Field(description="The beginning of what was said last.")
    state: str
    since: datetime
    is_waiting: bool = Field(description="The customer waits for us.")
    due_at: datetime | None
    snoozed_until: datetime | None = Field(description="Until when it sleeps; null while it does not.")
    mood: str
    assignee: AssigneeOut | None
    is_unread: bool = Field(description="Something came in that you have not seen.")
    promise: str = Field(description="What is promised, in the box promised.")
    promise_due_at: datetime | None = Field(description="By when that is.")


class ConversationsPage(Schema):
    items: list[ConversationRow]
    after: str | None = None


class BoxesOut(Schema):
    """How many are in each box, each at most 10,001; those that wait are for us to answer."""

    waiting: int = Field(description="Customers who wait for us.")
    mine: int = Field(description="Those of them that are yours.")
    unassigned: int = Field(description="Those of them that are nobody's.")
    promised: int = Field(description="Open promises that are due by the end of your day.")
    snoozed: int = Field(description="Those that sleep until a time.")
    closed: int = Field(description="Those that are done.")


class ConversationsQuery(PageQuery):
    """Which box, and what narrows it."""

    box: Box = "waiting"
    q: str = Field("", max_length=200, description="Words that were said in it.")
    channel: str = Field("", max_length=24)
    assignee: Annotated[str, StringConstraints(pattern=r"^(me|nobody|[0-9a-f-]{36})?$")] = ""
    mood: Mood | None = None
    language: Annotated[str, StringConstraints(pattern=r"^([A-Za-z]{2,3})?$")] = ""
    source_id: UUID | None = None
    late: bool = False


class ConversationOut(Sparse):
    """A conversation. What was said in it: `/conversations/{id}/thread`."""

    id: UUID
    source_id: UUID
    customer_id: UUID | None = Field(description="The identity of the customer.")
    person_id: UUID | None
    name: str
    subject: str
    preview: str = Field(description="The beginning of what was said last.")
    channel: str
    state: str
    assignee: AssigneeOut | None
    opened_at: datetime = Field(description="When it began.")
    last_activity_at: datetime = Field(description="When something was last said or done in it.")
    last_inbound_at: datetime | None = Field(description="When the customer last wrote.")
    waiting_since: datetime | None = Field(
        description="Since when the customer waits for us; null while they do not."
    )
    due_at: datetime | None
    closed_at: datetime | None = Field(description="When it was closed; null while it is not.")
    snoozed_until: datetime | None = Field(description="Until when it sleeps; null while it does not.")
    messages: int = Field(description="How many messages it has.")
    language: str


class AuthorOut(Schema):
    id: UUID | None
    name: str
    is_colleague: bool = Field(description="One of us wrote it.")


class DeliveryOut(Schema):
    """What became of a message of ours."""

    message_id: UUID
    state: str
    may_be_withdrawn_until: datetime | None = Field(
        description="Until when it can be taken back; null once it left."
    )
    settled_at: datetime | None = Field(description="When it left, or failed for good.")
    error: str


class FileOut(Schema):
    id: UUID
    name: str
    size_bytes: int = Field(description="How large it is.")
    is_kept: bool = Field(description="It can be fetched; else only its name is known.")


class EntryOut(Sparse):
    """Something said or done in a conversation. `kind`: customer, ours, internal, promise, step."""

    id: str
    kind: str = Field(description="customer, ours, internal, auto, promise or step.")
    at: datetime = Field(description="When it was said or done.")
    author: AuthorOut
    channel: str
    is_public: bool
    text: str
    why_empty: str = Field(description="The retention rule that took its words; empty where none did.")
    language: str
    mood: str
    files: list[FileOut] = Field(description="What was attached.")
    delivery: DeliveryOut | None = Field(description="What became of a message of ours.")
    step: str = Field(description="Of a step: assigned, closed, reopened, snoozed or woke.")
    to: str = Field(description="Of a step: to whom it was given.")


class ThreadPage(Schema):
    """A part of a conversation, oldest first; `after` leads to the part before it."""

    items: list[EntryOut]
    after: str | None = None


class ReplyIn(In):
    """An answer to the customer."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=50_000)]
    to: UUID | None = Field(
        None, description="The identity to write to. Default: who wrote last of those who take part."
    )
    is_public: bool = False
    close: bool = False
    seen_at: Instant | None = Field(
        None, description="Refused (409) where a colleague answered after this instant."
    )
    files: Annotated[list[UUID], Field(max_length=MOST_FILES)] = Field(
        [], description="Uploads of yours in this conversation that leave with it, up to 25 MB together."
    )


class UploadOut(Schema):
    """A file that waits for a reply."""

    id: UUID = Field(description="Its id, by which a reply names it; that of the attachment when it is sent.")
    conversation_id: UUID = Field(description="The conversation in which it waits.")
    name: str = Field(description="What it is called, without a path.")
    media_type: str = Field(description="What it is, told from its bytes.")
    size_bytes: int = Field(description="How large it is, in bytes.")
    created_at: datetime = Field(description="When it came; it is forgotten a day later.")


class UploadsOut(Schema):
    items: list[UploadOut] = Field(description="In the order in which they came.")


class ReplyOut(Schema):
    """On the record now, out of the house when the time to withdraw it is over."""

    message_id: UUID
    state: str
    send_at: datetime = Field(description="When it leaves.")
    conversation_state: str = Field(description="What the conversation is now.")


class NoteIn(In):
    text: Annotated[str, StringConstraints(min_length=1, max_length=50_000)]


class AssignIn(In):
    """To whom; null for nobody."""

    assignee_id: UUID | None


class SnoozeIn(In):
    until: Instant


class ManyIn(In):
    """The same for up to 200 conversations. `until` is for snoozing; `assignee_id` for assigning, null for nobody."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=MOST_AT_ONCE)]
    do: Literal["close", "snooze", "assign"]
    until: Instant | None = None
    assignee_id: UUID | None = None


class ManyOut(Schema):
    """Those with which it was done, and how many were so already. Those that you cannot see are in neither."""

    done: list[UUID] = Field(description="The ids of those with which it was done.")
    were_so: int = Field(description="How many were so already.")


class PromiseIn(In):
    """What is promised by when. Yours, unless you name a colleague whose it is."""

    what: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    due_at: Instant
    assignee_id: UUID | None = None


class PromiseOut(Sparse):
    id: UUID
    what: str
    state: str
    due_at: datetime
    made_at: datetime = Field(description="When it was promised.")
    settled_at: datetime | None = Field(description="When it was kept or withdrawn; null while it is open.")
    owner: str = Field(description="The name of the colleague whose it is.")


class SettleIn(In):
    state: Literal["kept", "withdrawn", "open"]
