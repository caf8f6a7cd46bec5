"""That somebody asked what we know of them: the file that was made of it, for a week."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar
from uuid import uuid4

from django.db import models

from amity.kernel.audited import Audited
from amity.kernel.models import Staff
from amity.kernel.policy import Access, GuardedQuerySet
from amity.kernel.states import StateGraph


class DisclosureState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    GONE = "gone"  # its week is over, or they were erased


DISCLOSURE_LIFE: StateGraph[DisclosureState] = StateGraph(
    "person_disclosure",
    DisclosureState.WAITING,
    {
        DisclosureState.WAITING: frozenset(
            {DisclosureState.DONE, DisclosureState.FAILED, DisclosureState.GONE}
        ),
        DisclosureState.FAILED: frozenset({DisclosureState.GONE}),
        DisclosureState.DONE: frozenset({DisclosureState.GONE}),
        DisclosureState.GONE: frozenset(),
    },
)


class PersonDisclosure(models.Model):
    """All that is known of a person as one file, made for the colleague who asked and as far as they may see it."""

    access: ClassVar = Access("erasure", owner="asked_by_id")
    audited: ClassVar = Audited(quiet=("sections", "rows", "heartbeat_at"))

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    person_id = models.UUIDField(null=True, db_index=True)
    state = models.CharField(max_length=10, default=DisclosureState.WAITING)
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    language = models.CharField(max_length=10, default="en")
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    sections = models.IntegerField(default=0)  # written so far
    rows = models.BigIntegerField(default=0)
    size_bytes = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    heartbeat_at = models.DateTimeField(null=True)

    objects = GuardedQuerySet["PersonDisclosure"].as_manager()
