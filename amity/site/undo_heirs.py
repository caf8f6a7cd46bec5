"""What an import brought and another brought too is handed over to that one before the import is taken back.

Rows that both read alike change their run and nothing else, so that what colleagues did about them stays. Where the
other import says something else (another mapping, an order whose rows are not all its own, an id told in other words)
what it says is read anew when the first import is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection

from amity.activity.rows import ROWS
from amity.channels.adapters import RawItem, Reader, adapter, leans
from amity.channels.imports import BATCH_ROWS
from amity.channels.models import ImportRun, ItemState
from amity.channels.records import MessageRecord, OrderRecord, Record, Unreadable
from amity.channels.stages import ITEMS, RAW, READER, ReadItem, read
from amity.channels.walking import LEAN_ON, Way, config_of, ingest_or_isolate
from amity.kernel.live import announce
from amity.kernel.pipeline import Batch
from amity.people.stages import resolve

LIVE = "o.source_id = %(source)s AND o.id <> %(run)s AND o.state NOT IN ('undoing', 'undone')"
"""Condition: `o` is another import of the source that was not taken back."""

# What becomes of rows of others: `fate` is `kept` (handed over as it is), `anew` (read again) or `seen` (others lean on
# it). `is_shared` tells rows of the run that is undone from those that the other import brought alone.
_ROWS = (
    """DROP TABLE IF EXISTS pg_temp.undo_row;
    CREATE TEMP TABLE undo_row (
        run_id uuid, position bigint, item_id uuid, is_shared bool, fate text, PRIMARY KEY (run_id, position)
    ) ON COMMIT DROP""",
    f"""INSERT INTO undo_row
    SELECT DISTINCT ON (i.id) r.run_id, u.position, i.id, true, 'anew'
    FROM channels_repeat r JOIN channels_importrun o ON o.id = r.run_id AND {LIVE}
    CROSS JOIN LATERAL unnest(r.digests, r.positions) AS u(digest, position)
    JOIN channels_item i ON i.source_id = %(source)s AND i.digest = u.digest
    WHERE i.run_id = %(run)s ORDER BY i.id, r.id""",
    f"""INSERT INTO undo_row
    SELECT DISTINCT i.run_id, i.position, i.id, false, 'anew' FROM activity_retold t
    JOIN activity_activitykey k ON k.source_id = t.source_id AND k.external_id = t.external_id
    JOIN activity_activity a ON a.occurred_at = k.occurred_at AND a.id = k.activity_id AND a.run_id = %(run)s
    JOIN channels_item i ON i.id = t.item_id JOIN channels_importrun o ON o.id = i.run_id AND {LIVE}
    WHERE t.source_id = %(source)s""",
    f"""INSERT INTO undo_row
    SELECT DISTINCT i.run_id, i.position, i.id, false, 'anew' FROM commerce_orderline l
    JOIN commerce_order b ON b.id = l.order_id AND b.run_id IS DISTINCT FROM l.run_id
    JOIN activity_retold t ON t.source_id = b.source_id AND t.external_id = 'order:' || b.external_id
    JOIN channels_item i ON i.id = t.item_id JOIN channels_importrun o ON o.id = i.run_id AND {LIVE}
    WHERE l.run_id = %(run)s ON CONFLICT DO NOTHING""",
    """DROP TABLE IF EXISTS pg_temp.undo_order;
    CREATE TEMP TABLE undo_order ON COMMIT DROP AS
    SELECT DISTINCT b.id, b.source_id, 'order:' || b.external_id AS external_id FROM channels_item i
    JOIN activity_retold t ON t.item_id = i.id
    JOIN commerce_order b ON b.source_id = t.source_id AND t.external_id = 'order:' || b.external_id
    JOIN commerce_firsttelling f ON f.order_id = b.id
    WHERE i.run_id = %(run)s AND t.source_id = %(source)s AND b.run_id IS DISTINCT FROM %(run)s""",
    f"""INSERT INTO undo_row
    SELECT DISTINCT i.run_id, i.position, i.id, false, 'anew' FROM undo_order b
    JOIN activity_retold t ON t.source_id = b.source_id AND t.external_id = b.external_id
    JOIN channels_item i ON i.id = t.item_id JOIN channels_importrun o ON o.id = i.run_id AND {LIVE}
    ON CONFLICT DO NOTHING""",
    """DROP TABLE IF EXISTS pg_temp.undo_told;
    CREATE TEMP TABLE undo_told ON COMMIT DROP AS
    SELECT item_id, count(*) AS n FROM activity_activity WHERE run_id = %(run)s GROUP BY item_id""",
    "CREATE INDEX ON undo_told (item_id)",
)
_LEANING = """
    INSERT INTO undo_row SELECT run_id, position, id, false, 'seen' FROM channels_item
    WHERE run_id = %(heir)s AND position BETWEEN
        (SELECT min(position) FROM undo_row WHERE run_id = %(heir)s) - %(most)s
        AND (SELECT max(position) FROM undo_row WHERE run_id = %(heir)s)
    ON CONFLICT DO NOTHING
