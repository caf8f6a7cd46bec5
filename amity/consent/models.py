"""What the company contacts people for, how it asks for consent, and what people said: one row for each account."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amity.consent.domain.answering import Basis, Said, Terms
from amity.consent.domain.answering import Statement as Told
from amity.consent.domain.channels import Channel
from amity.kernel.audited import Audited
from amity.kernel.models import Staff
from amity.kernel.policy import Access, GuardedQuerySet
from amity.people.models import Identity

LONGEST_PROOF, LONGEST_URL = 4_000, 500


class How(StrEnum):
    """By which way it reached us."""

    FORM = "form"
    IMPORT = "import"
    MAIL = "mail"
    PHONE = "phone"
    IN_PERSON = "in_person"
    LETTER = "letter"
    STAFF = "staff"  # a colleague noted it
    PROGRAM = "program"
    LIST_UNSUBSCRIBE = "list_unsubscribe"
    BEFORE_ERASURE = "before_erasure"  # what is left of a refusal of somebody who was erased and came back


class Purpose(models.Model):
    """What people are contacted for. Its key stays; what is hidden keeps what was said."""

    audited: ClassVar = Audited(quiet=("position",))

    id = models.AutoField(primary_key=True)
    key = models.CharField(_("key"), max_length=40, unique=True)
    # Those that Amity begins with have no name and no words of their own: they are said in the reader's language.
    name = models.CharField(_("name"), max_length=80, blank=True)
    words = models.CharField(_("what it is for"), max_length=500, blank=True)
    basis = models.CharField(_("lawful basis"), max_length=24)
    channels: models.Field[Any, Any] = ArrayField(models.CharField(max_length=12))
    months = models.PositiveSmallIntegerField(_("months"), null=True)
    position = models.IntegerField(default=0)
    hidden_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name or self.key

    def terms(self) -> Terms:
        """What it is, as the decision sees it."""
        return Terms(self.id, Basis(self.basis), frozenset(map(Channel, self.channels)), self.months)


class Wording(models.Model):
    """The words with which consent is asked for, from an instant on. Another text is another version."""

    audited: ClassVar = Audited()

    id = models.AutoField(primary_key=True)
    purpose = models.ForeignKey(Purpose, on_delete=models.CASCADE, related_name="wordings")
    version = models.PositiveIntegerField()
    text = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        ordering = ["purpose", "version"]
        constraints = [models.UniqueConstraint(fields=["purpose", "version"], name="consent_wording_version")]


class Statement(models.Model):
    """That something was said of an account: for what, by which channel, when, and how we know.

    A row is never changed: what was noted by mistake is marked as such, and stays. What was noted for a whole person in
    one act has one `act_id`. `source` says who may know of it, like that of a fact.
    """

    access: ClassVar = Access("consent", source="source_id")
    audited: ClassVar = Audited(quiet=("run_id",))

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    act_id = models.UUIDField()
    # Removed with the identity by the database itself (migration 0001), so without a constraint of Django's.
    identity = models.ForeignKey(
        Identity, on_delete=models.CASCADE, related_name="statements", db_constraint=False
    )
    purpose = models.ForeignKey(
        Purpose, null=True, on_delete=models.PROTECT, related_name="statements", db_index=False
    )  # none: of every purpose
    channel = models.CharField(max_length=12, blank=True)  # "": of every channel
    said = models.CharField(max_length=12)
    said_at = models.DateTimeField()
    is_dated = models.BooleanField(default=True)  # where nobody told when, `said_at` is when it was noted
    recorded_at = models.DateTimeField()
    wording = models.ForeignKey(Wording, null=True, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=20)
    proof = models.TextField(blank=True)
    url = models.CharField(max_length=LONGEST_URL, blank=True)
    ip = models.GenericIPAddressField(null=True)
    activity_id = models.UUIDField(null=True)
    item_id = models.UUIDField(null=True)
    source_id = models.UUIDField()
    run_id = models.UUIDField(null=True)
    said_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    revoked_why = models.CharField(max_length=300, blank=True)

    objects = GuardedQuerySet["Statement"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="consent_statement_everything_is_refused",
                condition=Q(purpose__isnull=False) | Q(said__in=[Said.WITHDRAWN.value, Said.OBJECTED.value]),
            )
        ]
        indexes = [
            models.Index(fields=["purpose", "channel", "identity"], name="consent_statement_of_purpose"),
            models.Index(
                fields=["purpose", "said_at"],
                name="consent_statement_given",
                condition=Q(said=Said.GIVEN.value),
            ),
            models.Index(fields=["run_id"], name="consent_statement_run", condition=Q(run_id__isnull=False)),
        ]

    def told(self) -> Told:
        """What it says, as the decision sees it."""
        return Told(
            self.id, self.identity_id, self.purpose_id, self.channel, Said(self.said), self.said_at, self.is_dated
        )  # fmt: skip
