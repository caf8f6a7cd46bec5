"""What is said of people, read from their identities and facts, in the shape that matching compares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from amity.people.domain.matching.businesses import as_business
from amity.people.domain.matching.profiles import account_of, links_in, profile_of
from amity.people.domain.matching.records import Said

_READ = """
    SELECT l.person_id, i.network, i.address, f.field, f.value, f.observed_at
    FROM people_link l JOIN people_identity i ON i.id = l.identity_id
    LEFT JOIN people_fact f ON f.identity_id = i.id
    WHERE l.person_id = ANY(%s) AND l.revoked_at IS NULL
    ORDER BY l.person_id, f.observed_at DESC NULLS LAST, f.value, i.network, i.address
"""
_ONE = {
    "given_name": "given_name", "middle_name": "middle_name", "family_name": "family_name", "name": "full_name",
    "birthday": "born_on", "born_on": "born_on", "date_of_birth": "born_on", "gender": "gender",
    "house_number": "number", "city": "place", "postcode": "postcode", "postal_code": "postcode", "region": "region",
    "country": "region", "job_title": "work", "organisation": "work",
}  # fmt: skip
_SEVERAL = {
    "name": "other_names", "nickname": "other_names", "street": "lines", "address": "lines", "website": "links",
    "url": "links", "link": "links", "title": "labels",
}  # fmt: skip
_TAXES = frozenset({"tax_number", "vat_number", "vat_id"})
_LINKS = frozenset({"website", "url", "link", "homepage", "profile_link", "profile_url"})
_VERIFIED = "verified_link"
"""Field of a fact: a link of which the source has seen that it leads back, as Mastodon does for rel=me."""
_BIOGRAPHIES = frozenset({"bio", "biography", "about", "description", "summary"})
_MOST = 8
"""Values of one kind that are compared, the newest."""
_PLURAL = frozenset(field.name for field in fields(Said) if field.default == ())

Row = tuple[UUID, str, str, str | None, str | None, datetime | None]


def said_of(person_ids: Sequence[UUID]) -> dict[UUID, Said]:
    """What is said of each of these persons now; nobody who has no identity."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [list(person_ids)])
        rows: list[Row] = cursor.fetchall()
    people: dict[UUID, list[Row]] = {}
    for row in rows:
        people.setdefault(row[0], []).append(row)
    return {person: said_in(of_person) for person, of_person in people.items()}


def said_in(rows: Iterable[Row]) -> Said:
    """What rows of identities and facts of one person say, the newest statement first."""
    one: dict[str, Any] = {}
    several: dict[str, dict[str, None]] = {}
    works_at = ""
    for _, network, address, field, value, _ in rows:
        kind = _kind(network)
        several.setdefault(kind, {})[f"{network}:{address}" if kind == "identifiers" else address] = None
        if account := account_of(network, address):
            several.setdefault("accounts", {})[account] = None
        if not field or not value:
            continue
        for kind, link in _links(field, value):
            several.setdefault(kind, {})[link] = None
        if field in _TAXES:
            several.setdefault("tax_numbers", {})[value] = None
        if field == "organisation":
            works_at = works_at or value
        if field in _ONE:
            one.setdefault(_ONE[field], value)
        if field in _SEVERAL and one.get("full_name") != value:
            several.setdefault(_SEVERAL[field], {})[value] = None
    kept: dict[str, Any] = {kind: tuple(list(values)[:_MOST]) for kind, values in several.items()}
    return as_business(Said(**one, **kept), works_at)


def _links(field: str, value: str) -> list[tuple[str, str]]:
    """Where links lead that a fact holds, each with the field of `Said` that it belongs to."""
    if field == _VERIFIED:
        return [("verified", profile)] if (profile := profile_of(value)) else []
    links = [value] if field in _LINKS else links_in(value) if field in _BIOGRAPHIES else []
    return [("profiles", profile) for link in links if (profile := profile_of(link))]


def _kind(network: str) -> str:
    if network == "email":
        return "emails"
    if network == "phone":
        return "phones"
    return "identifiers" if network.startswith("customer:") else "handles"


def to_json(said: Said) -> dict[str, Any]:
    """What is said, without what is not."""
    values = {field.name: getattr(said, field.name) for field in fields(said)}
    return {name: value for name, value in values.items() if value}


def from_json(kept: Mapping[str, Any]) -> Said:
    """What `to_json` wrote."""
    values: dict[str, Any] = {
        name: tuple(value) if name in _PLURAL else value for name, value in kept.items()
    }
    return Said(**values)
