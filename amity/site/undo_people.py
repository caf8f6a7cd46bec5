"""The way back of an import, for people: whom only it named goes, whom it alone joined comes apart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from amity.channels.models import ImportRun
from amity.people.deriving import derive
from amity.people.forgetting import forget
from amity.people.models import NO_RUN
from amity.people.queries.grouped import SPLIT_OFF, roots
from amity.people.regrouping import find_latest
from amity.site.undo_apart import homes_of_split_off, take_apart

_TAKEN = (
    "DELETE FROM quality_flag WHERE run_id = %(run)s",
    "DELETE FROM consent_statement WHERE run_id = %(run)s",
    "DELETE FROM people_fact WHERE run_id = %(run)s AND identity_id <> ALL(%(kept)s)",
    "DELETE FROM people_sighting WHERE run_id = %(run)s AND identity_id <> ALL(%(kept)s)",
)
_TAKEN_OF_SOME = tuple(f"{statement} AND identity_id = ANY(%(seen)s)" for statement in _TAKEN)
# Nobody names them any more, and nothing leans on them.
_GONE = """
    SELECT i.id FROM people_identity i WHERE i.id = ANY(%(seen)s)
        AND NOT EXISTS (SELECT 1 FROM people_sighting s WHERE s.identity_id = i.id)
        AND NOT EXISTS (SELECT 1 FROM activity_activity a WHERE a.about_id = i.id)
        AND NOT EXISTS (SELECT 1 FROM commerce_order o WHERE o.buyer_id = i.id)
        AND NOT EXISTS (SELECT 1 FROM conversations_conversation c WHERE c.customer_id = i.id)
        AND NOT EXISTS (SELECT 1 FROM teamwork_promise p WHERE p.about_id = i.id)
        -- what they agreed to or refused elsewhere outlives the file that named them
        AND NOT EXISTS (SELECT 1 FROM consent_statement s WHERE s.identity_id = i.id)
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
_WITHOUT_ACCOUNTS = f"""
    WITH theirs AS MATERIALIZED (
        SELECT DISTINCT unnest(ARRAY[person_id, home_id]) AS id FROM people_link
        WHERE person_id = ANY(%(persons)s) AND revoked_at IS NULL
        UNION SELECT home FROM {SPLIT_OFF} o)  -- somebody comes back to them once a split is taken back
    SELECT p.id FROM unnest(%(persons)s::uuid[]) AS p(id) WHERE NOT EXISTS (SELECT FROM theirs WHERE theirs.id = p.id)
"""
_MERGED_HERE = """
    WITH RECURSIVE here(id, into_id) AS (
        SELECT id, NULL::uuid FROM unnest(%(persons)s::uuid[]) AS p(id)
        UNION SELECT m.person_id, m.into_id FROM people_merge m JOIN here ON m.into_id = here.id
        WHERE m.revoked_at IS NULL)
    SELECT DISTINCT id, into_id FROM here WHERE into_id IS NOT NULL
"""
_PERSONS = (
    # What a split ended while they were merged with somebody is that one's, and comes back to them.
    """UPDATE people_link SET person_id = home_id, home_id = NULL
        WHERE person_id = ANY(%(nobody)s) AND home_id <> ALL(%(nobody)s)""",
    f"""UPDATE people_split s SET person_id = theirs.id FROM (
            SELECT DISTINCT ON (split) split, home AS id FROM {SPLIT_OFF} o
            WHERE split_from = ANY(%(nobody)s) AND home <> ALL(%(nobody)s) ORDER BY split, base) theirs
        WHERE s.id = theirs.split""",
    "DELETE FROM people_link WHERE person_id = ANY(%(nobody)s)",
    # What was chosen with a merge goes with the last one of that act.
    """DELETE FROM people_fieldlock f USING people_merge m WHERE m.act_id = f.act_id
        AND (m.person_id = ANY(%(nobody)s) OR m.into_id = ANY(%(nobody)s)) AND NOT EXISTS (
            SELECT FROM people_merge o WHERE o.act_id = f.act_id AND o.revoked_at IS NULL
                AND o.person_id <> ALL(%(nobody)s) AND o.into_id <> ALL(%(nobody)s))""",
    "DELETE FROM people_merge WHERE person_id = ANY(%(nobody)s) OR into_id = ANY(%(nobody)s)",
    "DELETE FROM people_split WHERE person_id = ANY(%(nobody)s) OR into_id = ANY(%(nobody)s)",
    "DELETE FROM people_distinction WHERE one_id = ANY(%(nobody)s) OR other_id = ANY(%(nobody)s)",
    "DELETE FROM people_fieldlock WHERE person_id = ANY(%(nobody)s)",
    "DELETE FROM people_customvalue WHERE person_id = ANY(%(nobody)s)",
    "DELETE FROM people_proposal WHERE one_id = ANY(%(nobody)s) OR other_id = ANY(%(nobody)s)",
    "DELETE FROM people_person p WHERE p.id = ANY(%(nobody)s)",
    f"""WITH theirs AS (
        SELECT COALESCE(home_id, person_id) AS id, identity_id FROM people_link
        WHERE revoked_at IS NULL AND person_id = ANY(%(persons)s)
        UNION SELECT home, identity FROM {SPLIT_OFF} o  -- and who comes back once a split is taken back
    ), own AS MATERIALIZED (
        SELECT theirs.id, min(i.first_seen_at) AS first_seen_at,
            (array_agg(i.created_run_id ORDER BY i.first_seen_at) FILTER (WHERE i.created_run_id IS NOT NULL))[1]
                AS created_run_id
        FROM theirs JOIN people_identity i ON i.id = theirs.identity_id GROUP BY 1)
        UPDATE people_person p SET created_run_id = own.created_run_id, first_seen_at = own.first_seen_at
        FROM own WHERE p.id = own.id AND p.id = ANY(%(persons)s)""",
)
# Nobody is there any more, and no colleague named, joined or described it or said who belongs there.
_LEFT_ALONE = """
        AND NOT EXISTS (SELECT 1 FROM people_person p WHERE p.organisation_id = o.id)
        AND NOT o.is_ours AND o.merged_into_id IS NULL
        AND NOT EXISTS (SELECT 1 FROM people_organisation u WHERE u.merged_into_id = o.id)
        AND NOT EXISTS (SELECT 1 FROM people_organisationmerge m WHERE o.id IN (m.organisation_id, m.into_id))
        AND NOT EXISTS (SELECT 1 FROM people_organisationdomain d WHERE d.organisation_id = o.id)
        AND NOT EXISTS (SELECT 1 FROM people_organisationfact f WHERE f.organisation_id = o.id)
        AND NOT EXISTS (SELECT 1 FROM people_relation r WHERE r.organisation_id = o.id)
        AND NOT EXISTS (SELECT 1 FROM people_organisationrelation r WHERE o.id IN (r.organisation_id, r.other_id))
"""
_ORGANISATIONS = f"""
    DELETE FROM people_organisation o WHERE (o.id = ANY(%(organisations)s) OR o.created_run_id = %(run)s)
        {_LEFT_ALONE}
"""
_ORGANISATIONS_OF_SOME = (
    f"DELETE FROM people_organisation o WHERE o.id = ANY(%(organisations)s) {_LEFT_ALONE}"
)


