"""What belongs to the site itself: saved views, how colleagues use it, who looks at what, and ways into accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from amity.kernel.actor import Actor
from amity.kernel.audited import Audited
from amity.kernel.models import Staff


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, actor: Actor) -> SavedViewQuerySet:
        """Their own, and those that others share. A view holds a query, never the records that it finds."""
        return self.filter(Q(owner_id=actor.staff_id) | Q(is_shared=True))

    def of_screen(self, screen: str) -> SavedViewQuerySet:
        return self.filter(screen=screen).select_related("owner")


class SavedView(models.Model):
    """A list with its filters, under a name. `screen` is the URL name of the list, `query` its query string."""

    audited: ClassVar = Audited(quiet=("position",))

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="saved_views")
    screen = models.CharField(max_length=60)
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(max_length=2_000, blank=True)
    position = models.PositiveIntegerField(default=0)
    is_shared = models.BooleanField(_("shared with everybody"), default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint("owner", "screen", Lower("name"), name="site_saved_view_name_once")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["screen"], name="site_saved_view_screen")
        ]

    def __str__(self) -> str:
        return self.name

    def address(self, path: str) -> str:
        """The list at `path` as this view shows it."""
        return f"{path}?{self.query}" if self.query else path


class Preference(models.Model):
    """How a colleague likes to use the site. No row means the defaults."""

    staff = models.OneToOneField(Staff, primary_key=True, on_delete=models.CASCADE, related_name="preference")
    single_keys = models.BooleanField(_("single-key shortcuts"), default=True)


class SignInAttempt(models.Model):
    """A sign-in that failed, or has not succeeded yet. Account and address are keyed hashes: enough to count with."""

    id = models.BigAutoField(primary_key=True)
    account = models.BinaryField(max_length=16)
    address = models.BinaryField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["account", "at"], name="site_attempt_account"),
            models.Index(fields=["address", "at"], name="site_attempt_address"),
            models.Index(fields=["at"], name="site_attempt_at"),
        ]


class AccountLinkQuerySet(models.QuerySet["AccountLink"]):
    def open(self, at: datetime) -> AccountLinkQuerySet:
        """Those that still lead somewhere."""
        return self.filter(used_at__isnull=True, expires_at__gt=at)


class AccountLink(models.Model):
    """A link that lets somebody do one thing to an account, once. Only a hash of its secret is kept.

    It dies when it is used, when it expires, and when what `bound_to` was made of (password and e-mail of `staff`)
    changes.
    """

    audited: ClassVar = Audited(secret=("secret_hash", "bound_to"))

    class Purpose(models.TextChoices):
        SETUP = "setup", _("first account")
        INVITATION = "invitation", _("invitation")
        RESET = "reset", _("new password")
        ADDRESS = "address", _("new e-mail address")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    secret_hash = models.BinaryField(max_length=32, unique=True)
    bound_to = models.BinaryField(max_length=32)
    staff = models.ForeignKey(Staff, null=True, on_delete=models.CASCADE, related_name="+")
    email = models.EmailField(_("e-mail"), blank=True)
    details: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    was_mailed = models.BooleanField(default=False)  # only then does using it prove the address
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    objects = AccountLinkQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["purpose", "email"], name="site_link_purpose"),
        ]


class SingleSignOn(models.Model):
    """The identity provider of the company (OpenID Connect). One row at most; none where nobody set one up."""

    audited: ClassVar = Audited(secret=("sealed_secret",), quiet=("changed_at",))

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(_("name"), max_length=40)
    issuer = models.CharField(_("issuer"), max_length=300)
    client_id = models.CharField(_("client id"), max_length=190)
    sealed_secret = models.TextField()
    domains: models.JSONField[list[str]] = models.JSONField(
        default=list
    )  # whose people get an account by themselves
    role_for_new = models.CharField(_("role"), max_length=24)
    is_on = models.BooleanField(_("on"), default=True)
    changed_at = models.DateTimeField()

    objects: ClassVar[models.Manager[SingleSignOn]] = models.Manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(id=1), name="site_single_sign_on_once")
        ]


class Presence(models.Model):
    """Who has something open now. An UNLOGGED table: forgotten by a crash, and cheap to write every few seconds."""

    class State(models.TextChoices):
        VIEWING = "viewing", _("is looking at this")
        WRITING = "writing", _("is writing a reply")
        NOTING = "noting", _("is writing a note")

    id = models.BigAutoField(primary_key=True)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    subject_id = models.UUIDField()
    state = models.CharField(max_length=8, choices=State.choices)
    seen_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["subject_id", "staff"], name="site_presence_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["seen_at"], name="site_presence_seen")]
