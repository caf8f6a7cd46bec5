"""Figures are the number of their records, whatever is hidden and whoever goes."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from amity.channels.models import Source
from amity.channels.records import Handle, PersonRecord
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.models import Team
from amity.people.models import Person
from amity.people.queries.visibility import known_people
from amity.people.tests.records import AT, email, listed, make_actor, make_source, person_of, said, take_in
from amity.quality.domain.fields import Problem
from amity.quality.looking import look_at_all, refresh
from amity.quality.models import HERE, SOURCE, Verdict
from amity.quality.queries.counting import Sight
from amity.quality.queries.known import EVERYTHING, Scope, scopes_for
from amity.quality.queries.report import report_on, trend_of

pytestmark = pytest.mark.django_db
NOW = AT + timedelta(days=1)


def phone(number: str) -> Handle:
    return Handle("phone", number)


def count(actor: Actor, field: str, problem: Problem, scope: Scope = EVERYTHING) -> int:
    return Sight(actor, NOW).count((scope.kind, scope.ref, field, problem.value))


def test_every_figure_is_the_number_of_its_records() -> None:
    shop = make_source("shop")
    take_in(shop, listed(email("anna@gmial.com"), name="Anna Vogel", country="Germany"))
    take_in(shop, listed(email("tomas@tamp.example"), phone("0301234567"), name="test", country="DE"))
    look_at_all(at=NOW)
    found = {(one.field, one.problem): one.bad for one in report_on(SYSTEM, NOW).shares if one.bad}
    assert found[("email", Problem.INVALID)] == 1
    assert found[("country", Problem.INVALID)] == 1
    assert found[("name", Problem.INVALID)] == 1
    assert found[("phone", Problem.MISSING)] == 1
    assert found[("phone", Problem.INVALID)] == 1
    assert _recounted(SYSTEM)


def _recounted(actor: Actor) -> bool:
    sight = Sight(actor, NOW)
    for scope in scopes_for(actor):
        for one in report_on(actor, NOW, scope, sight).shares:
            key = (scope.kind, scope.ref, one.field, one.problem.value)
            assert sight.restrict(known_people(actor), key).count() == one.bad, key
    return True


def test_what_is_hidden_changes_no_figure() -> None:
    """The figures of whom a source is hidden from are those of a house in which it never said anything."""
    dice = random.Random(4)
    team = Team.objects.create(name="Works council")
    open_ones = [make_source("shop"), make_source("desk")]
    agent = make_actor(Role.AGENT)
    words = ["Berlin", "n/a", "Bonn"]

    def record() -> PersonRecord:
        number = dice.randrange(12)
        facts: dict[str, Any] = {
            "name": dice.choice(["Anna Vogel", "test", "A. Vogel"]),
            "city": dice.choice(words),
        }
        if dice.random() < 0.5:
            facts["country"] = dice.choice(["DE", "Germany", "AT"])
        if dice.random() < 0.3:
            facts["phone"] = dice.choice(["+4930111", "+4930222"])
        handles = [email(f"p{number}@tamp.example")]
        if dice.random() < 0.3:
            handles.append(phone(f"+49301234{number:03d}"))
        return listed(*handles, **facts)

    for _ in range(30):
        take_in(dice.choice(open_ones), record())
    secret = make_source("secret", team=team)
    look_at_all(at=NOW)
    before = _told(agent)
    for _ in range(30):
        take_in(secret, record())
    take_in(secret, said(email("p1@tamp.example"), at=NOW))
    look_at_all(at=NOW)
    after = _told(agent)
    assert after == before
    assert _recounted(agent)
    assert _told(SYSTEM) != after


def _told(actor: Actor) -> list[tuple[object, ...]]:
    return [
        (scope.name, one.people, one.shares)
        for scope in scopes_for(actor)
        if scope.name != "Secret"
        for one in [report_on(actor, NOW, scope)]
    ]


def test_who_goes_is_not_counted_any_more() -> None:
    shop = make_source()
    take_in(shop, listed(email("anna@tamp.example")), listed(email("tomas@tamp.example")))
    look_at_all(at=NOW)
    assert count(SYSTEM, "name", Problem.MISSING) == 2
    anna = person_of(email("anna@tamp.example"))
    Person.objects.filter(pk=anna.pk).update(merged_into=person_of(email("tomas@tamp.example")))
    assert count(SYSTEM, "name", Problem.MISSING) == 1
    Person.objects.filter(pk=anna.pk).update(merged_into=None)
    refresh([anna.pk], at=NOW)
    assert count(SYSTEM, "name", Problem.MISSING) == 2
    anna.links.all().delete()
    anna.delete()
    assert count(SYSTEM, "name", Problem.MISSING) == 1
    assert Verdict.objects.count() == 1


def test_a_source_alone_is_judged_by_what_it_says() -> None:
    shop, desk = make_source("shop"), make_source("desk")
    take_in(shop, listed(email("anna@tamp.example"), name="Anna Vogel"))
    take_in(desk, listed(email("anna@tamp.example"), city="Berlin"))
    look_at_all(at=NOW)
    at_shop, at_desk = (Scope(SOURCE, one.pk, one.name) for one in (shop, desk))
    assert count(SYSTEM, "city", Problem.MISSING) == 0
    assert count(SYSTEM, "city", Problem.MISSING, at_shop) == 1
    assert count(SYSTEM, "name", Problem.MISSING, at_desk) == 1


def test_sources_contradict_each_other_until_somebody_chooses() -> None:
    from amity.people.locks import choose_values

    shop, desk = make_source("shop"), make_source("desk")
    take_in(shop, listed(email("anna@tamp.example"), country="DE", city="Bonn"))
    take_in(desk, listed(email("anna@tamp.example"), country="Germany", city="Berlin"))
    look_at_all(at=NOW)
    assert count(SYSTEM, "country", Problem.CONFLICT) == 0
    assert count(SYSTEM, "city", Problem.CONFLICT) == 1
    anna = person_of(email("anna@tamp.example")).pk
    choose_values(anna, {"city": "Bonn"}, actor=make_actor(), at=NOW)
    refresh([anna], at=NOW)
    assert count(SYSTEM, "city", Problem.CONFLICT) == 0


def test_a_value_of_two_people_is_shared() -> None:
    shop = make_source()
    take_in(shop, listed(email("anna@tamp.example"), phone="+49301234567"))
    take_in(shop, listed(email("tomas@tamp.example"), Handle("phone", "+49301234567")))
    look_at_all(at=NOW)
    assert (
        count(SYSTEM, "phone", Problem.SHARED) == 1
    )  # of whom it is an address; a mere fact is no number of theirs


def test_each_day_is_kept_and_a_second_look_changes_nothing() -> None:
    take_in(make_source(), listed(email("anna@tamp.example"), name="Anna Vogel"))
    look_at_all(at=NOW)
    first = report_on(SYSTEM, NOW)
    look_at_all(at=NOW)
    again = report_on(SYSTEM, NOW)
    assert (first.people, first.shares) == (again.people, again.shares)
    (day,) = trend_of(SYSTEM, NOW)
    assert day.score == again.score
    assert day.people == 1
    assert Sight(SYSTEM, NOW).count(("all", None, "", HERE)) == 1
    assert Source.objects.count() == 1


def test_the_only_source_is_judged_like_any_other() -> None:
    """The short way for people of one source tells what the long way tells."""
    from amity.quality.domain.judging import judge
    from amity.quality.queries.findings import findings_of
    from amity.quality.queries.known import known_fields
    from amity.quality.queries.told import told_of_people

    shop = make_source("shop")
    fresh = NOW - timedelta(days=30)
    take_in(shop, listed(email("anna@tamp.example"), at=AT - timedelta(days=90), name="Άννα", language="da"))
    take_in(shop, said(email("anna@tamp.example"), at=AT))
    take_in(shop, listed(email("bo@gmial.com"), at=AT - timedelta(days=90), name="n/a", country="Germany"))
    told = told_of_people([person_of(email(one)).pk for one in ("anna@tamp.example", "bo@gmial.com")])
    for one in told.values():
        found = findings_of(one, known_fields(NOW), fresh, {})
        of_shop = {(field, problem) for scope, _, field, problem in found if scope == SOURCE and field}
        long_way = judge(one, known_fields(NOW), fresh, {str(shop.pk)})
        assert of_shop == {(field, problem.value) for field, problem in long_way}
        assert of_shop
