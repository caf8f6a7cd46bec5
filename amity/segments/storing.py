"""Traits in their table: one row a person, empty lists as nulls."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from amity.kernel.copying import copy_insert
from amity.segments.domain.parts import COLUMNS
from amity.segments.domain.traits import Traits

_NAMES = tuple(name for names in COLUMNS.values() for name in names)
_NULL_WHEN_EMPTY = frozenset(_NAMES) - {
    "name", "email", "city", "country", "language", "job_title", "organisation", "first_seen", "currency", "open_count",
    "waiting", "fields",
}  # fmt: skip
_WORDS = ("domains", "networks")
_READ = f"SELECT person_id, {', '.join(_NAMES)} FROM segments_trait WHERE person_id = ANY(%s)"
_SET = ", ".join(f"{name} = excluded.{name}" for name in _NAMES)


def stored_traits(person_ids: Sequence[UUID]) -> dict[UUID, Traits]:
    """What is kept of these people; those of whom nothing is are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(person_ids)])
        return {row[0]: traits_of(row) for row in cursor.fetchall()}


def traits_of(row: Sequence[Any]) -> Traits:
    """One row of the table, the person first, as it is decided on."""
    values = dict(zip(_NAMES, row[1:], strict=True))
    filled: dict[str, Any] = {
        name: () if value is None and name in _NULL_WHEN_EMPTY else value for name, value in values.items()
    }
    filled["fields"] = _fields(filled["fields"])
    return Traits(row[0], **filled)


def _fields(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    found: Mapping[str, Any] = json.loads(value) if isinstance(value, str) else value
    return found


def store_traits(traits: Mapping[UUID, Traits]) -> None:
    """Write these rows."""
    copy_insert(
        "segments_trait",
        ["person_id", *_NAMES],
        ((id, *(_column(one, name) for name in _NAMES)) for id, one in traits.items()),
        on_conflict=f"(person_id) DO UPDATE SET {_SET}",
    )


def _column(one: Traits, name: str) -> Any:
    """A list goes in as PostgreSQL writes one: told so, a million of them are read in half the time."""
    value = getattr(one, name)
    if name == "fields":
        return Jsonb(dict(value)) if value else None
    if name in _WORDS:
        return list(value) or None
    if name in _NULL_WHEN_EMPTY:
        return "{" + ",".join(map(str, value)) + "}" if value else None
    return value


def forget_traits(person_ids: Iterable[UUID]) -> None:
    """Take away what is kept of these people."""
    if ids := list(person_ids):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM segments_trait WHERE person_id = ANY(%s)", [ids])
