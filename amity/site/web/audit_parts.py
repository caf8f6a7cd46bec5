"""Values of the audit trail that have parts (a mapping, options, filters), part by part and in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

DEPTH = 2
"""Parts of parts are told one by one; what lies deeper stands in a line."""

PARTS: Mapping[str, Promise] = {
    "channel": gettext_lazy("Channel"),
    "columns": gettext_lazy("Columns"),
    "currency": gettext_lazy("Currency"),
    "date_format": gettext_lazy("Dates are written"),
    "decimal_comma": gettext_lazy("Decimal comma"),
    "handles": gettext_lazy("Who"),
    "lines": gettext_lazy("Several rows make one order"),
    "mapping": gettext_lazy("Mapping"),
    "network": gettext_lazy("Network"),
    "open_days": gettext_lazy("Days for which silent conversations come in open"),
    "options": gettext_lazy("Options"),
    "own_addresses": gettext_lazy("Our own addresses"),
    "quarantined": gettext_lazy("Not taken"),
    "recipients": gettext_lazy("To whom"),
    "replay": gettext_lazy("Second try"),
    "rows_new": gettext_lazy("New"),
    "rows_quarantined": gettext_lazy("Not taken"),
    "rows_refused": gettext_lazy("Of people who were erased"),
    "rows_read": gettext_lazy("Rows read"),
    "rows_same": gettext_lazy("The same as before"),
    "source": gettext_lazy("Source"),
    "timezone": gettext_lazy("Time zone"),
    "trial": gettext_lazy("Dry run"),
}
"""Parts by their key. One that is not here is shown with spaces for its underscores."""


def differing(path: tuple[str, ...], old: Any, new: Any) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """The parts that are not the same on both sides, each with its path; a value without parts is its own."""
    sides = (old or {}, new or {})
    if len(path) > DEPTH or not all(isinstance(side, dict) for side in sides) or not any(sides):
        if old != new:
            yield path, old, new
        return
    for key in sorted(sides[0].keys() | sides[1].keys()):
        yield from differing((*path, key), sides[0].get(key), sides[1].get(key))


def in_a_line(value: Any, words: Callable[[str], str], plain: Callable[[Any], str]) -> str:
    """A value with parts in a line. `words` are those of a key, `plain` those of a value without parts."""
    if isinstance(value, dict):
        said = {key: in_a_line(part, words, plain) for key, part in value.items()}
        said = {key: part for key, part in said.items() if part}
        if said.keys() <= {"columns", "column"}:
            return ", ".join(said.values())
        return ", ".join(f"{words(key)}: {part}" for key, part in said.items())
    if isinstance(value, list):
        between = "; " if any(isinstance(part, dict) for part in value) else ", "
        return between.join(filter(None, (in_a_line(part, words, plain) for part in value)))
    return plain(value)
