"""What is wrong with a value, and what it should be."""

from __future__ import annotations

from datetime import date

import pytest

from amity.quality.domain import checks, judging
from amity.quality.domain.fields import Problem, plain_fields
from amity.quality.domain.scoring import USUAL_WEIGHTS, Share, lost, score, shares

FIELDS = {one.key: one for one in plain_fields({}, date(2026, 3, 18))}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("name", "Anna Vogel", ""),
        ("name", "test", "placeholder"),
        ("name", "N/A", "placeholder"),
        ("name", "xxxx", "placeholder"),
        ("name", "---", "placeholder"),
        ("name", "Anna  Vogel", "blanks"),
        ("name", "12345", "no_letters"),
        ("name", "Nguyễn Thị Ánh", ""),
        ("name", "李小龙", ""),
        ("name", "Bo", ""),
        ("email", "anna@tamp.example", ""),
        ("email", "anna@gmial.com", "mistyped"),
        ("email", "anna@mail.com", ""),
        ("email", "anna", "syntax"),
        ("phone", "+4930123456", ""),
        ("phone", "030123456", "not_international"),
        ("phone", "+34962555016199", "impossible"),
        ("country", "DE", ""),
        ("country", "Germany", "unknown"),
        ("country", "de", "unknown"),
        ("country", "XX", "unknown"),
        ("language", "de", ""),
        ("language", "de-AT", ""),
        ("language", "German", "unknown"),
        ("birthday", "1990-02-28", ""),
        ("birthday", "1990-02-30", "syntax"),
        ("birthday", "2026-03-19", "implausible"),
        ("birthday", "1880-01-01", "implausible"),
        ("birthday", "28.02.1990", "syntax"),
        ("city", "12", "no_letters"),
        ("customer", "4711", ""),
    ],
)
def test_a_value_is_checked(field: str, value: str, reason: str) -> None:
    assert FIELDS[field].check(value) == reason


@pytest.mark.parametrize(
    ("field", "value", "meant"),
    [
        ("email", "Anna@GMIAL.com", "anna@gmail.com"),
        ("email", "anna @tamp.example.", "anna@tamp.example"),
        ("email", "anna@nowhere", None),
        ("country", "Deutschland", "DE"),
        ("country", "gb", "GB"),
        ("country", "UK", "GB"),
        ("country", "Tamp", None),
        ("language", "Deutsch", "de"),
        ("language", "EN", "en"),
        ("language", "de_AT", "de-AT"),
        ("language", "klingonish", None),
        ("birthday", "28.2.1990", "1990-02-28"),
        ("birthday", "03/04/1990", None),
        ("birthday", "28/02/1990", "1990-02-28"),
        ("name", " Anna  Vogel ", "Anna Vogel"),
        ("name", "test", None),
    ],
)
def test_a_value_is_suggested_only_where_it_is_certain(field: str, value: str, meant: str | None) -> None:
    found = FIELDS[field].suggest(value)
    assert (found.value if found else None) == meant
    if found:
        assert not FIELDS[field].check(found.value)


@pytest.mark.parametrize(
    ("number", "country", "meant"),
    [
        ("030 1234567", "DE", "+49301234567"),
        ("0049301234567", "", "+49301234567"),
        ("0301234567", "", None),
        ("12", "DE", None),
    ],
)
def test_a_number_is_told_to_the_whole_world_where_the_country_is_known(
    number: str, country: str, meant: str | None
) -> None:
    found = checks.suggest_phone(number, country)
    assert (found.value if found else None) == meant


def test_the_country_of_a_number_is_told_by_its_prefix_and_by_nothing_else() -> None:
    assert "DE" in judging.regions_of("+49341123456")
    for odd in ("+²34567890", "+", "", "12", "+x"):
        assert judging.regions_of(odd) == frozenset()


def test_the_score_is_the_weighted_mean_of_what_there_is() -> None:
    fields = (FIELDS["name"], FIELDS["phone"])
    counts = {("name", Problem.MISSING): 1, ("phone", Problem.MISSING): 4, ("name", Problem.INVALID): 1}
    of = shares(fields, counts, 4, {}, USUAL_WEIGHTS)
    by = {(one.field, one.problem): one for one in of}
    assert by["name", Problem.INVALID].of == 3
    assert by["phone", Problem.INVALID].value is None  # nobody has one
    counting = [one for one in of if one.value is not None]
    mean = sum(one.weight * (one.value or 0) for one in counting) / sum(one.weight for one in counting)
    assert score(of) == pytest.approx(100 * mean)
    assert sum(lost(one, of) for one in of) == pytest.approx(100 - (score(of) or 0))


def test_what_does_not_count_costs_nothing() -> None:
    of: list[Share] = shares(
        (FIELDS["job_title"],), {("job_title", Problem.MISSING): 4}, 4, {}, USUAL_WEIGHTS
    )
    assert score(of) is None
    assert lost(of[0], of) == 0
