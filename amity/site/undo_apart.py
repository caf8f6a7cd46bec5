"""Persons whom only one import joined come apart when it is taken back, as if nobody had decided about them meanwhile.

Accounts that a colleague split off belong to the person whom they were split from, and come back to that one later. So
they are looked at together with those who stayed: where only the import had joined them, the split has nothing left to
take apart and ends, and where they belong to others of them they will come back to those.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from amity.channels.models import ImportRun
from amity.kernel.copying import copy_insert
from amity.kernel.ids import uuid7_of
from amity.people.domain.grouping import Member, parts_of
from amity.people.models import Link, LinkMethod
from amity.people.queries.grouped import SPLIT_OFF, roots

_SPLIT_OFF = f"""
    SELECT o.home, i.id, i.first_seen_at, o.base_method = 'first_seen',
        o.base_method = 'staff' OR NOT EXISTS (SELECT 1 FROM people_sighting s WHERE s.identity_id = i.id),
        o.base, o.off, o.whose, o.split
    FROM {SPLIT_OFF} o JOIN people_identity i ON i.id = o.identity WHERE o.home = ANY(%(homes)s)
"""
_HOMES_OF_SPLIT_OFF = f"SELECT DISTINCT home FROM {SPLIT_OFF} o WHERE identity = ANY(%(seen)s)"
_COUNTED = """
    SELECT COALESCE(l.home_id, l.person_id), i.id, i.first_seen_at, l.method = 'first_seen',
        l.method = 'staff' OR NOT EXISTS (SELECT 1 FROM people_sighting s WHERE s.identity_id = i.id), l.id
    FROM people_link l JOIN people_identity i ON i.id = l.identity_id
    WHERE l.person_id = ANY(%(persons)s) AND l.revoked_at IS NULL
"""
_TIES = """
    SELECT DISTINCT identity_id, with_id FROM people_sighting
    WHERE identity_id = ANY(%(identities)s) AND identity_id <> with_id
