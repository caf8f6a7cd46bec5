"""The company's own fields of an organisation: what is shown of each, and what was said before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from amity.kernel.actor import Actor
from amity.people.domain.fields.definition import Definition
from amity.people.domain.fields.values import shown
from amity.people.models import OrganisationFact
from amity.people.queries.fields import ORGANISATION, fields_for


@dataclass(frozen=True, slots=True)
class SaidOfOrganisation:
    """A value, who said it and when."""

    id: UUID
    value: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OrganisationField:
    """A field with what was said of it, newest first; none where nobody said anything."""

    definition: Definition
    said: tuple[SaidOfOrganisation, ...]

    @property
    def value(self) -> str:
        """The canonical text that is shown."""
        return next((value for one in self.said if (value := shown(self.definition, one.value))), "")


def fields_of_organisation(actor: Actor, organisation_id: UUID) -> list[OrganisationField]:
    """The fields that this actor sees. Of which organisations they may know is asked before."""
    definitions = fields_for(actor, ORGANISATION)
    if not definitions:
        return []
    rows = OrganisationFact.objects.filter(
        organisation_id=organisation_id, field__in=[one.fact for one in definitions]
    ).order_by("-observed_at", "-id")
    said: dict[str, list[SaidOfOrganisation]] = defaultdict(list)
    for id, field, value, by, at in rows.values_list("id", "field", "value", "said_by__name", "observed_at"):
        said[field].append(SaidOfOrganisation(id, value, by or "", at))
    return [OrganisationField(one, tuple(said[one.fact])) for one in definitions]


def values_of_organisations(
    definitions: Sequence[Definition], organisation_ids: Sequence[UUID]
) -> Mapping[UUID, Mapping[str, str]]:
    """What is shown of these fields of many organisations, by key, in one query."""
    by_fact = {one.fact: one for one in definitions}
    if not by_fact:
        return {}
    rows = OrganisationFact.objects.filter(
        organisation_id__in=list(organisation_ids), field__in=list(by_fact)
    ).order_by("observed_at", "id")  # so that the newest stays
    values: dict[UUID, dict[str, str]] = defaultdict(dict)
    for organisation, field, said in rows.values_list("organisation_id", "field", "value"):
        if value := shown(by_fact[field], said):
            values[organisation][by_fact[field].key] = value
    return values
