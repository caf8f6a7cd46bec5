"""What is so of the people of whom a segment has held for long enough, in a few statements over all or some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from amity.people.queries.held import HELD
from amity.retention.domain.verdicts import Standing, Verdict, decide
from amity.retention.limits import Limits
from amity.retention.models import Rule

# Sources that segments do not count: of teams, and of colleagues.
_CLOSED = "SELECT id FROM channels_source WHERE team_id IS NOT NULL OR owner_id IS NOT NULL"
_PERSONS_OF = (
    "SELECT l.person_id FROM people_link l WHERE l.revoked_at IS NULL AND l.identity_id IN ({identities})"
)
_KEPT = """SELECT k.identity_id FROM retention_keptaccount k JOIN retention_keep e ON e.id = k.keep_id
        WHERE e.rule_id = %(rule)s AND e.revoked_at IS NULL"""
_ASKED = """SELECT e.person_id FROM people_personerasure e
        WHERE e.state IN ('waiting', 'running') AND e.person_id IS NOT NULL"""
_ANNOUNCED = "SELECT d.person_id FROM retention_due d WHERE d.state = 'announced'"


def _theirs(table: str, column: str, more: str = "") -> str:
    """A row of theirs: looked up for one person (`{person}`) after the other, along their accounts."""
    return (
        f"EXISTS (SELECT FROM people_link l JOIN {table} x ON x.{column} = l.identity_id "
        f"WHERE l.person_id = {{person}} AND l.revoked_at IS NULL {more})"
    )


_BOUGHT = _theirs("commerce_order", "buyer_id", "AND x.ordered_at > %(orders_since)s")
_KNOWN = " OR ".join(
    _theirs(table, column, f"AND x.source_id IN ({_CLOSED})")
    for table, column in (
        ("activity_activity", "about_id"), ("people_fact", "identity_id"), ("people_sighting", "identity_id"),
    )
)  # fmt: skip
_TOUCHED = " OR ".join(
    (
        "EXISTS (SELECT FROM segments_touched t WHERE t.person_id = {person} OR t.source_id IS NOT NULL)",
        _theirs("segments_touched", "identity_id"),
    )
)

_CANDIDATES = """
    SELECT m.person_id, m.since FROM segments_member m
    JOIN people_person p ON p.id = m.person_id AND p.merged_into_id IS NULL
    WHERE m.segment_id = %(segment)s AND m.until IS NULL AND m.since <= %(since)s
"""
_FACTS = f"""
    SELECT c.person_id, c.since,
        c.person_id IN ({_PERSONS_OF.format(identities=HELD)}) AS is_held,
        c.person_id IN ({_PERSONS_OF.format(identities=_KEPT)}) AS is_kept,
        c.person_id IN ({_ASKED}) AS is_asked,
        c.person_id IN ({_ANNOUNCED}) AS is_announced,
        {_BOUGHT.format(person="c.person_id")} AS has_bought,
        ({_KNOWN.format(person="c.person_id")}) AS is_closed
    FROM ({_CANDIDATES}) AS c
"""
GOES = "goes"
_PARTS = {
    "held": "is_held",
    "kept": "is_kept AND NOT is_held",
    "asked": "is_asked AND NOT (is_held OR is_kept)",
    "bought": "has_bought AND NOT (is_held OR is_kept OR is_asked)",
    "closed": "is_closed AND NOT (is_held OR is_kept OR is_asked OR has_bought)",
    GOES: "NOT (is_held OR is_kept OR is_asked OR has_bought OR is_closed)",
}
"""Of whom the segment has held for long enough: what keeps them, the first that counts, or nothing."""
PARTS = frozenset(_PARTS)
_COUNTS = f"""
    SELECT count(*), {", ".join(f"count(*) FILTER (WHERE {part})" for part in _PARTS.values())},
        count(*) FILTER (WHERE {_PARTS[GOES]} AND is_announced)
    FROM ({_FACTS}) AS f
"""
_WHO = f"""
    SELECT person_id, since FROM ({_FACTS}) AS f WHERE {{part}} {{more}}
    ORDER BY since, person_id LIMIT %(most)s
"""
_ONE = f"""
    SELECT p.id, p.merged_into_id IS NULL, EXISTS (SELECT FROM segments_member m WHERE m.segment_id = %(segment)s
            AND m.person_id = p.id AND m.until IS NULL AND m.since <= %(since)s),
        p.id IN ({_PERSONS_OF.format(identities=HELD)}), p.id IN ({_PERSONS_OF.format(identities=_KEPT)}),
        EXISTS ({_ASKED} AND e.person_id = p.id AND e.id <> ALL(%(but)s::uuid[])),
        {_BOUGHT.format(person="p.id")}, ({_KNOWN.format(person="p.id")}), ({_TOUCHED.format(person="p.id")})
    FROM people_person p WHERE p.id = ANY(%(people)s)
"""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Of how many the segment has held for long enough (`due`), what keeps some of them, and how many would go.

    Each is counted once, under what counts first. `announced` of those that go are on the list already.
    """

    due: int
    held: int
    kept: int
    asked: int
    bought: int
    closed: int
    goes: int
    announced: int


def outlook(rule: Rule, limits: Limits, at: datetime) -> Outlook:
    """What the rule would do now, over everybody."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, _named(rule, limits, at))
        return Outlook(*(cursor.fetchone() or (0,) * 8))


def who_goes(
    rule: Rule, limits: Limits, at: datetime, *, most: int, after: tuple[datetime, UUID] | None = None,
    fresh: bool = False, part: str = GOES,
) -> list[tuple[UUID, datetime]]:  # fmt: skip
    """Whom it would erase and since when the segment holds of them, the longest first; `fresh`: not announced yet.

    With another `part` (see `PARTS`) those whom that keeps.
    """
    named = _named(rule, limits, at) | {"most": most}
    more = "AND NOT is_announced" if fresh else ""
    if after is not None:
        more += " AND (since, person_id) > (%(after_at)s, %(after_id)s)"
        named |= {"after_at": after[0], "after_id": after[1]}
    with connection.cursor() as cursor:
        cursor.execute(_WHO.format(part=_PARTS[part], more=more), named)
        return list(cursor.fetchall())


def verdicts(
    rule: Rule, person_ids: Sequence[UUID], limits: Limits, at: datetime, *, but: Sequence[UUID] = ()
) -> dict[UUID, Verdict]:
    """What becomes of these people; who is gone is not in it. The erasures `but` do not count as asked for."""
    named = _named(rule, limits, at) | {"people": list(person_ids), "but": list(but)}
    with connection.cursor() as cursor:
        cursor.execute(_ONE, named)
        return {
            id: decide(Standing(is_in, is_root, held, kept, bought, closed, asked, touched))
            for id, is_root, is_in, held, kept, asked, bought, closed, touched in cursor.fetchall()
        }


def _named(rule: Rule, limits: Limits, at: datetime) -> dict[str, Any]:
    return {
        "segment": rule.segment_id,
        "rule": rule.id,
        "since": at - timedelta(days=rule.for_days or 0),
        "orders_since": limits.orders_since(at),
    }
