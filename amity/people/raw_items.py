"""Raw items that name somebody although no activity was made of them: rows of address books, rows nobody could read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from amity.activity.shaping import identity_id
from amity.channels.adapters import RawItem, Reader, adapter, leans, live_adapter
from amity.channels.models import ImportRun, Source
from amity.channels.records import Unreadable
from amity.channels.walking import config_of
from amity.people.domain.mentions import SHORTEST, Mentions
from amity.people.models import NO_RUN
from amity.people.refusing import parties

PORTION = 2_000
_RUNS = "SELECT DISTINCT source_id, run_id FROM people_sighting WHERE identity_id = ANY(%s)"
_PAGE = """
    SELECT id, position, content_type, raw FROM channels_item
    WHERE {of} AND (position, id) > (%(position)s, %(id)s) ORDER BY position, id LIMIT %(most)s
"""
_OF_RUN = "run_id = %(run)s"
_OF_LIVE = "source_id = %(source)s AND run_id IS NULL"
_SINCE = "received_at >= %(since)s"
_UNREAD = "source_id = %(source)s AND state = 'quarantined'"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose items are looked for. `short`: some of their accounts are too short to be found as words, so that rows
    have to be read."""

    identity_ids: frozenset[UUID]
    mentions: Mentions
    short: bool


def wanted(identity_ids: Sequence[UUID], addresses: Sequence[str], mentions: Mentions) -> Wanted:
    return Wanted(frozenset(identity_ids), mentions, any(len(one) < SHORTEST for one in addresses))


def naming(who: Wanted, *, since: datetime | None = None) -> list[UUID]:
    """The items that name them: of every import and program that told of them, and whatever waits to be read.

    `since`: only those that were taken in from then on.
    """
    found: set[UUID] = set()
    with connection.cursor() as cursor:
        cursor.execute(_RUNS, [list(who.identity_ids)])
        told_by = cursor.fetchall()
    for source_id, run_id in told_by:
        source = Source.objects.get(pk=source_id)
        if run_id != NO_RUN:
            run = ImportRun.objects.filter(pk=run_id).first()
            found |= _looked_through(who, _OF_RUN, {"run": run_id}, _reader(source, run), since)
        elif live_adapter(source.adapter) is None:  # what live channels bring makes an activity each
            found |= _looked_through(who, _OF_LIVE, {"source": source_id}, _reader(source, None), since)
    for source_id in Source.objects.values_list("pk", flat=True):
        found |= _looked_through(who, _UNREAD, {"source": source_id}, None, since)
    return sorted(found, key=str)


def _reader(source: Source, run: ImportRun | None) -> Reader | None:
    try:
        return adapter(source.adapter).reader(config_of(run) if run else {"source": source.key})
    except Unreadable:
        return None  # its mapping makes no sense any more: words alone tell


def _looked_through(
    who: Wanted, of: str, named: dict[str, Any], reader: Reader | None, since: datetime | None
) -> set[UUID]:
    """What others say of them is left: an item is theirs if it reads as told by them or about them. What nobody can
    read is theirs if it names them."""
    found = set()
    reads_all = reader is not None and (who.short or leans(reader))
    if since is not None:
        of, named = f"{of} AND {_SINCE}", {**named, "since": since}
    for id, raw in _pages(of, named):
        is_named = who.mentions.are_in(raw.raw)
        if not (is_named or reads_all):
            continue
        if is_named if reader is None else _reads_of(who, reader, raw, otherwise=is_named):
            found.add(id)
    return found


def _reads_of(who: Wanted, reader: Reader, raw: RawItem, *, otherwise: bool) -> bool:
    try:
        records = reader(raw)
    except Unreadable:
        return otherwise
    return any(identity_id(handle) in who.identity_ids for record in records for handle in parties(record))


def _pages(of: str, named: dict[str, Any]) -> Iterator[tuple[UUID, RawItem]]:
    """A portion at a time; a reader that leans on the row before sees them in their order."""
    last: tuple[int, UUID] = (-1, UUID(int=0))
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                _PAGE.replace("{of}", of), {**named, "position": last[0], "id": last[1], "most": PORTION}
            )
            rows = cursor.fetchall()
        for id, position, kind, raw in rows:
            yield id, RawItem(position, bytes(raw), kind)
        if len(rows) < PORTION:
            return
        last = (rows[-1][1], rows[-1][0])


def names_in_file(who: Wanted, run: ImportRun) -> bool:
    """Whether the stored copy of an import names them. One that cannot be read any more counts as one that does."""
    from amity.channels.imports import stored_file

    path = stored_file(run)
    if path.is_file() and _in_bytes(who.mentions, path):
        return True
    kind = adapter(run.source.adapter if run.source else "file")
    try:
        reader = kind.reader(config_of(run)) if who.short else None
        return any(
            who.mentions.are_in(raw.raw)
            or (reader is not None and _reads_of(who, reader, raw, otherwise=False))
            for raw in kind.open(path, config_of(run), None)
        )
    except (Unreadable, OSError, KeyError, ValueError):
        return True


def _in_bytes(mentions: Mentions, path: Path) -> bool:
    with path.open("rb") as stream:
        before = b""
        while chunk := stream.read(1 << 20):
            if mentions.are_in(before + chunk):
                return True
            before = chunk[-400:]
    return False
