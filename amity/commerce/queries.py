"""Reads of orders: a list with filters and totals, one order, what people bought in all, search by number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from amity.commerce.models import BuyerTotal, Order, OrderLine, Product
from amity.commerce.numbers import is_a_number, numbered
from amity.commerce.stages import NOT_BOUGHT
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import NotFound
from amity.kernel.keyset import Cursor
from amity.kernel.money import Money
from amity.people.models import Link
from amity.people.queries import known_people, names_of
from amity.people.queries.listing import of_organisation
from amity.people.queries.visibility import spoken_of

PAGE = 50
MOST_COUNTED = 10_001


@dataclass(frozen=True, slots=True)
class OrdersWanted:
    """Which orders: `words` begin the number, in capitals or not, or four letters or more of them end it; `since` is
    included, `until` is not; amounts are in any currency."""

    words: str = ""
    status: str = ""
    source_id: UUID | None = None
    product_id: UUID | None = None
    person_id: UUID | None = None
    organisation_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    least: Decimal | None = None
    most: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """A row of the list. `person_id` is None where the actor may not know the buyer."""

    id: UUID
    number: str
    ordered_at: datetime
    status: str
    items: int
    paid: Money
    source: str
    person_id: UUID | None
    person: str


@dataclass(frozen=True, slots=True)
class OrdersPage:
    orders: tuple[ListedOrder, ...]
    after: Cursor | None


@dataclass(frozen=True, slots=True)
class Totals:
    """What a set of orders comes to. Cancelled and refunded ones are counted apart and not added up."""

    count: int  # at most MOST_COUNTED; then the sums are of the newest ones
    bought: int
    not_bought: int
    sums: tuple[Money, ...]  # by currency, largest first

    @property
    def is_capped(self) -> bool:
        return self.count >= MOST_COUNTED


def list_orders(
    actor: Actor, wanted: OrdersWanted, *, after: Cursor | None = None, limit: int = PAGE
) -> OrdersPage:
    """One page of the orders that are wanted, newest first."""
    orders = _matching(actor, wanted).select_related("source")
    if after is not None:
        orders = orders.filter(ordered_at__lte=after.at).filter(
            Q(ordered_at__lt=after.at) | Q(id__lt=after.id)
        )
    rows = list(orders.order_by("-ordered_at", "-id")[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    names = names_of(actor, {order.buyer_id for order in rows}) if rows else {}
    listed = []
    for order in rows:
        person = names.get(order.buyer_id)
        listed.append(
            ListedOrder(
                order.id, order.number, order.ordered_at, order.status, order.items,
                Money(order.amount, order.currency), order.source.name, person.id if person else None,
                person.name if person else "",
            )
        )  # fmt: skip
    return OrdersPage(tuple(listed), Cursor(rows[-1].ordered_at, rows[-1].id) if more else None)


def walk_orders(actor: Actor, wanted: OrdersWanted, *, at_once: int = 500) -> Iterator[list[Order]]:
    """All orders that are wanted with their source, newest first, some at a time."""
    orders = _matching(actor, wanted).select_related("source").order_by("-ordered_at", "-id")
    rows = list(orders[:at_once])
    while rows:
        yield rows
        last = rows[-1]
        older = Q(ordered_at__lt=last.ordered_at) | Q(id__lt=last.id)
        rows = list(orders.filter(ordered_at__lte=last.ordered_at).filter(older)[:at_once])


def is_of_one_source(actor: Actor, wanted: OrdersWanted) -> bool:
    """Whether the list cannot hold orders of two sources: by its filter, or since there is only one."""
    if wanted.source_id:
        return True
    return len(Order.objects.visible_to(actor).order_by().values_list("source_id").distinct()[:2]) < 2


def order_totals(actor: Actor, wanted: OrdersWanted) -> Totals:
    """Count and sums by currency of the orders that are wanted, in one query."""
    newest = _matching(actor, wanted).order_by("-ordered_at", "-id")[:MOST_COUNTED]
    rows = (
        Order.objects.filter(pk__in=newest.values("pk"))
        .values("currency")
        .annotate(n=Count("pk"), lost=Count("pk", filter=Q(status__in=NOT_BOUGHT)))
        .annotate(total=Sum("amount", filter=~Q(status__in=NOT_BOUGHT)))
        .order_by(F("total").desc(nulls_last=True), "currency")
    )
    listed = list(rows)
    count, lost = sum(row["n"] for row in listed), sum(row["lost"] for row in listed)
    sums = tuple(Money(row["total"], row["currency"]) for row in listed if row["total"] is not None)
    return Totals(count, count - lost, lost, sums)


def _matching(actor: Actor, wanted: OrdersWanted) -> QuerySet[Order]:
    orders: QuerySet[Order] = Order.objects.visible_to(actor)
    if wanted.words:
        orders = orders.filter(numbered(actor, wanted.words))
    if wanted.status:
        orders = orders.filter(status=wanted.status)
    if wanted.source_id:
        orders = orders.filter(source_id=wanted.source_id)
    if wanted.product_id:
        orders = orders.filter(
            pk__in=OrderLine.objects.filter(product_id=wanted.product_id).values("order_id")
        )
    if wanted.since:
        orders = orders.filter(ordered_at__gte=wanted.since)
    if wanted.until:
        orders = orders.filter(ordered_at__lt=wanted.until)
    if wanted.least is not None:
        orders = orders.filter(amount__gte=wanted.least)
    if wanted.most is not None:
        orders = orders.filter(amount__lte=wanted.most)
    if wanted.person_id or wanted.organisation_id:
        orders = orders.filter(buyer_id__in=_buyers(actor, wanted))
    return orders


def _buyers(actor: Actor, wanted: OrdersWanted) -> QuerySet[Link, UUID]:
    people = known_people(actor)
    if wanted.person_id:
        people = people.filter(pk=wanted.person_id)
    if wanted.organisation_id:
        people = of_organisation(spoken_of(actor), people, wanted.organisation_id)
    links = Link.objects.filter(person__in=people, revoked_at__isnull=True)
    return links.values_list("identity_id", flat=True)


@dataclass(frozen=True, slots=True)
class LineShown:
    name: str
    sku: str
    product_id: UUID | None
    quantity: Decimal
    paid: Money


@dataclass(frozen=True, slots=True)
class OrderShown:
    """One order with its lines; `identity_ids` are all identities of the customer."""

    id: UUID
    number: str
    ordered_at: datetime
    status: str
    items: int
    paid: Money
    source: str
    person_id: UUID | None
    person: str
    identity_ids: tuple[UUID, ...]
    lines: tuple[LineShown, ...]

    @property
    def is_bought(self) -> bool:
        return self.status not in NOT_BOUGHT

    @property
    def rest(self) -> Money | None:
        """What the lines do not explain: shipping, a discount, tax; None if they add up."""
        rest = self.paid.amount - sum((line.paid.amount for line in self.lines), Decimal(0))
        return Money(rest, self.paid.currency) if self.lines and rest else None


def order_shown(actor: Actor, order_id: UUID) -> OrderShown:
    """An order. Raises `NotFound` for one that does not exist or that the actor may not know of."""
    order = Order.objects.visible_to(actor).select_related("source").filter(pk=order_id).first()
    if order is None:
        raise NotFound(_("This order does not exist."))
    named = names_of(actor, [order.buyer_id]).get(order.buyer_id)
    lines = (
        OrderLine.objects.filter(order_id=order.id)
        .select_related("product")
        .order_by("-amount", "name", "id")
    )
    identities = (
        Link.objects.filter(person_id=named.id, revoked_at__isnull=True).values_list("identity_id", flat=True)
        if named
        else ()
    )
    return OrderShown(
        id=order.id, number=order.number, ordered_at=order.ordered_at, status=order.status, items=order.items,
        paid=Money(order.amount, order.currency), source=order.source.name, person_id=named.id if named else None,
        person=named.name if named else "", identity_ids=tuple(identities),
        lines=tuple(
            LineShown(line.name, line.product.sku if line.product else "", line.product_id, line.quantity,
                      Money(line.amount, order.currency))
            for line in lines
        ),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------- what people bought


@dataclass(frozen=True, slots=True)
class Bought:
    """What somebody bought in one currency."""

    orders: int
    paid: Money
    last_at: datetime


def spent(bought: Iterable[Bought], currency: str) -> Decimal:
    """What of it was paid in this currency: a tier is reckoned in that of the workspace alone."""
    return sum((one.paid.amount for one in bought if one.paid.currency == currency), Decimal(0))


def bought_by(actor: Actor, identity_ids: Sequence[UUID]) -> tuple[Bought, ...]:
    """What these identities bought, by currency, largest first, as far as the actor may know."""
    totals = _totals(actor, Q(identity_id__in=list(identity_ids)), Q(buyer_id__in=list(identity_ids)), "")
    return totals.get(None, ())


def bought_by_people(actor: Actor, person_ids: Iterable[UUID]) -> Mapping[UUID, tuple[Bought, ...]]:
    """The same for many people at once, by person."""
    ids = list(person_ids)
    totals = _totals(
        actor,
        Q(identity__links__person_id__in=ids, identity__links__revoked_at__isnull=True),
        Q(buyer__links__person_id__in=ids, buyer__links__revoked_at__isnull=True),
        "links__person_id",
    )
    return {person: bought for person, bought in totals.items() if person is not None}


def _totals(actor: Actor, kept: Q, single: Q, group: str) -> dict[UUID | None, tuple[Bought, ...]]:
    """From the kept totals; where a source is hidden from the actor, from the orders that are not."""
    if policy.hidden_source_ids(actor):
        orders = Order.objects.visible_to(actor).filter(single).exclude(status__in=NOT_BOUGHT)
        by = [f"buyer__{group}"] if group else []
        rows = orders.values(*by, "currency").annotate(
            n=Count("pk"), total=Sum("amount"), last=Max("ordered_at")
        )
    else:
        totals = BuyerTotal.objects.visible_to(actor).filter(kept)
        by = [f"identity__{group}"] if group else []
        rows = totals.values(*by, "currency").annotate(
            n=Sum("orders"), total=Sum("amount"), last=Max("last_at")
        )
    found: dict[UUID | None, list[Bought]] = defaultdict(list)
    for row in rows.order_by("-total", "currency"):
        bought = Bought(row["n"], Money(row["total"], row["currency"]), row["last"])
        found[row[by[0]] if by else None].append(bought)
    return {key: tuple(bought) for key, bought in found.items()}


def lines_of(actor: Actor, order_ids: Iterable[UUID]) -> Mapping[UUID, tuple[str, ...]]:
    """The names of what stands in each order, dearest first."""
    visible = Order.objects.visible_to(actor).filter(pk__in=list(order_ids))
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = (
        OrderLine.objects.filter(order__in=visible)
        .order_by("-amount", "name")
        .values_list("order_id", "name")
    )
    for order, name in rows:
        found[order].append(name)
    return {order: tuple(names) for order, names in found.items()}


@dataclass(frozen=True, slots=True)
class FoundOrder:
    id: UUID
    number: str
    ordered_at: datetime
    paid: Money
    person: str


def find_orders(actor: Actor, text: str, limit: int) -> list[FoundOrder]:
    """Orders whose number begins or ends with `text`, newest first."""
    words = text.replace("\x00", "").strip().lstrip("#")[:80]
    if not words or not policy.may(actor, "read", "order") or not is_a_number(words):
        return []
    page = list_orders(actor, OrdersWanted(words=words), limit=limit)
    return [FoundOrder(one.id, one.number, one.ordered_at, one.paid, one.person) for one in page.orders]


@dataclass(frozen=True, slots=True)
class OrderChoices:
    """What the filters of the list can be set to."""

    statuses: tuple[str, ...]
    sources: tuple[tuple[UUID, str], ...]
    products: tuple[tuple[UUID, str], ...]


def order_choices(actor: Actor) -> OrderChoices:
    """The statuses, sources and products of the orders that the actor may know of."""
    orders = Order.objects.visible_to(actor)
    statuses = orders.order_by("status").values_list("status", flat=True).distinct()[:40]
    sources = orders.order_by("source__name").values_list("source_id", "source__name").distinct()[:60]
    named = known_products(actor).order_by("name", "id").values_list("id", "name")[:500]
    return OrderChoices(tuple(statuses), tuple(sources), tuple(named))


def known_products(actor: Actor) -> QuerySet[Product]:
    """The products that the actor may know of: where sources are hidden, those in orders of the others."""
    products: QuerySet[Product] = Product.objects.visible_to(actor)
    if not policy.hidden_source_ids(actor):
        return products
    lines = OrderLine.objects.filter(order__in=Order.objects.visible_to(actor))
    return products.filter(pk__in=lines.values("product_id"))
