"""The way back of an import, for people: whom only it named goes, whom it alone joined comes apart."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from amity.channels.models import ImportRun
from amity.kernel.copying import copy_insert
from amity.kernel.ids import uuid7_of
from amity.people.deriving import derive
from amity.people.domain.grouping import Member, parts_of
from amity.people.forgetting import forget
from amity.people.models import NO_RUN, LinkMethod
from amity.people.regrouping import find_latest

_TAKEN = (
    "DELETE FROM people_fact WHERE run_id = %(run)s AND identity_id <> ALL(%(kept)s)",
    "DELETE FROM people_sighting WHERE run_id = %(run)s AND identity_id <> ALL(%(kept)s)",
)
# Nobody names them any more, and nothing leans on them.
_GONE = """
    SELECT i.id FROM people_identity i WHERE i.id = ANY(%(seen)s)
        AND NOT EXISTS (SELECT 1 FROM people_sighting s WHERE s.identity_id = i.id)
        AND NOT EXISTS (SELECT 1 FROM activity_activity a WHERE a.about_id = i.id)
        AND NOT EXISTS (SELECT 1 FROM commerce_order o WHERE o.buyer_id = i.id)
        AND NOT EXISTS (SELECT 1 FROM conversations_conversation c WHERE c.customer_id = i.id)
        AND NOT EXISTS (SELECT 1 FROM teamwork_promise p WHERE p.about_id = i.id)
"""
_REMOVE = (
    "DELETE FROM people_fact WHERE identity_id = ANY(%(gone)s)",
    "DELETE FROM people_link WHERE identity_id = ANY(%(gone)s)",
    "DELETE FROM people_identity WHERE id = ANY(%(gone)s)",
    """UPDATE people_identity i SET first_seen_at = s.at, created_run_id = NULLIF(s.run_id, %(no_run)s)
        FROM (SELECT DISTINCT ON (identity_id) identity_id, run_id, min(at) OVER (PARTITION BY identity_id) AS at
              FROM people_sighting WHERE identity_id = ANY(%(seen)s) ORDER BY identity_id, people_sighting.at) s
        WHERE i.id = s.identity_id AND i.created_run_id = %(run)s""",
)
# Of a person nothing is left but what was decided about them: that goes with them.
# Who stands between others in a chain of merges stays: through them the others are taken apart.
_NOBODY = """
    WITH theirs AS MATERIALIZED (
        SELECT DISTINCT unnest(ARRAY[person_id, home_id]) AS id FROM people_link
        WHERE person_id = ANY(%(persons)s) AND revoked_at IS NULL)
    SELECT p.id FROM unnest(%(persons)s::uuid[]) AS p(id) WHERE NOT EXISTS (SELECT FROM theirs WHERE theirs.id = p.id)
        AND NOT EXISTS (SELECT FROM people_merge m WHERE m.into_id = p.id AND m.revoked_at IS NULL)
"""
_PERSONS = (
    "DELETE FROM people_link WHERE person_id = ANY(%(nobody)s)",
    "DELETE FROM people_merge WHERE person_id = ANY(%(nobody)s) OR into_id = ANY(%(nobody)s)",
    "DELETE FROM people_split WHERE person_id = ANY(%(nobody)s) OR into_id = ANY(%(nobody)s)",
    "DELETE FROM people_distinction WHERE one_id = ANY(%(nobody)s) OR other_id = ANY(%(nobody)s)",
    "DELETE FROM people_fieldlock WHERE person_id = ANY(%(nobody)s)",
    "DELETE FROM people_customvalue WHERE person_id = ANY(%(nobody)s)",
    "DELETE FROM people_proposal WHERE one_id = ANY(%(nobody)s) OR other_id = ANY(%(nobody)s)",
    "DELETE FROM people_person p WHERE p.id = ANY(%(nobody)s)",
    """WITH own AS MATERIALIZED (
        SELECT COALESCE(l.home_id, l.person_id) AS id, min(i.first_seen_at) AS first_seen_at,
            (array_agg(i.created_run_id ORDER BY i.first_seen_at) FILTER (WHERE i.created_run_id IS NOT NULL))[1]
                AS created_run_id
        FROM people_link l JOIN people_identity i ON i.id = l.identity_id
        WHERE l.revoked_at IS NULL AND l.person_id = ANY(%(persons)s) GROUP BY 1)
        UPDATE people_person p SET created_run_id = own.created_run_id, first_seen_at = own.first_seen_at
        FROM own WHERE p.id = own.id AND p.id = ANY(%(persons)s)""",
)
_ORGANISATIONS = """
    DELETE FROM people_organisation o WHERE (o.id = ANY(%(organisations)s) OR o.created_run_id = %(run)s)
        AND NOT EXISTS (SELECT 1 FROM people_person p WHERE p.organisation_id = o.id)
