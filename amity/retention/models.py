"""Rules that say how long something is kept, what they announced and did, and whom colleagues keep all the same."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amity.kernel.audited import Audited
from amity.kernel.models import Staff
from amity.kernel.policy import Access, GuardedQuerySet
from amity.kernel.states import StateGraph


class Kind(models.TextChoices):
    """What a rule lets go of."""

    PEOPLE = "people", _("People")
    WORDS = "words", _("Words of messages")
    ITEMS = "items", _("Raw items")


class RuleQuerySet(GuardedQuerySet["Rule"]):
    def there(self) -> RuleQuerySet:
        return self.filter(deleted_at__isnull=True)

    def working(self) -> RuleQuerySet:
        """Those that do something at night, the oldest first."""
        return self.there().filter(is_on=True).order_by("created_at", "id")


class Rule(models.Model):
    """What goes when, and why. A rule is off until somebody saw what it would do and turned it on.

    Of people: those of whom `segment_id` has held for `for_days`. Of words and raw items: what is older than `months`,
    of `source_id` or of all. `seen` are the versions of the segments with which it was turned on: it stands still when
    one of them is another now. `before` is the rule as it was before it was changed, so that this can be taken back.
    """

    access: ClassVar = Access("erasure")
    audited: ClassVar = Audited(quiet=("before", "seen", "updated_at"))

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = models.CharField(max_length=120)
    reason = models.CharField(max_length=500)
    owner = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    segment_id = models.UUIDField(null=True)
    for_days = models.PositiveIntegerField(null=True)
    source_id = models.UUIDField(null=True)
    months = models.PositiveIntegerField(null=True)
    is_on = models.BooleanField(default=False)
    seen: models.JSONField[dict[str, int] | None] = models.JSONField(null=True)
    before: models.JSONField[dict[str, Any] | None] = models.JSONField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    turned_on_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="retention_rule_is_whole",
                condition=Q(
                    kind="people", segment_id__isnull=False, for_days__isnull=False, months__isnull=True
                )
                | (Q(kind__in=["words", "items"]) & Q(segment_id__isnull=True, months__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return self.name


class DueState(StrEnum):
    ANNOUNCED = "announced"  # somebody may still keep them
    ASKED = "asked"  # their erasure was asked for
    KEPT = "kept"  # a colleague said so
    DROPPED = "dropped"  # it does not hold of them any more


DUE_LIFE: StateGraph[DueState] = StateGraph(
    "retention_due",
    DueState.ANNOUNCED,
    {
        DueState.ANNOUNCED: frozenset({DueState.ASKED, DueState.KEPT, DueState.DROPPED}),
        DueState.ASKED: frozenset({DueState.DROPPED}),
        DueState.KEPT: frozenset({DueState.ANNOUNCED}),
        DueState.DROPPED: frozenset(),
    },
    {
        DueState.ANNOUNCED: pgettext_lazy("retention", "Announced"),
        DueState.ASKED: pgettext_lazy("retention", "Erasure asked for"),
        DueState.KEPT: pgettext_lazy("retention", "Kept"),
        DueState.DROPPED: pgettext_lazy("retention", "Not any more"),
    },
)


class Due(models.Model):
    """That a rule is to erase somebody on a day, and what became of it. `why` is a word of `domain.verdicts`.

    It names the person as they were then: who was merged into somebody else since is announced anew, as who they are
    now.
    """

    access: ClassVar = Access("erasure")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="dues", db_index=False)
    person_id = models.UUIDField()
    state = models.CharField(max_length=10, default=DueState.ANNOUNCED)
    announced_at = models.DateTimeField()
    due_on = models.DateField()
    decided_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=20, blank=True)
    erasure_id = models.UUIDField(null=True)

    objects = GuardedQuerySet["Due"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_id"], name="retention_due_once", condition=Q(state="announced")
            )
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], name="retention_due_next", condition=Q(state="announced")),
            models.Index(fields=["person_id"], name="retention_due_person"),
            models.Index(
                fields=["erasure_id"], name="retention_due_erasure", condition=Q(erasure_id__isnull=False)
            ),
            models.Index(fields=["rule", "-decided_at"], name="retention_due_rule"),
        ]


class Keep(models.Model):
    """That a rule leaves somebody alone: who said so, why, until when it held. It names accounts, as a hold does."""

    access: ClassVar = Access("erasure")
    audited: ClassVar = Audited()

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="keeps")
    reason = models.CharField(max_length=500)
    kept_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    kept_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    revoked_at = models.DateTimeField(null=True)

    objects = GuardedQuerySet["Keep"].as_manager()


class KeptAccount(models.Model):
    """One of the accounts that a keep names."""

    pk = models.CompositePrimaryKey("keep_id", "identity_id")
    keep = models.ForeignKey(Keep, on_delete=models.CASCADE, related_name="accounts", db_index=False)
    identity_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["identity_id"], name="retention_kept_identity")]


class Run(models.Model):
    """What a rule did in one night, counted in the transactions that did it; `cursor` is how far it is.

    `stood_still` says why it did nothing, in a word of `domain.verdicts`.
    """

    access: ClassVar = Access("erasure")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    rule = models.ForeignKey(Rule, on_delete=models.CASCADE, related_name="runs", db_index=False)
    on = models.DateField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    announced = models.PositiveIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)
    dropped = models.PositiveIntegerField(default=0)
    emptied = models.PositiveBigIntegerField(default=0)
    removed = models.PositiveBigIntegerField(default=0)
    files = models.PositiveBigIntegerField(default=0)
    stood_still = models.CharField(max_length=20, blank=True)
    cursor: models.JSONField[dict[str, Any] | None] = models.JSONField(null=True)

    objects = GuardedQuerySet["Run"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "on"], name="retention_run_once")]
        indexes = [models.Index(fields=["-started_at", "-id"], name="retention_run_recent")]
