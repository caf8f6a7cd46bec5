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
    public_key: str
    state: str = Field(description="on or off.")
    off_why: str = Field(description="Why it is off: by_hand, gone, failing, owner; empty while it is on.")
    owner_id: UUID = Field(description="It hears only what this colleague may know.")
    created_at: datetime
    previous_until: datetime | None = Field(
        description="Until when the secret before signs beside the new one."
    )


class WebhookRow(WebhookOut):
    """An address with how it does. `standing`: on, resting, failing, off."""

    standing: str
    waiting: int
    failed_in_a_week: int
    arrived_at: datetime | None
    off_at: datetime | None = Field(description="When one that fails will be switched off.")


class WebhooksOut(Schema):
    items: list[WebhookRow]


class WebhookMade(WebhookOut):
    """An address with its secret (of `v1a`: its public key). It is told this once and nowhere after."""

    secret: str


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
    count: int


class EventType(Schema):
    type: str
    meaning: str


class EventTypesOut(Schema):
    items: list[EventType]


class DeliveryRow(Sparse):
    """One event for one address. `state`: waiting, arrived, failed."""

    id: UUID
    event_id: UUID
    message_id: str = Field(description="The `webhook-id` under which it is sent.")
    type: str
    subject_id: UUID
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime
    settled_at: datetime | None


class LoggedDelivery(DeliveryRow):
    """With what came of the last attempt."""

    last_status: int | None
    last_outcome: str | None


class DeliveriesPage(Schema):
    items: list[LoggedDelivery]
    after: str | None = None


class DeliveriesQuery(PageQuery):
    """Which deliveries, newest first."""

    state: Literal["waiting", "arrived", "failed"] | None = None


class TryOut(Schema):
    at: datetime
    duration_ms: int
    outcome: str
    status: int | None
    error: str
    response: str = Field(description="At most 2 kB of what came back; the other side wrote it.")


class WebhookDelivery(DeliveryRow):
    """With the body that is sent, and every attempt, newest first."""

    webhook_id: UUID
    body: dict[str, Any]
    tries: list[TryOut]


class InletOut(Sparse):
    """An address of ours that a system outside sends to. `mapping` says how its JSON is read."""

    id: UUID
    name: str
    address: str
    source_id: UUID
    is_on: bool
    mapping: dict[str, Any]
    created_at: datetime
    previous_until: datetime | None


class InletRow(InletOut):
    received_at: datetime | None


class InletsOut(Schema):
    items: list[InletRow]


class InletMade(InletOut):
    """With the secret that the sender needs, told this once; empty where the sender's own key was given."""

    secret: str


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
