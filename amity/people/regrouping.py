"""What merging, unmerging and splitting share: whose links count for whom, and what follows from that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from amity.kernel.bus import publish
from amity.kernel.errors import Conflict
from amity.people.deriving import derive
from amity.people.events import PeopleRegrouped
from amity.people.models import Link, Merge, Person, Split
from amity.people.queries.grouped import awaiting, roots, under

_RECOUNT = """
    UPDATE people_link SET person_id = %(root)s,
        home_id = NULLIF(COALESCE(home_id, person_id), %(root)s::uuid)
    WHERE person_id = %(counted_for)s AND revoked_at IS NULL AND COALESCE(home_id, person_id) = ANY(%(homes)s)
"""
_LATEST = """
    UPDATE people_person p SET last_activity_at = (
        SELECT max(a.occurred_at) FROM people_link l
        JOIN activity_activity a ON a.actor_id = l.identity_id AND a.about_id = l.identity_id AND a.direction = 'in'
        WHERE l.person_id = p.id AND l.revoked_at IS NULL) WHERE p.id = ANY(%(people)s)
"""


def count_for(root: UUID, homes: Iterable[UUID], *, instead_of: UUID) -> None:
    """Have the links that belong to `homes`, and counted for `instead_of`, count for `root`."""
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT, {"root": root, "homes": list(homes), "counted_for": instead_of})


def bring_up_to_date(person_ids: Sequence[UUID], *, at: datetime) -> None:
    """Tell again what is shown of these persons and when they last spoke, and tell the rest of the house."""
    people = sorted(set(person_ids))
    derive(people, run_id=None, at=at)
    find_latest(people)
    publish(PeopleRegrouped(person_ids=tuple(people), at=at))


def find_latest(person_ids: Sequence[UUID]) -> None:
    """Take the last activity of these persons from the stream."""
    with connection.cursor() as cursor:
        cursor.execute(_LATEST, {"people": list(person_ids)})


def lead_on_or_refuse(person_ids: Collection[UUID], ended: Sequence[Merge] = ()) -> None:
    """Whoever comes back has accounts of their own, or it would be a record of nobody.

    Who was made by a split that was taken back since, or lost all accounts with the import that brought them, is nobody
    any more: their address leads to whom they came from, or with whom they were one.
    """
    left = Link.objects.filter(person_id__in=person_ids, revoked_at__isnull=True)
    empty = set(person_ids) - set(left.values_list("person_id", flat=True))
    awaited = awaiting(empty)
    for person in sorted(empty):
        heir = None if person in awaited else _heir(person, ended)
        if heir is None:
            raise Conflict(_("Accounts of one of them were split off since. Take that split back first."))
        Person.objects.filter(pk=person).update(merged_into=heir)


def _heir(person: UUID, ended: Sequence[Merge]) -> UUID | None:
    """To whom the address of somebody leads who has no accounts: from whom a split made them, or with whom they were
    one. Never to those who lead to them: whoever is merged into them may have been made by a split as well.
    """
    theirs = under([person])[person]
    ended_splits = Split.objects.filter(into_id__in=theirs, revoked_at__isnull=False).order_by(
        "-revoked_at", "pk"
    )
    leads = list(ended_splits.values_list("person_id", flat=True))
    leads += [one.person_id if one.into_id == person else one.into_id for one in ended
              if person in (one.person_id, one.into_id)]  # fmt: skip
    ends = roots(leads)
    return next((lead for lead in leads if ends.get(lead, person) != person), None)
