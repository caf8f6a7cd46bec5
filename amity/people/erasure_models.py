"""That somebody is to be erased: who asked for it, when it will be done or was, and what it did. It names nobody."""

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


class ErasureState(StrEnum):
    WAITING = "waiting"  # for its time: somebody may stop it
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


ERASURE_LIFE: StateGraph[ErasureState] = StateGraph(
    "person_erasure",
    ErasureState.WAITING,
    {
        ErasureState.WAITING: frozenset({ErasureState.RUNNING, ErasureState.STOPPED}),
        # A hold that was placed before anything went.
        ErasureState.RUNNING: frozenset({ErasureState.DONE, ErasureState.STOPPED}),
        ErasureState.DONE: frozenset(),
        ErasureState.STOPPED: frozenset(),
    },
    {
        ErasureState.WAITING: pgettext_lazy("erasure", "Waits"),
        ErasureState.RUNNING: pgettext_lazy("erasure", "Is being done"),
        ErasureState.DONE: pgettext_lazy("erasure", "Done"),
        ErasureState.STOPPED: pgettext_lazy("erasure", "Stopped"),
    },
)


class Ground(models.TextChoices):
    """Why somebody is erased (GDPR, article 17(1))."""

    REQUEST = "request", _("They asked for it")
    OBJECTION = "objection", _("They object to the use of their data")
    CONSENT = "consent", _("They withdrew their consent")
    PURPOSE = "purpose", _("The data is not needed any more")
    UNLAWFUL = "unlawful", _("The data should never have been kept")
    DUTY = "duty", _("A law demands it")


class PersonErasure(models.Model):
    """The erasure of a person. `person_id` and `scope` (accounts, addresses, names) are emptied when it is done."""

    access: ClassVar = Access("erasure")
    audited: ClassVar = Audited(quiet=("scope", "step", "person_id"))

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    person_id = models.UUIDField(null=True, db_index=True)
    state = models.CharField(max_length=10, default=ErasureState.WAITING)
    ground = models.CharField(max_length=12, choices=Ground.choices)
    asked_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stopped_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    stopped_at = models.DateTimeField(null=True)
    asked_why = models.CharField(max_length=200, blank=True, db_default="")  # the rule that asked for it
    stopped_why = models.CharField(max_length=200, blank=True, db_default="")  # where nobody did it by hand
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    step = models.CharField(max_length=20, blank=True)
    scope: models.JSONField[dict[str, Any] | None] = models.JSONField(null=True)
    certificate: models.JSONField[dict[str, Any] | None] = models.JSONField(null=True)
    digest = models.CharField(max_length=64, blank=True)

    objects = GuardedQuerySet["PersonErasure"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_id"],
                name="people_erasure_one_at_a_time",
                condition=Q(state__in=["waiting", "running"]),
            )
        ]
        indexes = [models.Index(fields=["-asked_at", "-id"], name="people_erasure_recent")]