"""


def undo_people(run: ImportRun, kept: Sequence[UUID]) -> None:
    """Take back whom and what of people this run named. `kept` are identities for whom colleagues worked since."""
    named = {"run": run.id, "kept": list(kept)}
    seen = _ids("SELECT DISTINCT identity_id FROM people_sighting WHERE run_id = %(run)s", named)
    persons = _ids(
        "SELECT DISTINCT unnest(ARRAY[person_id, COALESCE(home_id, person_id)]) FROM people_link "
        "WHERE identity_id = ANY(%(seen)s) AND revoked_at IS NULL",
        {"seen": seen},
    )
    organisations = _ids(
        "SELECT DISTINCT organisation_id FROM people_person "
        "WHERE id = ANY(%(persons)s) AND organisation_id IS NOT NULL",
        {"persons": persons},
    )
    _execute(_TAKEN, named)
    _execute(_REMOVE, {"run": run.id, "seen": seen, "gone": _ids(_GONE, {"seen": seen}), "no_run": NO_RUN})
    persons += _split(persons, run)
    nobody = _ids(_NOBODY, {"persons": persons})
    forget(nobody)
    _execute(_PERSONS, {"persons": persons, "nobody": nobody})
    left = _ids("SELECT id FROM people_person WHERE id = ANY(%(persons)s)", {"persons": persons})
    derive(left, run_id=None, at=run.created_at)
    find_latest(left)
    _execute([_ORGANISATIONS], {"organisations": organisations, "run": run.id})


def _execute(statements: Iterable[str], parameters: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, parameters)


def _ids(statement: str, parameters: dict[str, Any]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [id for (id,) in cursor.fetchall()]


def _split(persons: list[UUID], run: ImportRun) -> list[UUID]:
    """Persons whom only this run joined are two again; returns the new ones."""
    members = _members(persons)
    ties = _ties([member.id for group in members.values() for member in group])
    moved: list[
        tuple[UUID, UUID, datetime, bool]
    ] = []  # identity, its new person, first seen, whether first of it
    for group in members.values():
        times = {member.id: member.first_seen_at for member in group}
        for part in parts_of(group, ties)[1:]:
            person = uuid7_of(times[part[0]], "person", str(part[0]))
            moved += [(identity, person, times[identity], identity == part[0]) for identity in part]
    copy_insert(
        "people_person",
        [
            "id",
            "name",
            "sort_name",
            "email",
            "city",
            "country",
            "language",
            "job_title",
            "search_text",
            "first_seen_at",
        ],
        ((person, "", "", "", "", "", "", "", "", at) for _, person, at, is_first in moved if is_first),
    )
    with connection.cursor() as cursor:
        for identity, person, _, is_first in moved:
            cursor.execute(
                "UPDATE people_link SET person_id = %s, home_id = NULL, method = %s, evidence = %s "
                "WHERE identity_id = %s AND revoked_at IS NULL",
                [person, LinkMethod.FIRST_SEEN if is_first else LinkMethod.SAME_RECORD,
                 json.dumps({"undone": str(run.id)}), identity],
            )  # fmt: skip
    return [person for _, person, _, is_first in moved if is_first]


def _members(persons: list[UUID]) -> dict[UUID, list[Member[UUID]]]:
    members: dict[UUID, list[Member[UUID]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(l.home_id, l.person_id), i.id, i.first_seen_at, l.method = 'first_seen', "
            "l.method = 'staff' OR NOT EXISTS (SELECT 1 FROM people_sighting s WHERE s.identity_id = i.id) "
            "FROM people_link l JOIN people_identity i ON i.id = l.identity_id "
            "WHERE l.person_id = ANY(%s) AND l.revoked_at IS NULL ORDER BY i.first_seen_at, i.id",
            [persons],
        )
        for person, identity, at, founded, is_fixed in cursor.fetchall():
            members[person].append(Member(identity, at, founded, is_fixed))
    return members


def _ties(identities: list[UUID]) -> list[tuple[UUID, UUID]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT identity_id, with_id FROM people_sighting WHERE identity_id = ANY(%s) "
            "AND identity_id <> with_id",
            [identities],
        )
        return list(cursor.fetchall())
