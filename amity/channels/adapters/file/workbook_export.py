"""Writing a workbook (XLSX, ECMA-376) while it is sent: every cell is text, so that none is ever a formula."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import IO, cast
from xml.sax.saxutils import escape, quoteattr

KEYS_SHEET = "Amity columns"
"""The hidden sheet of our own workbooks with a row for each column: what stands above it, and its name here."""
ROWS_OF_A_SHEET = 1_000_000
BYTES_OF_A_SHEET = 3 * 1024**3
_PIECE_ROWS = 500
LONGEST_CELL = 32_767

# Characters that XML has none for are written _xHHHH_, and so is what only looks like that (ECMA-376, 22.9.2.19).
_ODD = re.compile("_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PART = "application/vnd.openxmlformats-officedocument.spreadsheetml."


class _Pipe:
    """What is written comes out again, a piece at a time."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def workbook(
    titles: Sequence[str], rows: Iterable[Sequence[str]], *, name: str, headings: Sequence[str] = ()
) -> Iterator[bytes]:
    """The bytes of a workbook with these columns. Beyond a million rows it goes on in another sheet, titles first.

    With `headings`, one for each title and none twice, people read these above the columns, in their language; a hidden
    sheet says which title each stands for, so that the workbook is known again when it is read.
    """
    pipe, sheets, waiting = _Pipe(), 0, iter(rows)
    keys = list(zip(headings, titles, strict=True)) if headings else []
    with zipfile.ZipFile(cast(IO[bytes], pipe), "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
        first = next(waiting, None)
        while sheets == 0 or first is not None:
            sheets += 1
            with archive.open(f"xl/worksheets/sheet{sheets}.xml", "w") as part:
                part.write(
                    f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{_row(headings or titles)}'.encode()
                )
                for piece in _pieces(chain(() if first is None else (first,), waiting)):
                    part.write(piece)
                    if taken := pipe.take():
                        yield taken
                part.write(b"</sheetData></worksheet>")
            first = next(waiting, None)
        if keys:
            listed = "".join(_row(pair) for pair in keys)
            sheet = f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{listed}</sheetData></worksheet>'
            archive.writestr(f"xl/worksheets/sheet{sheets + 1}.xml", sheet)
        for path, content in _frame(sheets, name, has_keys=bool(keys)).items():
            archive.writestr(path, _HEAD + content)
    yield pipe.take()


def _pieces(rows: Iterator[Sequence[str]]) -> Iterator[bytes]:
    """Rows of one sheet, some hundreds at a time, until it is full."""
    count = size = 0
    while count < ROWS_OF_A_SHEET and size < BYTES_OF_A_SHEET:
        lines = [_row(row) for row in islice(rows, _PIECE_ROWS)]
        if not lines:
            return
        piece = "".join(lines).encode()
        count, size = count + len(lines), size + len(piece)
        yield piece


def _row(cells: Sequence[str]) -> str:
    return f"<row>{''.join(map(_cell, cells))}</row>"


def _cell(text: str) -> str:
    if not text:
        return "<c/>"
    odd = _ODD.sub(lambda found: f"_x{ord(found.group()):04X}_", text[:LONGEST_CELL])
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(odd)}</t></is></c>'


def _frame(sheets: int, name: str, *, has_keys: bool) -> dict[str, str]:
    """What makes a workbook of sheets; the one with the keys of its columns is the last, and hidden."""
    numbers = range(1, sheets + 1 + has_keys)
    titles = {number: name if number == 1 else f"{name} {number}" for number in numbers}
    titles |= {sheets + 1: KEYS_SHEET} if has_keys else {}
    hidden = {n: ' state="hidden"' for n in numbers if n > sheets}
    listed = "".join(
        f'<sheet name={quoteattr(titles[n])} sheetId="{n}"{hidden.get(n, "")} r:id="rId{n}"/>'
        for n in numbers
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{_KINDS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_PART}worksheet+xml"/>'
        for n in numbers
    )
    return {
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_KINDS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{related}</Relationships>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_KINDS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_PART}sheet.main+xml"/>{kinds}</Types>',
    }
