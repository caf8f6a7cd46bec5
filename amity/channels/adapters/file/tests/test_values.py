from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.channels.adapters.file.patterns import detect_date, profile_column, uses_decimal_comma
from amity.channels.adapters.file.values import (
    clean_text,
    date_parser,
    is_impossible_day,
    is_yes,
    normalise_address,
    parse_amount,
    split_name,
)

NOON = datetime(2023, 2, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("date_format", "text"),
    [
        ("iso", "2023-02-01T12:30:00Z"),
        ("iso", "2023-02-01 12:30"),
        ("iso", "2023-02-01 13:30:00 +0100"),
        ("iso", "2023-02-01 12:30:00 UTC"),
        ("iso", "2023/2/1 12:30:00.000"),
        ("iso", "Wed Feb 01 12:30:00 +0000 2023"),
        ("day_first", "01.02.2023 12:30"),
        ("day_first", "1/2/23, 12:30:00"),
        ("day_first", "01-02-2023 12.30"),
        ("month_first", "2/1/2023 12:30 PM"),
        ("month_first", "02/01/2023 12:30:00"),
        ("words", "Feb 1, 2023 12:30 PM"),
        ("words", "1. Februar 2023, 12:30"),
        ("words", "mié, 1 feb 2023 12:30"),
        ("words", "1 février 2023 à 12:30"),
        ("words", "Wed, 01 Feb 2023 13:30:00 +0100"),
        ("epoch", "1675254600"),
        ("epoch", "1675254600.000"),
        ("epoch_ms", "1675254600000"),
        ("%d|%m|%Y %H:%M", "01|02|2023 12:30"),
    ],
)
def test_an_instant_is_read_in_the_ways_that_exports_write_it(date_format: str, text: str) -> None:
    assert date_parser(date_format)(text) == NOON


def test_a_time_without_offset_is_read_in_the_zone_of_the_mapping() -> None:
    summer = date_parser("day_first", "Europe/Berlin")("01.07.2023 14:00")
    assert summer == datetime(2023, 7, 1, 12, 0, tzinfo=UTC)
    assert summer.tzinfo is UTC


def test_midnight_and_noon_of_the_half_days() -> None:
    parse = date_parser("month_first")
    assert [
        parse(f"2/1/2023 {clock}").hour for clock in ("12:00 AM", "1:00 am", "12:00 PM", "11:59 p.m.")
    ] == [0, 1, 12, 23]


@pytest.mark.parametrize("text", ["", "soon", "31.02.2023", "2023-13-01", "99", "13/13/2023"])
def test_what_is_no_date_is_refused(text: str) -> None:
    for date_format in ("iso", "day_first", "month_first", "words"):
        with pytest.raises(ValueError, match=r".*"):
            date_parser(date_format)(text)


@given(st.datetimes(timezones=st.just(UTC)))
def test_iso_dates_come_back_as_they_were(at: datetime) -> None:
    assert date_parser("iso")(at.isoformat()) == at
    assert date_parser("iso")(at.isoformat(sep=" ").replace("+00:00", " UTC")) == at


@pytest.mark.parametrize(
    ("text", "decimal_comma", "amount"),
    [
        ("12.30", False, "12.30"),
        ("-5", False, "-5"),
        ("1,234.56", False, "1234.56"),
        ("1,23,456.70", False, "123456.70"),
        ("$ 1,234", False, "1234"),
        ("EUR 12.30", False, "12.30"),
        ("(12.30)", False, "-12.30"),
        ("12.30-", False, "-12.30"),
        ("-$12.30", False, "-12.30"),
        ("Rs. 1,200", False, "1200"),
        ("12,30 zł", True, "12.30"),
        ("1'234.50", False, "1234.50"),
        ("12,30", True, "12.30"),
        ("1.234,56 €", True, "1234.56"),
        ("1 234,56", True, "1234.56"),
        ("1.234", True, "1234"),
        ("−3,50 €", True, "-3.50"),
    ],
)
def test_amounts_are_read_as_printed(text: str, decimal_comma: bool, amount: str) -> None:
    assert parse_amount(text, decimal_comma=decimal_comma) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["", "free", "1.2.3", "12,3", "NaN", "Infinity", "1e9", "9" * 16, "12.30.", "1,2345"]
)
def test_what_is_no_amount_is_refused_rather_than_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_amount(text)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_amounts_with_thousands_come_back_as_they_were(amount: Decimal) -> None:
    printed = f"{amount:,.2f}"
    assert parse_amount(printed) == amount
    swapped = printed.translate(str.maketrans(",.", ".,"))
    assert parse_amount(swapped, decimal_comma=True) == amount


