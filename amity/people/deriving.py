"""Write the golden record of persons whose facts or links changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from django.db import connection

from amity.kernel.copying import copy_insert
from amity.kernel.ids import stable_id
from amity.people.custom_values import keep_values
from amity.people.domain.folding import fold
from amity.people.domain.precedence import HAND
from amity.people.domain.survivorship import Golden, Statement, golden_record
from amity.people.queries.combined import tops_of
from amity.people.queries.locks import chosen_values
from amity.people.queries.ruling import ruling
from amity.people.queries.telling import seen_addresses

_READ = """
    SELECT l.person_id, i.id, i.network, i.address, f.field, f.value, f.observed_at, f.source_id, f.said_by_id IS NULL
    FROM people_link l JOIN people_identity i ON i.id = l.identity_id
    LEFT JOIN people_fact f ON f.identity_id = i.id
    WHERE l.person_id = ANY(%s) AND l.revoked_at IS NULL
"""
_COLUMNS = ("name", "sort_name", "email", "city", "country", "language", "job_title", "search_text")
_columns_of = attrgetter(*_COLUMNS)
_WRITE = f"""
    UPDATE people_person AS p SET ({", ".join(_COLUMNS)}, organisation_id) =
        ({", ".join(f"new.{column}" for column in _COLUMNS)}, new.organisation_id)
    FROM unnest(%s::uuid[], {", ".join("%s::text[]" for _ in _COLUMNS)}, %s::uuid[])
        AS new(id, {", ".join(_COLUMNS)}, organisation_id)
    WHERE p.id = new.id
"""


_WRITE_OTHERS = f"""{_WRITE} AND ({", ".join(f"p.{column}" for column in _COLUMNS)}, p.organisation_id)
    IS DISTINCT FROM ({", ".join(f"new.{column}" for column in _COLUMNS)}, new.organisation_id) RETURNING p.id"""

SHOWN = (*_COLUMNS, "organisation_id")
"""The columns of a person that are derived."""


def derive(person_ids: Iterable[UUID], *, run_id: UUID | None, at: datetime) -> None:
    """Recompute what is shown of these persons from their facts; makes organisations that facts name."""
    ids = list(person_ids)
    if not ids:
        return
    records = _golden_records(ids)
    shown = shown_of(records, run_id=run_id, at=at)
    keep_values({person: golden.custom for person, golden in records.items()})
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [list(shown), *(list(column) for column in zip(*shown.values(), strict=True))])


def derive_again(person_ids: Iterable[UUID], *, at: datetime) -> set[UUID]:
    """The same where only the rules changed: gives of whom something else is shown now, and writes only these."""
    ids = list(person_ids)
    if not ids:
        return set()
    records = _golden_records(ids)
    shown = shown_of(records, run_id=None, at=at)
    changed = keep_values({person: golden.custom for person, golden in records.items()})
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE_OTHERS, [list(shown), *(list(column) for column in zip(*shown.values(), strict=True))]
        )
        return changed | {id for (id,) in cursor.fetchall()}


def shown_of(
    records: Mapping[UUID, Golden], *, run_id: UUID | None, at: datetime
) -> dict[UUID, tuple[str | UUID | None, ...]]:
    """The values of `SHOWN` for each person, in that order; makes organisations that the records name."""
    organisations = _organisations({golden.organisation for golden in records.values()} - {""}, run_id, at)
    return {
        person: (*_columns_of(golden), organisations.get(fold(golden.organisation)))
        for person, golden in records.items()
    }


def _golden_records(ids: list[UUID]) -> dict[UUID, Golden]:
    rules = ruling()
    statements: dict[UUID, list[Statement]] = defaultdict(list)
    addresses: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_READ, [ids])
        for person, _, network, address, name, value, observed_at, source, is_told in cursor.fetchall():
            addresses[person].add((network, address))
            if name is not None:
                teller = source if is_told else HAND
                statements[person].append(Statement(name, value, observed_at, teller))
    if rules.shown.look_at_addresses:
        for person, seen in seen_addresses(ids):
            statements[person].append(seen)
    chosen = chosen_values(ids)
    return {
        person: golden_record(
            statements[person], addresses[person], chosen.get(person), rules.employers, rules.shown
        )
        for person in ids
    }


def _organisations(names: set[str], run_id: UUID | None, at: datetime) -> dict[str, UUID]:
    """Ids by folded name, of the one into which that was merged. Made when new."""
    by_key = {key: name for name in sorted(names) if (key := fold(name)[:200])}
    if not by_key:
        return {}
    copy_insert(
        "people_organisation",
        ["id", "name", "key", "domain", "created_run_id", "created_at"],
        ((stable_id("organisation", key), name[:200], key, "", run_id, at) for key, name in by_key.items()),
        on_conflict="(key) DO NOTHING",
        order_by="key",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, id, merged_into_id FROM people_organisation WHERE key = ANY(%s)", [list(by_key)]
        )
        found = cursor.fetchall()
    merged = {into for _, _, into in found if into}
    tops = tops_of(merged) if merged else {}
    return {key: tops.get(into, into) if into else id for key, id, into in found}
