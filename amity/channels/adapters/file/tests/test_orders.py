from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from amity.channels.adapters.file import HandleSource, Mapping, RecordKind, Source
from amity.channels.adapters.file.tests.making import make_file, orders, read_all
from amity.channels.records import Handle

SHOPIFY = (
    "Name,Email,Financial Status,Paid at,Currency,Total,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem sku,Billing Name,Billing City,Phone\n"
    "#1001,ada@example.org,paid,2024-05-06 10:00:00 +0200,EUR,429.90,2024-05-06 09:59:00 +0200,1,Grinder One,"
    "399.90,G-1,Ada Lovelace,Bonn,'+49228123456\n"
    "#1001,,,,,,,2,Brush,15.00,B-1,,,\n"
    "#1002,bob@example.org,refunded,,EUR,399.90,2024-05-07 11:00:00 +0200,1,Grinder One,399.90,G-1,Bob,Ulm,\n"
)


def shop_mapping(**changes: object) -> Mapping:
    plain: dict[str, object] = {
        "name": "shop",
        "title": "Shop",
        "record": RecordKind.ORDER,
        "source": "shop",
        "fields": {"id": Source(("Nr",)), "at": Source(("Datum",)), "amount": Source(("Summe",))},
        "handles": (HandleSource("customer:{source}", Source(("Kunde",))),),
        "currency": "EUR",
        "date_format": "day_first",
        "timezone": "Europe/Berlin",
        "decimal_comma": True,
    }
    return Mapping(**{**plain, **changes})  # type: ignore[arg-type]


def test_an_order_over_several_rows_comes_in_parts_that_add_up(tmp_path: Path) -> None:
    first, second, other = orders(make_file(tmp_path, SHOPIFY))
    assert first.external_id == second.external_id == "#1001"
    assert first.amount + second.amount == Decimal("429.90")
    assert [line.amount for order in (first, second) for line in order.lines] == [
        Decimal("399.90"),
        Decimal("30.00"),
    ]
    assert first.extra["partial"] is second.extra["partial"] is True
    assert (
        second.buyer
        == first.buyer
        == (
            Handle("email", "ada@example.org", "Ada Lovelace"),
            Handle("phone", "+49228123456", "Ada Lovelace"),
        )
    )
    assert second.ordered_at == first.ordered_at == datetime(2024, 5, 6, 7, 59, tzinfo=UTC)
    assert (second.status, second.currency, other.status) == ("paid", "EUR", "refunded")
    assert first.facts == {"city": "Bonn"}


def test_lines_without_a_total_are_the_total(tmp_path: Path) -> None:
    text = (
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        "90001,K1,Kettle,2,05/06/2024 10:15,4.50,4711,France\n"
        "90001,K2,Cup,6,05/06/2024 10:15,1.25,4711,France\n"
        "90002,K2,Cup,1,05/13/2024 09:00,1.25,4712,Norway\n"
    )
    first, second, third = orders(make_file(tmp_path, text))
    assert (first.amount, second.amount, third.amount) == (Decimal("9.00"), Decimal("7.50"), Decimal("1.25"))
    assert first.buyer == (Handle("customer:retail", "4711"),)
    assert first.ordered_at == datetime(2024, 5, 6, 10, 15, tzinfo=UTC)
    assert (first.items, first.currency, first.lines[0].sku) == (2, "GBP", "K1")


def test_invoices_of_a_retailer_are_read_with_their_totals(tmp_path: Path) -> None:
    text = (
        "invoice,customer_id,invoice_date,lines,items,amount,country\n"
        "90001,4711,2024-05-06 09:06:00,2,8,16.50,France\n90002,4712,2024-05-07 09:06:00,1,1,1.25,Norway\n"
    )
    first, second = orders(make_file(tmp_path, text))
    assert (first.number, first.items, first.amount, first.currency) == ("90001", 8, Decimal("16.50"), "GBP")
    assert first.buyer == (Handle("customer:retail", "4711"),)
    assert "partial" not in first.extra
    assert second.facts == {"country": "Norway"}


