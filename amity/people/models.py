"""Who it is: identities (immutable nodes), persons (clusters of identities), the links between them, and facts.

What people decided about persons (merges, splits, who is two, which value is shown) stands in `merge_models`, who may
be one in `proposal_models`, what they are found by in `finding_models`, who is to be erased in `erasure_models`, who
must not be in `hold_models`, who belongs with whom in `relation_models`, which of several values is shown in
`rule_models`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.db.models.fields.json import KT
from django.db.models.lookups import IsNull
from django.utils.translation import gettext_lazy as _

from amity.kernel.audited import Audited
from amity.kernel.models import Staff
from amity.kernel.policy import Access, GuardedQuerySet
from amity.people.disclosure_models import DISCLOSURE_LIFE, DisclosureState, PersonDisclosure
from amity.people.erasure_models import ERASURE_LIFE, ErasureState, Ground, PersonErasure
from amity.people.field_models import CustomField, CustomValue, OrganisationFact
from amity.people.finding_models import MatchKey, MatchModel, MatchRecord, Word, WordChange
from amity.people.hold_models import HeldAccount, LegalHold
from amity.people.merge_models import Distinction, FieldLock, Merge, MergeMethod, Split
from amity.people.proposal_models import WAITING, Proposal, ProposalState
from amity.people.relation_models import (
    Employer,
    Household,
    HouseholdMember,
    HouseholdRefusal,
    OrganisationDomain,
    OrganisationMerge,
    OrganisationRelation,
    Relation,
)
from amity.people.rule_models import ShownRules

__all__ = [
    "DISCLOSURE_LIFE",
    "ERASURE_LIFE",
    "NO_RUN",
    "OF_ADDRESSES",
    "UNREACHABLE",
    "USE",
    "VERIFIED",
    "WAITING",
    "CustomField",
    "CustomValue",
    "DisclosureState",
    "Distinction",
    "Employer",
    "ErasureState",
    "Fact",
    "FieldLock",
    "Ground",
    "HeldAccount",
    "Household",
    "HouseholdMember",
    "HouseholdRefusal",
    "Identity",
    "LegalHold",
    "Link",
    "LinkMethod",
    "MatchKey",
    "MatchModel",
    "MatchRecord",
    "Merge",
    "MergeMethod",
    "Organisation",
    "OrganisationDomain",
    "OrganisationFact",
    "OrganisationMerge",
    "OrganisationRelation",
    "Person",
    "PersonDisclosure",
    "PersonErasure",
    "Proposal",
    "ProposalState",
    "Relation",
    "ShownRules",
    "Sighting",
    "Split",
    "Word",
    "WordChange",
]  # fmt: skip


class Organisation(models.Model):
    """A company, café, school or household that persons belong to."""

    access: ClassVar = Access("organisation")
    audited: ClassVar = Audited(quiet=("created_run_id",))

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(_("name"), max_length=200)
    key = models.CharField(max_length=200, unique=True)  # folded name or domain: makes it the same one again
    domain = models.CharField(_("domain"), max_length=200, blank=True)
    told_name = models.CharField(
        max_length=200, blank=True, db_default=""
    )  # as sources call it, where colleagues renamed it
    is_ours = models.BooleanField(
        default=False, db_default=False
    )  # a colleague named it, whatever sources say
    # Into which one this was merged, while that holds: then its names lead there.
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    created_run_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    objects = GuardedQuerySet["Organisation"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["name", "id"], name="people_organisation_name"),
            GinIndex(SearchVector("key", config="simple"), name="people_organisation_search"),
        ]

    def __str__(self) -> str:
        return self.name


class Person(models.Model):
    """A human customer: a cluster of identities. What is shown is derived from facts, never typed over."""

    access: ClassVar = Access("person")
    audited: ClassVar = Audited(
        quiet=("sort_name", "search_text", "created_run_id", "first_seen_at", "last_activity_at")
    )

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(_("name"), max_length=400, blank=True)
    sort_name = models.CharField(max_length=400, blank=True)
    email = models.CharField(_("e-mail"), max_length=320, blank=True)
    city = models.CharField(_("city"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    job_title = models.CharField(_("job title"), max_length=200, blank=True)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="people"
    )
    search_text = models.TextField(blank=True)  # folded words of names and addresses
    first_seen_at = models.DateTimeField()
    last_activity_at = models.DateTimeField(null=True)
    created_run_id = models.UUIDField(null=True)
    # Into whom this one was merged, while that holds: then nobody finds this one, and its page is the other's.
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )

    objects = GuardedQuerySet["Person"].as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-last_activity_at", "-id"], name="people_person_recent"),
            models.Index(fields=["sort_name", "id"], name="people_person_name"),
            models.Index(
                fields=["merged_into"], name="people_person_merged", condition=Q(merged_into__isnull=False)
            ),
            models.Index(
                fields=["created_run_id"], name="people_person_run", condition=Q(created_run_id__isnull=False)
            ),
            GinIndex(SearchVector("search_text", config="simple"), name="people_person_search"),
        ]

    def __str__(self) -> str:
        return self.name or str(_("Unknown"))


class Identity(models.Model):
    """An account, address or number at one network. Immutable; its id follows from network and address."""

    access: ClassVar = Access("person")
    audited: ClassVar = Audited(quiet=("created_run_id",))

    id = models.UUIDField(primary_key=True, editable=False)
    network = models.CharField(max_length=60)
    address = models.CharField(max_length=320)
    is_ours = models.BooleanField(default=False)
    first_seen_at = models.DateTimeField()
    created_run_id = models.UUIDField(null=True)

    objects = GuardedQuerySet["Identity"].as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "address"], name="people_identity_once")]
        indexes = [
            models.Index(
                fields=["created_run_id"],
                name="people_identity_run",
                condition=Q(created_run_id__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.address


class LinkMethod(StrEnum):
    FIRST_SEEN = "first_seen"  # a new identity starts its own person
    SAME_RECORD = "same_record"  # one row of a source names both
    STAFF = "staff"  # a colleague said so


class Link(models.Model):
    """That an identity belongs to a person: how we know, how sure, who said so, until when it held.

    `person` is who it counts for now. Where that follows from merges, `home` is the person to whom the link itself
    belongs, and taking the merges back gives it back; else `home` is null.
    """

    audited: ClassVar = Audited()

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="links", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="links", db_index=False)
    home = models.ForeignKey(
        Person, null=True, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    method = models.CharField(max_length=20)
    evidence: models.JSONField[dict[str, Any]] = models.JSONField(default=dict)
    confidence = models.FloatField()
    linked_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    linked_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identity"], name="people_link_one_person", condition=Q(revoked_at__isnull=True)
            )
        ]
        indexes = [
            models.Index(fields=["person"], name="people_link_person"),
            models.Index(fields=["identity"], name="people_link_identity"),
            models.Index(
                KT("evidence__split"),
                name="people_link_split",
                condition=Q(IsNull(KT("evidence__split"), False)),
            ),
        ]

    @property
    def came_at(self) -> datetime:
        """When the identity came to whom it counts for, whatever a colleague said since about where it belongs."""
        came: str | None = self.evidence.get("came")
        return datetime.fromisoformat(came) if came else self.linked_at


NO_RUN = UUID(int=0)
UNREACHABLE = "unreachable"
"""Field of a fact: mails to this address come back; its value says why. It holds until the address writes again."""
USE, VERIFIED = "address_use", "address_verified"
"""Fields of facts about an address: what it is for (work, private), and how somebody made sure that it is theirs."""
OF_ADDRESSES = frozenset({UNREACHABLE, USE, VERIFIED})
"""These stand beside the address of which they are said, not among the facts about the person."""


class Fact(models.Model):
    """What a source said of an identity, and when. The golden record of a person is derived from these."""

    audited: ClassVar = Audited(quiet=("run_id",))

    id = models.BigAutoField(primary_key=True)
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="facts", db_index=False)
    field = models.CharField(max_length=40)
    value = models.TextField()
    source_id = models.UUIDField()
    run_id = models.UUIDField(null=True)
    observed_at = models.DateTimeField()
    # Who typed it, where a colleague did.
    said_by = models.ForeignKey(
        Staff, null=True, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    first_at = models.DateTimeField(
        null=True
    )  # when the source said so first, where it said so more than once

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.F("identity"),
                models.F("field"),
                models.F("source_id"),
                models.functions.Coalesce(
                    "run_id", models.Value(NO_RUN)
                ),  # each import says it itself: undo is exact
                models.functions.MD5("value"),
                name="people_fact_once",
            )
        ]
        indexes = [models.Index(fields=["run_id"], name="people_fact_run", condition=Q(run_id__isnull=False))]


class Sighting(models.Model):
    """That an import named an identity, when first, and together with which other (itself where it stood first).

    Several imports name the same people: what is taken back of them when one is undone follows from these. `run_id`
    is `NO_RUN` for what came live.
    """

    pk = models.CompositePrimaryKey("identity_id", "source_id", "run_id", "with_id")
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="sightings", db_index=False)
    source_id = models.UUIDField()
    run_id = models.UUIDField()
    with_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["run_id"], name="people_sighting_run")]
