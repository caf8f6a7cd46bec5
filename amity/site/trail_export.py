"""The audit trail as CSV: what fits the filters, newest first, at most 100,000 entries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from io import StringIO
from typing import Any

from django.utils.translation import gettext as _

from amity.channels.adapters.file.export import CsvExport
from amity.kernel import audit, policy
from amity.kernel.actor import Actor
from amity.site import trail
from amity.site.trail import Line, Wanted

MOST_EXPORTED = 100_000
COLUMNS = (
    "id at actor_id actor_name role via address token_id on_behalf_of action subject subject_id before after why"
).split()


def export_trail(wanted: Wanted, *, filters: Mapping[str, Any], actor: Actor, at: datetime) -> Iterator[str]:
    """The CSV, a piece at a time. That it was taken, with its rows and by which `filters`, is an entry itself."""
    policy.require(actor, "export", "audit")
    rows = trail.count(wanted, actor=actor, most=MOST_EXPORTED + 1)
    audit.exported("audit", actor=actor, at=at, rows=min(rows, MOST_EXPORTED), filters=dict(filters))
    cut = _("Cut off here: an export holds at most %(n)s entries. Choose a shorter time.") % {
        "n": f"{MOST_EXPORTED:,}"
    }
    return _csv(actor, wanted, cut if rows > MOST_EXPORTED else "")


def _csv(actor: Actor, wanted: Wanted, cut: str) -> Iterator[str]:
    buffer = StringIO(newline="")
    sheet = CsvExport(buffer, COLUMNS)
    for lines in trail.walk(wanted, actor=actor, most=MOST_EXPORTED):
        sheet.write([_cell(line, name) for name in COLUMNS] for line in lines)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    if cut:
        sheet.write([[cut, *[""] * (len(COLUMNS) - 1)]])
    yield buffer.getvalue()


def _cell(line: Line, name: str) -> object:
    if name in ("before", "after"):
        values = getattr(line, name)
        return json.dumps(values, ensure_ascii=False, sort_keys=True) if values else ""
    value = line.why if name == "why" else getattr(line.entry, name)
    return value.isoformat() if isinstance(value, datetime) else value
