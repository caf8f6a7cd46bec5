"""Pairs of people who may be one: what matching found, and what became of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from amity.kernel.audited import Audited
from amity.kernel.models import Staff


class ProposalState(StrEnum):
    OPEN = "open"  # somebody should look
    LATER = "later"  # somebody looked and put it off
    MERGED = "merged"  # they are one person: by hand or by rule
    TWO = "two"  # they are two people
    GONE = "gone"  # nothing speaks for it any more


WAITING = (ProposalState.OPEN, ProposalState.LATER)
"""Nobody decided yet."""


class Proposal(models.Model):
    """That two people may be one, with the evidence as it was found. `one` < `other`."""

    audited: ClassVar = Audited(subject="person", subject_id="one_id", quiet=("bits", "evidence", "found_at"))

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    one = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    bits = models.FloatField()  # logarithm of the odds to the base 2
    evidence: models.JSONField[list[list[Any]]] = models.JSONField(default=list)  # code, value, value, bits
    state = models.CharField(max_length=8, default=ProposalState.OPEN)
    found_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    act_id = models.UUIDField(null=True)  # of the merge, where it is merged
    is_by_rule = models.BooleanField(default=False)
    until = models.DateTimeField(null=True)  # to when it was put off
    # Whether what a rule merged was one person, where somebody looked.
    was_right = models.BooleanField(null=True)
    checked_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["one", "other"], name="people_proposal_once")]
        indexes = [
            models.Index(
                F("bits").desc(),
                F("id"),
                name="people_proposal_open",
                condition=Q(state__in=["open", "later"]),
            ),
            models.Index(fields=["decided_at"], name="people_proposal_decided"),
            models.Index(fields=["act_id"], name="people_proposal_act"),
        ]