def undo_people(run: ImportRun, kept: Sequence[UUID], some: Sequence[UUID] | None = None) -> None:
    """Take back whom and what of people this run named. `kept` are identities for whom colleagues worked since.

    `some` are the identities to begin with: all of whole persons, or those who are left come apart in between.
    """
    named = {"run": run.id, "kept": list(kept)}
    if some is None:
        seen = _ids("SELECT DISTINCT identity_id FROM people_sighting WHERE run_id = %(run)s", named)
    else:
        seen = list(some)
    persons = _ids(
        "SELECT DISTINCT unnest(ARRAY[person_id, COALESCE(home_id, person_id)]) FROM people_link "
        "WHERE identity_id = ANY(%(seen)s) AND revoked_at IS NULL",
        {"seen": seen},
    )
    homes = homes_of_split_off(seen)
    # Those may have been merged since: what stayed with them counts for whom they are now.
    persons = list({*persons, *homes, *roots(homes).values()})
    organisations = _ids(
        "SELECT DISTINCT organisation_id FROM people_person "
        "WHERE id = ANY(%(persons)s) AND organisation_id IS NOT NULL",
        {"persons": persons},
    )
    _execute(_TAKEN if some is None else _TAKEN_OF_SOME, named if some is None else {**named, "seen": seen})
    _execute(_REMOVE, {"run": run.id, "seen": seen, "gone": _ids(_GONE, {"seen": seen}), "no_run": NO_RUN})
    persons += take_apart(persons, run)
    nobody = _nobody(persons)
    forget(nobody)
    _execute(_PERSONS, {"persons": persons, "nobody": nobody})
    left = _ids("SELECT id FROM people_person WHERE id = ANY(%(persons)s)", {"persons": persons})
    derive(left, run_id=None, at=run.created_at)
    find_latest(left)
    last = _ORGANISATIONS if some is None else _ORGANISATIONS_OF_SOME
    _execute([last], {"organisations": organisations, "run": run.id})


def _nobody(persons: Sequence[UUID]) -> list[UUID]:
    """Who has no account left, with whoever is merged into them.

    Who stands between others in a chain of merges stays: through them the others are taken apart.
    """
    merges = _rows(_MERGED_HERE, {"persons": list(persons)})
    here = sorted({*persons, *(person for person, _ in merges)})
    nobody = set(_ids(_WITHOUT_ACCOUNTS, {"persons": here}))
    while through := {into for person, into in merges if into in nobody and person not in nobody}:
        nobody -= through
    return sorted(nobody)


def _execute(statements: Iterable[str], parameters: dict[str, Any]) -> None:
    plain = _plain(parameters)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, plain)


def _ids(statement: str, parameters: dict[str, Any]) -> list[UUID]:
    return [id for (id,) in _rows(statement, parameters)]


def _rows(statement: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, _plain(parameters))
        return list(cursor.fetchall())


def _plain(parameters: dict[str, Any]) -> dict[str, Any]:
    """Lists of ids put into words once, not with each statement that names them."""
    return {
        name: f"{{{','.join([one.hex for one in value])}}}" if isinstance(value, list) else value
        for name, value in parameters.items()
    }
