"""People as JSON Lines: nothing that may be taken away is left out, and reading it again gives the same people."""

from __future__ import annotations

import json
from collections.abc import Iterator

from amity.kernel.actor import Actor
from amity.people.columns import export_columns_for
from amity.people.queries import PeopleWanted, walk_people
from amity.people.queries.visibility import sees_addresses
from amity.people.queries.whole import Whole, whole_people


def as_lines(actor: Actor, wanted: PeopleWanted) -> Iterator[bytes]:
    """One object a line, as `docs/reference/native-format` has it, with `said`."""
    shows = sees_addresses(actor)
    columns = export_columns_for(actor)
    for people in walk_people(actor, wanted):
        ids = [person.id for person in people]
        wholes = whole_people(actor, ids)
        loaded = [(one, one.load(actor, ids)) for one in columns]
        yield "".join(
            json.dumps(
                _plain(
                    str(person.id),
                    wholes.get(person.id) or Whole(),
                    {
                        title: text
                        for one, texts in loaded
                        for title, text in zip(one.titles, texts.get(person.id, ()), strict=False)
                        if text and text not in one.implied
                    },
                    shows=shows,
                ),
                ensure_ascii=False,
            )
            + "\n"
            for person in people
        ).encode()


def _plain(id: str, whole: Whole, extra: dict[str, str], *, shows: bool) -> dict[str, object]:
    at = min((one.at for one in whole.said), default=None)
    line: dict[str, object] = {
        "type": "person",
        "id": id,
        "at": at.isoformat() if at else "1970-01-01T00:00:00+00:00",
        "handles": [{"network": network, "address": address} for network, address in whole.handles],
        "facts": whole.shown(),
    }
    if extra:
        line["extra"] = extra
    if shows:
        line["said"] = [
            {"field": one.field, "value": one.value, "at": one.at.isoformat(), "about": one.about}
            for one in whole.said
        ]
    return line
