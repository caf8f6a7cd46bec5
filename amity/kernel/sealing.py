"""The chain: each committed entry of the audit trail gets a position and a hash that covers all before it.

Entries are written without waiting for each other; a transaction that commits late has an older id than its neighbours.
So positions are given afterwards, by one sealer at a time, in the order in which commits became visible.

The hash of an entry covers its fields, and of `before` and `after` a salted digest: should a law ask for the removal of
a value one day, the digest can stay and the chain still holds. `empty` does that where somebody was erased.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction

GENESIS = bytes(32)
BATCH = 2_000
MOST_NAMED = 100
_FAULTS = ("altered", "missing", "lost")
EMPTIED = str(UUID(int=0))
"""The salt of an entry whose values were taken out."""
_LOCK = 0x616D6974795F6175  # "amity_au": one sealer at a time

_FIELDS = (
    "e.id, (extract(epoch FROM e.at) * 1000000)::bigint, e.actor_id::text, e.actor_name, e.role, e.via, e.address, "
    "e.token_id, e.on_behalf_of::text, e.action, e.subject, e.subject_id, e.why, "
    "e.salt::text, e.before::text, e.after::text"
)
_PLAIN = 13  # fields before salt


def digest(row: tuple[Any, ...]) -> bytes:
    """The salted digest of what changed. `row` is as `_FIELDS` gives it."""
    return hashlib.sha256(json.dumps(row[_PLAIN:], ensure_ascii=False).encode()).digest()


def link(before: bytes, row: tuple[Any, ...], contents: bytes) -> bytes:
    """The hash of an entry in the chain after `before`."""
    told = json.dumps([*row[:_PLAIN], contents.hex()], ensure_ascii=False)
    return hashlib.sha256(before + told.encode()).digest()


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain. Whoever noted it elsewhere can prove later that nothing before it was changed."""

    position: int
    hash: str

    def __str__(self) -> str:
        return f"{self.position}:{self.hash}"


def seal(most: int = BATCH) -> int:
    """Give up to `most` waiting entries their place; returns how many. 0 also when another sealer is at work."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(
            f"SELECT {_FIELDS} FROM kernel_audit_unsealed u JOIN kernel_audit_entry e ON e.id = u.entry_id "
            "ORDER BY u.entry_id LIMIT %s",
            [most],
        )
        rows = cursor.fetchall()
        if not rows:
            return 0
        position, last = _end(cursor)
        seals = []
        for row in rows:
            contents = digest(row)
            position, last = position + 1, link(last, row, contents)
            seals.append((position, row[0], contents, last))
        with cursor.copy("COPY kernel_audit_seal (position, entry_id, contents, hash) FROM STDIN") as copy:
            for one in seals:
                copy.write_row(one)
        cursor.execute(
            "DELETE FROM kernel_audit_unsealed WHERE entry_id = ANY(%s)", [[row[0] for row in rows]]
        )
        return len(rows)


def seal_all() -> int:
    """Seal what waits now, batch by batch; returns how many."""
    sealed = 0
    while count := seal():
        sealed += count
    return sealed


def head() -> Head:
    """Where the chain ends now; position 0 for an empty one."""
    with connection.cursor() as cursor:
        position, last = _end(cursor)
    return Head(position, last.hex())


def _end(cursor: Any) -> tuple[int, bytes]:
    cursor.execute("SELECT position, hash FROM kernel_audit_seal ORDER BY position DESC LIMIT 1")
    found = cursor.fetchone()
    return (found[0], bytes(found[1])) if found else (0, GENESIS)


@dataclass(slots=True)
class Verdict:
    """What a recomputation of the whole chain found. Lists name at most `MOST_NAMED`; the counts are of all.

    `altered`: entries that do not fit their seal, or whose seal does not follow from the one before. `missing`:
    positions of the chain whose entry or seal is gone. `lost`: entries that neither stand in the chain nor wait for
    it. `waiting` are simply new. `emptied`: entries whose values were taken out because somebody was erased; who did
    what to which record when is proved of them all the same. `head_found` answers whether a head noted earlier is still
    part of the chain.
    """

    entries: int = 0
    sealed: int = 0
    waiting: int = 0
    emptied: int = 0
    altered: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_FAULTS, 0))
    head: Head = Head(0, GENESIS.hex())
    head_found: bool | None = None

    def note(self, fault: str, place: int) -> None:
        """Count a fault, and name its place while there are few."""
        self.counts[fault] += 1
        named: list[int] = getattr(self, fault)
        if len(named) < MOST_NAMED:
            named.append(place)

    @property
    def is_sound(self) -> bool:
        return not any(self.counts.values()) and self.head_found is not False


_CHAIN = f"""
    SELECT s.position, s.entry_id, s.contents, s.hash, {_FIELDS}
    FROM kernel_audit_seal s LEFT JOIN kernel_audit_entry e ON e.id = s.entry_id ORDER BY s.position
