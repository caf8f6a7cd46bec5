"""Import runs as the screens show them: lists, progress, rows with their outcome, reasons, history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Func, Min, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from amity.channels.adapters.file.cells import columns_of
from amity.channels.adapters.file.shape import Cursor, RawItem, Shape
from amity.channels.models import ImportRun, Item, ItemState, RunState
from amity.channels.outcomes import Fate, Outcome, outcomes_of
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import NotFound
from amity.kernel.models import Transition

PAGE_RUNS = 30
PAGE_ROWS = 50
MOST_REASONS = 30
CELLS_IN_A_LINE = 4
LINE_BYTES = 2_000
UNDER_WAY = frozenset({RunState.QUEUED, RunState.RUNNING, RunState.UNDOING})
SLOWEST_START = timedelta(seconds=3)


def run_of(actor: Actor, run_id: UUID) -> ImportRun:
    """One run that the actor may see, with its source and who began it; `NotFound` for any other."""
    visible = ImportRun.objects.visible_to(actor).select_related("source", "created_by")
    run = visible.filter(pk=run_id).first()
    if run is None:
        raise NotFound(_("There is no such import."))
    return run


def runs_of(actor: Actor, before: str = "") -> tuple[list[ImportRun], str]:
    """Runs that the actor may see, the newest first, behind the cursor `before`; and the cursor of the next page."""
    rows = (
        ImportRun.objects.visible_to(actor).select_related("source", "created_by").defer("shape", "mapping")
    )
    if place := _place(before):
        at, run_id = place
        rows = rows.filter(Q(created_at__lt=at) | Q(created_at=at, id__lt=run_id))
    found = list(rows.order_by("-created_at", "-id")[: PAGE_RUNS + 1])
    last = found[PAGE_RUNS - 1] if len(found) > PAGE_RUNS else None
    return found[:PAGE_RUNS], f"{last.created_at.isoformat()}~{last.id}" if last else ""


def _place(cursor: str) -> tuple[datetime, UUID] | None:
    """What a cursor names; one that makes no sense is the first page."""
    at, _, run_id = cursor.partition("~")
    try:
        return datetime.fromisoformat(at), UUID(run_id)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. Shares are of all rows of the file as far as their number is known; `left` is a forecast."""

    read: int
    total: int | None
    new: int
    same: int
    not_taken: int
    left: timedelta | None = None

    @property
    def shares(self) -> list[tuple[float, str]]:
        """New, same and not taken as parts of the whole bar, with their tones."""
        whole = max(self.total or 0, self.read, 1)
        return [(self.new / whole, "accent"), (self.same / whole, "ink"), (self.not_taken / whole, "bad")]


def progress_of(run: ImportRun, now: datetime) -> Progress:
    """Counts of a run, and the time left at the pace of the time that it has been running."""
    left = undo_left(run, now)
    rest = (run.rows_total or 0) - run.rows_read
    if run.state == RunState.RUNNING and run.rows_read and rest > 0:
        spent = time_running(run, now)
        if spent >= SLOWEST_START:
            left = spent * (rest / run.rows_read)
    return Progress(run.rows_read, run.rows_total, run.rows_new, run.rows_same, run.rows_quarantined, left)


def undo_left(run: ImportRun, now: datetime) -> timedelta | None:
    """How long an undo under way still takes, at the pace of the portions that are taken back."""
    told = run.options.get("undo") or {}
    done, total = int(told.get("done", 0)), int(told.get("total", 0))
    if run.state != RunState.UNDOING or not done or "at" not in told:
        return None
    spent = now - datetime.fromisoformat(told["at"])
    return spent * ((total - done) / done) if spent >= SLOWEST_START else None


def time_running(run: ImportRun, now: datetime) -> timedelta:
    """How long the run has been worked on, pauses left out."""
    spent, since = timedelta(), None
    for before, after, at in (
        Transition.objects.filter(subject="import_run", subject_id=run.id)
        .order_by("at", "id")
        .values_list("before", "after", "at")
    ):
        if after == RunState.RUNNING:
            since = at
        elif before == RunState.RUNNING and since is not None:
            spent, since = spent + (at - since), None
    return spent + (now - since) if since else spent


def history_of(run: ImportRun) -> QuerySet[Transition]:
    """What happened to the run: who moved it when, and why; the newest last."""
    return (
        Transition.objects.filter(subject="import_run", subject_id=run.id)
        .select_related("staff")
        .order_by("at", "id")
    )


