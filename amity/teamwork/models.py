"""Us: promises, for now; tasks, mentions and hand-offs move in here later."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from amity.kernel.audited import Audited
from amity.kernel.models import Staff
from amity.kernel.policy import Access, GuardedQuerySet
from amity.kernel.states import StateGraph
from amity.people.models import Identity


class PromiseState(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


PROMISE_LIFE: StateGraph[PromiseState] = StateGraph(
    "promise",
    PromiseState.OPEN,
    {
        PromiseState.OPEN: frozenset({PromiseState.KEPT, PromiseState.BROKEN, PromiseState.WITHDRAWN}),
        PromiseState.BROKEN: frozenset({PromiseState.KEPT}),  # late, and said so in its history
        PromiseState.KEPT: frozenset({PromiseState.OPEN}),  # undo
        PromiseState.WITHDRAWN: frozenset({PromiseState.OPEN}),
    },
)


class Promise(models.Model):
    """Something we said we would do, for whom, by when. Trust is measured with it."""

    access: ClassVar = Access("promise", source="source_id")
    audited: ClassVar = Audited()

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    about = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="promises")
    source_id = models.UUIDField()
    thread_id = models.UUIDField(null=True, db_index=True)
    activity_id = models.UUIDField(null=True)
    what = models.CharField(_("what"), max_length=200)
    due_at = models.DateTimeField(_("by"))
    owner = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="promises")
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    state = models.CharField(max_length=12, default=PromiseState.OPEN)
    settled_at = models.DateTimeField(null=True)

    objects = GuardedQuerySet["Promise"].as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "due_at"], name="teamwork_promise_due")]

    def __str__(self) -> str:
        return self.what
