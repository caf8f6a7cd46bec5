"""Who is under a legal hold. Whether is asked over all accounts of a person; who reads of it may read of erasures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import NotFound
from amity.people.models import HeldAccount, LegalHold, Link, Person
from amity.people.queries.grouped import roots
from amity.people.queries.visibility import known_people

HELD = """
    SELECT a.identity_id FROM people_heldaccount a JOIN people_legalhold h ON h.id = a.hold_id
    WHERE h.released_at IS NULL
"""
"""SQL for the accounts that are held now."""
_HOLDING = """
    SELECT DISTINCT h.id FROM people_link l JOIN people_heldaccount a ON a.identity_id = l.identity_id
    JOIN people_legalhold h ON h.id = a.hold_id AND h.released_at IS NULL
    WHERE l.person_id = %s AND l.revoked_at IS NULL
"""

_NAMES_HELD = f"""
    SELECT EXISTS (SELECT FROM people_link h JOIN people_link l ON l.person_id = h.person_id AND l.revoked_at IS NULL
        JOIN people_sighting s ON s.identity_id = l.identity_id AND s.run_id = %s
        WHERE h.revoked_at IS NULL AND h.identity_id IN ({HELD}))
"""


def names_held(run_id: UUID) -> bool:
    """Whether an import named somebody who is held now."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMES_HELD, [run_id])
        (found,) = cursor.fetchone() or (False,)
        return bool(found)


def holds_on(person_id: UUID) -> list[UUID]:
    """The holds that keep a person now, also one who was merged into another since, as the company's: whoever asks is
    told no more than that there are some."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDING, [roots([person_id]).get(person_id, person_id)])
        return [id for (id,) in cursor.fetchall()]


def is_held(identity_ids: Collection[UUID]) -> bool:
    """Whether one of these accounts is held."""
    return HeldAccount.objects.filter(
        identity_id__in=list(identity_ids), hold__released_at__isnull=True
    ).exists()


def holds_of(actor: Actor, person_id: UUID) -> list[LegalHold]:
    """The holds on a person, the newest first; none for whom they are not meant."""
    if not policy.may(actor, "read", "erasure"):
        return []
    holding = LegalHold.objects.visible_to(actor).filter(pk__in=holds_on(person_id))
    return list(holding.select_related("placed_by").order_by("-placed_at", "-id"))


@dataclass(frozen=True, slots=True)
class ListedHold:
    """A hold with whom it keeps now, as far as this actor knows of them; `others` how many more there are."""

    hold: LegalHold
    people: tuple[Person, ...]
    others: int


MOST = 200


def list_holds(
    actor: Actor, *, released: bool = False, before: datetime | None = None, limit: int = MOST
) -> list[ListedHold]:
    """Holds, the newest first: those that hold, or with `released` those that did. Raises `Forbidden`."""
    policy.require(actor, "read", "erasure")
    rows = LegalHold.objects.visible_to(actor).filter(released_at__isnull=not released)
    if before is not None:
        rows = rows.filter(placed_at__lt=before)
    holds = list(rows.select_related("placed_by", "released_by").order_by("-placed_at", "-id")[:limit])
    return _with_people(actor, holds)


def _with_people(actor: Actor, holds: Sequence[LegalHold]) -> list[ListedHold]:
    named = HeldAccount.objects.filter(hold__in=holds).values_list("hold_id", "identity_id")
    whose = dict(
        Link.objects.filter(
            identity_id__in=[identity for _hold, identity in named], revoked_at__isnull=True
        ).values_list("identity_id", "person_id")
    )
    ids = {
        hold.pk: {whose[identity] for one, identity in named if one == hold.pk and identity in whose}
        for hold in holds
    }
    every = {id for people in ids.values() for id in people}
    known = {one.pk: one for one in known_people(actor).filter(pk__in=every)} if every else {}
    found = []
    for hold in holds:
        seen = tuple(known[id] for id in sorted(ids[hold.pk], key=str) if id in known)
        found.append(ListedHold(hold, seen, len(ids[hold.pk]) - len(seen)))
    return found


def get_hold(actor: Actor, hold_id: UUID) -> ListedHold:
    """One of them. Raises `NotFound`."""
    policy.require(actor, "read", "erasure")
    rows = LegalHold.objects.visible_to(actor).select_related("placed_by", "released_by")
    found = rows.filter(pk=hold_id).first()
    if found is None:
        raise NotFound(_("This hold does not exist."))
    return _with_people(actor, [found])[0]


def in_hold(_actor: Actor, people: QuerySet[Person]) -> QuerySet[Person]:
    """Those of `people` who are under a hold: the filter of their list."""
    held = HeldAccount.objects.filter(hold__released_at__isnull=True, identity_id=OuterRef("identity_id"))
    links = Link.objects.filter(Q(Exists(held)), person_id=OuterRef("pk"), revoked_at__isnull=True)
    return people.filter(Exists(links))