"""
_MOVE = "UPDATE people_link SET person_id = %(person)s, home_id = %(home)s WHERE id = %(link)s"
_EXPLAIN = "UPDATE people_link SET method = %(method)s, evidence = %(evidence)s WHERE id = %(link)s"
# The split had nothing left to take apart: what it ended holds on in its place.
_COLLAPSE = (
    """UPDATE people_link SET evidence = jsonb_set(evidence, '{before}', to_jsonb(%(base)s::text))
        WHERE identity_id = %(identity)s AND evidence ->> 'before' = %(off)s::text""",
    """WITH off AS (DELETE FROM people_link WHERE id = %(off)s RETURNING *)
        UPDATE people_link b SET person_id = off.person_id, home_id = off.home_id, revoked_at = off.revoked_at,
            revoked_by_id = off.revoked_by_id FROM off WHERE b.id = %(base)s""",
    """UPDATE people_split s SET into_id = %(person)s FROM people_link b WHERE b.id = %(base)s
        AND s.id::text = b.evidence ->> 'split' AND s.into_id = %(home)s""",
    """DELETE FROM people_split s WHERE s.id = %(split)s
        AND NOT EXISTS (SELECT FROM people_link n WHERE n.evidence ->> 'split' = s.id::text)""",
)


@dataclass(frozen=True, slots=True)
class _Account:
    """An account of a person, or one that would be theirs if no split held (`split` and `off` say which).

    `link` says whose it is or was before it was split off; `whose` is for whom it counts at home now.
    """

    member: Member[UUID]
    link: UUID
    whose: UUID
    off: UUID | None = None
    split: UUID | None = None


def homes_of_split_off(identities: Sequence[UUID]) -> list[UUID]:
    """To whom those of these accounts belong that colleagues split off."""
    return [home for (home,) in _rows(_HOMES_OF_SPLIT_OFF, seen=list(identities))]


def take_apart(persons: Sequence[UUID], run: ImportRun) -> list[UUID]:
    """Persons whom only this run joined are two again; returns the new ones."""
    by_home = _by_home(persons)
    split_off = {home for home, accounts in by_home.items() if any(one.off for one in accounts)}
    plain = {home: of for home, of in by_home.items() if home not in split_off and len(of) > 1}
    made = _take_apart(plain, run)
    for home in sorted(split_off):  # one by one: the end of a split changes what the next ended
        made += _take_apart({home: _by_home(persons)[home]}, run)
    return made


def _take_apart(by_home: Mapping[UUID, Sequence[_Account]], run: ImportRun) -> list[UUID]:
    ties = _ties([account.member.id for accounts in by_home.values() for account in accounts])
    return [person for home, accounts in by_home.items() for person in _part(home, accounts, ties, run)]


def _ties(identities: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, UUID]]]:
    """Which accounts a record names together, by the first."""
    found: dict[UUID, list[tuple[UUID, UUID]]] = defaultdict(list)
    for one, other in _rows(_TIES, identities=list(identities)):
        found[one].append((one, other))
    return found


def _by_home(persons: Sequence[UUID]) -> dict[UUID, list[_Account]]:
    counted: dict[UUID, list[_Account]] = defaultdict(list)
    for home, id, at, founded, is_fixed, link in _rows(_COUNTED, persons=list(persons)):
        counted[home].append(_Account(Member(id, at, founded, is_fixed), link, home))
    beside: dict[UUID, set[UUID]] = defaultdict(set)
    for home, id, at, founded, is_fixed, link, off, whose, split in _rows(
        _SPLIT_OFF, homes=[*persons, *counted]
    ):
        counted[home].append(_Account(Member(id, at, founded, is_fixed), link, whose, off, split))
        beside[whose].add(home)
    for other, homes in beside.items():
        if (
            len(homes) == 1
        ):  # whoever was named with those who were split off would have come to the same person
            (home,) = homes
            guests = [one for one in counted[other] if one.off is None and not one.member.is_fixed]
            counted[home] += guests
            counted[other] = [one for one in counted[other] if one not in guests]
    return {
        home: sorted(accounts, key=lambda one: (one.member.first_seen_at, one.member.id))
        for home, accounts in counted.items()
    }


def _part(
    home: UUID, accounts: Sequence[_Account], ties: Mapping[UUID, Iterable[tuple[UUID, UUID]]], run: ImportRun
) -> list[UUID]:
    of = {account.member.id: account for account in accounts}
    tied = [tie for id in of for tie in ties.get(id, ())]
    parts = [[of[id] for id in part] for part in parts_of([account.member for account in accounts], tied)]
    stays = next((place for place, part in enumerate(parts) if any(one.whose == home for one in part)), None)
    if stays is None and _stands_in_a_merge(home):
        stays = 0  # and has somebody again once a split is taken back
    made = []
    for place, part in enumerate(parts):
        person = home if place == stays else _already(home, part)
        if person is None:
            first = part[0].member
            person = uuid7_of(first.first_seen_at, "person", str(first.id))
            _make(person, first.first_seen_at)
            made.append(person)
        for one in part:
            _give(one, person, home, part)
            if place:
                _explain(one, run, founds=one is part[0])
    return made


def _stands_in_a_merge(home: UUID) -> bool:
    """Whether they count for somebody else, of whom somebody is left."""
    root = roots([home])[home]
    return root != home and Link.objects.filter(person_id=root, revoked_at__isnull=True).exists()


def _already(home: UUID, part: Sequence[_Account]) -> UUID | None:
    """The person whom a split has made of this part already; None where somebody of it did not leave."""
    return (
        None if any(one.whose == home for one in part) else next((one.whose for one in part if one.off), None)
    )


def _give(one: _Account, person: UUID, home: UUID, part: Sequence[_Account]) -> None:
    """Let an account belong to this person, now or once it comes back from a split."""
    if one.off and one.whose == person:
        for statement in _COLLAPSE:
            _execute(statement, base=one.link, off=one.off, identity=one.member.id, split=one.split, person=person,
                     home=home)  # fmt: skip
    elif one.off and person != home:
        _execute(_MOVE, person=person, home=None, link=one.link)
        _execute(
            "UPDATE people_split SET person_id = %(person)s WHERE id = %(split)s",
            person=person,
            split=one.split,
        )
    elif not one.off and not _stays_beside(one, home, part) and one.whose != person:
        root = roots([person])[person]
        _execute(_MOVE, person=root, home=person if root != person else None, link=one.link)


def _stays_beside(one: _Account, home: UUID, part: Sequence[_Account]) -> bool:
    """Whether it came to somebody split off, and is still named with them."""
    return one.whose != home and any(other.off and other.whose == one.whose for other in part)


def _explain(one: _Account, run: ImportRun, *, founds: bool) -> None:
    method = LinkMethod.FIRST_SEEN if founds else LinkMethod.SAME_RECORD
    _execute(_EXPLAIN, method=method, evidence=json.dumps({"undone": str(run.id)}), link=one.link)


def _make(person: UUID, at: datetime) -> None:
    shown = ("name", "sort_name", "email", "city", "country", "language", "job_title", "search_text")
    copy_insert("people_person", ["id", *shown, "first_seen_at"], [(person, *("" for _ in shown), at)])


def _rows(statement: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def _execute(statement: str, **parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
