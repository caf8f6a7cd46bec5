"""Look for values of somebody everywhere: every column of every table of every schema, and all files of the home.

It is how an erasure is proved. What was there is taken from the caller: after an erasure nothing in Amity knows it.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.contrib.sessions.models import Session
from django.db import connection

CHUNK = 1 << 20
SHORTEST = 4
_COLUMNS = """
    SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum),
        array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND n.nspname NOT LIKE 'pg\\_temp%' AND n.nspname NOT LIKE 'pg\\_toast\\_temp%'
    GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a value stands: the column of a table (`schema.table.column`) or a file, and in how many rows."""

    place: str
    value: str
    count: int = 1


def in_database(values: Iterable[str]) -> list[Trace]:
    """Every value in every column. One pass over each table: minutes on a large installation."""
    wanted = _wanted(values)
    found: list[Trace] = []
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        tables = cursor.fetchall()
    for schema, table, columns, types in tables:
        found += _in_table(schema, table, list(zip(columns, types, strict=True)), wanted)
    return found + _in_sessions(wanted)


def _wanted(values: Iterable[str]) -> list[str]:
    listed = list(dict.fromkeys(value for value in values if value))
    short = [value for value in listed if len(value) < SHORTEST]
    if short:
        raise ValueError(
            f"a value of less than {SHORTEST} characters would be found everywhere: {short[0]!r}"
        )
    return listed


def _in_table(
    schema: str, table: str, columns: Sequence[tuple[str, str]], values: Sequence[str]
) -> list[Trace]:
    checks, patterns, places = [], [], []
    for column, type_name in columns:
        told = f"encode(\"{column}\", 'escape')" if type_name == "bytea" else f'"{column}"::text'
        for value in values:
            spelt = _escaped_bytes(value) if type_name == "bytea" else value
            checks.append(f"count(*) FILTER (WHERE {told} ILIKE %s)")
            patterns.append(f"%{_pattern(spelt)}%")
            places.append((column, value))
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {", ".join(checks)} FROM ONLY "{schema}"."{table}"', patterns)
        counts = cursor.fetchone() or ()
    return [
        Trace(f"{schema}.{table}.{column}", value, count)
        for (column, value), count in zip(places, counts, strict=True)
        if count
    ]


def _in_sessions(values: Sequence[str]) -> list[Trace]:
    """Sessions are compressed: what they hold is looked at unpacked."""
    found = []
    for session in Session.objects.iterator():
        told = json.dumps(session.get_decoded(), default=str, ensure_ascii=False).lower()
        found += [Trace("public.django_session (unpacked)", one) for one in values if one.lower() in told]
    return found


def _pattern(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _escaped_bytes(value: str) -> str:
    """As `encode(…, 'escape')` writes the bytes of a text in UTF-8."""
    return "".join(
        "\\\\" if byte == 0x5C else chr(byte) if 0 < byte < 0x80 else f"\\{byte:03o}"
        for byte in value.encode()
    )


def in_files(folder: Path, values: Iterable[str], *, leave_out: Iterable[str] = ()) -> list[Trace]:
    """Every value in all files below `folder`, also packed ones; `leave_out` names folders directly below it."""
    needles = {value: _spellings(value) for value in _wanted(values)}
    skipped = set(leave_out)
    found = []
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if relative.parts[0] in skipped or not path.is_file():
            continue
        found += [Trace(str(relative), value) for value in _named_in(path, needles)]
    return found


def _spellings(value: str) -> list[bytes]:
    words = [value.lower(), json.dumps(value.lower())[1:-1]]
    return [word.encode(code) for word in words for code in ("utf-8", "utf-16-le")]


def _named_in(path: Path, needles: dict[str, list[bytes]]) -> list[str]:
    found: set[str] = set()
    longest = max((len(one) for spelt in needles.values() for one in spelt), default=0)
    for chunk in _overlapping(_contents(path), longest):
        lowered = chunk.lower()
        found |= {value for value, spelt in needles.items() if any(one in lowered for one in spelt)}
    return sorted(found)


def _contents(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                yield chunk
    except FileNotFoundError:  # taken away since it was listed
        return
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            for name in packed.namelist():
                yield packed.read(name)


def _overlapping(chunks: Iterator[bytes], longest: int) -> Iterator[bytes]:
    before = b""
    for chunk in chunks:
        yield before + chunk
        before = chunk[-longest:]
