"""Organisations as a file: their names and domains, how many people belong to them, the company's own fields."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.channels.adapters.file.export import csv_pieces
from amity.channels.adapters.file.workbook_export import workbook
from amity.kernel import audit, policy
from amity.kernel.actor import Actor
from amity.kernel.downloads import Form, Writing
from amity.people.domain.fields.definition import Definition
from amity.people.exporting import AS_CSV, AS_WORKBOOK
from amity.people.exporting.headings import headings_of
from amity.people.models import OrganisationDomain
from amity.people.queries.combined import tops_of, under_organisation
from amity.people.queries.fields import ORGANISATION, fields_for
from amity.people.queries.organisation_fields import values_of_organisations
from amity.people.queries.organisations import ListedOrganisation, list_organisations
from amity.people.queries.visibility import sees_addresses

_AT_ONCE = 500
TITLES = ("id", "name", "domains", "people", "cities", "last_activity_at")
_HEADINGS = {
    "domains": gettext_lazy("Domains"),
    "people": gettext_lazy("People"),
    "cities": gettext_lazy("Cities"),
}


def _listed(actor: Actor, words: str) -> Iterator[tuple[ListedOrganisation, ...]]:
    """All that fit these words, by name, some at a time."""
    after = None
    while True:
        page = list_organisations(actor, words=words, after=after, limit=_AT_ONCE)
        yield page.organisations
        if (after := page.after) is None:
            return


def _told(actor: Actor, words: str, own: tuple[Definition, ...]) -> Iterator[dict[str, Any]]:
    for organisations in _listed(actor, words):
        ids = [one.id for one in organisations]
        domains = _domains(ids) if sees_addresses(actor) else {}
        values = values_of_organisations(own, ids)
        for one in organisations:
            last = one.last_activity_at.isoformat() if one.last_activity_at else ""
            yield {
                "id": str(one.id), "name": one.name, "domains": domains.get(one.id) or [one.domain] * bool(one.domain),
                "people": one.people, "cities": list(one.cities), "last_activity_at": last,
                "fields": values.get(one.id, {}),
            }  # fmt: skip


def _domains(organisation_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Those from which everybody is of one of these, or of one that was merged into it."""
    under, found = under_organisation(organisation_ids), defaultdict(list)
    tops = tops_of(under) | {one: one for one in organisation_ids}
    named = OrganisationDomain.objects.filter(organisation_id__in=under, is_on=True).order_by("domain")
    for organisation, domain in named.values_list("organisation_id", "domain"):
        found[tops[organisation]].append(domain)
    return found


def _rows(actor: Actor, words: str, own: tuple[Definition, ...]) -> Iterator[list[str]]:
    for one in _told(actor, words, own):
        shown = [
            one["id"],
            one["name"],
            "\n".join(one["domains"]),
            str(one["people"]),
            "\n".join(one["cities"]),
        ]
        yield [*shown, one["last_activity_at"], *(one["fields"].get(field.key, "") for field in own)]


def _table(actor: Actor, words: str) -> tuple[list[str], Iterator[list[str]]]:
    own = fields_for(actor, ORGANISATION)
    titles = [f"field: {one.key}" if one.key in TITLES else one.key for one in own]
    return [*TITLES, *titles], _rows(actor, words, own)


def _as_csv(actor: Actor, words: str) -> Iterator[bytes]:
    yield from csv_pieces(*_table(actor, words))


def _as_workbook(actor: Actor, words: str) -> Iterator[bytes]:
    titles, rows = _table(actor, words)
    own = fields_for(actor, ORGANISATION)
    named = {title: str(label) for title, label in _HEADINGS.items()}
    named |= {f"field: {one.key}" if one.key in TITLES else one.key: one.label for one in own}
    return workbook(titles, rows, name=_("Organisations"), headings=headings_of(titles, named))


def _as_lines(actor: Actor, words: str) -> Iterator[bytes]:
    for one in _told(actor, words, fields_for(actor, ORGANISATION)):
        yield (json.dumps({"type": "organisation"} | one, ensure_ascii=False) + "\n").encode()


WRITINGS: Mapping[Form, Writing[str]] = {
    Form.CSV: Writing(_as_csv, AS_CSV),
    Form.XLSX: Writing(_as_workbook, AS_WORKBOOK),
    Form.JSONL: Writing(_as_lines, gettext_lazy("Each organisation as an object, to be read by programs.")),
}


def export_organisations(
    words: str = "", *, form: Form = Form.CSV, actor: Actor, at: datetime
) -> Iterator[bytes]:
    """Those that fit these words, else all of them, a piece at a time; the trail says that it was taken."""
    policy.require(actor, "export", "organisation")
    filters = {"q": words} if words else {}
    audit.exported("organisation", actor=actor, at=at, kind=form.value, filters=filters)
    return WRITINGS[form].write(actor, words)
