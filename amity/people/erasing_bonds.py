"""Whom somebody belonged with who is erased: relations, households, employers, and organisations of theirs alone."""

from __future__ import annotations

from typing import Any

from django.db import connection

from amity.kernel import sealing
from amity.kernel.erasing import Counts, Subject

# Rows about them and somebody else, which stand under that one in the audit trail.
_UNDER_OTHERS = """
    SELECT id::text, person_id::text FROM people_relation
        WHERE other_id = ANY(%(people)s) AND person_id <> ALL(%(people)s)
    UNION ALL SELECT id::text, one_id::text FROM people_householdrefusal
        WHERE other_id = ANY(%(people)s) AND one_id <> ALL(%(people)s)
"""
_TOLD = """
    SELECT id FROM kernel_audit_entry WHERE subject = 'person' AND subject_id = ANY(%(others)s)
        AND (before ->> 'id' = ANY(%(rows)s) OR after ->> 'id' = ANY(%(rows)s))
"""
_BONDS = (
    ("people_relation", "relation", "person_id = ANY(%(people)s) OR other_id = ANY(%(people)s)"),
    ("people_householdrefusal", "refusal", "one_id = ANY(%(people)s) OR other_id = ANY(%(people)s)"),
)
_MEMBERS = "DELETE FROM people_householdmember WHERE person_id = ANY(%(people)s) RETURNING id, household_id"
# A household of one is none: it goes with those who were in it, or ends where there were more of them before.
_ALONE = """
    SELECT h.id FROM people_household h WHERE h.id = ANY(%(households)s)
        AND (SELECT count(*) FROM people_householdmember m WHERE m.household_id = h.id) < 2
"""
_END = (
    """UPDATE people_household h SET revoked_at = %(at)s WHERE h.id = ANY(%(households)s) AND h.revoked_at IS NULL
        AND (SELECT count(*) FROM people_householdmember m
            WHERE m.household_id = h.id AND m.revoked_at IS NULL) < 2""",
    """UPDATE people_householdmember m SET revoked_at = %(at)s FROM people_household h
        WHERE h.id = m.household_id AND h.id = ANY(%(households)s) AND h.revoked_at = %(at)s
        AND m.revoked_at IS NULL""",
)
# Organisations that they belong to, once did, or were related to, with all that lead there.
_THEIRS = """
    WITH RECURSIVE named(id) AS (
        SELECT organisation_id FROM people_person WHERE id = ANY(%(people)s) AND organisation_id IS NOT NULL
        UNION SELECT organisation_id FROM people_relation
            WHERE person_id = ANY(%(people)s) AND organisation_id IS NOT NULL
        UNION SELECT o.id FROM people_employer e JOIN people_organisation o ON o.key = e.key
            WHERE e.identity_id = ANY(%(ids)s)
        UNION SELECT o.id FROM named JOIN people_organisation o ON o.merged_into_id = named.id)
    SELECT o.id, o.merged_into_id,
        EXISTS (SELECT FROM people_person p WHERE p.organisation_id = o.id AND p.id <> ALL(%(people)s))
        OR EXISTS (SELECT FROM people_employer e WHERE e.key = o.key AND e.identity_id <> ALL(%(ids)s))
        OR EXISTS (SELECT FROM people_relation r
            WHERE r.organisation_id = o.id AND r.person_id <> ALL(%(people)s))
        OR EXISTS (SELECT FROM people_organisationrelation r WHERE o.id IN (r.organisation_id, r.other_id))
    FROM named JOIN people_organisation o ON o.id = named.id
"""
_OF_ORGANISATIONS = (
    ("people_organisationfact", "organisation_fact", "organisation_id = ANY(%s)"),
    ("people_organisationdomain", "organisation_domain", "organisation_id = ANY(%s)"),
)


def organisations_of_theirs(of: dict[str, Any]) -> list[Any]:
    """Those where nobody else is or was, and which nobody else and no other organisation is related to. Ask before
    anything is removed."""
    with connection.cursor() as cursor:
        cursor.execute(_THEIRS, of)
        rows = cursor.fetchall()
    into = {id: merged_into for id, merged_into, _ in rows}
    staying = {id for id, _, is_shared in rows if is_shared}
    for id in list(staying):  # where the names of one that stays lead
        up = into.get(id)
        while up is not None and up not in staying:
            staying.add(up)
            up = into.get(up)
    return sorted(into.keys() - staying)


def forget_bonds(subject: Subject, of: dict[str, Any]) -> Counts:
    """Remove what colleagues said of whom they belonged with, and where sources said they worked."""
    done: Counts = {}
    with connection.cursor() as cursor:
        cursor.execute(_UNDER_OTHERS, of)
        under = cursor.fetchall()
        for table, kind, condition in _BONDS:
            cursor.execute(f"DELETE FROM {table} WHERE {condition} RETURNING id", of)
            rows = [id for (id,) in cursor.fetchall()]
            subject.add(kind, rows)
            done[table] = len(rows)
        if under:
            named = {"others": [other for _, other in under], "rows": [row for row, _ in under]}
            cursor.execute(_TOLD, named)
            done["kernel_audit_entry"] = sealing.empty([id for (id,) in cursor.fetchall()])
        cursor.execute(_MEMBERS, of)
        members = cursor.fetchall()
        done["people_householdmember"] = len(members)
        cursor.execute(_ALONE, {"households": [household for _, household in members]})
        alone = [id for (id,) in cursor.fetchall()]
        cursor.execute("DELETE FROM people_householdmember WHERE household_id = ANY(%s)", [alone])
        done["people_householdmember"] += cursor.rowcount
        cursor.execute("DELETE FROM people_household WHERE id = ANY(%s)", [alone])
        done["people_household"] = cursor.rowcount
        subject.add("household", alone)
        for statement in _END:
            cursor.execute(
                statement, {"households": [household for _, household in members], "at": subject.at}
            )
        cursor.execute("DELETE FROM people_employer WHERE identity_id = ANY(%(ids)s)", of)
        done["people_employer"] = cursor.rowcount
    return done


def forget_organisations(subject: Subject, organisations: list[Any]) -> Counts:
    """Remove organisations that were of nobody else, with what was said of them."""
    done: Counts = {}
    subject.add("organisation", organisations)
    with connection.cursor() as cursor:
        for table, kind, condition in _OF_ORGANISATIONS:
            key = "domain" if table == "people_organisationdomain" else "id"
            cursor.execute(f"DELETE FROM {table} WHERE {condition} RETURNING {key}", [organisations])
            rows = [id for (id,) in cursor.fetchall()]
            subject.add(kind, rows)
            done[table] = len(rows)
        cursor.execute(
            "DELETE FROM people_organisationmerge WHERE organisation_id = ANY(%s) OR into_id = ANY(%s)",
            [organisations, organisations],
        )
        done["people_organisationmerge"] = cursor.rowcount
        cursor.execute("DELETE FROM people_organisation WHERE id = ANY(%s)", [organisations])
        done["people_organisation"] = cursor.rowcount
    return done
