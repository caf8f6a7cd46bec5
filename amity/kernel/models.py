"""Staff and teams, the transitions of everything that has a life, timers, and the settings of the workspace."""

from __future__ import annotations

import string
import zoneinfo
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.utils.translation import gettext_lazy as _

from amity.kernel.actor import Actor, Role
from amity.kernel.api_models import ApiToken, KeptAnswer
from amity.kernel.audited import Audited, watch

__all__ = [
    "ApiToken", "AuditEntry", "AuditSeal", "AuditUnsealed", "Erasure", "ErasureKey", "KeptAnswer",
    "Staff", "Team", "Timer", "Transition", "WorkspaceSetting", "transitions_of"
]  # fmt: skip


class Team(models.Model):
    """A department or a shift: Service, Sales, Marketing, PR, IT, Legal."""

    audited: ClassVar = Audited()

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


_ASCII_CAPITALS = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def _folded(address: str) -> str:
    return address.strip().translate(_ASCII_CAPITALS)


class StaffManager(BaseUserManager["Staff"]):
    def get_by_natural_key(self, username: str | None) -> Staff:
        found = self.of_address(username or "")
        if found is None:
            raise self.model.DoesNotExist
        return found

    def of_address(self, address: str) -> Staff | None:
        """Whose e-mail address this is, capitals of ASCII aside.

        PostgreSQL also takes a dotless ı for an i: whoever owns a mailbox of that name must not be taken for another,
        nor may guesses at one account be counted under many names.
        """
        wanted = _folded(address)
        found = self.filter(email__iexact=address.strip())
        return next((staff for staff in found if _folded(staff.email) == wanted), None)

    def active(self) -> models.QuerySet[Staff]:
        return self.filter(is_active=True).order_by("name")


class Staff(AbstractBaseUser):
    """A colleague who works with customers or for them."""

    audited: ClassVar = Audited(
        secret=("password",), quiet=("last_seen_at", "last_login", "second_factor_due")
    )

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    email = models.EmailField(_("e-mail"))
    name = models.CharField(_("name"), max_length=120)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    role = models.CharField(_("role"), max_length=24, default=Role.AGENT)
    teams = models.ManyToManyField(Team, related_name="members", blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Berlin")
    theme = models.CharField(_("theme"), max_length=8, default="system")
    is_active = models.BooleanField(_("active"), default=True)
    second_factor_due = models.BooleanField(
        default=False, db_default=False
    )  # see amity.site.accounts.enforcement
    joined_at = models.DateTimeField(_("joined"))
    last_seen_at = models.DateTimeField(_("last seen"), null=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = StaffManager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Lower("email"), name="kernel_staff_email_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        words = [word for word in self.name.split() if word[0].isalnum()]
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def actor(self) -> Actor:
        """Who this colleague is to the access policy."""
        teams = frozenset(self.teams.values_list("id", flat=True))
        return Actor(role=Role(self.role), staff_id=self.id, team_ids=teams, name=self.name)


watch("kernel.staff_teams", Audited(subject="staff", subject_id="staff_id"))


class Transition(models.Model):
    """One step in a life: who moved what from which state to which, when and why. Append-only."""

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(
        max_length=40
    )  # the graph's name: conversation, outbound_message, import_run, …
    subject_id = models.UUIDField()
    before = models.CharField(max_length=40)
    after = models.CharField(max_length=40)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT)
    at = models.DateTimeField()
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "subject_id", "at"], name="kernel_transition_of"),
            models.Index(fields=["staff", "at"], name="kernel_transition_by"),
        ]


class Timer(models.Model):
    """Something to do later. Claimed with SKIP LOCKED when `wake_at` has come; see `amity.kernel.timers`."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    kind = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    wake_at = models.DateTimeField()
    payload: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["wake_at"], name="kernel_timer_due")]
        constraints = [models.UniqueConstraint(fields=["kind", "subject_id"], name="kernel_timer_once")]


class Erasure(models.Model):
    """That a subject was erased: so that a restored backup, which still has it, erases it again. It names nobody.

    Of an account `subject_id` is a keyed mark (`amity.kernel.erasing`): what comes from it and is older is refused.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    erased_at = models.DateTimeField()

    objects: models.Manager[Erasure] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "subject_id"], name="kernel_erasure_once")]


class ErasureKey(models.Model):
    """A random key under which marks of erased accounts are made (`amity.kernel.erasing`). Never exported or shown."""

    id = models.BigAutoField(primary_key=True)
    secret = models.BinaryField(max_length=32, unique=True)

    objects: models.Manager[ErasureKey] = models.Manager()


class WorkspaceSetting(models.Model):
    """One changed setting of the workspace; what may stand here is declared in `amity.kernel.workspace`."""

    audited: ClassVar = Audited(quiet=("changed_by_id", "changed_at"))

    key = models.CharField(max_length=60, primary_key=True)
    value: models.JSONField[Any] = models.JSONField()
    changed_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL)
    changed_at = models.DateTimeField()


class AuditEntry(models.Model):
    """One thing that somebody did. Append-only: the database refuses to change or remove it.

    `actor_id` has no foreign key and `actor_name` is what they were called then: the trail outlives accounts. `before`
    and `after` hold what changed, `salt` lets the chain hold a digest of them from which they cannot be guessed. Where
    they told of somebody who was erased, all three are empty (`EMPTIED`) and the digest stays.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    actor_id = models.UUIDField(null=True)
    actor_name = models.TextField(db_default="")
    role = models.TextField(db_default="")
    via = models.TextField(db_default="")
    address = models.TextField(db_default="")
    token_id = models.TextField(db_default="")
    on_behalf_of = models.UUIDField(null=True)
    action = models.TextField()
    subject = models.TextField(db_default="")
    subject_id = models.TextField(db_default="")
    before: models.JSONField[dict[str, Any] | None] = models.JSONField(null=True)
    after: models.JSONField[dict[str, Any] | None] = models.JSONField(null=True)
    why = models.TextField(db_default="")
    salt = models.UUIDField(db_default=RandomUUID())

    class Meta:
        db_table = "kernel_audit_entry"
        indexes = [
            models.Index(fields=["at", "id"], name="kernel_audit_when"),
            models.Index(fields=["actor_id", "id"], name="kernel_audit_who"),
            models.Index(fields=["action", "id"], name="kernel_audit_what"),
            models.Index(fields=["subject_id", "id"], name="kernel_audit_which"),
        ]


class AuditUnsealed(models.Model):
    """Entries that wait for their place in the chain. Written with the entry, emptied by the sealer."""

    entry_id = models.BigIntegerField(primary_key=True)

    class Meta:
        db_table = "kernel_audit_unsealed"


class AuditSeal(models.Model):
    """The place of an entry in the chain: `hash` covers the hash before it and the entry. Append-only."""

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    contents = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "kernel_audit_seal"


def transitions_of(
    subject: str, subject_id: UUID, since: datetime | None = None
) -> models.QuerySet[Transition]:
    """The life of one thing, oldest first."""
    found = Transition.objects.filter(subject=subject, subject_id=subject_id).select_related("staff")
    return found.filter(Q() if since is None else Q(at__gte=since)).order_by("at", "id")
