"""Segments by birthday: exact over ends of years and the 29th of February, from midnight to midnight."""

from __future__ import annotations

from calendar import isleap
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as some

from amity.kernel.actor import Role
from amity.kernel.errors import Invalid
from amity.people.by_hand import say
from amity.people.survivorship import change_rules
from amity.people.tests.records import AT, days, email, listed, make_actor, make_source, person_of, take_in
from amity.segments import services
from amity.segments.conditions import all_fields, fields_for
from amity.segments.domain.birthdays import A_YEAR, month_and_day, spans
from amity.segments.domain.trees import read
from amity.segments.keeping import catch_up
from amity.segments.models import Member, Segment, Trait
from amity.segments.queries import preview
from amity.segments.words import found_words

EVERY_DAY = [f"{date(2000, 1, 1) + timedelta(days=n):%m-%d}" for n in range(366)]
MIDNIGHT = datetime(2026, 12, 28, tzinfo=UTC)


def in_year(day: str, year: int) -> date:
    """When this birthday is in a year: the slow answer."""
    if day == "02-29" and not isleap(year):
        return date(year, 2, 28)
    return date.fromisoformat(f"{year}-{day}")


@given(some.dates(date(1999, 1, 1), date(2104, 12, 31)), some.integers(0, A_YEAR - 1))
def test_a_span_holds_the_birthdays_that_lie_in_it_and_no_others(today: date, ahead: int) -> None:
    last = today + timedelta(days=ahead)
    wanted = {
        day
        for day in EVERY_DAY
        if any(today <= in_year(day, year) <= last for year in {today.year, last.year})
    }
    assert {day for day in EVERY_DAY if any(a <= day <= b for a, b in spans(today, ahead))} == wanted


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("1984-05-02", "05-02"),
        ("19840502", "05-02"),
        ("--05-02", "05-02"),
        ("--0502", "05-02"),
        ("1984-05-02T00:00:00", "05-02"),
        ("1984-02-29", "02-29"),
        ("1984-02-30", ""),
        ("1984", ""),
        ("1984-05", ""),
        ("2 May", ""),
    ],
)
def test_of_a_day_of_birth_month_and_day_are_kept(written: str, day: str) -> None:
    assert month_and_day(written) == day


def asks(op: str, value: Any = None) -> dict[str, Any]:
    leaf = {"field": "birthday", "op": op}
    return {"all": [leaf if value is None else leaf | {"value": value}]}


def segment(rule: dict[str, Any], at: datetime = AT) -> Segment:
    made = services.create_segment(name="Born", rule=rule, actor=make_actor(Role.MARKETER), at=at)
    catch_up(at)
    return made


def born(*birthdays: str) -> dict[str, str]:
    """Somebody with each; the birthday by the id of the person."""
    who = {one: email(f"{one}@mail.example", f"Born {one}") for one in birthdays}
    take_in(make_source(), *(listed(handle, birthday=one) for one, handle in who.items()))
    return {str(person_of(handle).pk): one for one, handle in who.items()}


def inside(made: Segment, names: dict[str, str]) -> set[str]:
    members = Member.objects.filter(segment=made, until=None).values_list("person_id", flat=True)
    return {names[str(one)] for one in members}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "ahead"), [(date(2026, 12, 20), 14), (date(2027, 2, 20), 5), (date(2028, 2, 20), 5)]
)
def test_people_come_in_and_leave_as_days_pass(start: date, ahead: int) -> None:
    names = born(
        "1984-12-31", "1990-01-01", "1991-01-05", "1992-02-29", "1993-02-28", "1994-03-01", "1960-07-04"
    )
    at = datetime(start.year, start.month, start.day, 0, 5, tzinfo=UTC)
    soon, today = segment(asks("in_next", ahead), at), segment(asks("today"), at)
    for passed in range(22):
        now = at + days(passed)
        catch_up(now)
        for made, far in ((soon, ahead), (today, 0)):
            last = now.date() + timedelta(days=far)
            wanted = {
                born_on
                for born_on in names.values()
                if any(now.date() <= in_year(born_on[5:], year) <= last for year in (now.year, now.year + 1))
            }
            assert inside(made, names) == wanted, (now, far)
            seen = preview(read(made.rule), now)  # the same over everybody at once
            assert seen.count == len(wanted)


@pytest.mark.django_db
def test_after_a_long_pause_they_are_as_if_somebody_had_looked_each_day() -> None:
    names = born("1984-12-31", "1990-01-01", "1992-02-29")
    made = segment(asks("in_next", 3), datetime(2026, 12, 29, tzinfo=UTC))
    assert inside(made, names) == {"1984-12-31", "1990-01-01"}
    catch_up(datetime(2027, 2, 26, tzinfo=UTC))
    assert inside(made, names) == {"1992-02-29"}
    catch_up(datetime(2029, 12, 31, tzinfo=UTC))
    assert inside(made, names) == {"1984-12-31", "1990-01-01"}


@pytest.mark.django_db
def test_a_month_of_birth_may_be_one_of_several_and_a_year_ahead_holds_everybody() -> None:
    names = born("1984-05-02", "1990-06-30", "1991-12-24")
    take_in(make_source("other"), listed(email("nobody@mail.example", "No Day"), city="Turku"))
    assert inside(segment(asks("in_month", "5")), names) == {"1984-05-02"}
    assert inside(segment(asks("in_month", ["5", "12"])), names) == {"1984-05-02", "1991-12-24"}
    assert inside(segment(asks("in_next", 365)), names) == set(names.values())
    assert Member.objects.filter(segment=segment(asks("unknown"))).count() == 1
    for wrong in ("13", "May", ""):
        with pytest.raises(Invalid):
            segment(asks("in_month", wrong))


@pytest.mark.django_db
def test_it_follows_what_is_shown_also_when_other_rules_say_what_that_is() -> None:
    who = email("ada@roast.example", "Ada Roth")
    take_in(make_source("old"), listed(who, birthday="1984-05-02", at=AT - days(9)))
    take_in(make_source("new"), listed(who, birthday="1984-06", at=AT - days(1)))
    may, june = segment(asks("in_month", "5")), segment(asks("in_month", "6"))
    assert not Member.objects.filter(segment=may).exists()  # the newest says no day
    change_rules({"birthday": "complete"}, [], actor=make_actor(Role.OWNER), at=AT)
    catch_up(AT)
    assert Member.objects.filter(segment=may, until=None).exists()
    say(person_of(who).pk, {"birthday": "1984-06-30"}, actor=make_actor(Role.AGENT), at=AT + days(1))
    catch_up(AT + days(1))
    assert not Member.objects.filter(segment=may, until=None).exists()
    assert Member.objects.filter(segment=june, until=None).exists()


@pytest.mark.django_db
def test_the_year_is_not_kept_and_who_may_not_see_birthdays_cannot_ask() -> None:
    born("1984-05-02")
    segment(asks("known"))
    assert Trait.objects.get().fields == {"birthday": "05-02"}
    assert "birthday" in fields_for(make_actor(Role.MARKETER))
    assert "birthday" not in fields_for(make_actor(Role.SALES))


@pytest.mark.django_db
def test_a_day_of_birth_is_told_as_a_day() -> None:
    field = all_fields()["birthday"]
    assert [found_words(found, field) for found in ("05-02", "02-29", None)] == [
        "2 May",
        "29 February",
        "nothing",
    ]
    with translation.override("de"):
        assert found_words("05-02", field) == "2. Mai"
