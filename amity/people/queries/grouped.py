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
from amity.people.models import Distinction, Fact, Link, Merge, Sighting
from amity.people.queries.visibility import known_people

_ROOT = """
    WITH RECURSIVE up(start, id) AS (
        SELECT one.id, one.id FROM unnest(%(people)s::uuid[]) AS one(id)
        UNION SELECT up.start, p.merged_into_id FROM up
        JOIN people_person p ON p.id = up.id AND p.merged_into_id IS NOT NULL)
    SELECT up.start, up.id FROM up JOIN people_person p ON p.id = up.id AND p.merged_into_id IS NULL
"""
_UNDER = """
    WITH RECURSIVE down(top, id) AS (
        SELECT one.id, one.id FROM unnest(%(people)s::uuid[]) AS one(id)
        UNION SELECT down.top, m.person_id FROM down
        JOIN people_merge m ON m.into_id = down.id AND m.revoked_at IS NULL)
    SELECT top, id FROM down
"""

# A row for each account that a holding split took away: `off` is the link that it made, `base` the one that it ended,
# `home` to whom the account comes back once the split is taken back.
SPLIT_OFF = """(
    SELECT s.id AS split, b.identity_id AS identity, COALESCE(b.home_id, b.person_id) AS home, b.id AS base,
        b.method AS base_method, n.id AS off, COALESCE(n.home_id, n.person_id) AS whose, s.person_id AS split_from
    FROM people_split s JOIN people_link n ON n.evidence ->> 'split' = s.id::text
    JOIN people_link b ON b.id = (n.evidence ->> 'before')::uuid WHERE s.revoked_at IS NULL)
"""
_AWAITING = f"SELECT DISTINCT home FROM {SPLIT_OFF} o WHERE home = ANY(%(people)s)"


def awaiting(person_ids: Iterable[UUID]) -> set[UUID]:
    """Those to whom accounts come back once a split that holds is taken back."""
    return {row[0] for row in _rows(_AWAITING, {"people": list(person_ids)})}


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
        or (root != person_id and not knows_homes(actor, root, under([person_id])[person_id]))
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


def knows_both(actor: Actor, merge: Merge) -> bool:
    """Whether the actor knows both whom a merge joined, each without the other."""
    root = roots([merge.into_id]).get(merge.into_id)
    if root is None or not knows(actor, merge.person_id):
        return False
    if merge.revoked_at is not None:
        return knows(actor, merge.into_id)
    leaving = under([merge.person_id])[merge.person_id]
    return knows_homes(actor, root, leaving) and knows_homes(
        actor, root, under([merge.into_id])[merge.into_id] - leaving
    )


def between(person_ids: Sequence[UUID], actor: Actor) -> QuerySet[Distinction]:
    """What was said about any two of these, or of those who were merged into them, as far as the actor knows both."""
    found = _between(person_ids)
    if not policy.hidden_source_ids(actor):
        return found
    told = [one.pk for one in found if _knows_home(actor, one.one_id) and _knows_home(actor, one.other_id)]
    return Distinction.objects.filter(pk__in=told)


def _knows_home(actor: Actor, person_id: UUID) -> bool:
    root = roots([person_id]).get(person_id)
    return root is not None and knows_homes(actor, root, [person_id])


def _between(person_ids: Sequence[UUID]) -> QuerySet[Distinction]:
    said = Q(pk__in=[])
    for one, other in combinations(under(person_ids).values(), 2):
        said |= Q(one_id__in=one, other_id__in=other) | Q(one_id__in=other, other_id__in=one)
    return Distinction.objects.filter(said, revoked_at__isnull=True)


def knows_homes(actor: Actor, root: UUID, homes: Collection[UUID]) -> bool:
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
