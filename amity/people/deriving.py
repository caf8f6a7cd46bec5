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
from amity.people.domain.survivorship import Golden, Statement, golden_record
from amity.people.queries.combined import tops_of
from amity.people.queries.domains import domain_rules
from amity.people.queries.locks import chosen_values

_READ = """
    SELECT l.person_id, i.id, i.network, i.address, f.field, f.value, f.observed_at
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
    statements: dict[UUID, list[Statement]] = defaultdict(list)
    addresses: dict[UUID, set[tuple[str, str]]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_READ, [ids])
        for person, _, network, address, name, value, observed_at in cursor.fetchall():
            addresses[person].add((network, address))
            if name is not None:
                statements[person].append(Statement(name, value, observed_at))
    chosen, rules = chosen_values(ids), domain_rules()
    return {
        person: golden_record(statements[person], addresses[person], chosen.get(person), rules)
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