@pytest.mark.parametrize(
    ("network", "text", "address"),
    [
        ("email", " Ada@Example.ORG ", "ada@example.org"),
        ("email", "mailto:ada@example.org", "ada@example.org"),
        ("email", "not an address", ""),
        ("email", "Sean.O'Brien@example.org", "sean.o'brien@example.org"),
        ("email", "'ada@example.org'", ""),
        ("email", "MAILTO:ada@example.org", "ada@example.org"),
        ("phone", "+43 1 12345 DW 12", "+43112345"),
        ("phone", "+1 555 010 9999, extension 12", "+15550109999"),
        ("phone", "tel:+1-555-010-9999;ext=12", "+15550109999"),
        ("phone", "\u202a+49\u2011228\u2011123456\u202c", "+49228123456"),
        ("phone", "\u0660\u0665\u0660 \u0661\u0662\u0663\u0664", "0501234"),
        ("phone", "\uff0b\uff14\uff19 228 123456", "+49228123456"),
        ("phone", "+49 (0)228 / 12-34 56", "+49228123456"),
        ("phone", "0049 228 123456", "+49228123456"),
        ("phone", "+1 (555) 010-9999 x12", "+15550109999"),
        ("phone", "call me", ""),
        ("twitter", "@GrinderFan", "grinderfan"),
        ("twitter", "https://twitter.com/GrinderFan?lang=en", "grinderfan"),
        ("mastodon", "@Ada@example.social", "ada@example.social"),
        ("customer:shop", " A-17 ", "A-17"),
    ],
)
def test_an_address_has_one_spelling(network: str, text: str, address: str) -> None:
    assert normalise_address(network, text) == address
    assert normalise_address(network, address) == address


def test_a_name_beside_an_address_is_split_off() -> None:
    assert split_name('"Lovelace, Ada" <ada@example.org>') == ("Lovelace, Ada", "ada@example.org")
    assert split_name("ada@example.org") == ("", "ada@example.org")


@given(st.text())
def test_clean_text_can_be_held_by_a_database(text: str) -> None:
    cleaned = clean_text(text + "\x00\ud83d" + text)
    assert "\x00" not in cleaned
    cleaned.encode("utf-8")


def test_the_usual_words_for_yes() -> None:
    assert [is_yes(word) for word in ("Yes", "1", "ja", "Oui", "no", "", "0")] == [True] * 4 + [False] * 3


def test_day_or_month_first_is_decided_by_the_values() -> None:
    european = detect_date(["01/02/2023", "25/02/2023", "03/03/2023"])
    american = detect_date(["01/02/2023", "02/25/2023", "03/03/2023"])
    unknown = detect_date(["01/02/2023", "03/04/2023"])
    assert european is not None
    assert (european.date_format, european.is_sure) == ("day_first", True)
    assert american is not None
    assert (american.date_format, american.is_sure) == ("month_first", True)
    assert unknown is not None
    assert not unknown.is_sure


def test_numbers_are_dates_only_where_they_can_be_times() -> None:
    seconds = detect_date(["1675254600", "1675254700"])
    assert seconds is not None
    assert seconds.date_format == "epoch"
    assert detect_date(["100200300", "12"]) is None
    assert detect_date(["17", "18"]) is None


def test_the_decimal_sign_is_decided_by_the_values() -> None:
    assert uses_decimal_comma(["12,30", "1.234,50"]) is True
    assert uses_decimal_comma(["12.30", "1,234.50"]) is False
    assert uses_decimal_comma(["12", "1.234"]) is None


def test_a_profile_counts_what_the_cells_look_like() -> None:
    profile = profile_column("Mail", ["ada@example.org", "bob@example.org", "", "none"])
    assert (profile.filled, profile.counted("email")) == (3, "2 of 3 rows")


@pytest.mark.parametrize(
    "text",
    [
        "31/02/1990", "31.02.90", "1990-02-30", "1990-13-01", "29/02/1999", "1990-02-31T00:00:00", "30 February 1990",
        "31.02.", "--02-30", "32. Mai 1980", "2023/02/29", "0000-02-30", "00/00/1990",
    ],
)  # fmt: skip
def test_a_day_that_no_calendar_has_is_known_as_one(text: str) -> None:
    assert is_impossible_day(text)


@pytest.mark.parametrize(
    "text",
    [
        "28/02/1990", "02/28/1990", "29.02.2000", "29 Feb", "--02-29", "1990", "May 1990", "12.5.", "0000-04-12", "",
        "spring", "1815-12-10", "10 December 1815", "12/1990", "29.02.", "4. März 1961",
        "85-05-12", "90/12/31", "85.05.12.",  # the year first, in short
        "05/85", "85/5", "May 85", "Mai '68",  # a month
        "1370/02/31", "31/02/1370", "29.02.2543", "30 Feb 1405",  # days in Iran, in Thailand, of the Hijra
    ],
)  # fmt: skip
def test_what_may_be_a_day_or_is_none_at_all_is_not_judged(text: str) -> None:
    assert not is_impossible_day(text)
