"""Orders: the list with its totals, one order, and the panel of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from amity.activity import queries as stream
from amity.activity.queries import Lane, Wanted
from amity.channels.models import Source
from amity.commerce.exporting import WRITINGS, export_orders
from amity.commerce.models import Product
from amity.commerce.queries import (
    OrdersWanted,
    bought_by,
    lines_of,
    list_orders,
    order_choices,
    order_shown,
    order_totals,
)
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.downloads import list_to_keep
from amity.kernel.keyset import Cursor
from amity.people import panels
from amity.people.panels import Subject
from amity.people.queries import known_organisations, known_people, person_record, shown_as
from amity.people.web.answers import address, end_of, in_words, is_fragment, next_page, start_of
from amity.people.web.entries import grouped
from amity.people.web.exports import export_forms, form_of
from amity.people.web.words import day

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

STATUS_WORDS = {
    "placed": gettext_lazy("placed"),
    "paid": gettext_lazy("paid"),
    "shipped": gettext_lazy("shipped"),
    "cancelled": gettext_lazy("cancelled"),
    "refunded": gettext_lazy("refunded"),
}
STATUS_TONES = {"placed": "info", "cancelled": "caution", "refunded": "caution"}
AROUND = timedelta(days=30)
MOST_SAID = 50
IN_PANEL = 5


@dataclass(frozen=True, slots=True)
class Status:
    """A status in words and its tone; a status of the shop's own stays as it is."""

    words: str
    tone: str


def status_of(name: str) -> Status:
    """How a status is shown."""
    return Status(str(STATUS_WORDS.get(name) or name), STATUS_TONES.get(name, "outline"))


@require_safe
def orders(request: ActingRequest) -> HttpResponse:
    """A page of the list; for htmx only the rows with what stands around them."""
    policy.require(request.actor, "read", "order")
    wanted = wanted_of(request.GET)
    page = list_orders(request.actor, wanted, after=Cursor.read(request.GET.get("after", "")))
    path = reverse("orders")
    chips = _chips(request.actor, request.GET, wanted)
    shown = {
        "rows": [(one, status_of(one.status)) for one in page.orders],
        "totals": order_totals(request.actor, wanted),
        "words": wanted.words,
        "filters": chips,
        "sought": in_words(chips),
        "kept": [(key, value) for key, value in request.GET.items() if key not in ("q", "after") and value],
        "older_url": next_page(request.GET, page.after, path),
        "newer_url": address(request.GET, {}, path) if request.GET.get("after") else "",
        "filters_url": address(request.GET, {}, reverse("orders-filters")),
        "clear_url": path,
        "is_filtered": wanted != OrdersWanted(),
        "may_import": policy.may(request.actor, "write", "import"),
        "export_forms": export_forms(request, "order", reverse("orders-export"), WRITINGS),
    }  # fmt: skip
    template = "commerce/orders_rows.html" if is_fragment(request) else "commerce/orders.html"
    return render(request, template, shown)


@require_safe
def export(request: ActingRequest) -> HttpResponseBase:
    """The orders of the list, all pages, in the form that `form` names: a table, lines."""
    form = form_of(request, WRITINGS)
    filters = {key: value for key, value in request.GET.items() if value and key not in ("form", "after")}
    chunks = export_orders(
        wanted_of(request.GET), form=form, filters=filters, actor=request.actor, at=request.now
    )
    return list_to_keep(chunks, "orders", form, request.now)


@require_safe
def filters(request: ActingRequest) -> HttpResponse:
    """The choices of every filter: in a dialog, or as a page where there is no script."""
    policy.require(request.actor, "read", "order")
    known = order_choices(request.actor)
    shown = {
        "selects": [
            ("status", _("Status"), [(name, status_of(name).words) for name in known.statuses]),
            ("source", _("Source"), [(str(source), name) for source, name in known.sources]),
            ("product", _("Product"), [(str(product), name) for product, name in known.products]),
        ],
        "now_set": request.GET,
        "kept": [(key, request.GET[key]) for key in ("q", "person", "organisation") if request.GET.get(key)],
    }
    template = "commerce/filters_form.html" if is_fragment(request) else "commerce/filters.html"
    return render(request, template, shown)


