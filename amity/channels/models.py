"""Where things come from and what came: sources, raw items, import runs; and what leaves: outbound messages.

The live connections of sources stand in `account_models`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amity.channels.account_models import ACCOUNT_LIFE, Account, AccountState, Feed, LedgerEntry
from amity.kernel.audited import Audited
from amity.kernel.models import Staff, Team
from amity.kernel.policy import Access, GuardedQuerySet
from amity.kernel.states import StateGraph

__all__ = [
    "ACCOUNT_LIFE",
    "LEFT_OUT",
    "OUTBOUND_LIFE",
    "RUN_LIFE",
    "Account",
    "AccountState",
    "Feed",
    "ImportRun",
    "Item",
    "ItemState",
    "LedgerEntry",
    "OutboundMessage",
    "OutboundState",
    "Repeat",
    "RunState",
    "SavedMapping",
    "Source",
    "counts_of",
    "run_state_label",
]


class Source(models.Model):
    """One place that items come from: an export file's system, later a mailbox or an account at a network.

    `key` is what makes an external id unique (`twitter`, `shop`, `demo`): importing the same export again must name
    the same source. A source of a team is seen by that team only, one with an owner (a personal mailbox) by its owner.
    """

    access: ClassVar = Access("source", source_team="team")
    audited: ClassVar = Audited(secret=("config",))

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    key = models.SlugField(_("key"), max_length=60, unique=True)
    adapter = models.CharField(_("adapter"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT)
    owner = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT)
    config: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    objects = GuardedQuerySet["Source"].as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RunState(StrEnum):
    DRAFT = "draft"
    QUEUED = "queued"
    RUNNING = "running"
    STOPPED = "stopped"
    FAILED = "failed"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


_LABELS = {
    RunState.DRAFT: pgettext_lazy("import", "Not started"),
    RunState.QUEUED: pgettext_lazy("import", "Waiting to start"),
    RunState.RUNNING: pgettext_lazy("import", "Running"),
    RunState.STOPPED: pgettext_lazy("import", "Stopped"),
    RunState.FAILED: pgettext_lazy("import", "Failed"),
    RunState.DONE: pgettext_lazy("import", "Done"),
    RunState.UNDOING: pgettext_lazy("import", "Being undone"),
    RunState.UNDONE: pgettext_lazy("import", "Undone"),
}

RUN_LIFE: StateGraph[RunState] = StateGraph(
    "import_run",
    RunState.DRAFT,
    {
        RunState.DRAFT: frozenset({RunState.QUEUED}),
        RunState.QUEUED: frozenset({RunState.RUNNING, RunState.STOPPED, RunState.FAILED}),
        RunState.RUNNING: frozenset({RunState.DONE, RunState.STOPPED, RunState.FAILED}),
        RunState.STOPPED: frozenset({RunState.QUEUED, RunState.UNDOING}),
        RunState.FAILED: frozenset({RunState.QUEUED, RunState.UNDOING}),
        RunState.DONE: frozenset({RunState.UNDOING}),
        RunState.UNDOING: frozenset({RunState.UNDONE, RunState.FAILED}),
        RunState.UNDONE: frozenset(),
    },
    _LABELS,
)


class ImportRun(models.Model):
    """One file on its way into Amity: what is read from where, how far it is, what became of its rows."""

    access: ClassVar = Access("import", source_team="source__team")
    audited: ClassVar = Audited(
        quiet=(
            "stored_path", "shape", "cursor", "rows_total", "rows_read", "rows_new", "rows_same", "rows_quarantined",
            "rows_refused", "heartbeat_at",
        )
    )  # fmt: skip

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT, related_name="runs")
    filename = models.CharField(_("file"), max_length=255)
    stored_path = models.CharField(max_length=500)
    digest = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField()
    shape: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    mapping: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    options: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default=RunState.DRAFT)
    cursor: models.JSONField[list[int | None] | None] = models.JSONField(null=True)
    rows_total = models.BigIntegerField(null=True)  # an estimate until the end is reached
    rows_read = models.BigIntegerField(default=0)
    rows_new = models.BigIntegerField(default=0)
    rows_same = models.BigIntegerField(default=0)
    rows_quarantined = models.BigIntegerField(default=0)
    rows_refused = models.BigIntegerField(default=0, db_default=0)  # somebody whom they name was erased
    error = models.TextField(blank=True)
    created_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)

    objects = GuardedQuerySet["ImportRun"].as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.filename


class SavedMapping(models.Model):
    """How the columns of one kind of export are read, kept for the next file of that kind."""

    audited: ClassVar = Audited()

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120, unique=True)
    columns: models.JSONField[list[str]] = models.JSONField(default=list)
    mapping: models.JSONField[dict[str, Any]] = models.JSONField()
    created_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField()


class ItemState(StrEnum):
    DONE = "done"
    QUARANTINED = "quarantined"


LEFT_OUT = "left_out"
"""`error_code` of an item that was taken in although some of its values are none."""


class Item(models.Model):
    """What a source delivered, raw and lossless. `digest` makes it the same item when it comes again."""

    access: ClassVar = Access("import", source="source_id", source_team="source__team")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_index=False)
    run = models.ForeignKey(
        ImportRun, null=True, on_delete=models.PROTECT, related_name="items", db_index=False
    )
    digest = models.BinaryField(max_length=16)
    position = models.BigIntegerField()
    content_type = models.CharField(max_length=60)
    raw = models.BinaryField()
    received_at = models.DateTimeField()
    state = models.CharField(max_length=12, default=ItemState.DONE)
    error_code = models.CharField(max_length=60, blank=True)
    error_reason = models.TextField(blank=True)

    objects = GuardedQuerySet["Item"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "digest"], name="channels_item_once")]
        indexes = [
            models.Index(
                fields=["run", "position"], name="channels_item_of_run", condition=models.Q(run__isnull=False)
            ),
            models.Index(
                fields=["source", "position"],
                name="channels_item_quarantine",
                condition=models.Q(state="quarantined"),
            ),
            models.Index(
                fields=["run", "position"],
                name="channels_item_noted",
                condition=~models.Q(error_code=""),
            ),
            BrinIndex(fields=["received_at"], name="channels_item_received"),  # rows lie in the order of time
        ]


class Repeat(models.Model):
    """Rows of an import that were there already, brought by another one or twice in its file: the digests of a batch,
    with their places in this file. Where the import has an item of that place by now, it took the row over.

    When the import that they belong to is undone, the earliest other import that brought them too takes them over.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="repeats")
    digests = ArrayField(models.BinaryField(max_length=16))
    positions = ArrayField(models.BigIntegerField())


