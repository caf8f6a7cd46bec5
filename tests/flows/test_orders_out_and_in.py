"""Orders and organisations go out as a file; orders come in again, where they were and elsewhere."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection

from amity.channels.adapters.file import restore_cell
from amity.channels.models import Source
from amity.commerce.exporting import WRITINGS, export_orders
from amity.commerce.models import BuyerTotal, FirstTelling, Order, OrderLine, Product
from amity.commerce.queries import OrdersWanted
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.downloads import Form
from amity.kernel.errors import Forbidden
from amity.kernel.models import AuditEntry, Team
from amity.people.exporting.organisations import export_organisations
from amity.people.models import Organisation
from amity.people.of_organisations import say_of_organisation
from amity.people.organising import merge_organisations, say_whose_domain
from amity.people.tests.fields.own import make_field
from amity.site.tests.shell.factories import make_staff
from tests.flows.stories import jsonl, order, take_in

pytestmark = pytest.mark.django_db

BEANS = {"sku": "=B-1", "name": "Beans, “dark”", "quantity": "2.5", "amount": "25.00"}
CUP = {"sku": "", "name": "+Cup\nblue", "quantity": "1", "amount": "9.90"}


def shop(path: Path, at: datetime) -> Path:
    return jsonl(
        path / "shop.jsonl",
        [
            order("1001", at, [("email", "hanna@roast.example")], "39.90", number="R-1", lines=[BEANS, CUP]),
            order("1002", at, [("phone", "+4930123456")], "-5.00", status="refunded", items=3),
            order(
                "1003", at, [("email", "bo@roast.example")], "7.00", lines=[CUP], extra={"channel": "till"}
            ),
        ],
    )


def orders_told() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.external_id, o.number, o.ordered_at, o.status, o.amount, o.currency, o.items, "
            "i.network, i.address, "
            "(SELECT array_agg(concat_ws('|', l.name, l.quantity, l.amount, p.sku) ORDER BY l.name) "
            " FROM commerce_orderline l LEFT JOIN commerce_product p ON p.id = l.product_id WHERE l.order_id = o.id) "
            "FROM commerce_order o JOIN people_identity i ON i.id = o.buyer_id ORDER BY o.external_id"
        )
        return list(cursor.fetchall())


def written(folder: Path, form: Form, at: datetime, wanted: OrdersWanted | None = None) -> Path:
    path = folder / f"orders-out.{form.ending}"
    pieces = export_orders(wanted or OrdersWanted(), form=form, filters={}, actor=SYSTEM, at=at)
    path.write_bytes(b"".join(pieces))
    return path


@pytest.mark.parametrize("form", list(WRITINGS))
def test_orders_that_go_out_come_in_again_and_change_nothing(
    tmp_path: Path, at: datetime, form: Form
) -> None:
    take_in(shop(tmp_path, at), at, source="shop")
    before = orders_told()
    assert len(before) == 3
    run = take_in(written(tmp_path, form, at), at, source="shop")
    assert (run.rows_quarantined, orders_told()) == (0, before)


@pytest.mark.parametrize("form", list(WRITINGS))
def test_orders_that_go_out_are_the_same_elsewhere(tmp_path: Path, at: datetime, form: Form) -> None:
    take_in(shop(tmp_path, at), at, source="shop")
    before, out = orders_told(), written(tmp_path, form, at)
    for model in (FirstTelling, OrderLine, Order, BuyerTotal, Product):
        model.objects.all().delete()
    run = take_in(out, at, source="elsewhere")
    assert (run.rows_quarantined, orders_told()) == (0, before)


def test_two_shops_that_count_alike_stay_two(tmp_path: Path, at: datetime) -> None:
    take_in(shop(tmp_path, at), at, source="shop")
    take_in(shop(tmp_path, at), at, source="market")
    told = [json.loads(line) for line in written(tmp_path, Form.JSONL, at).read_text().splitlines()]
    assert len({one["id"] for one in told}) == 6
    of_one = OrdersWanted(source_id=Source.objects.get(key="market").pk)
    told = [json.loads(line) for line in written(tmp_path, Form.JSONL, at, of_one).read_text().splitlines()]
    assert sorted(one["id"] for one in told) == ["1001", "1002", "1003"]


def rows_of(pieces: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(pieces.decode(), newline="")))


def test_no_cell_is_a_formula_and_each_comes_back(tmp_path: Path, at: datetime) -> None:
    take_in(shop(tmp_path, at), at, source="shop")
    rows = rows_of(written(tmp_path, Form.CSV, at).read_bytes())
    assert not [cell for row in rows for cell in row.values() if cell[:1] in "=+-@\t\r" and cell]
    assert {"=B-1"} <= {restore_cell(row["line_sku"]) for row in rows}
    assert [row["amount"] for row in rows if row["order_id"] == "1001"] == ["39.90", ""]


def test_what_an_actor_may_not_see_is_not_in_the_file(tmp_path: Path, at: datetime) -> None:
    take_in(shop(tmp_path, at), at, source="shop")
    take_in(
        jsonl(tmp_path / "vip.jsonl", [order("V-1", at, [("email", "vip@secret.example")], "900.00")]),
        at,
        source="vip",
    )
    Source.objects.filter(key="vip").update(team=Team.objects.create(name="VIP desk"))

    def taken(actor: Actor, form: Form = Form.CSV) -> str:
        return b"".join(export_orders(OrdersWanted(), form=form, filters={}, actor=actor, at=at)).decode()

    agent, analyst = (make_staff(role=role).actor() for role in (Role.AGENT, Role.ANALYST))
    for form in (Form.CSV, Form.JSONL):
        assert "V-1" not in taken(agent, form)
        assert "secret.example" not in taken(agent, form)
        assert "hanna@roast.example" in taken(agent, form)
        assert "@roast.example" not in taken(analyst, form)
    assert {row["order_id"] for row in rows_of(taken(agent).encode())} == {"1001", "1002", "1003"}
    with pytest.raises(Forbidden):
        taken(make_staff(role=Role.PARTNER).actor())
    entry = AuditEntry.objects.filter(action="export.made").latest("id")
    assert (entry.subject, entry.after["format"]) == ("order", "csv")


def test_organisations_go_out_with_fields_of_the_companys_own(tmp_path: Path, at: datetime) -> None:
    people = [
        {"type": "person", "id": str(n), "at": at.isoformat(), "facts": {"organisation": name, "city": "Kiel"},
         "handles": [{"network": "email", "address": f"p{n}@roast.example"}]}
        for n, name in enumerate(("=Roast & Sons", "Zeta", "Zeta"))
    ]  # fmt: skip
    take_in(jsonl(tmp_path / "people.jsonl", people), at)
    owner = make_staff(role=Role.OWNER).actor()
    field, hidden = (
        make_field("Seats", "number", resource="organisation"),
        make_field("Margin", "number", resource="organisation", purposes=["sales"]),
    )
    zeta = Organisation.objects.get(name="Zeta")
    say_of_organisation(zeta.pk, {field.key: "40", hidden.key: "7"}, actor=owner, at=at)

    def taken(actor: Actor, form: Form = Form.CSV, words: str = "") -> bytes:
        return b"".join(export_organisations(words, form=form, actor=actor, at=at))

    rows = {restore_cell(row["name"]): row for row in rows_of(taken(owner))}
    assert [(name, row["people"], row["cities"]) for name, row in sorted(rows.items())] == [
        ("=Roast & Sons", "1", "Kiel"), ("Zeta", "2", "Kiel"),
    ]  # fmt: skip
    assert (rows["Zeta"][field.key], rows["Zeta"][hidden.key]) == ("40", "7")
    (told,) = [json.loads(line) for line in taken(owner, Form.JSONL, "zeta").decode().splitlines()]
    assert told["fields"] == {field.key: "40", hidden.key: "7"}
    assert hidden.key not in taken(make_staff(role=Role.AGENT).actor()).decode()
    with pytest.raises(Forbidden):
        taken(make_staff(role=Role.PARTNER).actor())


def test_further_fields_of_an_order_are_not_for_who_may_not_see_addresses(
    tmp_path: Path, at: datetime
) -> None:
    extra = {"ship_to": "Hanna, hanna@roast.example"}
    take_in(
        jsonl(tmp_path / "a.jsonl", [order("1", at, [("email", "x@y.example")], "1.00", extra=extra)]), at
    )

    def taken(actor: Actor) -> dict[str, object]:
        pieces = export_orders(OrdersWanted(), form=Form.JSONL, filters={}, actor=actor, at=at)
        return dict(json.loads(b"".join(pieces)))

    assert taken(make_staff(role=Role.AGENT).actor())["extra"] == extra
    assert taken(make_staff(role=Role.ANALYST).actor())["extra"] == {}


@pytest.mark.parametrize("form", list(WRITINGS))
def test_how_many_items_a_shop_counted_stays_what_it_was(tmp_path: Path, at: datetime, form: Form) -> None:
    lines = [CUP, BEANS]
    told = order("1", at, [("email", "x@y.example")], "34.90", items=7, lines=lines)
    take_in(jsonl(tmp_path / "a.jsonl", [told]), at, source="shop")
    before, out = orders_told(), written(tmp_path, form, at)
    for model in (FirstTelling, OrderLine, Order, BuyerTotal, Product):
        model.objects.all().delete()
    take_in(out, at, source="elsewhere")
    assert orders_told() == before


def test_domains_of_organisations_go_out_as_their_pages_show_them(tmp_path: Path, at: datetime) -> None:
    people = [
        {"type": "person", "id": name, "at": at.isoformat(), "facts": {"organisation": name},
         "handles": [{"network": "email", "address": f"{name.lower()}@mail.example"}]}
        for name in ("Alpha", "Zeta")
    ]  # fmt: skip
    take_in(jsonl(tmp_path / "people.jsonl", people), at)
    owner = make_staff(role=Role.OWNER).actor()
    alpha, zeta = Organisation.objects.order_by("name")
    for one in (alpha, zeta):
        say_whose_domain(one.pk, f"{one.name.lower()}.example", is_on=True, actor=owner, at=at)
    merge_organisations(alpha.pk, zeta.pk, actor=owner, at=at)

    def domains(actor: Actor) -> str:
        (row,) = rows_of(b"".join(export_organisations(form=Form.CSV, actor=actor, at=at)))
        return row["domains"]

    assert domains(owner) == "alpha.example\nzeta.example"
    assert domains(make_staff(role=Role.ANALYST).actor()) == ""
