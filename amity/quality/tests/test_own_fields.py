"""The company's own fields are judged as the others are, for whoever sees them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from amity.kernel.actor import SYSTEM, Actor, Role
from amity.people.fields import hide_field, put_back_field, remove_option
from amity.people.locks import choose_values
from amity.people.models import Person
from amity.people.tests.fields.own import make_field
from amity.people.tests.records import (
    AT,
    email,
    listed,
    make_actor,
    make_source,
    make_staff,
    person_of,
    take_in,
)
from amity.quality.domain.fields import Problem
from amity.quality.flags import key_of, named
from amity.quality.looking import look_at_all
from amity.quality.queries.counting import Sight
from amity.quality.queries.known import fields_for
from amity.quality.queries.records import bad_people, wanted_named
from amity.quality.queries.report import report_on

pytestmark = pytest.mark.django_db
NOW = AT + timedelta(days=1)
ADA, BO, CLEO = (email(f"{name}@tamp.example") for name in ("ada", "bo", "cleo"))


def own(**facts: str) -> dict[str, Any]:
    return {f"custom:{key}": value for key, value in facts.items()}


def count(field: str, problem: Problem, actor: Actor = SYSTEM) -> int:
    look_at_all(at=NOW)
    return Sight(actor, NOW).count(("all", None, f"custom:{field}", problem.value))


def test_completeness_follows_what_options_became() -> None:
    tier = make_field("Tier", "choice", options=["Gold", "Silver"])
    take_in(make_source(), listed(ADA, **own(tier="gold")), listed(BO, **own(tier="silver")), listed(CLEO))
    assert count("tier", Problem.MISSING) == 1
    remove_option(tier.id, "gold", gone="clear", actor=make_actor(Role.OWNER))
    assert count("tier", Problem.MISSING) == 2


def test_what_is_no_value_of_the_kind_is_not_valid() -> None:
    make_field("Score", "number")
    make_field("Note")
    take_in(
        make_source(),
        listed(ADA, **own(score="ten", note="n/a")),
        listed(BO, **own(score="10", note="Oat milk")),
    )
    assert [count(key, Problem.INVALID) for key in ("score", "note")] == [1, 1]
    wanted = wanted_named(SYSTEM, NOW, "custom:score", "invalid", "all")
    assert wanted is not None
    (bad,) = bad_people(Sight(SYSTEM, NOW), wanted).people
    assert (bad.value, bad.reason, bad.suggestion) == ("ten", "syntax", None)


def test_a_value_that_nobody_confirmed_is_stale_a_day_stays() -> None:
    make_field("Tier", "choice", options=["Gold", "Silver"])
    make_field("Visit", "date")
    old = AT - timedelta(days=1_000)
    take_in(make_source(), listed(ADA, at=old, **own(tier="gold", visit="2020-01-01")))
    assert count("tier", Problem.STALE) == 1
    visit = next(one for one in fields_for(SYSTEM, NOW) if one.key == "custom:visit")
    assert Problem.STALE not in visit.problems


def test_sources_disagree_until_somebody_chooses_or_one_option_becomes_the_other() -> None:
    tier = make_field("Tier", "choice", options=["Gold", "Silver"])
    make_field("Tastes", "choices", options=["Floral", "Nutty"])
    shop, desk = make_source("shop"), make_source("desk")
    for who in (ADA, BO):
        take_in(shop, listed(who, **own(tier="gold", tastes="floral")))
        take_in(desk, listed(who, **own(tier="silver", tastes="nutty")))
    assert count("tier", Problem.CONFLICT) == 2
    choose_values(person_of(ADA).id, {"custom:tier": "gold"}, actor=make_actor(), at=NOW)
    assert count("tier", Problem.CONFLICT) == 1
    wanted = wanted_named(SYSTEM, NOW, "custom:tier", "conflict", "all")
    assert wanted is not None
    assert bad_people(Sight(SYSTEM, NOW), wanted).people[0].value in ("Gold", "Silver")
    remove_option(tier.id, "gold", gone="becomes", becomes="silver", actor=make_actor(Role.OWNER))
    assert count("tier", Problem.CONFLICT) == 0
    tastes = next(one for one in fields_for(SYSTEM, NOW) if one.key == "custom:tastes")
    assert Problem.CONFLICT not in tastes.problems


def test_they_count_nothing_until_set_and_are_not_there_for_whom_they_are_not() -> None:
    margin = make_field("Margin", "number", purposes=["marketing"])
    take_in(make_source(), listed(ADA, name="Ada Roth"))
    look_at_all(at=NOW)
    marketer, agent = make_actor(Role.MARKETER), make_actor(Role.AGENT)
    assert [one.weight for one in report_on(marketer, NOW).shares if one.field == "custom:margin"] == [
        0,
        0,
        0,
        0,
    ]
    assert not [one for one in report_on(agent, NOW).shares if one.field == "custom:margin"]
    assert wanted_named(agent, NOW, "custom:margin", "missing", "all") is None
    key = key_of("custom:margin", Problem.MISSING)
    flag = named(marketer, key)
    assert flag is not None
    assert flag.restrict(marketer, Person.objects.all()).count() == 1
    assert named(agent, key) is None
    hide_field(margin.id, actor=make_actor(Role.OWNER), at=NOW)
    assert not [one for one in report_on(marketer, NOW).shares if one.field == "custom:margin"]
    put_back_field(margin.id, actor=make_actor(Role.OWNER))
    page = Client(headers={"Sec-Fetch-Site": "same-origin"})
    for role, seen in ((Role.MARKETER, True), (Role.AGENT, False)):
        page.force_login(make_staff(role), backend="amity.site.signin.StaffBackend")
        assert (b"Margin" in page.get("/quality/").content) is seen
        assert (b"Margin" in page.get("/quality/rules/").content) is seen
        shown = page.get("/quality/records/?field=custom:margin&problem=missing")
        assert shown.status_code == (200 if seen else 404)
