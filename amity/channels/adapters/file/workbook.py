"""Sheets of a workbook (XLSX) as the CSV that they would be saved as: what people see, never a formula.

The sheet is read a row at a time and turned into CSV on the way in, so that all that reads tables reads workbooks.
Text that only looks like a formula is defused as our own exports have it and so comes back as it was.
"""

from __future__ import annotations

import csv
import io
import math
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from amity.channels.adapters.file.containers import MAX_EXPANSION, MIN_EXPANDED_BYTES
from amity.channels.adapters.file.export import defuse_cell
from amity.channels.adapters.file.workbook_export import KEYS_SHEET
from amity.channels.records import Unreadable

if TYPE_CHECKING:
    from openpyxl import Workbook

MAX_WORDS_BYTES = 256 * 1024**2
"""Texts of a workbook lie in one part that is held in memory while it is read."""
MAX_CELLS = 2_000
MAX_ROWS = 1_048_576
"""Of a sheet, by the format."""
_WORDS_PART = "xl/sharedStrings.xml"
_CHUNK_ROWS = 200
_ODD = re.compile("_x([0-9A-Fa-f]{4})_")  # characters that XML has none for (ECMA-376, 22.9.2.19)
_ZEROS = re.compile(r"0+")
_DECIMALS = re.compile(r"(?:#,##)?0(?:\.(0+))?(?:[^%]*)")
_PERCENT = re.compile(r"0(?:\.(0+))?%")
_TOO_WIDE = f"It has more than {MAX_CELLS:,} columns. Leave out what is not needed."
_DAMAGED = "The workbook is damaged, or it has a password. Open it, and save it again as XLSX or CSV."


def is_workbook(path: Path) -> bool:
    """Whether a zip file is an XLSX workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


def sheets_of(path: Path) -> list[str]:
    """The sheets that can be seen, in their order. Raises `Unreadable`."""
    with _opened(path) as book:
        return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]


@contextmanager
def open_sheet(path: Path, name: str) -> Iterator[BinaryIO]:
    """A sheet as a stream of CSV in UTF-8. Raises `Unreadable`: `damaged`, `too_large`, `member_missing`."""
    with _opened(path) as book:
        if name not in book.sheetnames:
            raise Unreadable("member_missing", f"There is no sheet “{name}” in it.")
        yield cast(BinaryIO, io.BufferedReader(_Rows(book[name], _keys_of(book)), 1024 * 1024))


def _keys_of(book: Workbook) -> dict[str, str]:
    """What the columns of a workbook of ours are called here, by what stands above them in somebody's language."""
    if KEYS_SHEET not in book.sheetnames or book[KEYS_SHEET].sheet_state == "visible":
        return {}
    rows = book[KEYS_SHEET].iter_rows(max_col=2, max_row=MAX_CELLS)
    pairs = [[_shown(cell) for cell in row] for row in rows]
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2 and all(pair)}


@contextmanager
def _opened(path: Path) -> Iterator[Workbook]:
    _refuse_bombs(path)
    from openpyxl import load_workbook  # slow to load

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of features that are not read
            book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as error:  # the boundary: whatever a damaged file does to the library
        raise Unreadable("damaged", _DAMAGED) from error
    try:
        yield book
    finally:
        book.close()


def _refuse_bombs(path: Path) -> None:
    """Sizes as the archive itself states them; it cannot unpack to more."""
    most = max(MIN_EXPANDED_BYTES, MAX_EXPANSION * path.stat().st_size)
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    except zipfile.BadZipFile as error:
        raise Unreadable("damaged", _DAMAGED) from error
    if sum(sizes.values()) > most or sizes.get(_WORDS_PART, 0) > MAX_WORDS_BYTES:
        raise Unreadable(
            "too_large", "The workbook unpacks to more than can be read. Save its sheet as CSV (UTF-8)."
        )


class _Rows(io.RawIOBase):
    """Rows of a sheet as bytes of CSV."""

    def __init__(self, sheet: Any, keys: dict[str, str]) -> None:
        self._keys = keys  # until the first row that is not empty
        sheet.reset_dimensions()  # what it says of its size may be wrong
        self._rows = sheet.iter_rows()
        self._ready = b""
        self._read, self._is_over = 0, False
        self._width = 0  # of the widest row so far: the sheet leaves out empty cells at the end of a row

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        while not self._ready and not self._is_over:
            self._ready = self._more()
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _more(self) -> bytes:
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
        try:
            for number, row in enumerate(self._rows, start=1):
                if len(row) > MAX_CELLS:
                    raise Unreadable("too_wide", _TOO_WIDE)
                cells = [_shown(cell) for cell in row]
                if any(cells):
                    cells, self._keys = [self._keys.get(cell, cell) for cell in cells], {}
                    self._width = max(self._width, len(cells))
                    writer.writerow([*cells, *[""] * (self._width - len(cells))])
                if number == _CHUNK_ROWS:
                    break
            else:
                self._is_over = True
            self._read += _CHUNK_ROWS
            if self._read > MAX_ROWS + _CHUNK_ROWS:  # a row may say that it is any
                raise Unreadable("damaged", _DAMAGED)
        except Unreadable:
            raise
        except Exception as error:  # the boundary: whatever a damaged sheet does to the library
            raise Unreadable("damaged", _DAMAGED) from error
        return text.getvalue().encode("utf-8", "surrogatepass")


def _shown(cell: Any) -> str:
    """What a person sees in a cell; nothing for an error."""
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, str):
        return defuse_cell(_ODD.sub(lambda found: chr(int(found.group(1), 16)), value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return str(value.date()) if value.time() == time() else str(value.replace(microsecond=0))
    if isinstance(value, date | time | timedelta):
        return str(value)
    return _number(value, str(cell.number_format or ""))


def _number(value: float, pattern: str) -> str:
    """A number in the usual patterns: with leading zeros, with so many decimals, as a share."""
    if not math.isfinite(value):
        return ""
    if _ZEROS.fullmatch(pattern) and len(pattern) > 1 and value == int(value):
        return f"{int(value):0{len(pattern)}d}"
    if found := _PERCENT.fullmatch(pattern):
        return f"{value * 100:.{len(found.group(1) or '')}f}%"
    found = _DECIMALS.match(pattern)
    if found and found.group(1):
        return f"{value:.{len(found.group(1))}f}"
    if isinstance(value, int) or value == int(value):
        return str(int(value))
    return f"{value:.15g}"
