"""What commerce says on the page of a person and in the list of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amity.activity.queries import Lane, Moment
from amity.commerce.around import near_lines, purchases_around
from amity.commerce.models import BuyerTotal, Order
from amity.commerce.queries import Bought, bought_by, bought_by_people, lines_of
from amity.commerce.stages import NOT_BOUGHT
from amity.commerce.standings import standings, tiers_in_force
from amity.commerce.tier_words import tier_label, tier_name, why
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.money import Money
from amity.kernel.written import sum_of
from amity.people import columns, panels
from amity.people.columns import Cell, Column, Flag
from amity.people.models import Person
from amity.people.panels import Detail, Figure, Head, Mark, Moved, Panel, Subject

WHOLE_FROM = 1_000


def register() -> None:
    """Called once at start."""
    panels.register_panel(Panel("orders", gettext_lazy("Orders"), "person-orders", 20, "order"))
    panels.register_panel(Panel("household", gettext_lazy("Household"), "person-household", 60, "person"))
    panels.register_head("commerce", head)
    panels.register_details("commerce", details)
    panels.register_moved("commerce", moved)
    columns.register_column(Column("orders", gettext_lazy("Orders"), 10, "order", bought))
    columns.register_column(Column("tier", gettext_lazy("Tier"), 20, "person", tier_cells, is_rare=True))
    columns.register_flag(Flag("bought", gettext_lazy("Has orders"), 10, "order", has_orders))


def head(subject: Subject) -> Head:
    """What they bought, and the tier that follows from it."""
    if not policy.may(subject.actor, "read", "order"):
        return Head(marks=tier_marks(subject))
    totals = bought_by(subject.actor, subject.identity_ids)
    figure = Figure(
        "bought", gettext_lazy("Bought"), gettext_lazy("Bought"), 20, f"{reverse('orders')}?{subject.query}",
        amounts=tuple(_round(total.paid) for total in totals),
    )  # fmt: skip
    return Head(figures=(figure,), marks=tier_marks(subject, totals))


def tier_marks(subject: Subject, totals: Sequence[Bought] = ()) -> tuple[Mark, ...]:
    """The chip of a person's tier, which says why."""
    if subject.person_id is None:
        return ()
    tiers = tiers_in_force()
    person = subject.person_id
    found = standings(subject.actor, [person], tiers, subject.at, totals={person: totals})
    standing = found.get(person)
    if standing is None:
        return ()
    return (Mark("gem", tier_label(standing.rule), why(standing, tiers.currency), standing.rule.tone),)


def _round(paid: Money) -> Money:
    """Large amounts without their cents: the orders behind the figure have them."""
    return Money(paid.amount.quantize(Decimal(1)), paid.currency) if abs(paid.amount) >= WHOLE_FROM else paid


def moved(subject: Subject) -> Iterable[Moved]:
    """The orders that go along with a record, and for how much in each currency."""
    if not policy.may(subject.actor, "read", "order"):
        return
    totals = bought_by(subject.actor, subject.identity_ids)
    count = sum(total.orders for total in totals)
    if count:
        words = ngettext("%(count)s order, %(amount)s", "%(count)s orders, %(amount)s", count) % {
            "count": count,
            "amount": " + ".join(sum_of(_round(one.paid).amount, one.paid.currency) for one in totals),
        }
        yield Moved("package", words, _("with their buyer"))


def details(subject: Subject, moments: Sequence[Moment]) -> Mapping[UUID, Detail]:
    """What stands in the orders of a timeline, and for how much."""
    ids = [moment.object_id for moment in moments if moment.lane == Lane.BOUGHT and moment.object_id]
    near = _near(subject, moments)
    if not ids:
        return near
    orders = {order.id: order for order in Order.objects.visible_to(subject.actor).filter(pk__in=ids)}
    lines = lines_of(subject.actor, orders)
    return near | {
        moment.id: Detail(
            url=reverse("order", args=[order.id]),
            words=_order_words(order, lines.get(order.id, ())),
        )
        for moment in moments
        if moment.object_id and (order := orders.get(moment.object_id))
    }


def _near(subject: Subject, moments: Sequence[Moment]) -> dict[UUID, Detail]:
    """What was bought around each thing that was said or done. Of an organisation it would be everybody's."""
    if subject.person_id is None:
        return {}
    instants = {one.id: one.occurred_at for one in moments if one.lane != Lane.BOUGHT}
    found = purchases_around(subject.actor, subject.identity_ids, instants)
    nearest = {moment: listed[0].order_id for moment, listed in found.items()}
    ordered = list(instants)  # as they stand, latest first
    above = dict(zip(ordered[1:], ordered, strict=False))
    return {
        moment: Detail(
            near=near_lines(listed, instants[moment]),
            near_is_same=nearest[moment] == nearest.get(above.get(moment, moment)) and moment in above,
        )
        for moment, listed in found.items()
    }


def _order_words(order: Order, names: tuple[str, ...]) -> str:
    shown = [", ".join(names[:3]) + (f" +{len(names) - 3}" if len(names) > 3 else "")] if names else []
    shown.append(sum_of(order.amount, order.currency))
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


def tier_cells(actor: Actor, person_ids: Sequence[UUID]) -> Mapping[UUID, Cell]:
    """The tiers of the people of a page."""
    found = standings(actor, person_ids, tiers_in_force())
    return {
        person: Cell(words=tier_name(one.rule), url=reverse("person-tier", args=[person]))
        for person, one in found.items()
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
