"""The activity stream: append-only, who did what, where, when. All else is a view of it or a decision about it."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from amity.kernel.models import Staff
from amity.kernel.policy import Access, GuardedQuerySet


class ActivityQuerySet(GuardedQuerySet["Activity"]):
    def about(self, identity_ids: list[UUID]) -> ActivityQuerySet:
        return self.filter(about_id__in=identity_ids)

    def in_threads(self, thread_ids: list[UUID]) -> ActivityQuerySet:
        return self.filter(thread_id__in=thread_ids)

    def newest_first(self) -> ActivityQuerySet:
        return self.order_by("-occurred_at", "-id")


class Activity(models.Model):
    """One deed, in the words of W3C Activity Streams 2.0. Never changed in place but for its enrichment.

    `actor_id` is the identity that did it, or `staff_id` the colleague; `about_id` the customer's identity on whose
    timeline it stands. Partitioned by month of `occurred_at`, so the primary key holds both; no foreign keys.
    """

    access: ClassVar = Access("activity", source="source_id")

    pk = models.CompositePrimaryKey("occurred_at", "id")
    id = models.UUIDField(editable=False)
    occurred_at = models.DateTimeField(_("when"))
    recorded_at = models.DateTimeField()
    source_id = models.UUIDField()
    item_id = models.UUIDField(null=True)
    run_id = models.UUIDField(null=True)
    external_id = models.TextField()
    actor_id = models.UUIDField(null=True)
    staff_id = models.UUIDField(null=True)
    about_id = models.UUIDField(null=True)
    thread_id = models.UUIDField(null=True)
    object_id = models.UUIDField(null=True)
    direction = models.CharField(max_length=8)
    channel = models.CharField(max_length=24)
    verb = models.CharField(max_length=24)
    object_type = models.CharField(max_length=24)
    subject = models.TextField(blank=True)
    text = models.TextField(blank=True)
    full_text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    in_reply_to = models.TextField(blank=True)
    is_public = models.BooleanField(default=False)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    language = models.CharField(max_length=12, blank=True)
    sentiment = models.FloatField(null=True)
    confidence = models.FloatField(null=True)
    payload: models.JSONField[dict[str, Any] | None] = models.JSONField(null=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        managed = False  # the partitioned table is made by SQL in migration 0001
        db_table = "activity_activity"


class ActivityKey(models.Model):
    """Guards that one external id of one source is recorded once, also when its time is edited at the source."""

    pk = models.CompositePrimaryKey("source_id", "external_id")
    source_id = models.UUIDField()
    external_id = models.TextField()
    activity_id = models.UUIDField()
    occurred_at = models.DateTimeField()


class Retold(models.Model):
    """An item of an import tells of what another import had told: read again when that one is undone."""

    pk = models.CompositePrimaryKey("source_id", "external_id", "item_id")
    source_id = models.UUIDField()
    external_id = models.TextField()
    item_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["item_id"], name="activity_retold_item")]


class ThreadRef(models.Model):
    """Which thread a message of a source is in."""

    pk = models.CompositePrimaryKey("source_id", "ref")
    source_id = models.UUIDField()
    ref = models.TextField()
    thread_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["thread_id"], name="activity_ref_thread")]


class ThreadWanted(models.Model):
    """A thread names a message that has not come yet; when it comes, it belongs here."""

    pk = models.CompositePrimaryKey("source_id", "ref", "thread_id")
    source_id = models.UUIDField()
    ref = models.TextField()
    thread_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["thread_id"], name="activity_wanted_thread")]


class Attachment(models.Model):
    """A file that came with an activity; its bytes lie under their digest in the files folder."""

    id = models.UUIDField(primary_key=True, editable=False)
    activity_id = models.UUIDField(db_index=True)
    source_id = models.UUIDField()
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=120)
    size_bytes = models.BigIntegerField()
    digest = models.CharField(max_length=64, blank=True)
    sniffed_type = models.CharField(max_length=60, blank=True, db_default="")  # told from its bytes
    content_id = models.CharField(max_length=255, blank=True, db_default="")  # by which the HTML names it
    access: ClassVar = Access("activity", source="source_id")
    objects = GuardedQuerySet["Attachment"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["digest"], name="activity_attachment_bytes", condition=~models.Q(digest=""))
        ]


class UploadQuerySet(GuardedQuerySet["Upload"]):
    def of(self, staff_id: UUID) -> UploadQuerySet:
        """A colleague's own: nobody else sees what waits in their draft."""
        return self.filter(staff_id=staff_id)

    def in_order(self) -> UploadQuerySet:
        return self.order_by("created_at", "id")


class Upload(models.Model):
    """A file that waits in a colleague's draft. When it is sent it becomes an attachment of the same id.

    `conversation_id` is what it is written in; `media_type` was told from its bytes.
    """

    access: ClassVar = Access("conversation", source="source_id", owner="staff_id")

    id = models.UUIDField(primary_key=True, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+", db_index=False)
    source_id = models.UUIDField()
    conversation_id = models.UUIDField()
    filename = models.CharField(max_length=255)
    media_type = models.CharField(max_length=120)
    size_bytes = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    objects = UploadQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["staff", "conversation_id"], name="activity_upload_of"),
            models.Index(fields=["conversation_id"], name="activity_upload_in"),
            models.Index(fields=["digest"], name="activity_upload_bytes"),
            models.Index(fields=["created_at", "id"], name="activity_upload_age"),
        ]


class DailyCount(models.Model):
    """How much was said on a day (UTC), by source, channel, direction and mood: counts that charts read at once."""

    access: ClassVar = Access("activity", source="source_id")

    pk = models.CompositePrimaryKey("day", "source_id", "channel", "direction", "mood")
    day = models.DateField()
    source_id = models.UUIDField()
    channel = models.CharField(max_length=24)
    direction = models.CharField(max_length=8)
    mood = models.CharField(max_length=12)
    count = models.BigIntegerField()

    objects = GuardedQuerySet["DailyCount"].as_manager()