"""
_PAGE = """
    SELECT w.position, i.id, i.digest, i.raw, i.content_type, i.state, w.is_shared, w.fate, COALESCE(t.n, 0)
    FROM undo_row w JOIN channels_item i ON i.id = w.item_id LEFT JOIN undo_told t ON t.item_id = i.id
    WHERE w.run_id = %s AND w.position > %s ORDER BY w.position LIMIT %s
"""
_TAKE_ITEMS = """
    UPDATE channels_item i SET run_id = w.run_id, position = w.position FROM undo_row w
    WHERE w.fate = 'kept' AND i.id = w.item_id
"""
_HAND_OVER = (
    """UPDATE commerce_order o SET run_id = w.run_id FROM activity_activity a JOIN undo_row w ON w.item_id = a.item_id
        WHERE w.fate = 'kept' AND a.run_id = %(run)s AND o.id = a.object_id AND o.run_id = %(run)s""",
    """UPDATE activity_activity a SET run_id = w.run_id FROM undo_row w
        WHERE w.fate = 'kept' AND a.run_id = %(run)s AND a.item_id = w.item_id""",
    _TAKE_ITEMS,
    "DELETE FROM activity_retold t USING channels_item i WHERE i.id = t.item_id AND i.run_id = %(run)s",
)


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of an heir, with how many activities were made of it."""

    item: ReadItem
    state: str
    is_shared: bool
    fate: str
    told: int


@dataclass(slots=True)
class _Judge:
    """Decides which shared rows both imports say alike."""

    own: Reader
    retold: set[str]
    is_whole: bool
    kept: list[UUID] = field(default_factory=list)

    def keeps(self, row: _Row) -> bool:
        records = row.item.records
        keys = [key for record in records if (key := _key(record))]
        if row.item.code or row.state != ItemState.DONE or not self.retold.isdisjoint(keys):
            return False
        if list(records) != list(_read(self.own, row.item.raw)):
            return False
        if any(isinstance(record, OrderRecord) and record.extra.get("partial") for record in records):
            return self.is_whole
        return len(keys) == row.told


def hand_over(run: ImportRun, *, at: datetime) -> list[ImportRun]:
    """Give what other imports brought too to the earliest of them; the heirs, as they came.

    Call it before the run is taken back, and `read_anew` with the heirs after its activities and orders are gone.
    """
    named = {"run": run.id, "source": run.source_id}
    with connection.cursor() as cursor:
        for statement in _ROWS:
            cursor.execute(statement, named if "%(" in statement else None)
    heirs = _heirs()
    if heirs:
        retold = _retold(run)
        for heir in heirs:
            _judge(run, heir, retold, at)
    with connection.cursor() as cursor:
        for statement in _HAND_OVER:
            cursor.execute(statement, named)
    return heirs


_SOME_ROWS = (
    _ROWS[0],
    _ROWS[1].replace("WHERE i.run_id = ", "WHERE r.id = %(repeats)s AND i.run_id = "),
    *_ROWS[-2:],
)
_REPEATS = f"""
    SELECT r.id FROM channels_repeat r JOIN channels_importrun o ON o.id = r.run_id AND {LIVE} ORDER BY r.id
"""


def repeated(run: ImportRun) -> list[int]:
    """Ids of what other imports of the source brought again, a batch each: where rows of this run may be among it."""
    with connection.cursor() as cursor:
        cursor.execute(_REPEATS, {"run": run.id, "source": run.source_id})
        return [id for (id,) in cursor.fetchall()]


def hand_over_some(run: ImportRun, repeats: int, *, at: datetime) -> None:
    """Like `hand_over`, for a run that brought nothing but people, and one batch that another import brought again.

    Rows that the other import says otherwise are left for `hand_over` and `read_anew`.
    """
    named = {"run": run.id, "source": run.source_id, "repeats": repeats}
    with connection.cursor() as cursor:
        for statement in _SOME_ROWS:
            cursor.execute(statement, named if "%(" in statement else None)
    for heir in _heirs():
        _judge(run, heir, set(), at)
        with connection.cursor() as cursor:
            cursor.execute(_TAKE_ITEMS)
            kept = cursor.rowcount
        locked = ImportRun.objects.select_for_update().get(pk=heir.pk)
        locked.rows_new, locked.rows_same = locked.rows_new + kept, locked.rows_same - kept
        locked.save(update_fields=["rows_new", "rows_same"])
        announce("import", heir.id, source_id=heir.source_id or "")


def _heirs() -> list[ImportRun]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT run_id FROM undo_row")
        ids = [id for (id,) in cursor.fetchall()]
    return list(ImportRun.objects.filter(pk__in=ids).select_related("source").order_by("started_at", "id"))


