"""Values of the company's own fields, derived with the record of a person and kept where lists look for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TypeAlias
from uuid import UUID

from django.db import connection

from amity.kernel.copying import Inserting, copy_insert
from amity.people.domain.fields.definition import Definition
from amity.people.domain.fields.values import stored
from amity.people.queries.fields import all_fields

_TABLE = "people_customvalue"
_COLUMNS = ("person_id", "field_id", "place", "value", "word", "number", "day", "words")
_REPLACE = """(person_id, field_id, place) DO UPDATE SET value = excluded.value, word = excluded.word,
    number = excluded.number, day = excluded.day, words = excluded.words"""
_DELETE = """
    DELETE FROM people_customvalue v USING unnest(%s::uuid[], %s::int[], %s::int[]) AS gone(person_id, field_id, place)
    WHERE v.person_id = gone.person_id AND v.field_id = gone.field_id AND v.place = gone.place
"""

_Key: TypeAlias = tuple[UUID, int, int]
_Kept: TypeAlias = tuple[str, str, Decimal | None, date | None, str | None]


def write_new(told: Mapping[UUID, Mapping[str, str]], insert: Inserting) -> None:
    """The values of persons who have none yet: canonical texts by the name of the fact. Costs nothing for nobody."""
    if not told:
        return
    rows = _rows(told)
    insert(_TABLE, _COLUMNS, ((*key, *kept) for key, kept in rows.items()), on_conflict=_REPLACE)


def keep_values(told: Mapping[UUID, Mapping[str, str]]) -> set[UUID]:
    """Have exactly these values stand for these persons; what is so already is not written again. Gives who changed."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(_COLUMNS)} FROM {_TABLE} WHERE person_id = ANY(%s)", [list(told)])
        before: dict[_Key, _Kept] = {tuple(row[:3]): tuple(row[3:]) for row in cursor.fetchall()}
        rows = _rows({person: values for person, values in told.items() if values})
        gone = sorted(before.keys() - rows.keys())
        if gone:
            cursor.execute(_DELETE, [list(column) for column in zip(*gone, strict=True)])
    changed = [(*key, *kept) for key, kept in rows.items() if before.get(key) != kept]
    if changed:
        copy_insert(_TABLE, _COLUMNS, changed, on_conflict=_REPLACE)
    return {key[0] for key in gone} | {key[0] for key in rows if before.get(key) != rows[key]}


def _rows(told: Mapping[UUID, Mapping[str, str]]) -> dict[_Key, _Kept]:
    if not told:
        return {}
    known: dict[str, Definition] = {one.fact: one for one in all_fields()}
    return {
        (person, known[name].id, row.place): (row.value, row.word, row.number, row.day, row.words)
        for person, values in told.items()
        for name, text in values.items()
        if name in known
        for row in stored(known[name], text)
    }
