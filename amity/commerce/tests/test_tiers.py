"""Tiers: by rule and by hand, why, how many, through merges, and for whom they hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

import amity.activity.stages as activity
import amity.commerce.stages as commerce
import amity.people.stages as people
from amity.channels.records import Record
from amity.commerce.domain.tiers import Choice, Ground, Measures, Rule, standing_of, usual
from amity.commerce.models import TierChoice
from amity.commerce.standings import Tiers, standings, tier_counts, tiers_in_force
from amity.commerce.tier_words import why
from amity.commerce.tiering import bring_back_choice, change_tiers, choose_tier, take_back_choice
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.kernel.models import Team
from amity.kernel.workspace import change_workspace, workspace
from amity.people.merging import merge, unmerge
from amity.people.tests.records import (
    AT,
    days,
    email,
    listed,
    make_actor,
    make_source,
    make_staff,
    ordered,
    person_of,
    take_in,
)

ADA, BO, CLEO, DAG = (email(f"{name}@roast.example", name.title()) for name in ("ada", "bo", "cleo", "dag"))
STAGES = (
    activity.shape, activity.claim_keys, people.resolve, commerce.take_orders, activity.join_threads, activity.record,
)  # fmt: skip
RULES = (
    Rule("star", "Star", "accent", True, reach_from=10_000),
    Rule("regular", "Regular", orders_from=2, days=30),
    Rule("gold", is_vip=True, bought_from=1_000),
    Rule("friend", "Friend"),
)


def tell(*records: Record, key: str = "shop", team: Team | None = None) -> None:
    take_in(make_source(key, team=team), *records, stages=STAGES)


def tiers_of(actor: Actor, tiers: Tiers | None = None) -> dict[str, str]:
    there = tiers or tiers_in_force()
    whose = {person_of(one).id: one.name for one in (ADA, BO, CLEO, DAG)}
    return {whose[person]: one.rule.key for person, one in standings(actor, whose, there, AT).items()}


# --------------------------------------------------------------------------------------------------------- decisions


def test_the_highest_tier_of_which_one_condition_holds_is_theirs_and_says_which() -> None:
    found = standing_of(Measures({None: Decimal(1_200)}, {30: 2}, 400), RULES)
    assert found is not None
    assert (found.rule.key, found.ground, found.amount, found.least) == (
        "regular",
        Ground.ORDERS,
        Decimal(2),
        2,
    )


def test_a_choice_by_hand_counts_before_all_rules_unless_its_tier_is_gone() -> None:
    measures = Measures({None: Decimal(1_200)}, chosen=Choice("friend", "Tests for us"))
    assert standing_of(measures, RULES).rule.key == "friend"  # type: ignore[union-attr]  # there is one
    gone = Measures({None: Decimal(1_200)}, chosen=Choice("partner"))
    assert standing_of(gone, RULES).rule.key == "gold"  # type: ignore[union-attr]  # there is one


@given(st.integers(0, 5_000), st.integers(0, 5_000), st.integers(1, 4_000), st.integers(1, 4_000))
def test_who_bought_more_never_stands_lower(one: int, other: int, silver: int, more: int) -> None:
    rules = usual(silver, silver + more)
    places = [len(rules), *range(len(rules))]
    found = [standing_of(Measures({None: Decimal(n)}), rules) for n in sorted((one, other))]
    lower, higher = (rules.index(one.rule) if one else places[0] for one in found)
    assert higher <= lower


def test_a_rule_survives_being_kept() -> None:
    assert [Rule.read(one.as_value() | {"later": 1}) for one in RULES] == list(RULES)


# ------------------------------------------------------------------------------------------------------------ reckoned


@pytest.fixture
def owner() -> Actor:
    tell(
        listed(ADA, followers="25k"), listed(DAG), ordered(ADA, amount="5.00"),
        ordered(BO, amount="700.00"), ordered(BO, amount="500.00", at=AT - days(100)),
        ordered(CLEO, amount="5.00", at=AT - days(2)), ordered(CLEO, amount="5.00", at=AT - days(29)),
    )  # fmt: skip
    return make_actor(Role.OWNER)


@pytest.mark.django_db
def test_without_a_word_of_the_company_there_are_silver_and_gold_of_its_settings(owner: Actor) -> None:
    change_workspace({"silver_from": 600, "gold_from": 1_200}, actor=owner, at=AT)
    assert tiers_of(owner) == {"Bo": "gold"}
    change_workspace({"gold_from": 1_201}, actor=owner, at=AT)
    assert tiers_of(owner) == {"Bo": "silver"}


@pytest.mark.django_db
def test_amounts_orders_in_a_period_and_reach_make_tiers_and_the_counts_agree(owner: Actor) -> None:
    change_tiers(RULES, actor=owner, at=AT)
    assert tiers_of(owner) == {"Ada": "star", "Bo": "gold", "Cleo": "regular"}
    counts = tier_counts(owner, tiers_in_force(), AT)
    assert counts == {"star": 1, "regular": 1, "gold": 1, "friend": 0}
    assert workspace().gold_from == 1_000  # one with the company's settings


@pytest.mark.django_db
def test_the_counts_are_those_of_everybody_one_by_one_also_with_hidden_sources(owner: Actor) -> None:
    council = Team.objects.create(name="Works council")
    tell(ordered(DAG, amount="4000.00"), ordered(CLEO, amount="4000.00"), key="desk", team=council)
    change_tiers(RULES, actor=owner, at=AT)
    choose_tier(person_of(DAG).id, "friend", reason="Tests for us", until_on=None, actor=owner, at=AT)
    for actor in (owner, make_actor(Role.AGENT), make_actor(Role.AGENT, council), make_actor(Role.ANALYST)):
        each = list(tiers_of(actor).values())
        assert tier_counts(actor, tiers_in_force(), AT) == {one.key: each.count(one.key) for one in RULES}
    assert tiers_of(make_actor(Role.AGENT)) == {
        "Ada": "star",
        "Bo": "gold",
        "Cleo": "regular",
        "Dag": "friend",
    }


@pytest.mark.django_db
def test_of_several_choices_the_last_one_counts_and_is_none_once_its_tier_is_gone(owner: Actor) -> None:
    change_tiers([*RULES, Rule("club", "Club")], actor=owner, at=AT)
    for at, tier in enumerate(("friend", "club")):
        choose_tier(person_of(BO).id, tier, reason="Asked", until_on=None, actor=owner, at=AT + days(at))
    assert tiers_of(owner)["Bo"] == "club"
    change_tiers(RULES, actor=owner, at=AT)
    assert tiers_of(owner)["Bo"] == "gold"
    assert tier_counts(owner, tiers_in_force(), AT) == {"star": 1, "regular": 1, "gold": 1, "friend": 0}


@pytest.mark.django_db
def test_new_tiers_have_keys_of_their_own_whatever_they_are_called(owner: Actor) -> None:
    change_tiers([Rule("", "Cl\x00ub", orders_from=2)], actor=owner, at=AT)
    assert tiers_in_force().rules[0].name == "Club"
    with pytest.raises(Invalid):
        change_tiers([Rule("", "Club")] * 150, actor=owner, at=AT)


@pytest.mark.django_db
def test_what_makes_no_sense_or_is_not_theirs_to_say_is_refused_and_changes_nothing(owner: Actor) -> None:
    before = tiers_in_force()
    for wrong in (
        [Rule("", "")],
        [Rule("", "A"), Rule("", "a")],
        [Rule("x", "X", tone="pink")],
        [Rule("x", "X", days=0)],
    ):
        with pytest.raises(Invalid):
            change_tiers(wrong, actor=owner, at=AT)
    with pytest.raises(Forbidden):
        change_tiers(RULES, actor=make_actor(Role.AGENT), at=AT)
    assert tiers_in_force() == before


@pytest.mark.django_db
def test_a_choice_goes_with_the_account_through_merges_and_is_taken_back(owner: Actor) -> None:
    change_tiers(RULES, actor=owner, at=AT)
    bo, dag = person_of(BO).id, person_of(DAG).id
    made = choose_tier(dag, "friend", reason="Tests for us", until_on=date(2026, 4, 1), actor=owner, at=AT)
    act = merge(bo, [dag], actor=owner, at=AT)
    found = standings(owner, [bo], tiers_in_force(), AT)[bo]
    assert found.rule.key == "friend"
    assert why(found, "EUR") == "Chosen by Ines Okafor: Tests for us (until 1 Apr 2026)"
    assert standings(owner, [bo], tiers_in_force(), AT + days(60))[bo].rule.key == "gold"  # over since
    unmerge([act], actor=owner, at=AT)
    assert tiers_of(owner) == {"Ada": "star", "Bo": "gold", "Cleo": "regular", "Dag": "friend"}
    assert take_back_choice(made, actor=owner, at=AT) == dag
    assert "Dag" not in tiers_of(owner)
    bring_back_choice(made, actor=owner, at=AT)
    assert tiers_of(owner)["Dag"] == "friend"


@pytest.mark.django_db
def test_a_choice_for_whom_one_does_not_know_is_not_there(owner: Actor) -> None:
    council = Team.objects.create(name="Works council")
    hidden = email("hidden@desk.example", "Hidden")
    tell(listed(hidden), key="desk", team=council)
    made = choose_tier(person_of(hidden).id, "gold", reason="Old friend", until_on=None, actor=owner, at=AT)
    ines = make_actor(Role.AGENT)
    assert tier_counts(ines, tiers_in_force(), AT) == {"gold": 0, "silver": 1}  # Bo, by what he bought
    refusals: list[Callable[[], object]] = [
        lambda: take_back_choice(made, actor=ines, at=AT),
        lambda: choose_tier(person_of(hidden).id, "gold", reason="x", until_on=None, actor=ines, at=AT),
        lambda: take_back_choice(UUID(int=7), actor=ines, at=AT),
    ]
    for refused in refusals:
        with pytest.raises(NotFound):
            refused()
    assert TierChoice.objects.get().revoked_at is None


# ------------------------------------------------------------------------------------------------------------- screens


def client_of(role: Role) -> Client:
    client = Client()
    client.force_login(make_staff(role), backend="amity.site.signin.StaffBackend")
    return client


@pytest.mark.django_db
def test_an_administrator_looks_how_many_then_saves_then_takes_it_back(owner: Actor) -> None:
    client = client_of(Role.ADMINISTRATOR)
    fields = {
        "key-0": "gold", "name-0": "Gold", "tone-0": "caution", "is_vip-0": "on", "bought_from-0": "1000",
        "name-1": "Regular", "orders_from-1": "2", "days-1": "30", "tone-1": "info", "order-1": "1", "order-0": "2",
    }  # fmt: skip
    before = tiers_in_force()
    page = client.post(reverse("settings-tiers"), fields | {"do": "preview"}).content.decode()
    assert "nothing is saved yet" in page
    assert tiers_in_force() == before
    client.post(reverse("settings-tiers"), fields | {"do": "save"})
    assert [(one.key, one.tone) for one in tiers_in_force().rules] == [
        ("regular", "info"),
        ("gold", "caution"),
    ]
    refused = client.post(reverse("settings-tiers"), {"name-0": "X", "orders_from-0": "two"})
    assert refused.status_code == 422


@pytest.mark.django_db
def test_the_page_of_a_person_says_why_and_lets_one_choose(owner: Actor) -> None:
    client, dag = client_of(Role.AGENT), person_of(DAG).id
    assert "Bought for" in client.get(reverse("person-tier", args=[person_of(BO).id])).content.decode()
    asked = {"tier": "gold", "reason": "Tests our prototypes", "until_on": ""}
    client.post(reverse("person-tier", args=[dag]), asked)
    assert "Tests our prototypes" in client.get(reverse("person", args=[dag])).content.decode()
    without = client.post(reverse("person-tier", args=[dag]), {"tier": "gold", "reason": " "})
    assert without.status_code == 422
    assert TierChoice.objects.count() == 1
