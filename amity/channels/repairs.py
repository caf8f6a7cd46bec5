"""Tables of the rows of an import: those that it did not take, to be repaired; all, with what became of each."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.channels.adapters.file.export import CsvExport
from amity.channels.adapters.file.shape import Format
from amity.channels.field_words import changed_words, left_out_words
from amity.channels.imports import stored_name
from amity.channels.models import ImportRun
from amity.channels.outcomes import TOGETHER, Fate, RowOutcome, every_outcome
from amity.channels.queries import not_taken
from amity.kernel import audit, policy
from amity.kernel.actor import Actor


def export_not_taken(run: ImportRun, *, actor: Actor, at: datetime) -> Iterator[str]:
    """The CSV, a piece at a time; an entry of the trail says that it was taken.

    It holds rows that nobody has sorted by who may see them, so it is for those who import.
    """
    policy.require(actor, "write", "import")
    audit.exported("importrun", subject_id=run.id, actor=actor, at=at, rows=run.rows_quarantined)
    return _lines(run)


def export_outcomes(run: ImportRun, *, actor: Actor, at: datetime) -> Iterator[str]:
    """What became of every row of the file as CSV, a piece at a time; an entry of the trail says that it was taken."""
    policy.require(actor, "write", "import")
    audit.exported("importrun", subject_id=run.id, actor=actor, at=at, rows=run.rows_read)
    return _outcomes(run, actor)


def name_of_export(run: ImportRun, what: str = "not-taken") -> str:
    """What the file is called."""
    return f"{what}-{stored_name(run.filename).partition('.')[0]}.csv"


_FATES: dict[Fate, str | Promise] = {
    Fate.NEW: gettext_lazy("new"),
    Fate.CHANGED: gettext_lazy("changed"),
    Fate.KNOWN: gettext_lazy("known, nothing new"),
    Fate.SAME: gettext_lazy("same as before"),
    Fate.NOT_TAKEN: gettext_lazy("not taken"),
    Fate.OTHER: gettext_lazy("taken"),
}


def fate_label(fate: Fate) -> str:
    """What became of a row, in words."""
    return str(_FATES[fate])


def _outcomes(run: ImportRun, actor: Actor) -> Iterator[str]:
    text = io.StringIO(newline="")
    export = CsvExport(
        text, [_("Row"), _("Outcome"), _("Changed"), _("Person"), _("Name"), _("Reason"), _("Left out")]
    )
    for row, changed in _with_words(every_outcome(run, actor)):
        found = row.outcome
        person = str(found.person_id) if found.person_id else ""
        cells = [
            row.position,
            fate_label(found.fate),
            ", ".join(changed),
            person,
            found.name,
            row.reason,
            "; ".join(left_out_words(found.left_out)),
        ]
        export.write([cells])
        if text.tell() > 64 * 1024:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _with_words(rows: Iterator[RowOutcome]) -> Iterator[tuple[RowOutcome, list[str]]]:
    """The rows with the names of what changed, which are looked up once for many."""
    while portion := list(islice(rows, TOGETHER)):
        yield from zip(portion, changed_words([row.outcome for row in portion]), strict=True)


def _lines(run: ImportRun) -> Iterator[str]:
    is_table = run.shape.get("format") == Format.CSV
    columns = list(run.shape.get("columns", [])) if is_table else ["raw"]
    text = io.StringIO(newline="")
    export = CsvExport(text, [*columns, _("Row"), _("Reason")])
    for item, cells in not_taken(run):
        if (
            is_table and "raw" in cells and "raw" not in columns
        ):  # it could not be cut: whole, in the first cell
            row = [cells["raw"], *[""] * (len(columns) - 1)]
        elif is_table:
            row = [cells.get(column, "") for column in columns]
        else:
            row = [bytes(item.raw).decode("utf-8", "replace")]
        export.write([[*row, item.position, item.error_reason]])
        if text.tell() > 64 * 1024:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()
