"""Talk: conversations with customers, waiting in an inbox until they are answered and closed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from amity.channels.models import Source
from amity.kernel.audited import Audited
from amity.kernel.models import Staff
from amity.kernel.policy import Access, GuardedQuerySet
from amity.kernel.states import StateGraph
from amity.people.models import Identity


class ConversationState(StrEnum):
    OPEN = "open"
    SNOOZED = "snoozed"
    CLOSED = "closed"


CONVERSATION_LIFE: StateGraph[ConversationState] = StateGraph(
    "conversation",
    ConversationState.OPEN,
    {
        ConversationState.OPEN: frozenset({ConversationState.CLOSED, ConversationState.SNOOZED}),
        ConversationState.SNOOZED: frozenset({ConversationState.OPEN, ConversationState.CLOSED}),
        ConversationState.CLOSED: frozenset({ConversationState.OPEN}),
    },
)


class ConversationQuerySet(GuardedQuerySet["Conversation"]):
    def waiting(self) -> ConversationQuerySet:
        """Open, and the customer had the last word."""
        return self.filter(state=ConversationState.OPEN, waiting_since__isnull=False)

    def mine(self, staff_id: UUID) -> ConversationQuerySet:
        return self.waiting().filter(assignee_id=staff_id)

    def unassigned(self) -> ConversationQuerySet:
        return self.waiting().filter(assignee__isnull=True)


class Conversation(models.Model):
    """A thread of activities with one customer, moving between channels.

    `waiting_since` is the first unanswered word of the customer, null when we spoke last; `due_at` is when an answer
    is late; `first_answer_seconds` the time to our first answer.
    """

    access: ClassVar = Access(
        "conversation", source="source_id", source_team="source__team", owner="assignee_id"
    )
    # What follows from the messages in it is not somebody's change; assignment, state and subject are.
    audited: ClassVar = Audited(
        quiet=(
            "preview", "channel", "channels_count", "last_activity_at", "last_inbound_at", "last_outbound_at",
            "waiting_since", "due_at", "first_inbound_at", "first_answer_at", "messages", "sentiment", "confidence",
            "language", "worked_at",
        )
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
    customer = models.ForeignKey(
        Identity, null=True, on_delete=models.PROTECT, related_name="conversations", db_index=False
    )
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    preview = models.CharField(max_length=200, blank=True)
    channel = models.CharField(_("channel"), max_length=24)
    channels_count = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(_("state"), max_length=10, default=ConversationState.OPEN)
    assignee = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField()
    last_activity_at = models.DateTimeField()
    last_inbound_at = models.DateTimeField(null=True)
    last_outbound_at = models.DateTimeField(null=True)
    waiting_since = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    first_inbound_at = models.DateTimeField(null=True)
    first_answer_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    messages = models.IntegerField(default=0)
    sentiment = models.FloatField(null=True)  # of the customer's last word
    confidence = models.FloatField(null=True)
    language = models.CharField(max_length=12, blank=True)
    worked_at = models.DateTimeField(null=True)  # last time a colleague did something here

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                F("due_at").asc(nulls_last=True),
                F("id"),
                name="conversations_waiting",
                condition=Q(state="open", waiting_since__isnull=False),
            ),
            models.Index(
                fields=["assignee", "due_at"],
                name="conversations_mine",
                condition=Q(state="open", waiting_since__isnull=False),
            ),
            models.Index(
                fields=["snoozed_until", "id"], name="conversations_snoozed", condition=Q(state="snoozed")
            ),
            models.Index(fields=["-last_activity_at", "-id"], name="conversations_recent"),
            models.Index(fields=["customer", "-last_activity_at"], name="conversations_customer"),
            models.Index(fields=["first_answer_at"], name="conversations_answered"),
        ]

    def __str__(self) -> str:
        return self.subject or self.preview

    def is_late(self, at: datetime) -> bool:
        return self.due_at is not None and self.due_at < at


class ConversationThread(models.Model):
    """Which threads of the stream a conversation consists of."""

    thread_id = models.UUIDField(primary_key=True, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="threads")


class BeforeReply(models.Model):
    """How a conversation stood before a reply that can still be taken back, and what the reply made of it.

    `state_after` is the state in which the reply left it, empty once somebody decided on the state since;
    `is_assigned` tells that the reply gave it to its sender, until somebody decides on that.
    """

    id = models.BigAutoField(primary_key=True)  # in the order in which they were written
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="replies")
    message_id = models.UUIDField(unique=True)
    state_before = models.CharField(max_length=10)
    state_after = models.CharField(max_length=10, blank=True)
    closed_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    last_inbound_at = models.DateTimeField(null=True)
    worked_at = models.DateTimeField(null=True)
    is_assigned = models.BooleanField(default=False)


class ReadMark(models.Model):
    """Up to when a colleague has read a conversation."""

    pk = models.CompositePrimaryKey("staff_id", "conversation_id")
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="read_marks")
    read_at = models.DateTimeField()


class PicturesShown(models.Model):
    """That a colleague sees pictures on the web in a mail (`subject_id` is the activity) or in all mails of its sender
    (the identity)."""

    pk = models.CompositePrimaryKey("staff_id", "subject_id")
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE)
    subject_id = models.UUIDField()
    at = models.DateTimeField()
