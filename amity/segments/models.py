"""Segments with the versions of their rules, who is and was in them, and what is kept of people to decide it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amity.kernel.audited import Audited
from amity.kernel.models import Staff
from amity.kernel.policy import Access, GuardedQuerySet


class SegmentState(StrEnum):
    BUILDING = "building"  # its rule is new: who is in it is being counted
    LIVE = "live"


class SegmentQuerySet(GuardedQuerySet["Segment"]):
    def there(self) -> SegmentQuerySet:
        return self.filter(deleted_at__isnull=True)


class Segment(models.Model):
    """People of whom a rule holds. `rule` is the current version; `members` how many they are, always kept."""

    access: ClassVar = Access("segment")
    audited: ClassVar = Audited(quiet=("state", "members", "built_at", "updated_at"))

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(_("name"), max_length=120)
    description = models.CharField(_("description"), max_length=500, blank=True)
    owner = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    rule: models.JSONField[dict[str, Any]] = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, default=SegmentState.BUILDING)
    members = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    built_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["name", "id"], name="segments_segment_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_building(self) -> bool:
        return self.state == SegmentState.BUILDING


class Version(models.Model):
    """How the rule of a segment was, since when, by whom."""

    id = models.BigAutoField(primary_key=True)
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    rule: models.JSONField[dict[str, Any]] = models.JSONField()
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["segment", "number"], name="segments_version_once"),
        ]


class Member(models.Model):
    """That a person was in a segment, from when until when (null: still).

    `why_in` and `why_out` are what the conditions found at those instants, by their places in the rule of `version_in`
    and `version_out`; null where a new rule was counted over everybody at once.
    """

    pk = models.CompositePrimaryKey("segment_id", "person_id", "since")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="memberships", db_index=False)
    person_id = models.UUIDField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    version_in = models.PositiveIntegerField()
    version_out = models.PositiveIntegerField(null=True)
    why_in: models.JSONField[list[Any] | None] = models.JSONField(null=True)
    why_out: models.JSONField[list[Any] | None] = models.JSONField(null=True)

    class Meta:
        # Many rows and few indexes: that somebody is in it once at a time is kept by the one writer (`keeping`).
        indexes = [
            models.Index(fields=["person_id"], name="segments_member_person"),
            models.Index(
                fields=["segment", "-since", "-person_id"],
                name="segments_member_now",
                condition=Q(until__isnull=True),
            ),
            models.Index(
                fields=["segment", "-until"], name="segments_member_left", condition=Q(until__isnull=False)
            ),
        ]


def _minutes() -> ArrayField[Any, Any]:
    return ArrayField(models.IntegerField(), null=True)


def _codes() -> ArrayField[Any, Any]:
    return ArrayField(models.SmallIntegerField(), null=True)


class Trait(models.Model):
    """What segments know of one person; `domain.traits` says what the columns hold. Empty lists are null.

    Only what sources told that are open to everybody: who may see a segment learns nothing of the others.
    """

    person_id = models.UUIDField(primary_key=True, editable=False)
    name = models.TextField()
    email = models.TextField()
    domains = ArrayField(models.TextField(), null=True)
    city = models.TextField()
    country = models.TextField()
    language = models.TextField()
    job_title = models.TextField()
    organisation = models.TextField()
    networks = ArrayField(models.TextField(), null=True)
    first_seen = models.IntegerField(db_index=True)
    wrote = _minutes()
    wrote_via = _codes()
    wrote_from = _codes()
    wrote_verb = _codes()
    replied = _minutes()
    active = _minutes()
    bad = _minutes()
    mood = _minutes()
    mood_sum = _minutes()
    sent = _minutes()
    sent_via = _codes()
    orders = _minutes()
    currency = models.TextField()
    paid = ArrayField(models.BigIntegerField(), null=True)
    paid_each = ArrayField(models.BigIntegerField(), null=True)
    paid_in = _codes()
    bought = _minutes()
    bought_what = ArrayField(models.IntegerField(), null=True)
    broken = _minutes()
    open_count = models.IntegerField()
    waiting = models.IntegerField(null=True)
    fields: models.JSONField[dict[str, Any] | None] = models.JSONField(null=True)


class Code(models.Model):
    """The number by which lists of traits name a channel, a source, a verb, a currency or a product."""

    pk = models.CompositePrimaryKey("kind", "number")
    kind = models.CharField(max_length=10)
    number = models.IntegerField()
    word = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "word"], name="segments_code_once")]


class Touched(models.Model):
    """Something changed about somebody, put down by triggers in the transaction of the change (migration 0002).

    `part` is a bit of `amity.segments.domain.parts`. One of the three ids says about whom.
    """

    id = models.BigAutoField(primary_key=True)
    part = models.SmallIntegerField()
    identity_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    source_id = models.UUIDField(null=True)
    at = models.DateTimeField()


STATE = 1


class State(models.Model):
    """One row: whether traits are kept at all, how far the first reading is, and up to which minute time has passed.

    `kept_since` is the transaction in which they began to be kept: what was begun before it does not put down what it
    changes, so everybody is read once those are over. `reading_from` is the last person of that reading, null at its
    end.
    """

    id = models.SmallIntegerField(primary_key=True, default=STATE)
    is_kept = models.BooleanField(default=False)
    kept_since = models.BigIntegerField(null=True)
    reading_from = models.UUIDField(null=True)
    read = models.IntegerField(default=0)
    to_read = models.IntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    minute = models.IntegerField(default=0)

    @classmethod
    def there(cls) -> State:
        """The one row; made where there is none yet."""
        return cls.objects.get_or_create(pk=STATE)[0]


NOBODY = UUID(int=0)
