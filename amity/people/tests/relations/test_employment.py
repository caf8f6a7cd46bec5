"""For whom somebody worked, and when, as sources told it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.actor import Actor, Role
from amity.kernel.models import Team
from amity.people.domain.employment import Spell, Told, spells
from amity.people.merging import merge, unmerge
from amity.people.models import Fact, Organisation
from amity.people.queries import person_record
from amity.people.queries.employment import Employment, Former, employments_of, former_people
from amity.people.tests.records import (
    AT,
    days,
    email,
    listed,
    make_actor,
    make_source,
    person_of,
    take_in,
)

ADA, BO = email("ada@mail.example", "Ada Roth"), email("bo@mail.example", "Bo Lind")


def told(name: str, first: int, last: int | None = None) -> Told:
    last = first if last is None else last
    return Told(name, name.lower(), _day(first), _day(last), "shop")


def _day(number: int) -> datetime:
    return datetime(2020, 1, 1, tzinfo=UTC) + days(number)


def lines(found: list[Spell]) -> list[tuple[str, int, int | None]]:
    start = _day(0)
    return [
        (one.name, (one.from_at - start).days, (one.until_at - start).days if one.until_at else None)
        for one in found
    ]


def test_a_newer_record_that_names_another_employer_ends_the_old_one() -> None:
    found = spells([told("Roastery", 0, 40), told("Bakery", 100)])
    assert lines(found) == [("Bakery", 100, None), ("Roastery", 0, 100)]


def test_who_comes_back_has_two_times_with_one_employer() -> None:
    found = spells([told("Roastery", 0, 200), told("Bakery", 100)])
    assert lines(found) == [("Roastery", 200, None), ("Bakery", 100, 200), ("Roastery", 0, 100)]


def test_a_job_title_belongs_to_the_time_in_which_it_was_told() -> None:
    found = spells([told("Roastery", 0), told("Bakery", 100)], [told("Barista", 0), told("Baker", 150)])
    assert [one.titles for one in found] == [("Baker",), ("Barista",)]


@given(st.permutations([told("A", 0, 9), told("B", 4), told("C", 9), told("A", 12), told("B", 30, 31)]))
def test_facts_in_any_order_tell_the_same(listed_facts: list[Told]) -> None:
    found = spells(listed_facts)
    assert found == spells(sorted(listed_facts, key=lambda one: (one.key, one.first_at)))
    ends = [one.until_at for one in found[1:]]
    assert ends == [one.from_at for one in found[:-1]]


@pytest.mark.django_db
def test_what_is_told_again_began_when_it_was_told_first() -> None:
    source, ines = make_source(), make_actor(Role.OWNER)
    for day in (10, 300, 5):  # a late delivery tells of an earlier day
        take_in(source, listed(ADA, organisation="Roastery", job_title="Barista", at=AT + days(day)))
    take_in(source, listed(ADA, organisation="Bakery", at=AT + days(400)))
    found = employments_of(ines, person_record(ines, person_of(ADA).id))
    assert [(one.name, one.spell.from_at, one.spell.until_at) for one in found] == [
        ("Bakery", AT + days(400), None),
        ("Roastery", AT + days(5), AT + days(400)),
    ]
    assert found[1].spell.titles == ("Barista",)


@pytest.mark.django_db
def test_one_batch_or_several_tell_the_same_times() -> None:
    records = [listed(ADA, organisation="Roastery", at=AT + days(day)) for day in (3, 1, 2)]
    take_in(make_source(), *records)
    fact = Fact.objects.get(field="organisation")
    assert (fact.first_at, fact.observed_at) == (AT + days(1), AT + days(3))


@pytest.mark.django_db
def test_a_merge_joins_the_times_and_taking_it_back_gives_both_back() -> None:
    source, ines = make_source(), make_actor(Role.OWNER)
    take_in(source, listed(ADA, organisation="Roastery"), listed(BO, organisation="Bakery", at=AT + days(9)))
    ada, bo = person_of(ADA), person_of(BO)
    before = [employments_of(ines, person_record(ines, one.id)) for one in (ada, bo)]
    act = merge(ada.id, [bo.id], actor=ines, at=AT + days(20))
    joined = employments_of(ines, person_record(ines, ada.id))
    assert [(one.name, one.spell.until_at) for one in joined] == [
        ("Bakery", None),
        ("Roastery", AT + days(9)),
    ]
    unmerge([act], actor=ines, at=AT + days(21))
    assert [employments_of(ines, person_record(ines, one.id)) for one in (ada, bo)] == before


@pytest.mark.django_db
def test_an_organisation_knows_who_was_there_before() -> None:
    source, ines = make_source(), make_actor(Role.OWNER)
    take_in(source, listed(ADA, organisation="Roastery", job_title="Barista"))
    take_in(source, listed(ADA, organisation="Bakery", at=AT + days(50)), listed(BO, organisation="ROASTERY"))
    former = former_people(ines, Organisation.objects.get(key="roastery"))
    assert [(one.name, one.spell.titles, one.spell.until_at) for one in former] == [
        ("Ada Roth", ("Barista",), AT + days(50))
    ]


@pytest.mark.django_db
def test_a_hidden_source_leaves_no_trace_in_times_and_former_people() -> None:
    council = Team.objects.create(name="Works council")
    ines = make_actor(Role.AGENT)
    take_in(make_source(), listed(ADA, organisation="Roastery"))
    before = _seen(ines, person_of(ADA).id)
    take_in(make_source("desk", team=council), listed(ADA, organisation="Bakery", at=AT + days(50)))
    assert _seen(ines, person_of(ADA).id) == before
    assert len(_seen(make_actor(Role.AGENT, council), person_of(ADA).id)[0]) == 2


def _seen(actor: Actor, person: UUID) -> tuple[list[Employment], list[Former]]:
    roastery = Organisation.objects.get(key="roastery")
    return employments_of(actor, person_record(actor, person)), former_people(actor, roastery)


@pytest.mark.django_db
def test_whom_a_colleague_does_not_know_takes_no_place_among_those_who_were_there_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("amity.people.queries.employment.MOST_LOOKED_AT", 0)
    hidden = make_source("desk", team=Team.objects.create(name="Works council"))
    take_in(hidden, *(listed(email(f"x{n}@desk.example"), organisation="Roastery") for n in range(9)))
    source = make_source()
    take_in(
        source, listed(ADA, organisation="Roastery"), listed(ADA, organisation="Bakery", at=AT + days(50))
    )
    former = former_people(make_actor(Role.AGENT), Organisation.objects.get(key="roastery"))
    assert [one.name for one in former] == ["Ada Roth"]