class OutboundState(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"  # it left and came back: the other side did not deliver it


OUTBOUND_LIFE: StateGraph[OutboundState] = StateGraph(
    "outbound_message",
    OutboundState.QUEUED,
    {
        OutboundState.QUEUED: frozenset({OutboundState.SENDING, OutboundState.WITHDRAWN}),
        OutboundState.SENDING: frozenset(
            {OutboundState.SENT, OutboundState.FAILED, OutboundState.UNKNOWN, OutboundState.RETURNED}
        ),
        OutboundState.FAILED: frozenset({OutboundState.QUEUED, OutboundState.WITHDRAWN}),
        OutboundState.UNKNOWN: frozenset(
            {OutboundState.SENT, OutboundState.QUEUED, OutboundState.WITHDRAWN, OutboundState.RETURNED}
        ),
        OutboundState.SENT: frozenset({OutboundState.RETURNED}),
        OutboundState.RETURNED: frozenset(),
        OutboundState.WITHDRAWN: frozenset(),
    },
)


class OutboundMessage(models.Model):
    """A message on its way out. It is sent at most once, or says that it does not know."""

    access: ClassVar = Access("conversation", source="source_id", source_team="source__team")
    audited: ClassVar = Audited(
        quiet=("text", "in_reply_to", "external_id", "references", "attempts", "claimed_at")
    )

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT)
    via = models.ForeignKey(Source, null=True, on_delete=models.PROTECT, related_name="+")  # None: the same
    external_id = models.TextField(blank=True)
    references: models.JSONField[list[str]] = models.JSONField(default=list)  # oldest first
    activity_id = models.UUIDField()
    thread_id = models.UUIDField(null=True)
    network = models.CharField(max_length=60)
    address = models.CharField(max_length=320)
    channel = models.CharField(max_length=24)
    subject = models.TextField(blank=True)
    text = models.TextField()
    files: models.JSONField[list[dict[str, Any]]] = models.JSONField(default=list, db_default=[])
    in_reply_to = models.TextField(blank=True)
    sender = models.ForeignKey(Staff, on_delete=models.PROTECT)
    state = models.CharField(max_length=12, default=OutboundState.QUEUED)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    send_at = models.DateTimeField()  # the time to undo ends here
    claimed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["state", "send_at"],
                name="channels_outbound_waiting",
                condition=~models.Q(state__in=["sent", "withdrawn"]),
            ),
            models.Index(fields=["activity_id"], name="channels_outbound_of"),
            models.Index(
                fields=["thread_id"],
                name="channels_outbound_returned",
                condition=models.Q(state="returned"),
            ),
            models.Index(
                fields=["external_id"],
                name="channels_outbound_unknown",
                condition=models.Q(state="unknown"),
            ),
        ]


def counts_of(run: ImportRun) -> Mapping[str, int]:
    """Rows read, new, same and quarantined, for a progress line."""
    return {
        "read": run.rows_read,
        "new": run.rows_new,
        "same": run.rows_same,
        "quarantined": run.rows_quarantined,
        "refused": run.rows_refused,
    }


def run_state_label(state: str) -> str:
    return str(_LABELS[RunState(state)])
