"""What is a value of each kind, in which spelling it is kept, and what of it is stored."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from amity.activity.shaping import identity_id
from amity.channels.adapters.file.values import date_parser
from amity.channels.records import Handle
from amity.people.domain.fields.definition import Definition, Gone, Kind, Option, free_key
from amity.people.domain.fields.values import Notation, Refused, read, shown, stored

OPTIONS = (Option("gold", "Gold"), Option("silver", "Silver, or nearly"), Option("bronze", "Bronze"))


def field(kind: Kind, **more: object) -> Definition:
    options = OPTIONS if kind.has_options else ()
    return Definition(1, "person", "tier", "Tier", kind, options=options, currency="EUR", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (Kind.TEXT, "  two words ", "two words"),
        (Kind.NUMBER, "1,234.50", "1234.5"),
        (Kind.NUMBER, "-0", "0"),
        (Kind.NUMBER, "007", "7"),
        (Kind.MONEY, "€ 1,200", "1200"),
        (Kind.MONEY, "12.30 EUR", "12.3"),
        (Kind.DATE, "2026-03-04", "2026-03-04"),
        (Kind.CHOICE, "GOLD", "gold"),
        (Kind.CHOICE, "Silver, or nearly", "silver"),
        (Kind.CHOICES, "bronze; Gold", "gold,bronze"),
        (Kind.CHOICES, "Silver, or nearly", "silver"),
        (Kind.URL, "tamp.example/beans", "https://tamp.example/beans"),
        (Kind.URL, "http://tamp.example", "http://tamp.example"),
        (Kind.YES_NO, "Ja", "yes"),
        (Kind.YES_NO, "0", "no"),
        (Kind.PERSON, "Hanna@Mail.example", str(identity_id(Handle("email", "hanna@mail.example")))),
        (Kind.TEXT, "   ", ""),
    ],
)
def test_what_is_typed_is_kept_in_one_spelling(kind: Kind, typed: str, kept: str) -> None:
    assert read(field(kind), typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "code"),
    [
        (Kind.TEXT, "x" * 2_001, "too_long"),
        (Kind.NUMBER, "some", "number"),
        (Kind.NUMBER, "1.23456789", "too_precise"),
        (Kind.MONEY, "12 USD", "currency"),
        (Kind.MONEY, "£3", "currency"),
        (Kind.DATE, "tomorrow", "date"),
        (Kind.DATE, "2026-02-30", "date"),
        (Kind.CHOICE, "platinum", "choice"),
        (Kind.CHOICES, "gold, platinum", "choice"),
        (Kind.URL, "javascript:alert(1)", "url"),
        (Kind.URL, "ftp://tamp.example", "url"),
        (Kind.URL, "two words.example", "url"),
        (Kind.YES_NO, "perhaps", "yes_no"),
        (Kind.PERSON, "Hanna", "person"),
    ],
)
def test_what_is_no_value_is_refused_with_a_reason(kind: Kind, typed: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read(field(kind), typed)
    assert refused.value.code == code


def test_numbers_and_dates_are_read_as_they_are_written_where_they_come_from() -> None:
    german = Notation(decimal_comma=True, date=date_parser("day_first"))
    assert read(field(Kind.NUMBER), "1.234,5", german) == "1234.5"
    assert read(field(Kind.MONEY), "1.200,50 €", german) == "1200.5"
    assert read(field(Kind.DATE), "4.3.2026", german) == "2026-03-04"


@given(some.decimals(min_value=-(10**14), max_value=10**14, places=6))
def test_a_kept_number_is_read_as_itself_and_equals_what_was_meant(number: Decimal) -> None:
    kept = read(field(Kind.NUMBER), format(number, "f"))
    assert Decimal(kept) == number
    assert read(field(Kind.NUMBER), kept) == kept
    (row,) = stored(field(Kind.NUMBER), kept)
    assert row.number == number


@given(some.text(max_size=300))
def test_any_kept_text_is_read_as_itself(typed: str) -> None:
    kept = read(field(Kind.TEXT), typed)
    assert read(field(Kind.TEXT), kept) == kept
    assert len(stored(field(Kind.TEXT), kept)) == bool(kept)


def test_each_kind_is_stored_where_it_is_compared() -> None:
    assert [row.day for row in stored(field(Kind.DATE), "2026-03-04")] == [date(2026, 3, 4)]
    assert [(row.place, row.word) for row in stored(field(Kind.CHOICES), "gold,bronze")] == [
        (0, "gold"),
        (1, "bronze"),
    ]
    (text,) = stored(field(Kind.TEXT), "Größte Müller")
    assert (text.value, text.word, text.words) == ("Größte Müller", "grosste muller", "grosste muller")
    assert stored(field(Kind.NUMBER), "no number") == ()


def test_an_option_that_was_taken_out_is_what_became_of_it() -> None:
    def with_gold(gone: str, becomes: str = "") -> Definition:
        options = (Option("gold", "Gold", gone, becomes), *OPTIONS[1:])
        return Definition(1, "person", "tier", "Tier", Kind.CHOICE, options=options)

    assert shown(with_gold(Gone.KEEP), "gold") == "gold"
    assert shown(with_gold(Gone.CLEAR), "gold") == ""
    assert shown(with_gold(Gone.BECOMES, "bronze"), "gold") == "bronze"
    assert stored(with_gold(Gone.CLEAR), "gold")[0].value == "gold"  # it can be put back
    with pytest.raises(Refused):
        read(with_gold(Gone.KEEP), "gold")


def test_what_becomes_of_options_does_not_go_in_circles() -> None:
    options = (Option("a", "A", "becomes", "b"), Option("b", "B", "becomes", "a"))
    assert Definition(1, "person", "k", "K", Kind.CHOICE, options=options).settled("a") == ""


@pytest.mark.parametrize(
    ("label", "taken", "key"),
    [
        ("loyalty tier", [], "loyalty_tier"),
        ("2nd visit", [], "field_2nd_visit"),
        ("вид", [], "field"),
        ("tier", ["tier", "tier_2"], "tier_3"),
        ("x" * 50, ["x" * 32], "x" * 30 + "_2"),
    ],
)
def test_keys_follow_from_labels_and_are_free(label: str, taken: list[str], key: str) -> None:
    assert free_key(label, taken) == key
    assert len(key) <= 32
