"""`amity import --dry-run`: what a file was understood as, and what its first rows would become. Writes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from amity.channels.adapters import adapter
from amity.channels.preview import read_first
from amity.channels.records import OrderRecord, PersonRecord, Record, Unreadable

FIRST_ROWS = 500
SHOWN_ROWS = 3
LONGEST_TEXT = 60


def preview(path: Path, mapping: dict[str, Any] | None, *, kind: str = "file") -> dict[str, Any]:
    """Plain values: what it is, which column means what, and what the first 500 rows would become."""
    look: dict[str, Any] = {
        "file": str(path),
        "reason": "",
        "columns": {},
        "becomes": {},
        "not_taken": {},
        "rows": [],
    }
    try:
        found = adapter(kind).describe(path)
        chosen = mapping or found.mapping
        first = read_first(
            path, {"shape": found.shape, "mapping": chosen}, most=FIRST_ROWS, shown=FIRST_ROWS, kind=kind
        )
    except Unreadable as error:
        return {**look, "reason": error.reason}
    return {
        **look,
        "format": found.shape["format"],
        "rows_estimate": found.rows,
        "understood_as": chosen.get("title", ""),
        "source": chosen.get("source", ""),
        "columns": chosen.get("fields", {}),
        "becomes": {str(word): count for word, count in first.becomes.items()},
        "not_taken": dict(first.not_taken),
        "rows": [in_a_line(record) for entry in first.shown for record in entry.records][:SHOWN_ROWS],
    }


def in_a_line(record: Record) -> str:
    """The gist of one record for a terminal."""
    if isinstance(record, PersonRecord):
        return (
            f"{record.facts.get('name', '')} {' '.join(handle.address for handle in record.handles)}".strip()
        )
    if isinstance(record, OrderRecord):
        buyer = record.buyer[0].address if record.buyer else "nobody"
        return f"{record.ordered_at:%Y-%m-%d %H:%M}  {buyer} bought for {record.amount} {record.currency}"
    words = " ".join((record.subject or record.text).split())
    short = words if len(words) <= LONGEST_TEXT else f"{words[:LONGEST_TEXT]}…"
    return f"{record.occurred_at:%Y-%m-%d %H:%M}  {record.author.name or record.author.address}: {short}"


def told(look: dict[str, Any]) -> list[str]:
    """The same for a person."""
    if look["reason"]:
        return [f"{look['file']} cannot be read: {look['reason']}"]
    about = f", about {look['rows_estimate']:,} rows" if look["rows_estimate"] else ""
    lines = [f"{look['file']}: {look['understood_as'] or look['format']}{about}, source {look['source']}"]
    for meaning, source in look["columns"].items():
        columns = ", ".join(source.get("columns", [])) if isinstance(source, dict) else str(source)
        lines.append(f"  {meaning:<24}{columns}")
    lines += [f"  {count:>6,} {word}" for word, count in look["becomes"].items()]
    lines += [f"  {count:>6,} not taken: {reason}" for reason, count in look["not_taken"].items()]
    lines += [f"  e.g. {row}" for row in look["rows"]]
    return lines
