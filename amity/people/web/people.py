"""The list of people: filters, saved views, export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.downloads import list_to_keep
from amity.people.columns import Cell, Column, Words, columns_for, flags_for, flags_named
from amity.people.domain.fields.definition import Definition
from amity.people.exporting import WRITINGS, export_people
from amity.people.queries import (
    ListedPerson,
    PeopleWanted,
    known_organisations,
    list_people,
)
from amity.people.queries.fields import fields_for
from amity.people.queries.finding import similar_people
from amity.people.queries.listing import BY_NAME, FIRST_SEEN, RECENT, Place, allowed, choices, orders_for
from amity.people.queries.visibility import sees_addresses
from amity.people.web import words
from amity.people.web.answers import address, in_words, is_fragment, next_page
from amity.people.web.custom import (
    ASKED,
    Value,
    columns_of,
    condition_words,
    conditions_of,
    filter_inputs,
    orders_of,
    param_of,
    people_meant,
    value_in_words,
)
from amity.people.web.exports import export_forms, form_of

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

ORDERS = {
    RECENT: gettext_lazy("Last activity"),
    BY_NAME: gettext_lazy("Name"),
    FIRST_SEEN: gettext_lazy("First seen"),
}
DAYS = (7, 30, 90, 365)
FILTERS = ("language", "country", "network", "organisation", "active", "quiet")


@require_safe
def people(request: ActingRequest) -> HttpResponse:
    """A page of the list; for htmx only the rows with what stands around them."""
    policy.require(request.actor, "read", "person")
    own = fields_for(request.actor)
    shown_fields = columns_of(request.GET, own)
    wanted = allowed(request.actor, wanted_of(request.GET, request.now, own))
    page = list_people(
        request.actor,
        wanted,
        after=Place.read(request.GET.get("after", "")),
        with_count=True,
        fields=shown_fields,
    )
    is_alone = wanted.words and not page.people and not request.GET.get("after")
    similar = tuple(similar_people(request.actor, wanted)) if is_alone else ()
    chips = _chips(request.actor, request.GET, wanted, own)
    orders = {key: ORDERS[key] for key in orders_for(request.actor)} | orders_of(own)
    listed = page.people or similar
    rows, columns = _rows(request.actor, listed, columns_for(request.actor), shown_fields)
    path = reverse("people")
    shown = {
        "rows": rows,
        "fields": shown_fields,
        "choosable": [{"field": one, "is_on": one in shown_fields} for one in own],
        "kept_for_columns": [
            (key, value) for key, values in request.GET.lists() for value in values
            if key not in ("cols", "after", "part") and value
        ],
        "is_similar": bool(similar),
        "columns": columns,
        "count": page.count,
        "shown_count": len(page.people),
        "words": wanted.words,
        "filters": chips,
        "kept": [
            (key, value) for key, values in request.GET.lists() for value in values
            if key not in ("q", "after", "part") and value
        ],
        "orders": [
            {"label": label, "url": address(request.GET, {"order": order}, path),
             "is_open": order == wanted.order}
            for order, label in orders.items()
        ],
        "order_label": orders.get(wanted.order, ""),
        "shows_addresses": sees_addresses(request.actor),
        "shows_times": RECENT in orders_for(request.actor),
        "older_url": next_page(request.GET, page.after, path),
        "newer_url": address(request.GET, {}, path) if request.GET.get("after") else "",
        "export_forms": export_forms(request, "person", reverse("people-export"), WRITINGS),
        "may_write": policy.may(request.actor, "write", "person"),
        "may_import": policy.may(request.actor, "write", "import"),
        "filters_url": address(request.GET, {}, reverse("people-filters")),
        "clear_url": path,
        "is_filtered": wanted != PeopleWanted(order=wanted.order),
        "sought": in_words(chips),
    }  # fmt: skip
    template = "people/people_rows.html" if is_fragment(request) else "people/people.html"
    return render(request, template, shown)


@require_safe
def filters(request: ActingRequest) -> HttpResponse:
    """The choices of every filter: in a menu, or as a page where there is no script."""
    policy.require(request.actor, "read", "person")
    known = choices(request.actor)
    shown = {
        "selects": [
            _select(
                "language", _("Language"), [(code, words.language_name(code)) for code in known.languages]
            ),
            _select("country", _("Country"), [(code, words.country_name(code)) for code in known.countries]),
            _select("network", _("Network"), _networks(known.networks)),
            _select("active", _("Last activity"), [(str(n), _within(n)) for n in DAYS]),
            _select("quiet", _("Quiet"), [(str(n), _for(n)) for n in DAYS]),
        ],
        "flags": [(flag.key, flag.label) for flag in flags_for(request.actor) if not flag.group],
        "grouped": _grouped(request.actor),
        "on": set(request.GET.getlist("is")),
        "now_set": {key: request.GET.get(key, "") for key in FILTERS},
        "kept": [
            (key, request.GET[key]) for key in ("q", "organisation", "order", "cols") if request.GET.get(key)
        ],
        "own": filter_inputs(fields_for(request.actor), request.GET),
    }
    if RECENT not in orders_for(request.actor):
        shown["selects"] = shown["selects"][:3]  # type: ignore[index]  # a list of selects
    template = "people/filters_form.html" if is_fragment(request) else "people/filters.html"
    return render(request, template, shown)


@require_safe
def export(request: ActingRequest) -> HttpResponseBase:
    """The people of the list, all pages, in the form that `form` names: a table, lines, cards."""
    wanted = wanted_of(request.GET, request.now, fields_for(request.actor))
    asked = [*FILTERS, "is", "q", *(key for key in request.GET if key.startswith(ASKED))]
    filters = {key: request.GET.getlist(key) for key in asked if request.GET.get(key)}
    chosen = form_of(request, WRITINGS)
    chunks = export_people(wanted, form=chosen, filters=filters, actor=request.actor, at=request.now)
    return list_to_keep(chunks, "people", chosen, request.now)


def wanted_of(query: QueryDict, now: datetime, own: Sequence[Definition]) -> PeopleWanted:
    """The filters that an address names, those by the company's `own` fields too, as far as they can be read."""
    order = query.get("order", RECENT)
    by_own = order in orders_of(own)
    active, quiet = _days(query.get("active", "")), _days(query.get("quiet", ""))
    return PeopleWanted(
        words=query.get("q", "").replace("\x00", "").strip()[:200],
        language=query.get("language", "").replace("\x00", "")[:12],
        country=query.get("country", "").replace("\x00", "")[:80],
        network=query.get("network", "").replace("\x00", "")[:60],
        organisation_id=_uuid(query.get("organisation", "")),
        active_since=now - active if active else None,
        quiet_since=now - quiet if quiet else None,
        flags=frozenset(query.getlist("is")),
        conditions=conditions_of(query, own),
        order=order if by_own or order in ORDERS else RECENT,
    )


