"""Rules are kept, applied in portions, foretold and taken back; every way to what is shown goes by them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amity.channels.models import Source
from amity.channels.records import Handle
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Conflict, Forbidden, Invalid
from amity.kernel.models import Team
from amity.people import survivorship
from amity.people.addresses import add_address
from amity.people.by_hand import say
from amity.people.domain.precedence import USUAL, Reason, Way
from amity.people.locks import choose_values
from amity.people.merging import merge, unmerge
from amity.people.models import CustomValue, Merge, Person, ShownRules
from amity.people.queries import person_record, shown_as
from amity.people.queries.comparing import compare
from amity.people.queries.ruling import ruling
from amity.people.queries.survivorship import foretell, known_tellers, rules_for
from amity.people.survivorship import change_rules, read_rules, show_by_rules, take_back_rules
from amity.people.tests.fields.own import make_field
from amity.people.tests.records import (
    AT,
    days,
    email,
    listed,
    make_actor,
    make_source,
    make_staff,
    person_of,
    take_in,
)

pytestmark = pytest.mark.django_db

TOMAS = email("tomas@lindero.example", "Tomás Arrieta")
ARRIETA = Handle("customer:shop", "5521", "T. Arrieta Lindero")


@pytest.fixture
def chief() -> Actor:
    return make_actor(Role.OWNER)


@pytest.fixture
def shop() -> Source:
    return make_source()


@pytest.fixture
def tomas(shop: Source) -> Person:
    """The shop says Bilbao, the desk said Getxo later."""
    take_in(shop, listed(TOMAS, city="Bilbao", birthday="1984-03-12", at=AT - days(9)))
    take_in(make_source("desk"), listed(TOMAS, city="Getxo", birthday="1984", at=AT - days(1)))
    return person_of(TOMAS)


def set_rules(chief: Actor, *trust: Source | str, **ways: str) -> None:
    order = [one if isinstance(one, str) else str(one.id) for one in trust]
    change_rules(ways, order, actor=chief, at=AT)
    finish()


def finish() -> None:
    newest = ShownRules.objects.order_by("-pk").first()
    while newest and show_by_rules(newest.pk, at=AT):
        pass


def city(person: Person) -> str:
    return Person.objects.get(pk=person.pk).city


def test_people_follow_new_rules_and_the_way_back_shows_what_was(
    tomas: Person, shop: Source, chief: Actor
) -> None:
    set_rules(chief, shop, city="trusted")
    assert city(tomas) == "Bilbao"
    newest = ShownRules.objects.get()
    assert (newest.looked_at, newest.changed, newest.of_people) == (1, 1, 1)
    assert newest.done_at is not None
    take_back_rules(actor=chief, at=AT)
    finish()
    assert city(tomas) == "Getxo"
    assert ruling().shown == USUAL


def test_a_portion_is_a_turn_and_goes_on_where_it_was(shop: Source, chief: Actor) -> None:
    handles = [email(f"p{n}@web.example", f"Person {n}") for n in range(5)]
    take_in(shop, *(listed(one, city="Bilbao", at=AT - days(9)) for one in handles))
    take_in(make_source("desk"), *(listed(one, city="Getxo") for one in handles))
    change_rules({"city": "trusted"}, [str(shop.id)], actor=chief, at=AT)
    newest = ShownRules.objects.get()
    assert show_by_rules(newest.pk, at=AT, most=2)
    assert Person.objects.filter(city="Bilbao").count() == 2
    assert show_by_rules(newest.pk, at=AT, most=2)
    assert not show_by_rules(newest.pk, at=AT, most=2)
    assert Person.objects.filter(city="Bilbao").count() == 5
    newest.refresh_from_db()
    assert (newest.looked_at, newest.changed) == (5, 5)


def test_rules_that_do_not_hold_any_more_are_not_applied(tomas: Person, shop: Source, chief: Actor) -> None:
    change_rules({"city": "trusted"}, [str(shop.id)], actor=chief, at=AT)
    old = ShownRules.objects.get()
    change_rules({}, ["hand"], actor=chief, at=AT)
    assert not show_by_rules(old.pk, at=AT)
    finish()
    assert city(tomas) == "Getxo"


def test_setting_what_holds_already_changes_nothing(tomas: Person, chief: Actor) -> None:
    change_rules({}, ["hand"], actor=chief, at=AT)
    assert not ShownRules.objects.exists()
    with pytest.raises(Conflict):
        take_back_rules(actor=chief, at=AT)


def test_what_is_taken_in_later_goes_by_the_rules_new_people_too(shop: Source, chief: Actor) -> None:
    set_rules(chief, shop, city="complete", email="newest")
    new = [email("a@web.example"), email("b@web.example")]
    take_in(shop, listed(*new, city="San Sebastián", at=AT - days(3)), listed(new[0], city="Getxo", at=AT))
    assert city(person_of(new[0])) == "San Sebastián"
    take_in(make_source("desk"), listed(new[0], city="Donostia San Sebastián", at=AT - days(30)))
    assert city(person_of(new[0])) == "Donostia San Sebastián"


def test_an_address_that_a_trusted_source_names_later_is_shown(shop: Source, chief: Actor) -> None:
    desk = make_source("desk")
    both = [email("a@web.example"), email("b@web.example")]
    take_in(desk, listed(*both))
    set_rules(chief, shop, email="trusted")
    assert person_of(both[0]).email == "a@web.example"
    take_in(shop, listed(both[1]))
    assert person_of(both[0]).email == "b@web.example"


def test_what_colleagues_type_is_trusted_where_the_company_says_so(
    tomas: Person, shop: Source, chief: Actor
) -> None:
    say(tomas.id, {"city": "Sopela"}, actor=chief, at=AT - days(20))
    choose_values(tomas.id, {"city": ""}, actor=chief, at=AT)
    assert city(tomas) == "Getxo"
    set_rules(chief, "hand", shop, city="trusted")
    assert city(tomas) == "Sopela"
    record = person_record(chief, tomas.id).fact("city")
    assert record is not None
    assert (record.why, record.why_source) == (Reason.TRUSTED, "")


def test_a_lock_wins_whatever_the_rules_say(tomas: Person, shop: Source, chief: Actor) -> None:
    choose_values(tomas.id, {"city": "Getxo", "birthday": "1984"}, actor=chief, at=AT)
    set_rules(chief, shop, city="trusted", birthday="complete")
    record = person_record(chief, tomas.id)
    facts = {name: record.fact(name) for name in ("city", "birthday")}
    assert {name: (fact.shown.value, fact.why) for name, fact in facts.items() if fact} == {
        "city": ("Getxo", Reason.CHOSEN),
        "birthday": ("1984", Reason.CHOSEN),
    }


def test_the_record_says_why_a_value_is_shown(tomas: Person, shop: Source, chief: Actor) -> None:
    def told(name: str) -> tuple[str, str, str]:
        fact = person_record(chief, tomas.id).fact(name)
        assert fact is not None
        return fact.shown.value, fact.why, fact.why_source

    assert told("city") == ("Getxo", "newest", "")
    set_rules(chief, shop, city="trusted", birthday="complete")
    assert told("city") == ("Bilbao", "trusted", "Shop")
    assert told("birthday") == ("1984-03-12", "complete", "")


def test_a_merge_tells_what_will_be_shown_and_why_and_comes_apart_exactly(
    tomas: Person, shop: Source, chief: Actor
) -> None:
    take_in(shop, listed(ARRIETA, city="Vitoria Gasteiz", at=AT - days(50)))
    other = person_of(ARRIETA)
    set_rules(chief, shop, city="complete", name="complete")
    before = list(Person.objects.order_by("pk").values())
    field = next(one for one in compare(chief, [tomas.id, other.id]).fields if one.field == "city")
    assert (field.after, field.why) == ("Vitoria Gasteiz", Reason.COMPLETE)
    merge(tomas.id, [other.id], actor=chief, at=AT)
    assert city(tomas) == "Vitoria Gasteiz"
    unmerge([Merge.objects.get().pk], actor=chief, at=AT)
    assert list(Person.objects.order_by("pk").values()) == before


def test_rules_go_by_what_is_left_for_who_does_not_see_a_source(tomas: Person, chief: Actor) -> None:
    team = Team.objects.create(name="VIP")
    vip = make_source("vip", team=team)
    take_in(vip, listed(TOMAS, city="Donostia San Sebastián", at=AT - days(90)))
    set_rules(make_actor(Role.OWNER, team), vip, city="complete")
    assert city(tomas) == "Donostia San Sebastián"
    assert shown_as(make_actor(Role.AGENT), [tomas])[tomas.id].city == "Getxo"


def test_own_fields_are_kept_where_lists_look_by_the_rules(shop: Source, chief: Actor) -> None:
    bean = make_field("Bean")
    take_in(shop, listed(TOMAS, at=AT - days(5), **{bean.fact: "Floral and nutty"}))
    take_in(make_source("desk"), listed(TOMAS, at=AT, **{bean.fact: "Floral"}))
    set_rules(chief, **{bean.fact: "complete"})
    assert CustomValue.objects.get().value == "Floral and nutty"
    assert person_record(chief, person_of(TOMAS).id).custom == {"bean": "Floral and nutty"}


def test_a_preview_counts_whom_it_concerns_with_examples_and_saves_nothing(
    tomas: Person, shop: Source, chief: Actor
) -> None:
    take_in(shop, listed(ARRIETA, city="Madrid"))
    wanted = read_rules({"city": "trusted"}, [str(shop.id)], chief)
    found = foretell(chief, wanted)
    assert (found.changed, found.looked_at, found.is_all) == (1, 2, True)
    assert [(one.name, one.field, one.before, one.after) for one in found.examples] == [
        ("Tomás Arrieta", "city", "Getxo", "Bilbao")
    ]
    assert not ShownRules.objects.exists()
    set_rules(chief, shop, city="trusted")
    assert ShownRules.objects.get().changed == found.changed


def test_a_preview_of_very_many_says_at_least(
    tomas: Person, shop: Source, chief: Actor, monkeypatch: Any
) -> None:
    monkeypatch.setattr("amity.people.queries.survivorship.MOST_LOOKED_AT", 1)
    take_in(shop, listed(ARRIETA, city="Madrid"))
    found = foretell(chief, read_rules({"city": "trusted"}, [str(shop.id)], chief))
    assert (found.looked_at, found.is_all) == (1, False)


@pytest.mark.parametrize(
    ("ways", "trust", "wrong"),
    [
        ({"shoe_size": "newest"}, [], "shoe_size"),
        ({"country": "complete"}, [], "country"),
        ({"city": "loudest"}, [], "city"),
        ({}, ["nobody"], "trust"),
        ({}, ["hand", "hand"], "trust"),
    ],
)
def test_nonsense_is_refused_and_nothing_is_kept(
    ways: dict[str, str], trust: list[str], wrong: str, chief: Actor
) -> None:
    with pytest.raises(Invalid) as refused:
        change_rules(ways, trust, actor=chief, at=AT)
    assert wrong in refused.value.fields
    assert not ShownRules.objects.exists()


def test_who_does_not_change_settings_sets_no_rules(tomas: Person) -> None:
    agent = make_actor(Role.AGENT)
    with pytest.raises(Forbidden):
        change_rules({"city": "complete"}, [], actor=agent, at=AT)
    with pytest.raises(Forbidden):
        take_back_rules(actor=agent, at=AT)


def test_sources_that_somebody_does_not_see_stay_where_they_were(shop: Source, chief: Actor) -> None:
    mailbox = make_source("mailbox")
    Source.objects.filter(pk=mailbox.pk).update(owner_id=make_staff().pk)
    set_rules(chief, "hand", shop, city="trusted")
    kept = ShownRules.objects.get()
    kept.rules = kept.rules | {"trust": ["hand", str(mailbox.id), str(shop.id)]}
    kept.save()
    assert rules_for(chief).trust == ("hand", shop.id)
    change_rules({"city": "trusted"}, [str(shop.id), "hand"], actor=chief, at=AT)
    assert ruling().shown.trust == (shop.id, "hand", mailbox.id)


def test_taking_in_asks_no_more_while_no_rules_are_set(shop: Source) -> None:
    """One statement tells the rules and whose a domain is, so the usual rules cost none."""
    take_in(shop, listed(TOMAS, city="Bilbao"))
    with CaptureQueriesContext(connection) as asked:
        take_in(
            shop, listed(TOMAS, city="Getxo", at=AT + days(1)), listed(email("new@web.example"), city="Turku")
        )
    told = [one["sql"] for one in asked.captured_queries]
    assert sum("people_shownrules" in one for one in told) == 2  # of who is new, and of who was known
    assert sum("people_organisationdomain" in one for one in told) == 2
    assert not any("min(s.at)" in one for one in told)


def test_ways_are_kept_only_where_they_are_not_the_usual_ones(chief: Actor, shop: Source) -> None:
    change_rules({"city": "newest", "name": "complete"}, ["hand"], actor=chief, at=AT)
    assert dict(ruling().shown.ways) == {"name": Way.COMPLETE}
    assert survivorship.PORTION <= 500


def test_an_address_that_a_colleague_typed_is_one_that_colleagues_told(
    tomas: Person, shop: Source, chief: Actor
) -> None:
    add_address(tomas.id, "email", "zoe@home.example", use="", verified="", actor=chief, at=AT)
    set_rules(chief, "hand", shop, email="trusted")
    record = person_record(chief, tomas.id)
    assert record.golden.email == "zoe@home.example"
    assert (record.why_email, record.why_email_source) == (Reason.TRUSTED, "")
    assert {one.name for one in known_tellers(chief)} == {"", "Shop", "Desk"}


def test_rules_that_came_before_all_followed_the_last_ones_are_told_of_too(
    shop: Source, chief: Actor, monkeypatch: Any
) -> None:
    """The birthday stands in no column: whoever judges it looks at everybody again."""
    handles = [email(f"p{n}@web.example", f"Person {n}") for n in range(5)]
    take_in(shop, *(listed(one, birthday="1984", at=AT - days(9)) for one in handles))
    told: set[Any] = set()
    monkeypatch.setattr(survivorship, "publish", lambda event: told.update(event.person_ids))
    change_rules({"birthday": "trusted"}, [str(shop.id)], actor=chief, at=AT)
    assert show_by_rules(ShownRules.objects.get().pk, at=AT, most=2)
    change_rules({"birthday": "trusted", "city": "trusted"}, [str(shop.id)], actor=chief, at=AT)
    finish()
    assert len(told) == 5
