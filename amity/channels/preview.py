"""What a file would become: its first items read with a mapping, nothing written. For the screen and the terminal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any

from amity.channels.adapters import RawItem, adapter
from amity.channels.records import Direction, MessageRecord, OrderRecord, Record, Unreadable


class Kind(StrEnum):
    """What a record is, as people count them."""

    TO_US = "messages to us"
    BY_US = "messages by us"
    INTERNAL = "internal notes"
    ORDER = "orders"
    PERSON = "people"
    AUTOMATIC = "automatic mails"


_KINDS = {
    Direction.IN: Kind.TO_US,
    Direction.OUT: Kind.BY_US,
    Direction.INTERNAL: Kind.INTERNAL,
    Direction.AUTO: Kind.AUTOMATIC,
}


def kind_of(record: Record) -> Kind:
    """What a record is."""
    if isinstance(record, MessageRecord):
        return _KINDS[record.direction]
    return Kind.ORDER if isinstance(record, OrderRecord) else Kind.PERSON


@dataclass(frozen=True, slots=True)
class Shown:
    """One of the first items with its records, or with the code and reason for which it is not taken."""

    item: RawItem
    records: tuple[Record, ...] = ()
    code: str = ""
    reason: str = ""


@dataclass(slots=True)
class FirstItems:
    """What the first items of a file become: counts of records, reasons with counts, and the first of them in full."""

    read: int = 0
    becomes: Counter[Kind] = field(default_factory=Counter)
    not_taken: Counter[str] = field(default_factory=Counter)
    shown: list[Shown] = field(default_factory=list)


def read_first(
    path: Path, config: dict[str, Any], *, most: int, shown: int, kind: str = "file"
) -> FirstItems:
    """Read up to `most` items and keep the first `shown` of them.

    `config` holds `shape` and `mapping`. Raises `Unreadable` where the mapping does not fit or the file breaks off.
    """
    channel, found = adapter(kind), FirstItems()
    read = channel.reader(config)
    for item in islice(channel.open(path, config, None), most):
        found.read += 1
        try:
            entry = Shown(item, tuple(read(item)))
            found.becomes.update(kind_of(record) for record in entry.records)
        except Unreadable as error:
            entry = Shown(item, code=error.code, reason=error.reason)
            found.not_taken[error.reason] += 1
        if len(found.shown) < shown:
            found.shown.append(entry)
    return found
