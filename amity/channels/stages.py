"""The channel's part of the corridor: raw items in, records out, nothing twice, nothing lost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from uuid import UUID

import structlog
from django.db import connection, transaction

from amity.channels.adapters import RawItem, Reader, leans
from amity.channels.checking import Checker, as_judged, checker
from amity.channels.domain.limits import refuse_impossible
from amity.channels.models import LEFT_OUT, ItemState, Repeat
from amity.channels.records import Record, Unreadable, left_out_of
from amity.kernel import metrics
from amity.kernel.copying import copy_insert
from amity.kernel.ids import uuid7
from amity.kernel.pipeline import Batch, Key

log = structlog.get_logger(__name__)

RAW: Key[Sequence[RawItem]] = Key("channels.raw")
READER: Key[Reader] = Key("channels.reader")


@dataclass(slots=True)
class ReadItem:
    """An item with what it says, or why nobody can read it."""

    id: UUID
    digest: bytes
    raw: RawItem
    records: Sequence[Record] = ()
    code: str = ""
    reason: str = ""

    @property
    def note(self) -> str:
        """What is kept of it beside the item: why nobody can read it, or that something of it was left out."""
        return self.code or (LEFT_OUT if left_out_of(self.records) else "")


ITEMS: Key[list[ReadItem]] = Key("channels.items")
ITEMS_TOTAL = metrics.Counter("amity_items_total", "Items that channels delivered.", ("outcome",))
RULES: Key[Checker] = Key("channels.rules")
"""The rules by which the records of a batch were read."""
COUNTS: Key[dict[str, int]] = Key("channels.counts")
REPEATS: Key[list[tuple[bytes, int]]] = Key("channels.repeats")
"""Digests and places of what is there already: from another delivery of this source, or from this one."""
REFUSED: Key[list[UUID]] = Key("channels.refused")
"""Items that were left out because somebody whom they name was erased; nothing of them is kept."""
IN_TURN: Key[None] = Key("channels.in_turn")
"""There where the transaction of a batch took its turn to write ahead of the walk."""
TURN = 4_171_001  # any number, the same for every writer


def digest_of(raw: RawItem) -> bytes:
    """Sixteen bytes that are the same when the same item comes again.

    They cover the content type: an adapter that delivers rows which may rightly repeat numbers them there.
    """
    return hashlib.blake2b(raw.raw, digest_size=16, salt=_salt(raw.content_type)).digest()


@lru_cache(maxsize=1_000)
def _salt(content_type: str) -> bytes:
    return hashlib.blake2b(content_type.encode(), digest_size=16).digest()


def skip_known(batch: Batch) -> Batch:
    """Leave out what this source delivered before, and repeats within the batch."""
    keyed = [(digest_of(raw), raw) for raw in batch.get(RAW)]
    fresh = dict(reversed(keyed))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT digest FROM channels_item WHERE source_id = %s AND digest = ANY(%s)",
            [batch.source_id, list(fresh)],
        )
        came_before = {bytes(digest) for (digest,) in cursor.fetchall()}
    first = {id(raw) for digest, raw in fresh.items() if digest not in came_before}
    # Rows of this very file that are there twice are noted too: each count of a run opens to its rows.
    repeats = [(digest, raw.position) for digest, raw in keyed if id(raw) not in first]
    for digest in came_before:
        del fresh[digest]
    batch.put(REPEATS, repeats)
    items = [ReadItem(uuid7(batch.at), digest, raw) for digest, raw in reversed(fresh.items())]
    batch.put(ITEMS, items)
    batch.put(COUNTS, {"read": len(batch.get(RAW)), "same": len(batch.get(RAW)) - len(items)})
    return batch


def read(batch: Batch) -> Batch:
    """Turn items into records; what cannot be read keeps its reason and waits in quarantine."""
    reader = batch.get(READER)
    fresh = batch.get(ITEMS)
    items: Iterable[ReadItem] = _in_their_place(batch, reader) if leans(reader) else fresh
    rules = checker()
    batch.put(RULES, rules)
    for item in items:
        try:
            records = reader(item.raw)
            for record in records:
                refuse_impossible(record)
            for record in as_judged(records):
                rules.refuse(record)
            item.records = records
        except Unreadable as error:
            item.code, item.reason = error.code, error.reason
        except Exception as error:  # the boundary: one odd item must not stop the others
            log.exception("item could not be read", item=str(item.id), kind=type(error).__name__)
            item.code, item.reason = (
                "internal",
                f"Amity failed to read this ({type(error).__name__}). Replay it later.",
            )
    return batch


def _in_their_place(batch: Batch, reader: Reader) -> Iterable[ReadItem]:
    """The items, while the reader also sees the known rows between them: theirs may be what an item leans on."""
    items = {id(item.raw): item for item in batch.get(ITEMS)}
    for raw in batch.get(RAW):
        if item := items.get(id(raw)):
            yield item
        else:
            with suppress(Unreadable):
                reader(raw)


def take_turn(batch: Batch) -> Batch:
    """From here on one writer at a time: reading and understanding run beside each other, writing does not.

    That makes deadlocks between batches impossible and threads exact; the lock ends with the transaction.
    """
    if batch.has(IN_TURN):
        return batch
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURN])
    return batch


def _count(counts: dict[str, int]) -> None:
    for outcome in ("new", "same", "quarantined"):
        ITEMS_TOTAL.add(counts[outcome], outcome=outcome)


def keep_items(batch: Batch) -> Batch:
    """Write the raw items. What another batch brought in the meantime is dropped here, and noted with the repeats."""
    items = batch.get(ITEMS)
    written = copy_insert(
        "channels_item",
        ["id", "source_id", "run_id", "digest", "position", "content_type", "raw", "received_at", "state",
         "error_code", "error_reason"],
        (
            (item.id, batch.source_id, batch.run_id, item.digest, item.raw.position, item.raw.content_type,
             item.raw.raw, batch.at, ItemState.QUARANTINED if item.code else ItemState.DONE, item.note, item.reason)
            for item in items
        ),
        on_conflict="(source_id, digest) DO NOTHING",
        returning=["id"],
    )  # fmt: skip
    ids = {row[0] for row in written}
    kept = [item for item in items if item.id in ids]
    dropped = [(item.digest, item.raw.position) for item in items if item.id not in ids]
    _note_repeats(batch, [*batch.get(REPEATS), *dropped])
    counts = batch.get(COUNTS)
    counts["same"] += len(items) - len(kept)
    counts["quarantined"] = sum(1 for item in kept if item.code)
    counts["new"] = len(kept) - counts["quarantined"]
    if metrics.is_on():
        transaction.on_commit(partial(_count, dict(counts)))  # what is rolled back did not come in
    batch.put(ITEMS, [item for item in kept if not item.code])
    return batch


def _note_repeats(batch: Batch, repeats: Sequence[tuple[bytes, int]]) -> None:
    """A row for a batch: 24 bytes for each repeat. Live sources share no items with imports and are never undone."""
    if batch.run_id and repeats:
        Repeat.objects.create(
            run_id=batch.run_id,
            digests=[digest for digest, _ in repeats],
            positions=[position for _, position in repeats],
        )


def quarantine_one(raw: RawItem, batch: Batch, reason: str) -> dict[str, int]:
    """Keep an item that breaks a stage, with the reason, for another try; counts of this."""
    batch.put(RAW, [raw])
    skip_known(batch)
    for item in batch.get(ITEMS):
        item.code, item.reason = "internal", reason.replace("\x00", "")[:2_000]
    return keep_items(batch).get(COUNTS)
