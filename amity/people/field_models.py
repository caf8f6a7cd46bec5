"""Fields that a company makes for itself, and their values where lists look for them."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amity.kernel.audited import Audited
from amity.kernel.models import Staff
from amity.people.domain.fields.definition import Definition, Kind, options_from_json


class CustomField(models.Model):
    """A field of people or organisations. Its key and kind stay; what is hidden keeps its values."""

    audited: ClassVar = Audited(quiet=("position",))

    id = models.AutoField(primary_key=True)
    resource = models.CharField(_("of"), max_length=20)  # person or organisation
    key = models.CharField(_("key"), max_length=32)
    label = models.CharField(_("label"), max_length=80)
    help = models.CharField(_("help"), max_length=300, blank=True)
    kind = models.CharField(_("kind"), max_length=12)
    options: models.JSONField[list[dict[str, Any]]] = models.JSONField(_("options"), default=list)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    purposes: models.JSONField[list[str]] = models.JSONField(_("purposes"), default=list)
    writers: models.JSONField[list[str]] = models.JSONField(_("written by"), default=list)
    position = models.IntegerField(default=0)
    is_listed = models.BooleanField(_("shown in lists"), default=False)
    hidden_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["resource", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["resource", "key"], name="people_customfield_key")]

    def __str__(self) -> str:
        return self.label

    def definition(self) -> Definition:
        """What it is, as the rules see it."""
        return Definition(
            id=self.id, resource=self.resource, key=self.key, label=self.label, kind=Kind(self.kind), help=self.help,
            options=options_from_json(self.options), currency=self.currency, purposes=frozenset(self.purposes),
            writers=frozenset(self.writers), position=self.position, is_listed=self.is_listed,
            is_hidden=self.hidden_at is not None,
        )  # fmt: skip


class CustomValue(models.Model):
    """A value of a person, derived from facts like the columns of `Person`: by these rows lists filter and sort.

    `value` is what was said; `word`, `number`, `day` and `words` are by what it is found: of an option that was taken
    out, `word` is the one that became of it. Several options are several rows. No constraint leads to persons: rows
    come and go with what is derived of them.
    """

    pk = models.CompositePrimaryKey("person_id", "field_id", "place")
    person_id = models.UUIDField()
    field_id = models.IntegerField()
    place = models.SmallIntegerField(default=0)
    value = models.TextField()
    word = models.CharField(max_length=200, blank=True)
    number = models.DecimalField(max_digits=21, decimal_places=6, null=True)
    day = models.DateField(null=True)
    words = models.TextField(null=True)  # only texts have some, and only these are indexed

    class Meta:
        indexes = [
            models.Index(
                fields=["field_id", "word", "person_id"],
                name="people_customvalue_word",
                condition=~Q(word=""),
            ),
            models.Index(
                fields=["field_id", "number", "person_id"],
                name="people_customvalue_number",
                condition=Q(number__isnull=False),
            ),
            models.Index(
                fields=["field_id", "day", "person_id"],
                name="people_customvalue_day",
                condition=Q(day__isnull=False),
            ),
            GinIndex(
                SearchVector("words", config="simple"),
                name="people_customvalue_words",
                condition=Q(words__isnull=False),
            ),
        ]


class OrganisationFact(models.Model):
    """What was said of an organisation: a value of one of the company's own fields, by whom and when."""

    audited: ClassVar = Audited(subject="organisation", subject_id="organisation_id")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    organisation = models.ForeignKey(
        "people.Organisation", on_delete=models.DO_NOTHING, related_name="facts", db_constraint=False
    )
    field = models.CharField(max_length=40)
    value = models.TextField()
    said_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    observed_at = models.DateTimeField()
