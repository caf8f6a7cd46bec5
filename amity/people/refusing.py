"""Who was erased does not come back by what is older than that: an old file, a mailbox that is read once more.

A new message or order of theirs makes somebody new. An address book is not their word: it brings nobody back, and says
more only of those who came back themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from amity.activity.rows import ROWS
from amity.activity.shaping import identity_id
from amity.channels.records import Direction, Handle, MessageRecord, OrderRecord, PersonRecord, Record
from amity.channels.stages import COUNTS, ITEMS, REFUSED, REPEATS
from amity.kernel import erasing
from amity.kernel.pipeline import Batch
from amity.people.models import Identity


def refuse_erased(batch: Batch) -> Batch:
    """Leave out the items that would bring back somebody who was erased; nothing of them is kept, but their number.

    It runs in the turn to write: who is erased meanwhile waits, or is erased already.
    """
    items = batch.get(ITEMS)
    if not items or not erasing.is_anybody_erased():
        return batch
    named = {identity_id(handle) for item in items for record in item.records for handle in parties(record)}
    erased = erasing.erased_at(named)
    if not erased:
        return batch
    back = set(Identity.objects.filter(pk__in=list(erased)).values_list("pk", flat=True))
    refused = {
        item.id for item in items if any(_brings_back(record, erased, back) for record in item.records)
    }
    if refused:
        batch.put(ITEMS, [item for item in items if item.id not in refused])
        batch.put(ROWS, [row for row in batch.get(ROWS) if row.item_id not in refused])
        batch.put(REFUSED, sorted(refused, key=str))
        _refuse_repeats(batch, {item.digest for item in items if item.id in refused}, len(refused))
    return batch


def _refuse_repeats(batch: Batch, digests: set[bytes], refused: int) -> None:
    """Rows that stand in the batch once more are refused with the first of them: not even a digest is kept."""
    repeats, counts = batch.get(REPEATS), batch.get(COUNTS)
    kept = [(digest, position) for digest, position in repeats if digest not in digests]
    again = len(repeats) - len(kept)
    batch.put(REPEATS, kept)
    counts["same"] -= again
    counts["refused"] = refused + again


def parties(record: Record) -> Iterable[Handle]:
    """The customers of whom a record tells: whose timeline it would stand on, who bought, whose entry it is."""
    if isinstance(record, MessageRecord):
        theirs = record.direction == Direction.IN or (
            record.direction == Direction.AUTO and record.author.address
        )
        return [record.author] if theirs else record.recipients[:1]
    return record.buyer if isinstance(record, OrderRecord) else record.handles


def _brings_back(record: Record, erased: Mapping[UUID, datetime], back: set[UUID]) -> bool:
    at = _instant(record)
    for handle in parties(record):
        identity = identity_id(handle)
        since = erased.get(identity)
        if since is None:
            continue
        if at <= since or (isinstance(record, PersonRecord) and identity not in back):
            return True
    return False


def _instant(record: Record) -> datetime:
    if isinstance(record, MessageRecord):
        return record.occurred_at
    return record.ordered_at if isinstance(record, OrderRecord) else record.observed_at
