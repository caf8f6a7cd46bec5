"""Who belongs with whom: relations of persons and organisations, employers that facts name, households.

What is said of a person goes with the person, also where a statement of SQL removes them: the database itself sees to
that (migration 0021), so those columns have no constraint of Django's.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID, uuid4

from django.db import models
from django.db.models import Q

from amity.kernel.audited import Audited
from amity.kernel.models import Staff


class Said(models.Model):
    """That a colleague, or a program in their name, said something which holds until it is taken back."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    said_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    said_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    def take_back(self, *, by: UUID | None, at: datetime) -> None:
        self.revoked_by_id, self.revoked_at = by, at

    def hold_again(self) -> None:
        self.revoked_by_id, self.revoked_at = None, None


class Standing(Said):
    """A relation: of which kind, as what, from when until when (until itself is over), and how it came to us."""

    kind = models.CharField(max_length=20)
    words = models.CharField(max_length=200, blank=True)
    from_on = models.DateField(null=True)
    until_on = models.DateField(null=True)
    method = models.CharField(max_length=80, default="staff")  # staff, or the name of the program

    class Meta:
        abstract = True

    def holds_on(self, day: date) -> bool:
        return self.until_on is None or self.until_on > day


class Relation(Standing):
    """What a person is to an organisation or to another person.

    Both sides name the person to whom it was said, and count for whom that one is merged into, as links do: merging,
    splitting and taking back change nothing here.
    """

    audited: ClassVar = Audited(subject="person", subject_id="person_id")

    person = models.ForeignKey(
        "people.Person", on_delete=models.CASCADE, related_name="relations", db_constraint=False
    )
    organisation = models.ForeignKey(
        "people.Organisation", null=True, on_delete=models.CASCADE, related_name="relations"
    )
    other = models.ForeignKey(
        "people.Person",
        null=True,
        on_delete=models.CASCADE,
        related_name="relations_in",
        db_constraint=False,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="people_relation_has_one_end",
                condition=Q(organisation__isnull=True, other__isnull=False)
                | Q(organisation__isnull=False, other__isnull=True),
            )
        ]


class OrganisationRelation(Standing):
    """What an organisation is to another one."""

    audited: ClassVar = Audited(subject="organisation", subject_id="organisation_id")

    organisation = models.ForeignKey(
        "people.Organisation", on_delete=models.CASCADE, related_name="organisation_relations"
    )
    other = models.ForeignKey(
        "people.Organisation", on_delete=models.CASCADE, related_name="organisation_relations_in"
    )


class OrganisationMerge(Said):
    """That one organisation is another. While it holds, the names of `organisation` lead to `into`."""

    audited: ClassVar = Audited(subject="organisation", subject_id="into_id")

    organisation = models.ForeignKey("people.Organisation", on_delete=models.CASCADE, related_name="+")
    into = models.ForeignKey("people.Organisation", on_delete=models.CASCADE, related_name="merges")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"],
                name="people_orgmerge_one_at_a_time",
                condition=Q(revoked_at__isnull=True),
            )
        ]


class OrganisationDomain(models.Model):
    """That everybody who writes from this domain, and of whom no source says otherwise, is of the organisation."""

    audited: ClassVar = Audited(subject="organisation", subject_id="organisation_id")

    domain = models.CharField(max_length=200, primary_key=True)
    organisation = models.ForeignKey("people.Organisation", on_delete=models.CASCADE, related_name="domains")
    is_on = models.BooleanField(default=True)
    said_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    said_at = models.DateTimeField()


class Employer(models.Model):
    """That a source once named an organisation, by its folded name, as that of an identity: who is found there, now or
    before. What the facts say now decides; a row that outlived its fact is passed over."""

    pk = models.CompositePrimaryKey("identity_id", "key")
    key = models.CharField(max_length=200)
    identity = models.ForeignKey(
        "people.Identity", on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        indexes = [models.Index(fields=["key"], name="people_employer_key")]


class Household(Said):
    """People who live together, because a colleague said so. What it is called follows from its members."""

    audited: ClassVar = Audited()

    rule = models.CharField(
        max_length=40, blank=True
    )  # by which rule it was proposed; "" where put together by hand


class HouseholdMember(Said):
    """That a person belongs to a household; counts for whom they are merged into."""

    audited: ClassVar = Audited(subject="person", subject_id="person_id")

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="members")
    person = models.ForeignKey(
        "people.Person", on_delete=models.CASCADE, related_name="+", db_constraint=False
    )


class HouseholdRefusal(Said):
    """That two people are no household, however alike they live: it is not proposed again. `one` < `other`."""

    audited: ClassVar = Audited(subject="person", subject_id="one_id")

    one = models.ForeignKey("people.Person", on_delete=models.CASCADE, related_name="+", db_constraint=False)
    other = models.ForeignKey(
        "people.Person", on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