@dataclass(frozen=True, slots=True)
class Reason:
    """Rows that were not taken for one cause. `column` is empty where it is about the whole row."""

    code: str
    column: str
    count: int
    position: int
    reason: str


def _column() -> Coalesce:
    found = Func(F("error_reason"), Value("^“([^”]*)”"), function="substring", output_field=TextField())
    return Coalesce(found, Value(""), output_field=TextField())


def reasons_of(run: ImportRun) -> list[Reason]:
    """Why rows were not taken, the most frequent first: by what is wrong and with which column."""
    waiting = Item.objects.filter(run=run, state=ItemState.QUARANTINED).annotate(column=_column())
    groups = waiting.values("error_code", "column").annotate(
        count=Count("id"), first=Min("position"), example=Min("error_reason")
    )
    return [
        Reason(row["error_code"], row["column"], row["count"], row["first"], row["example"])
        for row in groups.order_by("-count", "error_code", "column")[:MOST_REASONS]
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file with its outcome. `line` is its beginning in a line, empty for who may not see raw rows. The
    item `id` that holds it may be of another import (`run_id`); None where it is gone."""

    id: UUID | None
    run_id: UUID | None
    position: int
    is_taken: bool
    code: str
    reason: str
    line: str
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Which rows: `outcome` is `taken`, `not-taken`, `left-out` (taken in without some of their values), `same` (there
    already) or empty for all; `code` and `column` name a reason."""

    outcome: str = ""
    code: str = ""
    column: str = ""


def rows_of(run: ImportRun, actor: Actor, chosen: RowFilter, after: int = 0) -> tuple[list[Row], int | None]:
    """Rows that this run brought, in the order of the file, behind position `after`; and where the next page starts."""
    shows_raw = policy.may(actor, "write", "import")
    items = (
        list(_items(run, chosen).filter(position__gt=after).order_by("position")[: PAGE_ROWS + 1])
        if chosen.outcome != "same"
        else []
    )
    found = outcomes_of(run, items[:PAGE_ROWS], actor) if shows_raw else {}
    rows = [
        Row(
            item.id,
            run.id,
            item.position,
            item.state == ItemState.DONE,
            item.error_code,
            item.error_reason if shows_raw else "",
            line_of(run, item) if shows_raw else "",
            found.get(item.id),
        )
        for item in items
    ]
    if chosen.outcome == "same" or not (chosen.outcome or chosen.code):
        rows = sorted([*rows, *_same_rows(run, after, shows_raw=shows_raw)], key=attrgetter("position"))
    return rows[:PAGE_ROWS], rows[PAGE_ROWS - 1].position if len(rows) > PAGE_ROWS else None


@dataclass(frozen=True, slots=True)
class RowCounts:
    """How many rows there are of each outcome now; `left_out` are some of those `taken`."""

    taken: int
    left_out: int
    not_taken: int
    same: int

    @property
    def all(self) -> int:
        return self.taken + self.not_taken + self.same


_OF_PLACE = "SELECT FROM channels_item o WHERE o.run_id = r.run_id AND o.position = u.position"
# Every place stands there once; an item of this import at it took the row over when another one was undone. Counting
# those places one by one takes a second at a million, so that they are looked through only where there are such items.
_COUNT_SAME = """
    SELECT coalesce(sum(cardinality(r.positions)), 0) - CASE
        WHEN EXISTS (SELECT FROM channels_item WHERE run_id = %(run)s)
        THEN (SELECT count(*) FROM channels_repeat o CROSS JOIN LATERAL unnest(o.positions) AS u(position)
              JOIN channels_item i ON i.run_id = o.run_id AND i.position = u.position WHERE o.run_id = %(run)s)
        ELSE 0 END
    FROM channels_repeat r WHERE r.run_id = %(run)s
"""
_SAME = f"""
    WITH place AS MATERIALIZED (  -- the place first: which item holds it is asked for one page alone
        SELECT DISTINCT ON (u.position) u.position, u.digest
        FROM channels_repeat r CROSS JOIN LATERAL unnest(r.digests, r.positions) AS u(digest, position)
        WHERE r.run_id = %(run)s AND %(after)s < ANY(r.positions) AND u.position > %(after)s
            AND NOT EXISTS ({_OF_PLACE}) ORDER BY u.position LIMIT %(most)s)
    SELECT place.position, i.id FROM place
    LEFT JOIN channels_item i ON i.source_id = %(source)s AND i.digest = place.digest ORDER BY place.position
"""


def row_counts(run: ImportRun) -> RowCounts:
    """How many rows each tab of a run shows."""
    every = Item.objects.filter(run=run).count()
    told = dict(
        _noted(run).values_list("state").annotate(count=Count("id")).values_list("state", "count")
    )  # without the index of those few, all rows would be looked at
    not_taken = told.get(ItemState.QUARANTINED, 0)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_SAME, {"run": run.id})
        (same,) = cursor.fetchone() or (0,)
    return RowCounts(every - not_taken, told.get(ItemState.DONE, 0), not_taken, same)


