"""Webhooks in the public interface."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field, JsonValue, StringConstraints

from amity.kernel.api.operations import In, Sparse
from amity.kernel.api.paging import PageQuery
from amity.kernel.api.types import Instant

Address = Annotated[str, StringConstraints(min_length=1, max_length=2_048)]
Kind = Annotated[str, StringConstraints(max_length=60)]
Kinds = Annotated[list[Kind], Field(min_length=1, max_length=60)]
Description = Annotated[str, StringConstraints(max_length=200)]
Key = Annotated[str, StringConstraints(max_length=200)]
Reading = Annotated[dict[str, JsonValue], Field(max_length=60)]


class WebhookOut(Sparse):
    """An address that is told of events. `public_key` is empty where it is signed with a secret (`v1`)."""

    id: UUID
    url: str
    description: str
    types: list[str]
    signing: str = Field(description="v1: HMAC-SHA256 with a secret; v1a: Ed25519 with a pair of keys.")
    public_key: str = Field(description="The key that checks signatures of `v1a`; empty for `v1`.")
    state: str = Field(description="on or off.")
    off_why: str = Field(description="Why it is off: by_hand, gone, failing, owner; empty while it is on.")
    owner_id: UUID = Field(description="It hears only what this colleague may know.")
    created_at: datetime
    previous_until: datetime | None = Field(
        description="Until when the secret before signs beside the new one."
    )


class WebhookRow(WebhookOut):
    """An address with how it does. `standing`: on, resting, failing, off."""

    standing: str = Field(description="on, resting, failing or off.")
    waiting: int = Field(description="How many deliveries wait.")
    failed_in_a_week: int = Field(description="How many failed within the last seven days.")
    arrived_at: datetime | None = Field(description="When one last arrived.")
    off_at: datetime | None = Field(description="When one that fails will be switched off.")


class WebhooksOut(Schema):
    items: list[WebhookRow]


class WebhookMade(WebhookOut):
    """An address with its secret (of `v1a`: its public key). It is told this once and nowhere after."""

    secret: str = Field(description="Told this once; of `v1a` it is the public key.")


class WebhookIn(In):
    url: Address = Field(description="An https address.")
    types: Kinds = Field(description="What it hears of; see /webhooks/types.")
    description: Description = ""
    signing: Literal["v1", "v1a"] = "v1"


class WebhookChange(In):
    """What shall be different. With another address the webhook becomes yours."""

    url: Address | None = None
    types: Kinds | None = None
    description: Description | None = None


class StateIn(In):
    state: Literal["on", "off"]


class SinceIn(In):
    since: Instant = Field(description="What failed before is left alone.")


class SentAgain(Schema):
    count: int = Field(description="How many are sent once more.")


class EventType(Schema):
    type: str = Field(description="What it is called.")
    meaning: str = Field(description="When it is told.")


class EventTypesOut(Schema):
    items: list[EventType]


class DeliveryRow(Sparse):
    """One event for one address. `state`: waiting, arrived, failed."""

    id: UUID
    event_id: UUID = Field(description="The id of the event.")
    message_id: str = Field(description="The `webhook-id` under which it is sent.")
    type: str = Field(description="What happened.")
    subject_id: UUID = Field(description="The id of the record that it is about.")
    state: str
    attempts: int = Field(description="How often it was tried.")
    created_at: datetime
    next_at: datetime = Field(description="When it is tried next, while it waits.")
    settled_at: datetime | None = Field(description="When it arrived or was given up; null while it waits.")


class LoggedDelivery(DeliveryRow):
    """With what came of the last attempt."""

    last_status: int | None = Field(
        description="The HTTP status of the last attempt; null where there was none."
    )
    last_outcome: str | None = Field(description="How the last attempt ended, such as arrived or timed_out.")


class DeliveriesPage(Schema):
    items: list[LoggedDelivery]
    after: str | None = None


class DeliveriesQuery(PageQuery):
    """Which deliveries, newest first."""

    state: Literal["waiting", "arrived", "failed"] | None = None


class TryOut(Schema):
    at: datetime = Field(description="When it was tried.")
    duration_ms: int = Field(description="How long it took, in milliseconds.")
    outcome: str = Field(description="How it ended, such as arrived, gone or timed_out.")
    status: int | None
    error: str
    response: str = Field(description="At most 2 kB of what came back; the other side wrote it.")


class WebhookDelivery(DeliveryRow):
    """With the body that is sent, and every attempt, newest first."""

    webhook_id: UUID = Field(description="The id of the webhook.")
    body: dict[str, Any] = Field(description="What is sent.")
    tries: list[TryOut] = Field(description="Every attempt, newest first.")


class InletOut(Sparse):
    """An address of ours that a system outside sends to. `mapping` says how its JSON is read."""

    id: UUID
    name: str
    address: str
    source_id: UUID
    is_on: bool
    mapping: dict[str, Any]
    created_at: datetime
    previous_until: datetime | None = Field(
        description="Until when the secret before is good too; null where there is none."
    )


class InletRow(InletOut):
    received_at: datetime | None = Field(description="When something last came in.")


class InletsOut(Schema):
    items: list[InletRow]


class InletMade(InletOut):
    """With the secret that the sender needs, told this once; empty where the sender's own key was given."""

    secret: str = Field(
        description="What the sender needs, told this once; empty where its own key was given."
    )


class InletIn(In):
    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    mapping: Reading | None = Field(
        None, description="As for files. Without one it speaks Amity's own format."
    )
    key: Key = Field(
        "", description="The sender's secret (whsec_…) or public key (whpk_…). Empty: one is made."
    )


class InletChange(In):
    mapping: Reading | None = None
    is_on: bool | None = None


class KeyIn(In):
    key: Key = Field("", description="The sender's new secret or public key. Empty: one is made.")
