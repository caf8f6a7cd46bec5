"""Tokens of colleagues, and answers that are kept so that a repeated request does nothing twice."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from amity.kernel.audited import Audited


class ApiToken(models.Model):
    """A key with which a program acts as a colleague, within `scopes`. Only the digest of the secret is kept."""

    audited: ClassVar = Audited(secret=("digest",), quiet=("last_used_at",))

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    staff = models.ForeignKey("kernel.Staff", on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(_("name"), max_length=80)
    digest = models.BinaryField(max_length=32, unique=True)
    ending = models.CharField(max_length=8)  # of the secret, so that people tell their tokens apart
    scopes: models.Field[list[str], list[str]] = ArrayField(models.CharField(max_length=60))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey("kernel.Staff", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class KeptAnswer(models.Model):
    """What a POST with an Idempotency-Key was answered with. `status` 0 means that it is still being worked on."""

    pk = models.CompositePrimaryKey("holder", "key")
    holder = models.UUIDField()  # the token, or the colleague who is signed in
    key = models.CharField(max_length=255)
    request_digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(default=0)
    headers: models.JSONField[dict[str, str]] = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField(db_index=True)