def _days(words_typed: str) -> timedelta | None:
    return timedelta(days=int(words_typed)) if words_typed.isdecimal() and 0 < len(words_typed) < 5 else None


def _uuid(words_typed: str) -> UUID | None:
    try:
        return UUID(words_typed)
    except ValueError:
        return None


# --------------------------------------------------------------------------------------------------------------- rows


@dataclass(frozen=True, slots=True)
class Row:
    person: ListedPerson
    language: str
    place: str
    cells: list[Cell]
    own: list[Value] = field(default_factory=list)


def _rows(
    actor: Actor, listed: tuple[ListedPerson, ...], columns: list[Column], own: Sequence[Definition]
) -> tuple[list[Row], list[Column]]:
    """The rows, and the columns that are drawn."""
    meant = people_meant(actor, own, [person.custom for person in listed])
    ids = [person.id for person in listed]
    told = [(column, column.load(actor, ids) if ids else {}) for column in columns]
    told = [(column, cells) for column, cells in told if cells or not column.is_rare]
    loaded = [cells for _column, cells in told]
    rows = [
        Row(
            person,
            words.language_name(person.language),
            person.city or words.country_name(person.country),
            [cells.get(person.id, Cell()) for cells in loaded],
            [value_in_words(one, person.custom.get(one.key, ""), meant) for one in own],
        )
        for person in listed
    ]
    return rows, [column for column, _cells in told]


# ------------------------------------------------------------------------------------------------------------ filters


def _grouped(actor: Actor) -> list[tuple[str, list[tuple[str, Words]]]]:
    """The filters that are lists to choose from, by the name of each."""
    groups: dict[str, list[tuple[str, Words]]] = {}
    for flag in flags_for(actor):
        if flag.group:
            groups.setdefault(str(flag.group), []).append((flag.key, flag.label))
    return list(groups.items())


def _within(days: int) -> str:
    return ngettext("in the last %(days)s day", "in the last %(days)s days", days) % {"days": days}


def _for(days: int) -> str:
    return ngettext("for %(days)s day", "for %(days)s days", days) % {"days": days}


def _networks(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [
        (name, words.network_word(name) + (f", {name.partition(':')[2]}" if ":" in name else ""))
        for name in names
    ]


def _select(key: str, label: str, options: list[tuple[str, str]]) -> dict[str, Any]:
    return {"key": key, "label": label, "options": options}


def _chips(
    actor: Actor, query: QueryDict, wanted: PeopleWanted, own: Sequence[Definition]
) -> list[dict[str, str]]:
    chips = []

    def add(key: str, label: str, operator: str, value: str) -> None:
        chips.append(
            {"field": label, "operator": operator, "value": value, "drop_url": address(query, {key: ""})}
        )

    if wanted.words:
        add("q", _("Words"), _("begin with"), wanted.words)
    if wanted.language:
        add("language", _("Language"), _("is"), words.language_name(wanted.language))
    if wanted.country:
        add("country", _("Country"), _("is"), words.country_name(wanted.country))
    if wanted.network:
        add("network", _("Network"), _("is"), words.network_word(wanted.network))
    if wanted.organisation_id:
        name = (
            known_organisations(actor)
            .filter(pk=wanted.organisation_id)
            .values_list("name", flat=True)
            .first()
        )
        add("organisation", _("Organisation"), _("is"), name or _("unknown"))
    if wanted.active_since:
        add("active", _("Last activity"), "", _within(int(query.get("active", ""))))
    if wanted.quiet_since:
        add("quiet", _("Quiet"), "", _for(int(query.get("quiet", ""))))
    known = {one.fact: one for one in own}
    for condition in wanted.conditions:
        definition = known[condition.fact]
        operator, value = condition_words(condition, definition)
        add(param_of(condition, definition), definition.label, operator, value)
    return chips + _flag_chips(actor, query, wanted)


def _flag_chips(actor: Actor, query: QueryDict, wanted: PeopleWanted) -> list[dict[str, str]]:
    chips = []
    for flag in flags_named(actor, wanted.flags):
        rest = query.copy()
        rest.setlist("is", [key for key in query.getlist("is") if key != flag.key])
        chips.append({
            "field": str(flag.group or flag.label), "operator": _("is") if flag.group else "",
            "value": str(flag.label) if flag.group else _("yes"), "drop_url": address(rest, {}),
        })  # fmt: skip
    return chips
