"""That nothing of a person may go, for a dispute, an audit or an authority: who said so, why, until when."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q

from amity.kernel.audited import Audited
from amity.kernel.models import Staff
from amity.kernel.policy import Access, GuardedQuerySet


class LegalHold(models.Model):
    """While it holds neither a rule nor an erasure that somebody asks for touches those whose accounts it names.

    It names accounts and no persons: merging, splitting and taking both back move nothing, and whoever has a single
    account that is held is held as a whole.
    """

    access: ClassVar = Access("erasure")
    audited: ClassVar = Audited()

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    reason = models.CharField(max_length=500)
    placed_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    placed_at = models.DateTimeField()
    released_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    released_at = models.DateTimeField(null=True)
    released_why = models.CharField(max_length=500, blank=True)

    objects = GuardedQuerySet["LegalHold"].as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["-placed_at", "-id"], name="people_hold_now", condition=Q(released_at__isnull=True)
            )
        ]


class HeldAccount(models.Model):
    """One of the accounts that a hold names: those that counted for the person when it was placed."""

    pk = models.CompositePrimaryKey("hold_id", "identity_id")
    hold = models.ForeignKey(LegalHold, on_delete=models.CASCADE, related_name="accounts", db_index=False)
    identity = models.ForeignKey(
        "people.Identity", on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        indexes = [models.Index(fields=["identity"], name="people_held_identity")]
