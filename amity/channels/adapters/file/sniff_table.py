"""The dialect and the header of a table in text."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from amity.channels.adapters.file.cells import split_row
from amity.channels.adapters.file.export import restore_cell
from amity.channels.adapters.file.patterns import looks_like_data
from amity.channels.adapters.file.rows import cut_rows
from amity.channels.adapters.file.shape import SAMPLE_ROWS, Shape
from amity.channels.adapters.file.values import clean_text
from amity.channels.records import Unreadable

MAX_COLUMNS = 2_000
_PROBED_ROWS = 200
_TITLE_LINES = 10
_SEPARATOR_LINE = re.compile(rb"sep=([!-~\t])\r?\n", re.IGNORECASE)


class _Row(NamedTuple):
    cells: list[str]
    end: int  # bytes from the start of the text to behind this row
    is_well_quoted: bool = True  # nothing speaks against what its quotation marks shall mean


class _Dialect(NamedTuple):
    delimiter: str
    quote: str
    rows: list[_Row]
    width: int
    agreement: float  # share of rows that have the commonest width and sound quotes


def sniff_table(data: bytes, blank: Shape, mark_bytes: int, *, complete: bool, header: bool | None) -> Shape:
    """Complete `blank` for CSV and its kin; `data` is the head behind `mark_bytes`, in the item encoding.

    Title lines above the header and a `sep=;` line are skipped. Raises `Unreadable` with code `no_header`, `empty`
    or `too_wide`.
    """
    named = _SEPARATOR_LINE.match(data)
    body = data[named.end() :] if named else data
    line_end = "\r" if b"\n" not in body and b"\r" in body else "\n"
    dialect = _best_dialect(
        body, blank, line_end, named.group(1).decode() if named else "", complete=complete
    )
    if not dialect.rows:
        raise Unreadable("empty", "The file holds nothing that can be read.")
    titles = _title_lines(dialect)
    rows = dialect.rows[titles:]
    if dialect.width > MAX_COLUMNS:
        raise Unreadable(
            "too_wide", f"It has more than {MAX_COLUMNS:,} columns. Leave out what is not needed."
        )
    has_header = _has_header(rows[0]) if header is None else header
    if not has_header and header is None:
        raise Unreadable(
            "no_header",
            "The first row looks like data, not like column names. Add a first row that names the columns.",
        )
    names = [restore_cell(cell) for cell in rows[0].cells] if has_header else []
    columns = _unique(names + [""] * (dialect.width - len(names)))
    above = titles + (1 if has_header else 0)
    offset = mark_bytes + (named.end() if named else 0) + (dialect.rows[above - 1].end if above else 0)
    rest = dialect.rows[above:]
    return replace(
        blank,
        delimiter=dialect.delimiter,
        quote=dialect.quote,
        line_end=line_end,
        data_offset=offset,
        columns=tuple(columns),
        sample=tuple(_padded(row.cells, len(columns)) for row in rest[:SAMPLE_ROWS]),
        notes=tuple(_notes(titles, names, rest)),
    )


def _notes(titles: int, names: list[str], rest: list[_Row]) -> Iterator[str]:
    if titles:
        yield "title_lines_skipped"
    if len(set(names)) < len(names):
        yield "duplicate_columns"
    if not rest:
        yield "no_rows"


def _best_dialect(body: bytes, blank: Shape, line_end: str, named: str, *, complete: bool) -> _Dialect:
    delimiters = [named] if named else [",", ";", "\t", "|"]
    candidates = [
        _try_dialect(
            body, replace(blank, delimiter=delimiter, quote=quote, line_end=line_end), complete=complete
        )
        for delimiter in delimiters
        for quote in ('"', "")
        if delimiter.encode() in body or delimiter == delimiters[0]
    ]
    return max(candidates, key=_merit)


def _merit(dialect: _Dialect) -> tuple[float, float]:
    """Rows that agree on several columns beat rows that agree on one; quotes that mean something win ties."""
    spread = dialect.agreement * (1.0 if dialect.width > 1 else 0.4)
    header_fits = 0.05 if dialect.rows and len(dialect.rows[0].cells) == dialect.width else 0.0
    return (round(spread + header_fits, 2) + (0.005 if dialect.quote else 0.0), dialect.width)


def _try_dialect(body: bytes, shape: Shape, *, complete: bool) -> _Dialect:
    rows = list(islice(_rows(body, shape), _PROBED_ROWS))
    if not complete and 1 < len(rows) < _PROBED_ROWS:
        rows.pop()
    widths = Counter(len(row.cells) for row in rows)
    width = max(widths.items(), key=lambda entry: (entry[1], entry[0]), default=(1, 0))[0]
    agreeing = sum(1 for row in rows if len(row.cells) == width and row.is_well_quoted)
    return _Dialect(shape.delimiter, shape.quote, rows, width, agreeing / len(rows) if rows else 0.0)


def _rows(body: bytes, shape: Shape) -> Iterator[_Row]:
    end = 0
    against = _against(shape)
    for cut in cut_rows(io.BytesIO(body), shape.delimiter, shape.quote, shape.line_end):
        end += cut.consumed_bytes
        line = clean_text(cut.raw.decode(shape.item_encoding, "replace").rstrip("\r\n"))
        if line.strip():
            is_well_quoted = not cut.broken and not against.search(line)
            yield _Row(split_row(line, shape.delimiter, shape.quote), end, is_well_quoted)


def _against(shape: Shape) -> re.Pattern[str]:
    """What speaks against the quotation mark of `shape`: a quoted cell that goes on behind its closing mark;
    or, where marks shall mean nothing, a cell that is wrapped in them."""
    q, d = re.escape(shape.quote or '"'), re.escape(shape.delimiter)
    behind = f"[^{d}]" if shape.quote else f"(?={d}|$)"
    return re.compile(f"(?:^|{d}){q}(?:[^{q}]|{q}{q})*+{q}{behind}")


def _title_lines(dialect: _Dialect) -> int:
    """How many lines stand above the first row that fills more than half of the columns."""
    if dialect.width == 1:
        return 0
    for number, row in enumerate(dialect.rows[: _TITLE_LINES + 1]):
        if sum(1 for cell in row.cells if cell.strip()) > max(1, dialect.width / 2):
            return number
    return 0


def _has_header(first: _Row) -> bool:
    names = [cell for cell in first.cells if cell.strip()]
    if not names:
        return False
    return sum(looks_like_data(cell) for cell in names) <= 0.2 * len(names)


def _unique(names: list[str]) -> list[str]:
    """Column names without blanks at the ends, the nameless numbered, repeats counted: `Email (2)`."""
    seen: Counter[str] = Counter()
    taken = {name.strip() for name in names}
    unique = []
    for number, name in enumerate(names, start=1):
        plain = name.strip() or f"column {number}"
        seen[plain] += 1
        final = plain
        while seen[plain] > 1 and ((final := f"{plain} ({seen[plain]})") in taken):
            seen[plain] += 1
        unique.append(final)
    return unique


def _padded(cells: list[str], width: int) -> tuple[str, ...]:
    return tuple(cells[:width] + [""] * (width - len(cells)))
