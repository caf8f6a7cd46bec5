"""`amity import --dry-run`: what a file was understood as, and what its first rows would become. Writes nothing."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from amity.kernel.errors import Invalid

if TYPE_CHECKING:
    from amity.channels.records import Record

FIRST_ROWS = 500
SHOWN_ROWS = 3
LONGEST_TEXT = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line says about how files are read. `here` is the zone of this machine."""

    source: str | None = None
    mapping: dict[str, Any] | None = None
    time_zone: str | None = None
    here: str = "UTC"
    currency: str | None = None

    def of(self, understood: dict[str, Any]) -> dict[str, Any]:
        """The mapping that holds for a file that was understood like this; empty where there is none."""
        chosen = dict(self.mapping or understood)
        if chosen and self.source:
            chosen["source"] = self.source
        if chosen and self.time_zone:
            chosen["timezone"] = self.time_zone
        if self.currency and chosen.get("record") == "order":
            chosen["currency"] = self.currency
        elif self._lacks_currency(chosen):
            chosen["currency"] = _currency_of_the_workspace()
        return chosen

    def note_on(self, understood: dict[str, Any]) -> str:
        """What was taken for granted and may be wrong, with the way to say otherwise; empty where nothing was."""
        if self.currency or not self._lacks_currency(self.mapping or understood):
            return ""
        return (
            f"No column says the currency: {_currency_of_the_workspace()}, that of the workspace, is taken. "
            "Another one: --currency USD"
        )

    def _lacks_currency(self, mapping: dict[str, Any]) -> bool:
        said = mapping.get("currency") or "currency" in mapping.get("fields", {})
        return mapping.get("record") == "order" and not said


def _currency_of_the_workspace() -> str:
    from amity.kernel.workspace import workspace

    return workspace().currency


def require_currency(code: str) -> str:
    """A currency as it is written; refuses what is none with `Invalid`."""
    if not re.fullmatch("[A-Za-z]{3}", code):
        raise Invalid(f"“{code}” is not a currency. Write it like EUR.")
    return code.upper()


def preview(path: Path, choice: Choice) -> dict[str, Any]:
    """Plain values: what it is, which column means what, and what the first 500 rows would become."""
    from amity.channels.preview import read_first
    from amity.channels.reading import look_at_file
    from amity.channels.records import Unreadable

    look: dict[str, Any] = {
        "file": str(path),
        "reason": "",
        "columns": {},
        "becomes": {},
        "not_taken": {},
        "left_out": {},
        "note": "",
        "rows": [],
    }
    try:
        found = look_at_file(path, time_zone=choice.here)
        chosen = choice.of(found.mapping)
        first = read_first(path, {"shape": found.shape, "mapping": chosen}, most=FIRST_ROWS, shown=FIRST_ROWS)
    except Unreadable as error:
        return {**look, "reason": error.reason}
    return {
        **look,
        "format": found.shape["format"],
        "rows_estimate": found.rows,
        "understood_as": chosen.get("title", ""),
        "source": chosen.get("source", ""),
        "note": choice.note_on(found.mapping),
        "time_zone": chosen.get("timezone", "UTC"),
        "columns": chosen.get("fields", {}) | _who(chosen),
        "becomes": {str(word): count for word, count in first.becomes.items()},
        "not_taken": dict(first.not_taken),
        "left_out": _left_out([record for entry in first.shown for record in entry.records]),
        "rows": [in_a_line(record) for entry in first.shown for record in entry.records][:SHOWN_ROWS],
    }


def _left_out(records: list[Record]) -> dict[str, int]:
    """What rows would come in without, by why and in which column, and how often."""
    from amity.channels.field_words import left_out_title
    from amity.channels.records import left_out_of

    return dict(Counter(left_out_title(one.code, one.column) for one in left_out_of(records)).most_common())


def _who(mapping: dict[str, Any]) -> dict[str, Any]:
    """The columns that say who it is, whom it is to and who speaks, besides the plain fields."""
    found: dict[str, Any] = {}
    source = str(mapping.get("source", ""))
    for label, key in (("who", "handles"), ("to", "recipients")):
        for handle in mapping.get(key, []):
            network = str(handle.get("network", "")).replace("{source}", source)
            columns = handle.get("columns") or [handle.get("column") or f"“{handle.get('constant', '')}”"]
            kept = found.setdefault(f"{label} ({network})", {"columns": []})
            kept["columns"] += columns
    if columns := mapping.get("direction", {}).get("columns"):
        found["direction"] = {"columns": columns}
    return found


def in_a_line(record: Record) -> str:
    """The gist of one record for a terminal."""
    from amity.channels.records import OrderRecord, PersonRecord

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
    lines.append(f"  {'times without a zone':<24}{look['time_zone']}")
    for meaning, source in look["columns"].items():
        columns = ", ".join(source.get("columns", [])) if isinstance(source, dict) else str(source)
        lines.append(f"  {meaning:<24}{columns}")
    lines += [f"  {count:>6,} {word}" for word, count in look["becomes"].items()]
    lines += [f"  {count:>6,} not taken: {reason}" for reason, count in look["not_taken"].items()]
    lines += [f"  {count:>6,} times: {what}" for what, count in look["left_out"].items()]
    lines += [f"  e.g. {row}" for row in look["rows"]]
    return [*lines, f"  {look['note']}"] if look["note"] else lines
