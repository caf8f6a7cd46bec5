"""What commerce says on the page of a person and in the list of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from babel.numbers import format_currency
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amity.activity.queries import Lane, Moment
from amity.commerce.models import BuyerTotal, Order
from amity.commerce.queries import bought_by, bought_by_people, lines_of, spent
from amity.commerce.stages import NOT_BOUGHT
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.money import Money
from amity.kernel.workspace import workspace
from amity.people import columns, panels
from amity.people.columns import Cell, Column, Flag
from amity.people.models import Person
from amity.people.panels import Detail, Figure, Head, Mark, Moved, Panel, Subject
from amity.people.web.words import reader

WHOLE_FROM = 1_000


def register() -> None:
    """Called once at start."""
    panels.register_panel(Panel("orders", gettext_lazy("Orders"), "person-orders", 20, "order"))
    panels.register_head("commerce", head)
    panels.register_details("commerce", details)
    panels.register_moved("commerce", moved)
    columns.register_column(Column("orders", gettext_lazy("Orders"), 10, "order", bought))
    columns.register_flag(Flag("bought", gettext_lazy("Has orders"), 10, "order", has_orders))


def head(subject: Subject) -> Head:
    """What they bought, and the tier that follows from it."""
    if not policy.may(subject.actor, "read", "order"):
        return Head()
    totals = bought_by(subject.actor, subject.identity_ids)
    figure = Figure(
        "bought", gettext_lazy("Bought"), gettext_lazy("Bought"), 20, f"{reverse('orders')}?{subject.query}",
        amounts=tuple(_round(total.paid) for total in totals),
    )  # fmt: skip
    settings = workspace()
    in_house = spent(totals, settings.currency)
    mark = (
        _tier(in_house, settings.currency, settings.silver_from, settings.gold_from)
        if subject.person_id
        else None
    )
    return Head(figures=(figure,), marks=(mark,) if mark else ())


def _round(paid: Money) -> Money:
    """Large amounts without their cents: the orders behind the figure have them."""
    return Money(paid.amount.quantize(Decimal(1)), paid.currency) if abs(paid.amount) >= WHOLE_FROM else paid


def _tier(amount: Decimal, currency: str, silver_from: int, gold_from: int) -> Mark | None:
    if amount < silver_from:
        return None
    is_gold = amount >= gold_from
    why = _("Bought for %(amount)s in all; the tier starts at %(least)s") % {
        "amount": money_words(amount, currency),
        "least": money_words(Decimal(gold_from if is_gold else silver_from), currency),
    }
    return Mark("gem", _("Gold tier") if is_gold else _("Silver tier"), why)


def money_words(amount: Decimal, currency: str) -> str:
    """An amount inside a sentence."""
    return str(format_currency(amount, currency, locale=reader()))


def moved(subject: Subject) -> Iterable[Moved]:
    """The orders that go along with a record, and for how much in each currency."""
    if not policy.may(subject.actor, "read", "order"):
        return
    totals = bought_by(subject.actor, subject.identity_ids)
    count = sum(total.orders for total in totals)
    if count:
        words = ngettext("%(count)s order, %(amount)s", "%(count)s orders, %(amount)s", count) % {
            "count": count,
            "amount": " + ".join(money_words(_round(one.paid).amount, one.paid.currency) for one in totals),
        }
        yield Moved("package", words, _("with their buyer"))


def details(subject: Subject, moments: Sequence[Moment]) -> Mapping[UUID, Detail]:
    """What stands in the orders of a timeline, and for how much."""
    ids = [moment.object_id for moment in moments if moment.lane == Lane.BOUGHT and moment.object_id]
    if not ids:
        return {}
    orders = {order.id: order for order in Order.objects.visible_to(subject.actor).filter(pk__in=ids)}
    lines = lines_of(subject.actor, orders)
    return {
        moment.id: Detail(
            url=reverse("order", args=[order.id]),
            words=_order_words(order, lines.get(order.id, ())),
        )
        for moment in moments
        if moment.object_id and (order := orders.get(moment.object_id))
    }


def _order_words(order: Order, names: tuple[str, ...]) -> str:
    shown = [", ".join(names[:3]) + (f" +{len(names) - 3}" if len(names) > 3 else "")] if names else []
    shown.append(money_words(order.amount, order.currency))
    if order.status in NOT_BOUGHT:
        shown.append(_("cancelled") if order.status == "cancelled" else _("refunded"))
    return ", ".join(shown)


def bought(actor: Actor, person_ids: Sequence[UUID]) -> Mapping[UUID, Cell]:
    """The column of the list of people: how many orders, and for how much."""
    path = reverse("orders")
    return {
        person: Cell(
            count=sum(total.orders for total in totals),
            amounts=tuple(total.paid for total in totals),
            url=f"{path}?person={person}",
        )
        for person, totals in bought_by_people(actor, person_ids).items()
    }


def has_orders(actor: Actor, people: QuerySet[Person]) -> QuerySet[Person]:
    """The people who bought something and kept it."""
    if policy.hidden_source_ids(actor):
        orders = Order.objects.visible_to(actor).exclude(status__in=NOT_BOUGHT)
        found = orders.filter(buyer__links__person_id=OuterRef("pk"), buyer__links__revoked_at__isnull=True)
        return people.filter(Exists(found))
    totals = BuyerTotal.objects.visible_to(actor).filter(
        identity__links__person_id=OuterRef("pk"), identity__links__revoked_at__isnull=True
    )
    return people.filter(Exists(totals))
