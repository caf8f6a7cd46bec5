"""Orders come in once, add up, and stand beside what their buyers say."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import amity.commerce.stages as commerce
from amity.channels.models import Source
from amity.channels.records import Handle, OrderRecord, Record
from amity.commerce.models import BuyerTotal, Order, OrderLine
from amity.commerce.queries import (
    OrdersWanted,
    bought_by,
    bought_by_people,
    find_orders,
    known_products,
    list_orders,
    order_shown,
    order_totals,
)
from amity.commerce.stages import NOT_BOUGHT
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.errors import NotFound
from amity.kernel.keyset import Cursor
from amity.kernel.models import Team
from amity.kernel.money import Money
from amity.people.models import Organisation
from amity.people.tests.records import (
    AT,
    SHORT,
    days,
    email,
    identities_of,
    listed,
    make_actor,
    make_source,
    make_staff,
    ordered,
    person_of,
    said,
    take_in,
)

if TYPE_CHECKING:
    from pytest_django.fixtures import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db
HANNAH, BETH = email("hannah@vogel.example", "Hannah Vogel"), email("beth@web.example", "Beth Calloway")
STAGES = (*SHORT[:3], commerce.take_orders, *SHORT[3:])


def bring(source: Source, *records: Record) -> None:
    take_in(source, *records, stages=STAGES)


def part(number: str, amount: str, line: str) -> OrderRecord:
    return ordered(HANNAH, amount=amount, external_id=number, lines=[line], extra={"partial": True})


def euros(amount: str) -> tuple[Money, ...]:
    return (Money(Decimal(amount), "EUR"),)


def test_an_order_that_comes_line_by_line_adds_up_over_deliveries() -> None:
    source = make_source()
    bring(source, part("i1", "10.00", "Brush"), part("i1", "2.50", "Bellows"))
    bring(source, part("i1", "-1.00", "Voucher"))
    order = Order.objects.get()
    assert (order.amount, order.items, order.lines.count()) == (Decimal("11.50"), 3, 3)
    assert bought_by(SYSTEM, identities_of(person_of(HANNAH)))[0].paid == Money(Decimal("11.50"), "EUR")


def test_the_same_order_twice_counts_once_in_one_delivery_and_in_two() -> None:
    source, record = make_source(), ordered(HANNAH, amount="24.80", lines=["Tablets"])
    bring(source, record, record)
    bring(source, record)
    assert Order.objects.count() == OrderLine.objects.count() == 1
    assert order_totals(SYSTEM, OrdersWanted()).sums == euros("24.80")


def test_what_was_cancelled_or_refunded_is_listed_and_not_added_up() -> None:
    bring(
        make_source(),
        *(ordered(HANNAH, amount="10", status=status) for status in ("paid", "cancelled", "refunded")),
    )
    totals = order_totals(SYSTEM, OrdersWanted())
    assert (totals.count, totals.bought, totals.not_bought, totals.sums) == (3, 1, 2, euros("10"))
    assert BuyerTotal.objects.get().orders == 1
    assert len(list_orders(SYSTEM, OrdersWanted()).orders) == 3


orders_drawn = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 9), st.decimals(0, 999, places=2), st.sampled_from(["EUR", "GBP"]),
        st.sampled_from(["paid", "shipped", "cancelled"]),
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=orders_drawn, cut=st.integers(0, 25))
def test_the_totals_of_a_buyer_are_the_sum_of_their_orders(
    db: None, drawn: list[tuple[int, int, Decimal, str, str]], cut: int
) -> None:
    source = Source.objects.create(key=uuid4().hex, adapter="file", name="Shop", created_at=AT)
    records = [
        ordered(Handle("customer:shop", f"{source.key}{who}"), amount=str(amount), currency=currency, status=status,
                external_id=f"n{number}")
        for who, number, amount, currency, status in drawn
    ]  # fmt: skip
    bring(source, *records[:cut])
    bring(source, *records[cut:], *records[:3])
    mine = BuyerTotal.objects.filter(identity__orders__source=source).distinct()
    kept = {(total.identity_id, total.currency): (total.orders, total.amount) for total in mine}
    by_hand: dict[tuple[object, str], tuple[int, Decimal]] = {}
    for order in Order.objects.filter(source=source).exclude(status__in=NOT_BOUGHT):
        count, amount = by_hand.get((order.buyer_id, order.currency), (0, Decimal(0)))
        by_hand[order.buyer_id, order.currency] = (count + 1, amount + order.amount)
    assert kept == by_hand


def test_one_person_with_a_handle_an_address_and_a_customer_number_has_one_timeline_with_both() -> None:
    from amity.activity.queries import timeline

    twitter, number = Handle("twitter", "hvogel"), Handle("customer:shop", "3112")
    tweets, shop = make_source("twitter"), make_source("shop")
    bring(tweets, said(twitter, "It chirps", at=AT - days(1), channel="tweet"))
    bring(shop, ordered(number, number="20418", at=AT))
    bring(make_source("crm"), listed(HANNAH))
    assert len({person_of(one).id for one in (twitter, number, HANNAH)}) == 3
    bring(make_source("book"), listed(Handle("phone", "+49341"), HANNAH))
    bring(
        shop,
        ordered(Handle("customer:shop", "3113"), HANNAH, Handle("mastodon", "hv"), number="20419", at=AT),
    )
    person = person_of(HANNAH)
    bring(tweets, said(Handle("mastodon", "hv"), "It still chirps", at=AT - days(2), channel="post"))
    moments = timeline(SYSTEM, identities_of(person)).moments
    assert [moment.lane for moment in moments] == ["bought", "said"]
    assert moments[0].subject == "20419"


def test_pages_of_orders_have_no_gap_and_no_repeat() -> None:
    bring(make_source(), *(ordered(HANNAH, at=AT - days(n // 3)) for n in range(20)))
    found, after = [], None
    while True:
        page = list_orders(SYSTEM, OrdersWanted(), after=after, limit=6)
        found += [(order.ordered_at, order.id) for order in page.orders]
        if page.after is None:
            break
        after = Cursor.read(str(page.after))
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == 20


def test_an_order_is_found_by_the_beginning_or_the_end_of_its_number_in_any_case() -> None:
    numbers = ("A-20418", "A-20419", "B-30418")
    bring(make_source("shop"), *(ordered(HANNAH, number=number) for number in numbers))

    def found(typed: str) -> list[str]:
        return sorted(order.number for order in find_orders(SYSTEM, typed, 9))

    assert found("a-204") == ["A-20418", "A-20419"]
    assert found("#A-20418") == found("20418") == ["A-20418"]
    assert found("0418") == ["A-20418", "B-30418"]
    assert found("418") == found("hannah") == []
    with CaptureQueriesContext(connection) as asked:
        found("0418")
    assert len(asked) <= 5


def test_filters_of_orders_narrow_list_and_totals_alike() -> None:
    shop = make_source("shop")
    bring(
        shop,
        ordered(HANNAH, number="A1", amount="10", lines=["Brush"], at=AT, status="paid"),
        ordered(BETH, number="A2", amount="20", lines=["Bellows"], at=AT - days(10), status="shipped"),
        ordered(BETH, number="B1", amount="30", currency="GBP", at=AT - days(20), status="shipped"),
    )
    brush = OrderLine.objects.get(name="Brush").product_id
    for wanted, numbers in (
        (OrdersWanted(words="A"), ["A1", "A2"]),
        (OrdersWanted(status="shipped"), ["A2", "B1"]),
        (OrdersWanted(product_id=brush), ["A1"]),
        (OrdersWanted(person_id=person_of(BETH).id), ["A2", "B1"]),
        (OrdersWanted(since=AT - days(15)), ["A1", "A2"]),
        (OrdersWanted(until=AT), ["A2", "B1"]),
        (OrdersWanted(least=Decimal(15), most=Decimal(25)), ["A2"]),
        (OrdersWanted(source_id=uuid4()), []),
    ):
        found = list_orders(SYSTEM, wanted).orders
        assert [order.number for order in found] == numbers
        totals = order_totals(SYSTEM, wanted)
        assert totals.count == len(numbers)
        assert sum((money.amount for money in totals.sums), Decimal(0)) == sum(
            order.paid.amount for order in found
        )


def test_a_hidden_source_changes_nothing_in_orders_totals_and_search() -> None:
    team = Team.objects.create(name="Legal")
    actor = make_actor(Role.AGENT)
    hidden, shop = make_source("hidden", team=team), make_source("shop")
    told = listed(HANNAH, organisation="Vogel Röstkurse")
    bring(shop, told, ordered(HANNAH, number="20418", amount="24.80", lines=["Brush"]))
    person = person_of(HANNAH)

    def seen(who: Actor) -> tuple[object, ...]:
        return (
            list_orders(who, OrdersWanted()),
            order_totals(who, OrdersWanted()),
            list_orders(who, OrdersWanted(person_id=person.id)),
            bought_by(who, identities_of(person)),
            bought_by_people(who, [person.id]),
            find_orders(who, "2", 9),
            [product.sku for product in known_products(who)],
            list_orders(who, OrdersWanted(organisation_id=organisation)),
        )

    organisation = Organisation.objects.get().id
    before = seen(actor)
    assert list_orders(actor, OrdersWanted(organisation_id=organisation)).orders
    bring(hidden, listed(HANNAH, organisation="Secret Ltd", at=AT + days(1)))
    secret = ordered(HANNAH, number="20999", amount="999", currency="GBP", at=AT + days(1), lines=["Ladder"])
    bring(hidden, secret)
    assert seen(actor) == before
    order = Order.objects.get(number="20999")
    with pytest.raises(NotFound):
        order_shown(actor, order.id)
    member = make_actor(Role.AGENT, team)
    assert order_shown(member, order.id).paid == Money(Decimal(999), "GBP")
    assert len(bought_by(member, identities_of(person))) == 2


# ------------------------------------------------------------------------------------------------------------ screens


def signed_in(role: Role = Role.OWNER) -> Client:
    client = Client()
    client.force_login(make_staff(role), backend="amity.site.signin.StaffBackend")
    return client


def text_of(client: Client, address: str, headers: dict[str, str] | None = None) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_the_page_of_an_order_shows_lines_customer_and_what_they_said_around_it() -> None:
    bring(
        make_source(),
        ordered(HANNAH, number="20418", amount="24.80", lines=["Cleaning tablets", "Brush"]),
        said(HANNAH, "Before it", at=AT - days(3)),
        said(HANNAH, "After it", at=AT + days(3)),
        said(HANNAH, "Long after it", at=AT + days(60)),
    )
    page = text_of(signed_in(), reverse("order", args=[Order.objects.get().id]))
    for words in (
        "20418",
        "Cleaning tablets",
        "Hannah Vogel",
        "Before it",
        "After it",
        "22.80",
    ):  # 24.80 − two lines of 1
        assert words in page
    assert "Long after it" not in page


def test_the_list_of_orders_asks_the_database_little(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    bring(make_source(), *(ordered(email(f"p{n}@web.example"), number=str(n)) for n in range(60)))
    client = signed_in()
    client.get(reverse("orders"), headers={"HX-Request": "true"})
    with django_assert_max_num_queries(9):  # one asks which sources are somebody's own
        client.get(f"{reverse('orders')}?status=paid&least=1", headers={"HX-Request": "true"})


def test_the_panel_and_the_column_say_what_a_person_bought() -> None:
    bring(
        make_source(), *(ordered(HANNAH, number=f"20{n}", amount="10.00", at=AT - days(n)) for n in range(7))
    )
    client, person = signed_in(), person_of(HANNAH)
    panel = text_of(client, reverse("person-orders", args=[person.id]), headers={"HX-Request": "true"})
    assert "All, 7 orders" in panel
    assert "70.00" in panel
    assert "<bdi>206</bdi>" not in panel  # the oldest two are behind the link
    assert "70.00" in text_of(client, reverse("people"))
    assert "Hannah Vogel" in text_of(client, f"{reverse('people')}?is=bought")
    assert Order.objects.aggregate(total=Sum("amount"))["total"] == Decimal(70)


def test_orders_are_closed_to_partners_and_nonsense_in_the_address_is_no_error() -> None:
    bring(make_source(), ordered(HANNAH))
    order = Order.objects.get()
    assert signed_in(Role.PARTNER).get(reverse("orders")).status_code == 403
    assert signed_in(Role.PARTNER).get(reverse("order", args=[order.id])).status_code == 404
    for query in (
        "after=x",
        "least=x",
        "least=NaN",
        "most=1e999",
        "from=x",
        "until=9999-12-31",
        "product=1",
        "person=x",
        "q=%00",
    ):
        assert signed_in().get(f"{reverse('orders')}?{query}").status_code == 200, query
    assert "Which orders" in text_of(signed_in(), reverse("orders-filters"))
    assert "Nothing fits" in text_of(signed_in(), f"{reverse('orders')}?q=zzz")