"""
_LOST = """
    SELECT e.id FROM kernel_audit_entry e
    WHERE NOT EXISTS (SELECT FROM kernel_audit_seal s WHERE s.entry_id = e.id)
      AND NOT EXISTS (SELECT FROM kernel_audit_unsealed u WHERE u.entry_id = e.id) ORDER BY e.id
"""


def verify(noted: str = "") -> Verdict:
    """Recompute the whole chain. `noted` is a hash, or `position:hash`, written down earlier."""
    found = Verdict()
    wanted = noted.strip().lower().rpartition(":")[2]
    previous, expected = GENESIS, 1
    with transaction.atomic(), connection.cursor() as cursor:
        for position, entry_id, contents, mark, *row in _chain():
            for gap in range(expected, min(position, expected + MOST_NAMED)):
                found.note("missing", gap)
            found.counts["missing"] += max(0, position - expected - MOST_NAMED)
            fault = _fault(tuple(row), bytes(contents), bytes(mark), previous)
            if fault:
                found.note(fault, position if fault == "missing" else entry_id)
            previous, expected = bytes(mark), position + 1
            found.sealed += 1
            found.emptied += _is_emptied(tuple(row))
            found.head_found = bool(found.head_found) or (bool(wanted) and previous.hex() == wanted)
        cursor.execute(_LOST)
        for (entry_id,) in cursor.fetchall():
            found.note("lost", entry_id)
        cursor.execute(
            "SELECT (SELECT count(*) FROM kernel_audit_entry), (SELECT count(*) FROM kernel_audit_unsealed)"
        )
        found.entries, found.waiting = cursor.fetchone() or (0, 0)
    found.head = Head(expected - 1, previous.hex())
    found.head_found = bool(found.head_found) if wanted else None
    return found


def _fault(row: tuple[Any, ...], contents: bytes, mark: bytes, previous: bytes) -> str:
    if row[0] is None:
        return "missing"
    holds = digest(row) == contents or _is_emptied(row)
    return "" if holds and link(previous, row, contents) == mark else "altered"


def _is_emptied(row: tuple[Any, ...]) -> bool:
    return row[0] is not None and row[_PLAIN:] == (EMPTIED, None, None)


_EMPTY = (
    "UPDATE kernel_audit_entry SET before = NULL, after = NULL, salt = %s WHERE id = ANY(%s) AND salt <> %s"
)


def empty(entry_ids: Sequence[int]) -> int:
    """Take the values out of these entries for good; returns of how many. What they say otherwise cannot be changed.

    Call it in the transaction that erases whom they told of. The turn of the sealer is taken: an entry is sealed as it
    was, or as it is after this, never in between.
    """
    if not entry_ids:
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("SELECT set_config('amity.erasing', 'on', true)")
        cursor.execute(_EMPTY, [EMPTIED, list(entry_ids), EMPTIED])
        emptied: int = cursor.rowcount
        cursor.execute("SELECT set_config('amity.erasing', '', true)")
    return emptied


def _chain() -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CHAIN)
        while rows := cursor.fetchmany(5_000):
            yield from rows
