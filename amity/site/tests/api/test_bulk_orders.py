"""Many orders at once: each with an outcome of its own, none of them half."""

from __future__ import annotations

from typing import Any

import pytest

from amity.channels.models import Item, Source
from amity.commerce.models import BuyerTotal, Order, OrderLine
from amity.kernel.actor import Role
from amity.site.tests.api.calling import Program, program
from amity.site.tests.api.test_operations import ORDER

pytestmark = pytest.mark.django_db


def rows(count: int, **more: Any) -> list[dict[str, Any]]:
    return [ORDER | {"external_id": str(n), **more} for n in range(count)]


def statuses(shop: Program, query: str, body: Any) -> list[str]:
    answer = shop.post(f"/orders/bulk{query}", body)
    assert answer.status_code == 200, answer.content
    return [row["status"] for row in answer.json()["rows"]]


def test_orders_are_created_left_alone_and_updated_by_their_id() -> None:
    shop = program(Role.OWNER)
    assert statuses(shop, "", rows(3)) == ["created"] * 3
    assert statuses(shop, "", rows(3)) == ["unchanged"] * 3
    assert Item.objects.count() == 3  # what says nothing new leaves no trace
    assert statuses(shop, "", rows(2, amount="9.90") + rows(4)[3:]) == ["updated", "updated", "created"]
    assert sorted(str(one.amount) for one in Order.objects.all()) == ["24.90", "24.90", "9.90", "9.90"]
    assert OrderLine.objects.count() == 4
    assert str(BuyerTotal.objects.get().amount) == "69.60"


def test_what_put_told_is_the_same_order() -> None:
    shop = program(Role.OWNER)
    told = shop.call("PUT", "/orders", ORDER).json()["id"]
    (row,) = shop.post("/orders/bulk", [ORDER]).json()["rows"]
    assert (row["status"], row["id"]) == ("unchanged", told)
    assert statuses(shop, "", [ORDER | {"lines": []}]) == ["updated"]
    assert not OrderLine.objects.exists()


def test_an_order_told_twice_in_a_request_ends_as_it_was_told_last() -> None:
    shop = program(Role.OWNER)
    twice = [*rows(1), *rows(1, status="refunded"), *rows(1, status="refunded")]
    assert statuses(shop, "", twice) == ["created", "updated", "unchanged"]
    assert Order.objects.get().status == "refunded"


def test_modes_keep_to_what_they_say() -> None:
    shop = program(Role.OWNER)
    assert statuses(shop, "?mode=update", rows(1)) == ["missing"]
    assert statuses(shop, "?mode=create", rows(1)) == ["created"]
    assert statuses(shop, "?mode=create", rows(1, amount="1.00")) == ["exists"]
    assert str(Order.objects.get().amount) == "24.90"


def test_a_dry_run_leaves_no_trace() -> None:
    assert statuses(program(Role.OWNER), "?dry_run=true", rows(2)) == ["created"] * 2
    assert not Order.objects.exists()
    assert not Item.objects.exists()
    assert not Source.objects.exists()


def test_a_bad_row_is_told_from_the_good_ones() -> None:
    other = {"identities": [{"network": "email", "address": "otto@kern.example"}]}
    shop = program(Role.OWNER)
    bad = [ORDER | {"amount": "much"}, ORDER | {"external_id": "9", "buyer": {}}, 7]
    found = shop.post("/orders/bulk", [*rows(1), *bad]).json()
    assert [row["status"] for row in found["rows"]] == ["created", "invalid", "invalid", "invalid"]
    (row,) = shop.post("/orders/bulk", rows(1, buyer=other, amount="1.00")).json()["rows"]
    assert (row["status"], row["code"]) == ("invalid", "order.buyer")
    assert str(Order.objects.get().amount) == "24.90"


def test_who_may_only_look_at_orders_tells_none() -> None:
    assert program().post("/orders/bulk", rows(1)).status_code == 403
