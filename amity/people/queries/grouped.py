"""Whom persons count for: what merges and splits made of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import combinations
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from amity.activity.models import Activity
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import NotFound
from amity.people.models import Distinction, Fact, Link, Sighting
from amity.people.queries.visibility import known_people

_ROOT = """
    WITH RECURSIVE up(start, id) AS (
        SELECT one.id, one.id FROM unnest(%(people)s::uuid[]) AS one(id)
        UNION ALL SELECT up.start, p.merged_into_id FROM up
        JOIN people_person p ON p.id = up.id AND p.merged_into_id IS NOT NULL)
    SELECT up.start, up.id FROM up JOIN people_person p ON p.id = up.id AND p.merged_into_id IS NULL
"""
_UNDER = """
    WITH RECURSIVE down(top, id) AS (
        SELECT one.id, one.id FROM unnest(%(people)s::uuid[]) AS one(id)
        UNION ALL SELECT down.top, m.person_id FROM down
        JOIN people_merge m ON m.into_id = down.id AND m.revoked_at IS NULL)
    SELECT top, id FROM down
"""


def roots(person_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """For whom each of these persons counts now: who stands at the end of the merges that hold, or they themselves."""
    return dict(_rows(_ROOT, {"people": list(person_ids)}))


def under(person_ids: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """The persons who count for each of these by the merges that hold, themselves included."""
    found: dict[UUID, set[UUID]] = {}
    for top, person in _rows(_UNDER, {"people": list(person_ids)}):
        found.setdefault(top, set()).add(person)
    return found


def known_root(actor: Actor, person_id: UUID) -> UUID:
    """For whom this person counts now. Raises `NotFound` for one of whom the actor does not know."""
    root = roots([person_id]).get(person_id)
    if (
        root is None
        or not known_people(actor).filter(pk=root).exists()
        or (root != person_id and not _knows_homes(actor, root, under([person_id])[person_id]))
    ):
        raise NotFound(_("This person does not exist."))
    return root


def knows(actor: Actor, person_id: UUID) -> bool:
    """Whether the actor knows of this person, or of what was told of them before they were merged."""
    try:
        known_root(actor, person_id)
    except NotFound:
        return False
    return True


def between(person_ids: Sequence[UUID]) -> QuerySet[Distinction]:
    """What was said about any two of these, or of those who were merged into them."""
    said = Q(pk__in=[])
    for one, other in combinations(under(person_ids).values(), 2):
        said |= Q(one_id__in=one, other_id__in=other) | Q(one_id__in=other, other_id__in=one)
    return Distinction.objects.filter(said, revoked_at__isnull=True)


def _knows_homes(actor: Actor, root: UUID, homes: Collection[UUID]) -> bool:
    """Whether a source that is not hidden from the actor says anything of those who were merged into `root`."""
    hidden = policy.hidden_source_ids(actor)
    if not hidden:
        return True
    links = Link.objects.filter(person_id=root, revoked_at__isnull=True)
    theirs = links.annotate(belongs_to=Coalesce("home_id", "person_id")).filter(belongs_to__in=homes)
    identities = list(theirs.values_list("identity_id", flat=True))
    return (
        Fact.objects.filter(identity_id__in=identities).exclude(source_id__in=hidden).exists()
        or Activity.objects.filter(about_id__in=identities).exclude(source_id__in=hidden).exists()
        or Sighting.objects.filter(identity_id__in=identities).exclude(source_id__in=hidden).exists()
    )


def _rows(statement: str, parameters: dict[str, Any]) -> list[tuple[UUID, UUID]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
