"""Live connections: an account at a server or network, how far it was read, and what happened on the way."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import pgettext_lazy

from amity.kernel.audited import Audited
from amity.kernel.models import Staff
from amity.kernel.policy import Access, GuardedQuerySet
from amity.kernel.states import StateGraph

NEEDS_PEOPLE = frozenset(
    {"mail.sign_in", "mail.certificate", "mail.private_address", "mail.unencrypted", "vault"}
)
"""Trouble that does not pass by itself: it is tried again seldom, so that no server locks the account."""


class AccountState(StrEnum):
    """What people want of an account; how it is doing stands beside it."""

    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


ACCOUNT_LIFE: StateGraph[AccountState] = StateGraph(
    "account",
    AccountState.ACTIVE,
    {
        AccountState.ACTIVE: frozenset({AccountState.PAUSED, AccountState.REMOVED}),
        AccountState.PAUSED: frozenset({AccountState.ACTIVE, AccountState.REMOVED}),
        AccountState.REMOVED: frozenset({AccountState.PAUSED}),
    },
    {
        AccountState.ACTIVE: pgettext_lazy("account", "Connected"),
        AccountState.PAUSED: pgettext_lazy("account", "Paused"),
        AccountState.REMOVED: pgettext_lazy("account", "Removed"),
    },
)


class Account(models.Model):
    """The account behind a live source: where to connect, with which secret, and how that goes.

    `settings` is the adapter's own and holds no secret. `problem` is the code of what is wrong now, empty when nothing
    is; `detail` what the server said. A removed account keeps what it brought, and forgets its secret.
    """

    access: ClassVar = Access("source", source="source_id", source_team="source__team")
    audited: ClassVar = Audited(
        secret=("secret", "settings"),
        quiet=(
            "problem",
            "detail",
            "problem_since",
            "attempts",
            "try_at",
            "looked_at",
            "heard_at",
            "watching",
        ),
    )

    source = models.OneToOneField(
        "channels.Source", primary_key=True, on_delete=models.PROTECT, related_name="account"
    )
    address = models.CharField(max_length=320)
    settings: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    secret = models.TextField(blank=True)  # sealed by the vault
    state = models.CharField(max_length=12, default=AccountState.ACTIVE)
    problem = models.CharField(max_length=40, blank=True)
    detail = models.TextField(blank=True)
    problem_since = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)  # in a row that failed
    try_at = models.DateTimeField(null=True)  # when the next one is due
    looked_at = models.DateTimeField(null=True)  # the last time that all folders were up to date
    heard_at = models.DateTimeField(null=True)  # the last time that something new came
    watching = models.BooleanField(default=False)  # the server tells of new mail by itself
    created_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    created_at = models.DateTimeField()

    objects = GuardedQuerySet["Account"].as_manager()

    class Meta:
        ordering = ["address"]
        constraints = [
            models.UniqueConstraint(
                fields=["address"],
                condition=~models.Q(state=AccountState.REMOVED),
                name="channels_account_once",
            )
        ]

    def __str__(self) -> str:
        return self.address


class Feed(models.Model):
    """One folder (or list) of an account: how far it was read, and the sums of what came.

    `cursor` is the adapter's own and moves in the transaction of the rows that it stands for.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="feeds")
    name = models.TextField()
    cursor: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    came = models.BigIntegerField(default=0)
    same = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    gaps = models.BigIntegerField(default=0)  # found missing
    refilled = models.BigIntegerField(default=0)
    waiting = models.BigIntegerField(default=0)  # known to be there and not yet read
    looked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="channels_feed_once")]
        ordering = ["id"]


class LedgerEntry(models.Model):
    """What happened to an account, one line each: first reading, trouble and its end, gaps, what people asked for."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="ledger")
    at = models.DateTimeField()
    kind = models.CharField(max_length=24)
    feed = models.TextField(blank=True)
    figures: models.JSONField[dict[str, int]] = models.JSONField(default=dict)
    problem = models.CharField(max_length=40, blank=True)
    detail = models.TextField(blank=True)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)

    class Meta:
        indexes = [models.Index(fields=["account", "-at"], name="channels_ledger_of")]
