"""Everybody is judged at night, or when somebody asks; a few of them whenever something was put right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from amity.kernel import policy
from amity.kernel.actor import SYSTEM, Actor
from amity.kernel.models import Staff, WorkspaceSetting
from amity.quality.domain.fields import Field
from amity.quality.models import Day
from amity.quality.queries.counting import counts_by_finding, sight_of
from amity.quality.queries.findings import TOGETHER, Numbers, findings_of
from amity.quality.queries.known import LAST_LOOK_KEY, known_fields, settings, teams_of_sources
from amity.quality.queries.told import told_of_people

LOOK = "quality.look_now"


def look_at_all(*, at: datetime) -> int:
    """Judge everybody, and note how much was found today; gives how many people. A part at a time: memory does not grow
    with their number, and nobody waits for it."""
    with transaction.atomic():
        _find_shared()
    judged = 0
    numbers = Numbers.read()
    fields, fresh_since, teams = known_fields(at), settings().fresh_since(at), teams_of_sources()
    for ids in _everybody():
        with transaction.atomic():
            _judge(ids, numbers, fields, fresh_since, teams, at)
        judged += len(ids)
    with transaction.atomic():
        compact()
        note_day(at)
        WorkspaceSetting.objects.update_or_create(
            key=LAST_LOOK_KEY, defaults={"value": {"at": at.isoformat(), "people": judged}, "changed_at": at}
        )
    return judged


def refresh(person_ids: Iterable[UUID], *, at: datetime) -> None:
    """Judge these again; who was merged or is gone has no verdict any more."""
    ids = sorted(set(person_ids))
    if not ids:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM people_person WHERE id = ANY(%s) AND merged_into_id IS NULL ORDER BY id", [ids]
        )
        there = [person for (person,) in cursor.fetchall()]
        gone = sorted(set(ids) - set(there))
        if gone:
            cursor.execute("DELETE FROM quality_verdict WHERE person_id = ANY(%s)", [gone])
        fields, fresh_since = known_fields(at), settings().fresh_since(at)
        for start in range(0, len(there), TOGETHER):
            part = there[start : start + TOGETHER]
            _judge(part, Numbers.read(), fields, fresh_since, teams_of_sources(), at)


_WRITE = """
    INSERT INTO quality_verdict (person_id, findings, judged_at)
    SELECT p.id, new.findings::int[], %(at)s
    FROM unnest(%(people)s::uuid[], %(findings)s::text[]) AS new(id, findings) JOIN people_person p ON p.id = new.id
    WHERE p.merged_into_id IS NULL ORDER BY p.id FOR KEY SHARE OF p
    ON CONFLICT (person_id) DO UPDATE SET findings = excluded.findings, judged_at = excluded.judged_at
"""


def _judge(
    ids: Sequence[UUID], numbers: Numbers, fields: Sequence[Field], fresh_since: datetime | None,
    teams: Mapping[str, str], at: datetime,
) -> None:  # fmt: skip
    told = told_of_people(ids)
    rows = []
    for person in ids:
        keys = findings_of(told[person], fields, fresh_since, teams)
        rows.append("{" + ",".join(map(str, sorted(numbers.of(key) for key in keys))) + "}")
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {"people": list(ids), "findings": rows, "at": at})


def _everybody() -> Iterator[list[UUID]]:
    after = UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id FROM people_person WHERE id > %s AND merged_into_id IS NULL ORDER BY id LIMIT %s",
                [after, TOGETHER],
            )
            ids = [person for (person,) in cursor.fetchall()]
        if not ids:
            return
        yield ids
        after = ids[-1]


# A network has each address once, so a value of two people is a fact of one of them at least.
_FIND_SHARED = """
    WITH fact AS MATERIALIZED (
        SELECT f.field, md5(lower(btrim(f.value)))::uuid AS digest, l.person_id, f.source_id
        FROM people_fact f JOIN people_link l ON l.identity_id = f.identity_id AND l.revoked_at IS NULL
        WHERE f.field = ANY(%(fields)s)
    ), said AS (
        SELECT * FROM fact
        UNION SELECT i.network, md5(i.address)::uuid, l.person_id, s.source_id
        FROM people_identity i JOIN people_link l ON l.identity_id = i.id AND l.revoked_at IS NULL
        JOIN people_sighting s ON s.identity_id = i.id
        WHERE i.network = ANY(%(fields)s) AND (i.network, md5(i.address)::uuid) IN (SELECT field, digest FROM fact)
    ), several AS (
        SELECT field, digest FROM said GROUP BY 1, 2 HAVING count(DISTINCT person_id) > 1
    )
    INSERT INTO quality_shared (field, digest, person_id, source_id)
        SELECT DISTINCT field, digest, person_id, source_id FROM said JOIN several USING (field, digest)
"""


def _find_shared() -> None:
    fields = [one.key for one in known_fields(timezone.now()) if one.identifies]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM quality_shared")
        cursor.execute(_FIND_SHARED, {"fields": fields})


def compact() -> None:
    """One line of the tally for each finding. Whoever adds one meanwhile is not waited for, and not lost."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH old AS (DELETE FROM quality_tally RETURNING finding_id, change) "
            "INSERT INTO quality_tally (finding_id, change) "
            "SELECT finding_id, sum(change) FROM old GROUP BY 1 HAVING sum(change) <> 0"
        )


# --------------------------------------------------------------------------------------------------------------- trend


def note_day(at: datetime) -> None:
    """Keep today's counts, as each colleague may see them: those from whom the same sources are hidden share them."""
    for actor in _sights():
        counts = counts_by_finding(actor, at)
        sight = sight_of(policy.hidden_source_ids(actor))
        Day.objects.filter(on=at.date(), sight=sight).delete()
        Day.objects.bulk_create(
            Day(on=at.date(), sight=sight, finding_id=number, count=count)
            for number, count in counts.items()
            if count
        )


def _sights() -> Iterator[Actor]:
    """One colleague of each set of hidden sources, and Amity itself, from whom nothing is hidden."""
    seen: set[frozenset[UUID]] = set()
    for actor in [SYSTEM, *(one.actor() for one in Staff.objects.active())]:
        hidden = frozenset(policy.hidden_source_ids(actor))
        if hidden not in seen and policy.may(actor, "read", "person"):
            seen.add(hidden)
            yield actor


def ask_for_a_look() -> bool:
    """Have everybody judged soon; False where that is asked for already."""
    try:
        with transaction.atomic():  # a refusal leaves the transaction of the caller whole
            app.configure_task(LOOK, queue="maintenance", queueing_lock="quality").defer()
    except AlreadyEnqueued:
        return False
    return True