@require_safe
def order(request: ActingRequest, order_id: UUID) -> HttpResponse:
    """One order: its lines, its customer, and what they said in the thirty days before and after."""
    found = order_shown(request.actor, order_id)
    subject = Subject(found.identity_ids, request.actor, request.now, person_id=found.person_id)
    around = Wanted(
        lanes=frozenset({Lane.SAID}), since=found.ordered_at - AROUND, until=found.ordered_at + AROUND
    )
    said = stream.timeline(request.actor, found.identity_ids, wanted=around, limit=MOST_SAID).moments
    details = panels.details_of(subject, said)
    identities = person_record(request.actor, found.person_id).identities if found.person_id else ()
    after = [one for one in said if one.occurred_at >= found.ordered_at]
    before = [one for one in said if one.occurred_at < found.ordered_at]
    shown = {
        "order": found,
        "status": status_of(found.status),
        "after": grouped(after, details, identities, request.now),
        "before": grouped(before, details, identities, request.now),
        "bought": bought_by(request.actor, found.identity_ids),
        "orders_url": f"{reverse('orders')}?{subject.query}" if found.person_id else "",
        "now": request.now,
    }
    return render(request, "commerce/order.html", shown)


@require_safe
def person_orders(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """The panel: the last orders of a person and what they come to."""
    policy.require(request.actor, "read", "order")
    record = person_record(request.actor, person_id)
    page = list_orders(request.actor, OrdersWanted(person_id=record.id), limit=IN_PANEL)
    names = lines_of(request.actor, [one.id for one in page.orders])
    totals = bought_by(request.actor, record.identity_ids)
    shown = {
        "person": record,
        "orders": [(one, status_of(one.status), names.get(one.id, ())) for one in page.orders],
        "bought": totals,
        "orders_count": sum(total.orders for total in totals),
        "last_at": page.orders[0].ordered_at if page.orders else None,
        "all_url": f"{reverse('orders')}?person={record.id}",
    }
    template = "commerce/person_orders.html" if is_fragment(request) else "commerce/person_orders_page.html"
    return render(request, template, shown)


# ------------------------------------------------------------------------------------------------------------ filters


def wanted_of(query: QueryDict) -> OrdersWanted:
    """The filters that an address names; what cannot be read is left out."""
    return OrdersWanted(
        words=query.get("q", "").replace("\x00", "").strip().lstrip("#")[:80],
        status=query.get("status", "").replace("\x00", "")[:20],
        source_id=_uuid(query.get("source", "")),
        product_id=_uuid(query.get("product", "")),
        person_id=_uuid(query.get("person", "")),
        organisation_id=_uuid(query.get("organisation", "")),
        since=start_of(query.get("from", "")),
        until=end_of(query.get("until", "")),
        least=_amount(query.get("least", "")),
        most=_amount(query.get("most", "")),
    )


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def _amount(typed: str) -> Decimal | None:
    try:
        amount = Decimal(typed.replace(",", "."))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < Decimal(10) ** 12 else None


def _chips(actor: Actor, query: QueryDict, wanted: OrdersWanted) -> list[dict[str, str]]:
    chips: list[dict[str, str]] = []

    def add(key: str, label: str, operator: str, value: str) -> None:
        chips.append(
            {"field": label, "operator": operator, "value": value, "drop_url": address(query, {key: ""})}
        )

    if wanted.words:
        add("q", _("Number"), _("begins with"), wanted.words)
    if wanted.status:
        add("status", _("Status"), _("is"), status_of(wanted.status).words)
    if wanted.since:
        add("from", _("Ordered"), _("from"), day(wanted.since))
    if wanted.until:
        add("until", _("Ordered"), _("until"), day(wanted.until - timedelta(seconds=1)))
    if wanted.least is not None:
        add("least", _("Amount"), _("from"), str(wanted.least))
    if wanted.most is not None:
        add("most", _("Amount"), _("up to"), str(wanted.most))
    for key, label, name in _named(actor, wanted):
        add(key, label, _("is"), name or _("unknown"))
    return chips


def _named(actor: Actor, wanted: OrdersWanted) -> list[tuple[str, str, str]]:
    """Filters by a record, with the record's name as this actor may see it."""
    named = []
    if wanted.source_id:
        hidden = policy.hidden_source_ids(actor)
        source = Source.objects.exclude(pk__in=hidden).filter(pk=wanted.source_id).first()
        named.append(("source", _("Source"), source.name if source else ""))
    if wanted.product_id:
        product = Product.objects.visible_to(actor).filter(pk=wanted.product_id).first()
        named.append(("product", _("Product"), product.name if product else ""))
    if wanted.person_id:
        people = list(known_people(actor).filter(pk=wanted.person_id))
        name = shown_as(actor, people)[people[0].id].name if people else ""
        named.append(("person", _("Customer"), name))
    if wanted.organisation_id:
        organisation = known_organisations(actor).filter(pk=wanted.organisation_id).first()
        named.append(("organisation", _("Organisation"), organisation.name if organisation else ""))
    return named
