"""Writing CSV files that a spreadsheet opens without running anything in them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import TextIO

_PIECE_CHARACTERS = 64 * 1024

# A cell that starts like this is a formula to Excel, LibreOffice or Google Sheets (OWASP, "CSV injection");
# the wide forms are turned into narrow ones by Japanese and Chinese spreadsheets. Leading apostrophes count,
# so that a cell that had one of its own comes back as it was.
_DANGEROUS = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_DEFUSED = re.compile("'+[=+\\-@\t\r\n＝＋－＠]")


def defuse_cell(cell: str) -> str:
    """`cell` with a leading apostrophe where a spreadsheet would take it for a formula."""
    return "'" + cell if _DANGEROUS.match(cell) else cell


def restore_cell(cell: str) -> str:
    """The inverse of `defuse_cell`: `restore_cell(defuse_cell(x)) == x` for every text."""
    return cell[1:] if _DEFUSED.match(cell) else cell


class CsvExport:
    """Writes rows to an open text file (`newline=""`, UTF-8), every cell quoted and defused.

    Quoting every cell keeps a separator of another locale inside its cell, where it could start a new
    one with a formula.
    """

    def __init__(self, stream: TextIO, columns: Sequence[str], *, delimiter: str = ",") -> None:
        self._writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        self._width = len(columns)
        self._writer.writerow([defuse_cell(column) for column in columns])

    def write(self, rows: Iterable[Sequence[object]]) -> None:
        """Write rows as wide as the header; None becomes an empty cell."""
        for row in rows:
            if len(row) != self._width:
                raise ValueError(f"a row of {len(row)} cells under a header of {self._width}")
            self._writer.writerow(["" if cell is None else defuse_cell(str(cell)) for cell in row])


def csv_pieces(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """The bytes of a table in UTF-8, some thousand characters at a time."""
    buffer = StringIO(newline="")
    export = CsvExport(buffer, columns)
    for row in rows:
        export.write([row])
        if buffer.tell() > _PIECE_CHARACTERS:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece
