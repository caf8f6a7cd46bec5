"""JSON Lines, or one array of objects, perhaps wrapped in an object or a line of script."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from amity.channels.adapters.file.cells import flatten, parse_object
from amity.channels.adapters.file.rows import Cut, cut_array, cut_lines
from amity.channels.adapters.file.shape import SAMPLE_ROWS, Format, Shape
from amity.channels.records import Unreadable

MAX_COLUMNS = 2_000
_PROBED_LINES = 50
_ARRAY_START = re.compile(rb"\[\s*(?=[\[{\]])")


def sniff_json(data: bytes, blank: Shape, mark_bytes: int, *, complete: bool) -> Shape:
    """Complete `blank` for JSON; `data` is the head of the file behind `mark_bytes`, as UTF-8.

    Raises `Unreadable` with code `json`.
    """
    lines = [line for line in data.split(b"\n", _PROBED_LINES)[:_PROBED_LINES] if line.strip()]
    if not complete and len(lines) > 1:
        lines.pop()
    if data.lstrip().startswith(b"{") and _are_lines(lines):
        cuts = _whole(cut_lines(io.BytesIO(data)))
        return _with_sample(
            replace(blank, format=Format.JSONL, data_offset=mark_bytes), cuts, complete=complete
        )
    start = _ARRAY_START.search(data)
    if start is None:
        raise Unreadable(
            "json", "This is JSON, but no list of objects. Write one object a line (JSON Lines)."
        )
    opening = start.start() + 1
    cuts = _whole(cut_array(io.BytesIO(data[opening:])))
    shape = replace(blank, format=Format.JSON, data_offset=mark_bytes + opening)
    return _with_sample(shape, cuts, complete=complete)


def _whole(cuts: Iterator[Cut]) -> list[Cut]:
    return list(islice((cut for cut in cuts if not cut.broken and cut.raw.strip()), SAMPLE_ROWS))


def _are_lines(lines: list[bytes]) -> bool:
    """True for one object a line; a single object that only wraps a list of objects is not that."""
    parsed = []
    for line in lines:
        try:
            parsed.append(json.loads(line))
        except ValueError:
            continue
    objects = [entry for entry in parsed if isinstance(entry, dict)]
    if len(lines) == 1 and objects:
        return not any(_is_list_of_objects(value) for value in objects[0].values()) or "type" in objects[0]
    return len(objects) >= 0.5 * len(lines) and bool(objects)


def _is_list_of_objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(member, dict) for member in value)


def _with_sample(shape: Shape, cuts: list[Cut], *, complete: bool) -> Shape:
    rows = []
    for cut in cuts:
        try:
            rows.append(flatten(parse_object(cut.raw)))
        except Unreadable:
            continue
    if not rows and complete and not cuts:
        return replace(shape, notes=("no_rows",))
    if not rows:
        raise Unreadable("json", "None of its first entries is a JSON object. Write one object a line.")
    columns = tuple(dict.fromkeys(name for row in rows for name in row))[:MAX_COLUMNS]
    sample = tuple(tuple(row.get(name, "") for name in columns) for row in rows)
    return replace(shape, columns=columns, sample=sample)
