"""Who belongs with whom: relations of one person or organisation as the actor may know them, both sides known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.models import Staff
from amity.people.domain.relations import BOTH_WAYS, ORGANISATION, PERSON, is_over
from amity.people.models import OrganisationRelation, Relation
from amity.people.queries.combined import tops_of, under_organisation
from amity.people.queries.grouped import knows_homes, roots
from amity.people.queries.visibility import known_organisations, known_people, shown_as

MOST_SHOWN = 200
_HOMES = """
    WITH RECURSIVE homes(id) AS (
        SELECT %(root)s::uuid UNION SELECT p.id FROM homes JOIN people_person p ON p.merged_into_id = homes.id)
    SELECT id FROM homes
"""


@dataclass(frozen=True, slots=True)
class RelationShown:
    """A relation seen from one side. `is_from`: this side is what `kind` says to the other one, not the reverse."""

    id: UUID
    kind: str
    is_from: bool
    what: str  # the other side: person or organisation
    other_id: UUID
    other: str
    words: str
    from_on: date | None
    until_on: date | None
    is_over: bool
    method: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class _Row:
    """A relation with the ends as they were named: `near` is on this side."""

    relation: Relation | OrganisationRelation
    is_from: bool
    near: UUID
    far: UUID
    what: str


def homes_of(person_id: UUID) -> set[UUID]:
    """All persons who count for this one, itself included: who was merged into them, and whoever they came from that is
    nobody any more."""
    with connection.cursor() as cursor:
        cursor.execute(_HOMES, {"root": person_id})
        return {id for (id,) in cursor.fetchall()}


def relations_of_person(actor: Actor, person_id: UUID, day: date) -> list[RelationShown]:
    """What holds, then what is over, newest first. `person_id` is of one who counts for themselves."""
    homes, hides = homes_of(person_id), bool(policy.hidden_source_ids(actor))

    def row_of(one: Any) -> _Row | None:
        if one.person_id in homes:
            far, what = (one.other_id, PERSON) if one.other_id else (one.organisation_id, ORGANISATION)
            row = _Row(one, True, one.person_id, far, what)
        elif one.other_id:
            row = _Row(one, False, one.other_id, one.person_id, PERSON)
        else:
            return None
        return row if not hides or knows_homes(actor, person_id, [row.near]) else None

    said = Relation.objects.filter(Q(person_id__in=homes) | Q(other_id__in=homes))
    return sorted(_known(actor, said, row_of, day, of=person_id).values(), key=_order)


def relations_of_organisation(actor: Actor, organisation_id: UUID, day: date) -> list[RelationShown]:
    """The same of an organisation and of those that were merged into it: people and other organisations."""
    under = set(under_organisation([organisation_id]))

    def row_of(one: Any) -> _Row:
        is_from = one.organisation_id in under
        near, far = (one.organisation_id, one.other_id) if is_from else (one.other_id, one.organisation_id)
        return _Row(one, is_from, near, far, ORGANISATION)

    found = _known(
        actor, Relation.objects.filter(organisation_id__in=under),
        lambda one: _Row(one, False, one.organisation_id, one.person_id, PERSON), day, of=organisation_id,
    )  # fmt: skip
    between = OrganisationRelation.objects.filter(Q(organisation_id__in=under) | Q(other_id__in=under))
    found |= _known(actor, between, row_of, day, of=organisation_id)
    return sorted(found.values(), key=_order)


def _known(
    actor: Actor, said: Any, row_of: Callable[[Any], _Row | None], day: date, *, of: UUID
) -> dict[tuple[Any, ...], RelationShown]:
    """The newest ones of which the actor knows both sides. Those in between take no place from them."""
    newest = said.filter(revoked_at__isnull=True).order_by("-said_at", "-id")
    found: dict[tuple[Any, ...], RelationShown] = {}
    for start in count(0, MOST_SHOWN):
        part = list(newest[start : start + MOST_SHOWN])
        shown = _shown(actor, [row for one in part if (row := row_of(one))], day, of=of)
        found = shown | found
        if len(part) < MOST_SHOWN or len(found) >= MOST_SHOWN:
            break
    return found


def _shown(actor: Actor, rows: list[_Row], day: date, *, of: UUID) -> dict[tuple[Any, ...], RelationShown]:
    people = _people(actor, {row.far for row in rows if row.what == PERSON})
    organisations = _organisations(actor, {row.far for row in rows if row.what == ORGANISATION})
    ids = {by for row in rows if (by := row.relation.said_by_id)}
    names = dict(Staff.objects.filter(pk__in=ids).values_list("pk", "name"))
    found: dict[tuple[Any, ...], RelationShown] = {}
    for row in rows:
        other = (people if row.what == PERSON else organisations).get(row.far)
        if other is None or other[0] == of:  # not known to the actor, or the two are one by now
            continue
        one = row.relation
        is_from = row.is_from or one.kind in BOTH_WAYS
        shown = RelationShown(
            one.id, one.kind, is_from, row.what, other[0], other[1], one.words, one.from_on, one.until_on,
            is_over(one.until_on, day), one.method, names.get(one.said_by_id, "") if one.said_by_id else "",
            one.said_at,
        )  # fmt: skip
        same = (row.what, one.kind, is_from, other[0], one.words, one.from_on, one.until_on)
        found.setdefault(same, shown)
    return found


def _order(one: RelationShown) -> tuple[Any, ...]:
    ended = one.until_on or date.max
    return (one.is_over, -ended.toordinal(), -(one.from_on or date.min).toordinal(), one.kind, one.other)


def _people(actor: Actor, named: set[UUID]) -> dict[UUID, tuple[UUID, str]]:
    """For whom each of these counts now, and what that one is called; without whom the actor does not know."""
    if not named:
        return {}
    current = roots(named)
    known = {one.id: one for one in known_people(actor).filter(pk__in=set(current.values()))}
    shown = shown_as(actor, known.values())
    hides = bool(policy.hidden_source_ids(actor))
    return {
        home: (root, shown[root].name)
        for home, root in current.items()
        if root in known and (not hides or knows_homes(actor, root, [home]))
    }


def _organisations(actor: Actor, named: Iterable[UUID]) -> Mapping[UUID, tuple[UUID, str]]:
    ids = set(named)
    if not ids:
        return {}
    tops = tops_of(ids)
    known = known_organisations(actor).in_bulk({*tops.values(), *ids})
    found = {}
    for one in ids:
        top = known.get(tops.get(one, one)) or known.get(one)
        if top is not None:
            found[one] = (top.id, top.name)
    return found
