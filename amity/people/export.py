"""The people of a list as CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from io import StringIO
from typing import Any

from amity.channels.adapters.file.export import CsvExport
from amity.kernel import audit, policy
from amity.kernel.actor import Actor
from amity.people.columns import Cell, columns_for
from amity.people.queries import PeopleWanted, walk_people
from amity.people.queries.fields import fields_for
from amity.people.queries.visibility import sees_addresses


def export_people(
    wanted: PeopleWanted, *, filters: Mapping[str, Any], actor: Actor, at: datetime
) -> Iterator[str]:
    """All pages of a list, a piece at a time. That it was taken, by which `filters`, is an entry of the trail."""
    policy.require(actor, "export", "person")
    audit.exported("person", actor=actor, at=at, filters=dict(filters))
    return _csv(actor, wanted)


def _csv(actor: Actor, wanted: PeopleWanted) -> Iterator[str]:
    columns, own = columns_for(actor), fields_for(actor)
    has_addresses = sees_addresses(actor)
    buffer = StringIO(newline="")
    titles = [
        "id",
        "name",
        *(["email"] if has_addresses else []),
        "organisation",
        "city",
        "country",
        "language",
    ]
    titles += [
        "last_activity_at",
        *(title for column in columns for title in (f"{column.key}_count", column.key)),
        *(one.fact for one in own),
    ]
    sheet = CsvExport(buffer, titles)
    for people_of_page in walk_people(actor, wanted, own):
        loaded = [column.load(actor, [person.id for person in people_of_page]) for column in columns]
        sheet.write(
            [
                person.id, person.name, *([person.email] if has_addresses else []), person.organisation, person.city,
                person.country, person.language,
                person.last_activity_at.isoformat() if person.last_activity_at else "",
                *(part for cells in loaded for part in _cell(cells.get(person.id, Cell()))),
                *(person.custom.get(one.key, "") for one in own),
            ]
            for person in people_of_page
        )  # fmt: skip
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cell(cell: Cell) -> tuple[str, str]:
    amounts = "; ".join(f"{money.amount} {money.currency}" for money in cell.amounts)
    return ("" if cell.count is None else str(cell.count), amounts or cell.words)
