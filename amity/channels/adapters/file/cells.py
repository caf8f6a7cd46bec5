"""From a raw item to the cells of its row, or the members of its JSON object."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from amity.channels.adapters.file.export import restore_cell
from amity.channels.adapters.file.shape import CSV_ITEM, JSON_ITEM, MAX_ITEM_BYTES, Format, RawItem, Shape
from amity.channels.adapters.file.values import clean_text
from amity.channels.records import Unreadable

Row = Any
"""The cells of a CSV row (`list[str]`, empty for a blank row) or a JSON object (`dict[str, Any]`)."""

RowParser = Callable[[RawItem], Row]

# The csv module's limit is one per process; a cell may be as long as a row here.
csv.field_size_limit(MAX_ITEM_BYTES)

_BROKEN = {
    "unclosed-quote": "A quotation mark in this row is opened and never closed. Close it, or double it.",
    "too-long": f"This entry is longer than {MAX_ITEM_BYTES // 1024**2} MB. Shorten it, or take it out.",
    "unfinished": "The file ends in the middle of this entry. Export it again.",
}
_MAYBE_DEFUSED = re.compile("'[=+\\-@\t\r\n＝＋－＠]")
_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_FLATTEN_DEPTH = 4


def refuse_broken(item: RawItem) -> None:
    """Raise `Unreadable` for an item that could not be cut properly out of its file."""
    _, separator, code = item.content_type.partition("; broken=")
    if separator:
        raise Unreadable(code, _BROKEN.get(code, "This entry is damaged."))


def row_parser(shape: Shape) -> RowParser:
    """A function from an item of a CSV or JSON file to its row. It raises `Unreadable`."""
    return _csv_parser(shape) if shape.format is Format.CSV else _parse_object


def _csv_parser(shape: Shape) -> RowParser:
    delimiter, quote, width = shape.delimiter, shape.quote, len(shape.columns)
    encoding = shape.item_encoding
    is_transcoded = shape.is_transcoded
    errors = "surrogatepass" if is_transcoded else "strict"

    def parse(item: RawItem) -> Row:
        if item.content_type != CSV_ITEM:
            refuse_broken(item)
        try:
            line = item.raw.decode(encoding, errors)
        except UnicodeDecodeError as error:
            raise _bad_encoding(item.raw, shape) from error
        if is_transcoded or "\x00" in line:
            line = clean_text(line)
        cells = split_row(line, delimiter, quote)
        if len(cells) != width or not cells[0]:
            cells = _fitted(cells, shape)
        if "'" in line and _MAYBE_DEFUSED.search(line):
            cells = [restore_cell(cell) for cell in cells]
        return cells

    return parse


def split_row(line: str, delimiter: str, quote: str) -> list[str]:
    """The cells of one row without its line end; `quote` may be empty where quotes mean nothing."""
    if not quote or quote not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader((line,), delimiter=delimiter, quotechar=quote))
    except csv.Error:
        # Line breaks outside quotes are the one thing that the csv module refuses here.
        bare = line.replace("\r", " ")
    try:
        return next(csv.reader((bare,), delimiter=delimiter, quotechar=quote))
    except csv.Error:
        return next(csv.reader((bare.replace("\n", " "),), delimiter=delimiter, quotechar=quote))


def _fitted(cells: list[str], shape: Shape) -> list[str]:
    """Cells for exactly the columns, where only empty ones are too many; blank rows become empty."""
    width = len(shape.columns)
    if not any(cell.strip() for cell in cells):
        return []
    if len(cells) == width:
        return cells
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return cells[:width]
    if len(cells) > width:
        raise Unreadable(
            "too_many_cells",
            f"This row has {len(cells)} cells, the header has {width}. A cell that holds “{shape.delimiter}” "
            "needs quotation marks around it.",
        )
    raise Unreadable(
        "too_few_cells",
        f"This row has {len(cells)} cells, the header has {width}: “{shape.columns[len(cells)]}” and what "
        "follows is missing. Perhaps a line break inside a cell is not quoted.",
    )


def _bad_encoding(raw: bytes, shape: Shape) -> Unreadable:
    cells = split_row(raw.decode(shape.item_encoding, "backslashreplace"), shape.delimiter, shape.quote)
    column = next(
        (name for name, cell in zip(shape.columns, cells, strict=False) if "\\x" in cell), "this row"
    )
    return Unreadable(
        "encoding",
        f"“{column}” holds characters that are not {shape.encoding.upper()}. Correct them, or save the file "
        "again as UTF-8.",
    )


def _parse_object(item: RawItem) -> Row:
    if item.content_type != JSON_ITEM:
        refuse_broken(item)
    return parse_object(item.raw)


def parse_object(raw: bytes) -> dict[str, Any]:
    """The JSON object in `raw`, numbers kept as they are written. Raises `Unreadable`."""
    try:
        found = json.loads(raw, parse_float=str, parse_constant=str)
    except UnicodeDecodeError as error:
        raise Unreadable("encoding", "This line is not UTF-8. Save the file again as UTF-8.") from error
    except (ValueError, RecursionError) as error:
        where = f" (character {error.pos + 1})" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable("json", f"This is not valid JSON{where}. Write one object a line.") from error
    if not isinstance(found, dict):
        raise Unreadable("json", "This is JSON, but not an object with names and values.")
    return _cleaned(found) if _ESCAPE.search(raw) else found


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):
        return {clean_text(key): _cleaned(member) for key, member in value.items()}
    return [_cleaned(member) for member in value] if isinstance(value, list) else value


def as_text(value: Any) -> str:
    """A JSON value as the text of a cell; null is empty, a list of plain values is joined with commas."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(member, str | int) for member in value):
        return ",".join(map(str, value))
    return str(value) if isinstance(value, int) else json.dumps(value, ensure_ascii=False)


def flatten(found: Mapping[str, Any], prefix: str = "", depth: int = _FLATTEN_DEPTH) -> dict[str, str]:
    """Nested objects as dotted paths to texts."""
    flat: dict[str, str] = {}
    for key, value in found.items():
        if isinstance(value, dict) and depth:
            flat.update(flatten(value, f"{prefix}{key}.", depth - 1))
        else:
            flat[prefix + key] = as_text(value)
    return flat


def columns_of(item: RawItem, shape: Shape) -> dict[str, str]:
    """Column to text of one item, for showing it; what cannot be read stands under `raw`."""
    try:
        row = row_parser(shape)(item) if shape.format in {Format.CSV, Format.JSONL, Format.JSON} else None
    except Unreadable:
        row = None
    if row is None:
        return {"raw": clean_text(item.raw.decode(shape.item_encoding, "replace"))}
    return flatten(row) if isinstance(row, dict) else dict(zip(shape.columns, row, strict=False))


def lookup(shape: Shape, column: str) -> Callable[[Row], str]:
    """A function from a row to the text in `column`, which must be one of the shape's."""
    if shape.format is Format.CSV:
        return _cell_lookup(shape.columns, column)
    path = column.split(".")

    def find(row: Row) -> str:
        if column in row:
            return as_text(row[column])
        value = row
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return as_text(value)

    return find


def _cell_lookup(columns: Sequence[str], column: str) -> Callable[[Row], str]:
    index = columns.index(column)

    def find(row: Row) -> str:
        cell: str = row[index]
        return cell

    return find