def _retold(run: ImportRun) -> set[str]:
    """External ids that another import tells in other words, or of which several imports tell a part."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.external_id FROM undo_row w JOIN activity_retold t ON t.item_id = w.item_id "
            "WHERE NOT w.is_shared UNION SELECT 'order:' || b.external_id FROM commerce_orderline l "
            "JOIN commerce_order b ON b.id = l.order_id AND b.run_id IS DISTINCT FROM l.run_id WHERE l.run_id = %s",
            [run.id],
        )
        return {key for (key,) in cursor.fetchall()}


def _judge(run: ImportRun, heir: ImportRun, retold: set[str], at: datetime) -> None:
    """Say which shared rows the heir keeps as they are, and have it name the people of those."""
    reader = _reader(heir)
    if leans(reader):
        with connection.cursor() as cursor:
            cursor.execute(_LEANING, {"heir": heir.id, "most": LEAN_ON})
    judge = _Judge(_reader(run), retold, _is_whole(run, heir))
    for rows in _pages(heir):
        batch = Batch(source_id=_source(heir), at=at, run_id=heir.id)
        batch.put(RAW, [row.item.raw for row in rows])
        batch.put(READER, reader)
        batch.put(ITEMS, [row.item for row in rows if row.is_shared])
        read(batch)
        kept = [row.item for row in rows if row.is_shared and judge.keeps(row)]
        batch.put(ITEMS, kept)
        batch.put(ROWS, [])
        resolve(batch)
        _mark_kept([item.id for item in kept])


def _mark_kept(items: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE undo_row SET fate = 'kept' WHERE item_id = ANY(%s)", [items])


def _is_whole(run: ImportRun, heir: ImportRun) -> bool:
    """Whether the heir brought every row of the run."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM channels_item WHERE run_id = %s) = "
            "(SELECT count(*) FROM undo_row WHERE run_id = %s AND is_shared)",
            [run.id, heir.id],
        )
        (whole,) = cursor.fetchone() or (False,)
        return bool(whole)


def read_anew(heirs: Sequence[ImportRun], way: Way) -> None:
    """Walk what the heirs say otherwise through the corridor as rows of theirs, and bring their counts up to date."""
    for heir in heirs:
        counts = {"new": 0, "quarantined": 0, "refused": 0}
        reader = _reader(heir)
        for rows in _pages(heir):
            anew = [row for row in rows if row.fate == "anew"]
            if not anew:
                for row in rows if leans(reader) else ():
                    _read(reader, row.item.raw)
                continue
            _forget([row.item.id for row in anew])
            raws = [row.item.raw for row in rows if row.fate != "kept" or leans(reader)]
            found = ingest_or_isolate(raws, heir, reader, way)
            counts = {key: counts[key] + found.get(key, 0) for key in counts}
        _count(heir, counts)


def _forget(items: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM activity_retold WHERE item_id = ANY(%s)", [items])
        cursor.execute("DELETE FROM channels_item WHERE id = ANY(%s)", [items])


def _count(heir: ImportRun, found: dict[str, int]) -> None:
    """Rows that it shared were the same and are its own now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FILTER (WHERE fate = 'kept'), count(*) FILTER (WHERE is_shared), "
            "count(*) FILTER (WHERE fate = 'anew' AND NOT is_shared) FROM undo_row WHERE run_id = %s",
            [heir.id],
        )
        kept, shared, before = cursor.fetchone() or (0, 0, 0)
    locked = ImportRun.objects.select_for_update().get(pk=heir.pk)
    locked.rows_new += kept + found["new"] - before
    locked.rows_same -= shared
    locked.rows_quarantined += found["quarantined"]
    locked.rows_refused += found["refused"]
    locked.save(update_fields=["rows_new", "rows_same", "rows_quarantined", "rows_refused"])
    announce("import", heir.id, source_id=heir.source_id or "")


def _pages(heir: ImportRun) -> Iterator[list[_Row]]:
    """Its rows that matter, in the order of its file, a batch at a time."""
    last = -1
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_PAGE, [heir.id, last, BATCH_ROWS])
            rows = [
                _Row(
                    ReadItem(id, bytes(digest), RawItem(position, bytes(raw), kind)),
                    state, is_shared, fate, told,
                )
                for position, id, digest, raw, kind, state, is_shared, fate, told in cursor.fetchall()
            ]  # fmt: skip
        if not rows:
            return
        last = rows[-1].item.raw.position
        yield rows


def _key(record: Record) -> str:
    """The external id of the activity that a record becomes, empty where it becomes none."""
    if isinstance(record, MessageRecord):
        return record.external_id
    return f"order:{record.external_id}" if isinstance(record, OrderRecord) else ""


def _reader(run: ImportRun) -> Reader:
    """A reader of this run; one whose mapping makes no sense any more refuses every row with the reason."""
    assert run.source is not None
    try:
        return adapter(run.source.adapter).reader(config_of(run))
    except Unreadable as error:
        wrong = error

        def refuse(_item: RawItem) -> list[Record]:
            raise Unreadable(wrong.code, wrong.reason)

        return refuse


def _read(reader: Reader, raw: RawItem) -> Sequence[Record]:
    try:
        return reader(raw)
    except Unreadable:
        return ()


def _source(run: ImportRun) -> UUID:
    assert run.source_id is not None
    return run.source_id
