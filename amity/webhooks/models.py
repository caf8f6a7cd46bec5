"""Who wants to hear of what, what happened, and what became of telling them."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amity.channels.models import Source
from amity.kernel.audited import Audited
from amity.kernel.models import Staff
from amity.kernel.policy import Access, GuardedQuerySet
from amity.kernel.states import StateGraph


class EndpointState(StrEnum):
    ON = "on"
    OFF = "off"


ENDPOINT_LIFE: StateGraph[EndpointState] = StateGraph(
    "webhook_endpoint",
    EndpointState.ON,
    {
        EndpointState.ON: frozenset({EndpointState.OFF}),
        EndpointState.OFF: frozenset({EndpointState.ON}),
    },
    {
        EndpointState.ON: pgettext_lazy("webhook", "on"),
        EndpointState.OFF: pgettext_lazy("webhook", "off"),
    },
)


class OffWhy(StrEnum):
    """Why an endpoint hears nothing."""

    BY_HAND = "by_hand"
    GONE = "gone"  # it answered 410
    FAILING = "failing"  # for days
    OWNER = "owner"  # the colleague it belongs to may no longer have one


class Endpoint(models.Model):
    """An address outside that is told of events. It belongs to a colleague and hears only what they may know.

    `secret_sealed` is a `whsec_` secret or a `whsk_` private key in the vault; during the day after a rotation the
    one before still signs beside it. `failures` counts attempts in a row; until `resting_until` it is left alone.
    """

    access: ClassVar = Access("webhook", owner="owner_id")
    audited: ClassVar = Audited(
        secret=("secret_sealed", "previous_sealed"),
        quiet=("failures", "failing_since", "resting_until", "arrived_at"),
    )

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    url = models.TextField(_("address"))
    description = models.CharField(_("description"), max_length=200, blank=True)
    types: ArrayField[list[str], list[str]] = ArrayField(models.CharField(max_length=60))
    owner = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, default=EndpointState.ON)
    off_why = models.CharField(max_length=12, blank=True)
    secret_sealed = models.TextField()
    is_asymmetric = models.BooleanField(default=False)
    previous_sealed = models.TextField(blank=True)
    previous_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    resting_until = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)  # the last success

    objects = GuardedQuerySet["Endpoint"].as_manager()

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.url

    def is_elsewhere(self, url: str | None) -> bool:
        """Whether `url` is another address than the one that is told now; None is none."""
        return url is not None and url.strip() != self.url


class Event(models.Model):
    """Something that happened and that at least one endpoint wants to hear of. Its id is the `webhook-id`."""

    id = models.UUIDField(primary_key=True, editable=False)
    type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    happened_at = models.DateTimeField()
    data: models.JSONField[dict[str, Any]] = models.JSONField()
    told_at = models.DateTimeField(db_index=True)

    @property
    def message_id(self) -> str:
        return f"msg_{self.id.hex}"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    ARRIVED = "arrived"
    FAILED = "failed"  # given up, or the endpoint was switched off


DELIVERY_LIFE: StateGraph[DeliveryState] = StateGraph(
    "webhook_delivery",
    DeliveryState.WAITING,
    {
        DeliveryState.WAITING: frozenset({DeliveryState.ARRIVED, DeliveryState.FAILED}),
        DeliveryState.ARRIVED: frozenset({DeliveryState.WAITING}),
        DeliveryState.FAILED: frozenset({DeliveryState.WAITING}),
    },
    {
        DeliveryState.WAITING: pgettext_lazy("webhook", "Waiting"),
        DeliveryState.ARRIVED: pgettext_lazy("webhook", "Arrived"),
        DeliveryState.FAILED: pgettext_lazy("webhook", "Failed"),
    },
)


class Delivery(models.Model):
    """One event for one endpoint. While it is waiting, `next_at` is when it is (or is again) to be sent.

    Whoever claims it moves `next_at` on by the length of a lease: if they do not come back, it is due again by itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    state = models.CharField(max_length=10, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "endpoint"], name="webhooks_delivery_once")]
        indexes = [
            models.Index(
                fields=["endpoint", "next_at", "id"],
                name="webhooks_delivery_due",
                condition=Q(state="waiting"),
            ),
            models.Index(fields=["endpoint", "-created_at", "-id"], name="webhooks_delivery_log"),
            models.Index(
                fields=["endpoint", "created_at"],
                name="webhooks_delivery_failed",
                condition=Q(state="failed"),
            ),
        ]


class Attempt(models.Model):
    """One try at a delivery, as the log shows it. Append-only."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    outcome = models.CharField(max_length=12)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.TextField(blank=True)
    response = models.TextField(blank=True)  # at most 2 kB of what came back

    class Meta:
        ordering = ["id"]


class Inlet(models.Model):
    """An address of ours that a system outside sends to. What it says is read by `mapping` as an item of `source`.

    `key_sealed` is the `whsec_` secret that both sides know, or the sender's public `whpk_` key; for a day after a
    change the one before is good too.
    """

    access: ClassVar = Access("webhook", owner="created_by_id")
    audited: ClassVar = Audited(secret=("key_sealed", "previous_sealed"), quiet=("received_at",))

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    mapping: models.JSONField[dict[str, Any]] = models.JSONField()
    is_on = models.BooleanField(default=True)
    key_sealed = models.TextField()
    previous_sealed = models.TextField(blank=True)
    previous_until = models.DateTimeField(null=True)
    created_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)

    objects = GuardedQuerySet["Inlet"].as_manager()

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.name


class Received(models.Model):
    """A message id that an inlet has taken in: the same one again is the same message."""

    pk = models.CompositePrimaryKey("inlet_id", "message_id")
    inlet = models.ForeignKey(Inlet, on_delete=models.CASCADE)
    message_id = models.CharField(max_length=200)
    at = models.DateTimeField(db_index=True)

    objects = models.Manager["Received"]()