def test_german_amounts_and_days_are_read(tmp_path: Path) -> None:
    text = "Nr;Datum;Kunde;Summe\n1;01.02.2024;K1;1.234,50 €\n2;1.7.24 14:05;K2;0,99\n"
    first, second = orders(make_file(tmp_path, text, encoding="cp1252"), shop_mapping())
    assert (first.amount, second.amount) == (Decimal("1234.50"), Decimal("0.99"))
    assert first.ordered_at == datetime(2024, 1, 31, 23, 0, tzinfo=UTC)
    assert second.ordered_at == datetime(2024, 7, 1, 12, 5, tzinfo=UTC)


def test_what_an_order_lacks_is_said_with_its_column(tmp_path: Path) -> None:
    text = "Nr;Datum;Kunde;Summe\n;01.02.2024;K1;1\n2;;K1;1\n3;01.02.2024;;1\n4;01.02.2024;K1;\n5;01.02.2024;K1;viel\n"
    records, refused = read_all(make_file(tmp_path, text), shop_mapping())
    assert records == []
    assert [error.code for error in refused] == [
        "id_missing",
        "date_missing",
        "buyer_missing",
        "amount_missing",
        "amount",
    ]
    assert "“Summe”" in refused[4].reason


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("", "paid"),
        ("Completed", "paid"),
        ("wc-processing", "placed"),
        ("on hold", "placed"),
        ("versandt", "shipped"),
        ("Canceled", "cancelled"),
        ("partially refunded", "refunded"),
        ("in der Schwebe", "placed"),
    ],
)
def test_words_for_the_state_of_an_order(tmp_path: Path, said: str, status: str) -> None:
    base = shop_mapping()
    mapping = shop_mapping(fields={**base.fields, "status": Source(("Stand",))})
    [order] = orders(make_file(tmp_path, f"Nr;Datum;Kunde;Summe;Stand\n1;01.02.2024;K1;1;{said}\n"), mapping)
    assert order.status == status


def test_a_currency_of_the_row_wins_and_must_be_one(tmp_path: Path) -> None:
    base = shop_mapping()
    mapping = shop_mapping(fields={**base.fields, "currency": Source(("W",))})
    text = "Nr;Datum;Kunde;Summe;W\n1;01.02.2024;K1;1;chf\n2;01.02.2024;K1;1;\n3;01.02.2024;K1;1;francs\n"
    records, refused = read_all(make_file(tmp_path, text), mapping)
    assert [getattr(record, "currency", "") for record in records] == ["CHF", "EUR"]
    assert [error.code for error in refused] == ["currency"]


def test_an_address_or_a_day_of_the_buyer_that_is_none_is_left_out_and_told(tmp_path: Path) -> None:
    mapping = shop_mapping(
        fields={
            "id": Source(("Nr",)),
            "at": Source(("Datum",)),
            "amount": Source(("Summe",)),
            "facts.birthday": Source(("Geburtstag",)),
        },
        handles=(
            HandleSource("customer:{source}", Source(("Kunde",))),
            HandleSource("email", Source(("Mail",))),
        ),
    )
    text = "Nr;Datum;Summe;Kunde;Mail;Geburtstag\n1;01.03.2026;5,00;K7;ada(at)example.org;31.02.1990\n"
    [order] = orders(make_file(tmp_path, text), mapping)
    assert [handle.address for handle in order.buyer] == ["K7"]
    assert [(one.code, one.column, one.text) for one in order.left_out] == [
        ("email", "Mail", "ada(at)example.org"),
        ("day", "Geburtstag", "31.02.1990"),
    ]
    assert order.facts == {}


def test_a_wrong_address_on_a_later_row_of_an_order_is_told_though_the_first_row_says_who_bought(
    tmp_path: Path,
) -> None:
    file = SHOPIFY.replace("#1001,,,,,,,2,Brush", "#1001,bob(at)example.org,,,,,,2,Brush")
    first, second, _other = orders(make_file(tmp_path, file))
    assert second.buyer == first.buyer
    assert [(one.code, one.text) for one in second.left_out] == [("email", "bob(at)example.org")]
    assert first.left_out == ()
