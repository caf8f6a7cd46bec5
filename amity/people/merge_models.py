"""What was decided about persons: that two are one, that one is two, that two are two, and which value is shown."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q

from amity.kernel.audited import Audited
from amity.kernel.models import Staff


class MergeMethod(StrEnum):
    STAFF = "staff"  # a colleague, or a program in their name, said so
    RULE = "rule"  # the evidence was above the threshold of what is linked by itself


class Merge(models.Model):
    """That one person is another: how we know, how sure, who said so, and until when it held.

    While it holds the identities of `person` count for `into`, or for the person into whom that one was merged. The
    links themselves stay as they are, so that merges are taken back in any order. What was merged by one decision has
    one `act_id`.
    """

    audited: ClassVar = Audited(subject="person", subject_id="into_id")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    act_id = models.UUIDField(db_index=True)
    person = models.ForeignKey(
        "people.Person", on_delete=models.CASCADE, related_name="merges_away", db_index=False
    )
    into = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="merges")
    method = models.CharField(max_length=20)
    evidence: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    confidence = models.FloatField()
    merged_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    merged_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], name="people_merge_one_at_a_time", condition=Q(revoked_at__isnull=True)
            )
        ]
        indexes = [models.Index(fields=["person"], name="people_merge_person")]


class Split(models.Model):
    """That some identities of a person are somebody else's: `into`, who was made for them. Who said so, until when.

    Their links to `person` are revoked at the same instant, and hold again when the split is taken back.
    """

    audited: ClassVar = Audited(subject="person", subject_id="person_id")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="splits")
    into = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="split_from")
    split_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    split_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    revoked_at = models.DateTimeField(null=True)


class Distinction(models.Model):
    """That two people are two, however alike: they are never proposed or merged without asking. `one` < `other`."""

    audited: ClassVar = Audited(subject="person", subject_id="one_id")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    one = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+")
    said_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    said_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["one", "other"], name="people_distinction_once", condition=Q(revoked_at__isnull=True)
            )
        ]
        indexes = [models.Index(fields=["one"], name="people_distinction_one")]


class FieldLock(models.Model):
    """Which of several values of a field is shown of a person, because somebody chose it.

    Of several the newest counts. It holds while a source still says so; what was chosen with the merge `act_id` ends
    with it.
    """

    audited: ClassVar = Audited(subject="person", subject_id="person_id")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    person = models.ForeignKey(
        "people.Person", on_delete=models.CASCADE, related_name="locks", db_index=False
    )
    field = models.CharField(max_length=40)
    value = models.TextField()
    act_id = models.UUIDField(null=True)
    locked_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    locked_at = models.DateTimeField()
    released_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    released_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person"], name="people_lock_person")]
