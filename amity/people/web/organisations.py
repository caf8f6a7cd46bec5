"""Organisations: the list, and the page of one with its people and what happened with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from amity.activity import queries as stream
from amity.kernel import policy
from amity.kernel.downloads import list_to_keep
from amity.people import panels
from amity.people.columns import Cell, columns_for
from amity.people.exporting.organisations import WRITINGS, export_organisations
from amity.people.panels import Subject
from amity.people.queries import PeopleWanted, list_organisations, list_people, names_of, organisation_of
from amity.people.queries.employment import former_people
from amity.people.queries.organisations import OrganisationRecord
from amity.people.queries.relations import relations_of_organisation
from amity.people.queries.visibility import known_organisations
from amity.people.web import words
from amity.people.web.answers import address, is_fragment, next_page
from amity.people.web.entries import grouped
from amity.people.web.exports import export_forms, form_of
from amity.people.web.organisation_values import lines_of
from amity.people.web.organising import kept_in_order
from amity.people.web.people import Row
from amity.people.web.relating import today_of
from amity.people.web.relating_words import lines_of_former, lines_of_relations

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

MOST_READ = 200  # identities of which the latest entries are read
MOST_PEOPLE = 50


@require_safe
def organisations(request: ActingRequest) -> HttpResponse:
    """The list by name; for htmx only its rows."""
    policy.require(request.actor, "read", "organisation")
    typed = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    after = _place(request.GET.get("after", ""))
    page = list_organisations(request.actor, words=typed, after=after, similar_too=True)
    path = reverse("organisations")
    next_one = f"{page.after[1]}~{page.after[0]}" if page.after else None
    shown = {
        "rows": page.organisations,
        "count": page.count,
        "is_similar": page.is_similar,
        "words": typed,
        "older_url": next_page(request.GET, next_one, path),
        "newer_url": address(request.GET, {}, path) if request.GET.get("after") else "",
        "clear_url": path,
        "may_import": policy.may(request.actor, "write", "import"),
        "export_forms": export_forms(request, "organisation", reverse("organisations-export"), WRITINGS),
    }
    template = "people/organisations_rows.html" if is_fragment(request) else "people/organisations.html"
    return render(request, template, shown)


@require_safe
def export(request: ActingRequest) -> HttpResponseBase:
    """The organisations of the list, all pages, in the form that `form` names."""
    form, typed = form_of(request, WRITINGS), request.GET.get("q", "").replace("\x00", "").strip()[:200]
    chunks = export_organisations(typed, form=form, actor=request.actor, at=request.now)
    return list_to_keep(chunks, "organisations", form, request.now)


def _place(written: str) -> tuple[str, UUID] | None:
    last, separator, name = written.partition("~")
    try:
        return (name.replace("\x00", ""), UUID(last)) if separator else None
    except ValueError:
        return None


@require_safe
def organisation(request: ActingRequest, organisation_id: UUID) -> HttpResponse:
    """One organisation: its people, what they bought together, what happened last."""
    policy.require(request.actor, "read", "organisation")
    found = organisation_of(request.actor, organisation_id)
    if found.id != organisation_id:  # merged into another since
        return redirect("organisation", organisation_id=found.id)
    subject = Subject(found.identity_ids, request.actor, request.now, organisation_id=found.id)
    people = list_people(request.actor, PeopleWanted(organisation_id=found.id), limit=MOST_PEOPLE)
    columns = columns_for(request.actor)
    ids = [person.id for person in people.people]
    cells = [column.load(request.actor, ids) if ids else {} for column in columns]
    rows = [
        Row(
            person,
            words.language_name(person.language),
            person.city or words.country_name(person.country),
            [loaded.get(person.id, Cell()) for loaded in cells],
        )
        for person in people.people
    ]
    shown = {
        "organisation": found,
        "head": panels.head_of(subject),
        "own": lines_of(request.actor, found.id),
        "rows": rows,
        "columns": columns,
        "cities": sorted({row.place for row in rows if row.place}),
        "all_url": f"{reverse('people')}?organisation={found.id}" if people.after else "",
        "groups": _latest(request, subject, found),
        "now": request.now,
        "here": reverse("organisation", args=[found.id]),
        **_belonging(request, found),
        **kept_in_order(request.actor, found),
    }
    return render(request, "people/organisation.html", shown)


def _belonging(request: ActingRequest, found: OrganisationRecord) -> dict[str, Any]:
    """Who was here before, and who or what it belongs with."""
    known = known_organisations(request.actor).get(pk=found.id)
    relations = lines_of_relations(relations_of_organisation(request.actor, found.id, today_of(request)))
    return {
        "former": lines_of_former(former_people(request.actor, known)),
        "relations": {
            "now": [one for one in relations if not one.is_over],
            "before": [one for one in relations if one.is_over],
        },
    }


def _latest(request: ActingRequest, subject: Subject, found: OrganisationRecord) -> list[object]:
    page = stream.timeline(request.actor, found.identity_ids[:MOST_READ])
    details = panels.details_of(subject, page.moments)
    names = names_of(request.actor, {moment.about_id for moment in page.moments})
    by_identity = {identity: named.name for identity, named in names.items()}
    return list(grouped(page.moments, details, (), request.now, by_identity))