def _noted(run: ImportRun) -> QuerySet[Item]:
    return Item.objects.filter(run=run).exclude(error_code="")


def same_places(run: ImportRun, after: int, most: int) -> list[tuple[int, UUID | None]]:
    """Places of rows that were there already, in their order, each with the item that holds it, if it still does."""
    with connection.cursor() as cursor:
        cursor.execute(_SAME, {"run": run.id, "source": run.source_id, "after": after, "most": most})
        return list(cursor.fetchall())


def _same_rows(run: ImportRun, after: int, *, shows_raw: bool) -> list[Row]:
    places = same_places(run, after, PAGE_ROWS + 1)
    items = Item.objects.in_bulk([id for _, id in places if id]) if shows_raw else {}
    same = Outcome(Fate.SAME)
    return [
        Row(id, item.run_id, position, True, "", "", line_of(run, item), same)
        if id and (item := items.get(id))
        else Row(None, None, position, True, "", "", "", same)
        for position, id in places
    ]


def _items(run: ImportRun, chosen: RowFilter) -> QuerySet[Item]:
    items: QuerySet[Item] = Item.objects.filter(run=run)
    if chosen.outcome == "left-out":
        return _noted(run).filter(state=ItemState.DONE)
    if chosen.outcome == "not-taken":
        items = _noted(run)
    if chosen.outcome:
        wanted = ItemState.DONE if chosen.outcome == "taken" else ItemState.QUARANTINED
        items = items.filter(state=wanted)
    if not chosen.code:
        return items
    return items.alias(column=_column()).filter(error_code=chosen.code, column=chosen.column)


def cells_of(run: ImportRun, item: Item) -> dict[str, str]:
    """The cells of a raw row by column; a mail, or a row that cannot be cut, stands as a whole under `raw`."""
    kind = item.content_type.partition("; row=")[0]
    return columns_of(RawItem(item.position, bytes(item.raw), kind, Cursor()), Shape.from_json(run.shape))


def line_of(run: ImportRun, item: Item) -> str:
    """The beginning of a raw row in one line."""
    encoding = str(run.shape.get("encoding") or "utf-8")
    raw = bytes(item.raw[:LINE_BYTES])
    return " ".join(raw.decode("utf-8" if encoding.startswith("utf-") else encoding, "replace").split())[:200]


def not_taken(run: ImportRun) -> Iterator[tuple[Item, dict[str, str]]]:
    """Every row that was not taken with its cells, for an export; read in pieces."""
    waiting = Item.objects.filter(run=run, state=ItemState.QUARANTINED).order_by("position")
    for item in waiting.iterator(chunk_size=500):
        yield item, cells_of(run, item)


def item_of(run: ImportRun, item_id: UUID) -> Item:
    """One row of a run; `NotFound` for any other."""
    found = Item.objects.filter(run=run, pk=item_id).first()
    if found is None:
        raise NotFound(_("There is no such row."))
    return found


def trial_progress(trial: dict[str, Any], total: int | None, now: datetime) -> Progress:
    """How far a dry run is."""
    read, left = int(trial.get("read", 0)), None
    if trial.get("state") == "running" and read and total and total > read:
        spent = now - datetime.fromisoformat(trial["started_at"])
        left = spent * ((total - read) / read) if spent >= SLOWEST_START else None
    shown = read if trial.get("state") == "done" else total
    return Progress(
        read,
        shown,
        int(trial.get("new", 0)),
        int(trial.get("same", 0)),
        int(trial.get("quarantined", 0)),
        left,
    )
