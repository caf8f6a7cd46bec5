"""People by fields of the company's own: filters, order, pages, and nothing that hidden sources said."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from amity.activity.shaping import identity_id
from amity.kernel.actor import Actor, Role
from amity.kernel.models import Team
from amity.people.domain.fields.conditions import read_condition
from amity.people.fields import hide_field, put_back_field, put_back_option, remove_option
from amity.people.models import CustomValue
from amity.people.queries import PeopleWanted, list_people
from amity.people.queries.fields import all_fields, fields_for
from amity.people.queries.listing import Place, allowed, count_people
from amity.people.tests.fields.own import make_field, make_fields
from amity.people.tests.records import AT, days, email, listed, make_actor, make_source, take_in

pytestmark = pytest.mark.django_db
WHO = {name: email(f"{name}@web.example", name.title()) for name in ("anna", "bela", "cleo", "dora")}
TOLD: dict[str, dict[str, Any]] = {
    "anna": {"note": "Wholesale, Größe L", "score": "10", "spent": "99.5", "visit": "2026-03-04", "tier": "gold",
             "tastes": "floral,nutty", "page": "https://anna.example", "partner": "yes",
             "referrer": str(identity_id(WHO["bela"]))},
    "bela": {"note": "retail", "score": "-2.5", "visit": "2025-01-01", "tier": "bronze", "tastes": "nutty",
             "partner": "no"},
    "cleo": {"score": "10", "tier": "silver"},
    "dora": {},
}  # fmt: skip


def own(facts: dict[str, Any]) -> dict[str, Any]:
    return {f"custom:{key}": value for key, value in facts.items()}


@pytest.fixture
def told() -> None:
    make_fields()
    take_in(
        make_source(),
        *(listed(WHO[name], **own(facts)) for name, facts in TOLD.items()),
    )


def names(actor: Actor, *where: str, order: str = "name") -> str:
    asked: dict[str, list[str]] = {}
    for one in where:
        key, _, value = one.partition("=")
        asked.setdefault(key, []).append(value)
    found = [read_condition(key, values, all_fields()) for key, values in asked.items()]
    wanted = PeopleWanted(conditions=tuple(one for one in found if one), order=order)
    return "".join(one.name[0] for one in list_people(actor, wanted).people)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (["tier=gold"], "A"),
        (["tier=gold", "tier=Silver"], "AC"),
        (["tastes=nutty"], "AB"),
        (["tastes=floral", "tier=bronze"], ""),
        (["note.has=grosse whole"], "A"),
        (["note.has=ole"], ""),
        (["note=RETAIL"], "B"),
        (["score.from=0"], "AC"),
        (["score.from=-3", "score.to=0"], "B"),
        (["score=10"], "AC"),
        (["spent.to=99.5"], "A"),
        (["visit.from=2025-06-01"], "A"),
        (["visit.to=2025-06-01"], "B"),
        (["partner=no"], "B"),
        (["tier.set=no"], "D"),
        (["tier.set=yes", "note.set=no"], "C"),
        (["page.has=anna"], "A"),
        (["referrer=" + str(identity_id(WHO["bela"]))], "A"),
    ],
)
def test_lists_are_asked_by_every_kind(told: None, where: list[str], found: str) -> None:
    assert names(make_actor(), *where) == found


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("custom:score", "BACD"),
        ("-custom:score", "ACBD"),
        ("custom:tier", "ACBD"),  # in the order of its options
        ("-custom:tier", "BCAD"),
        ("custom:visit", "BACD"),
        ("custom:note", "BACD"),
        ("custom:partner", "BACD"),
    ],
)
def test_lists_are_ordered_by_a_field_and_who_has_none_comes_last(told: None, order: str, found: str) -> None:
    got = names(make_actor(), order=order)
    # Those who are equal, and those without, stand by their ids.
    assert sorted(got) == list("ABCD")
    with_value = [
        one for one in found if TOLD[next(n for n in TOLD if n[0].upper() == one)].get(order.split(":")[1])
    ]
    assert sorted(got[: len(with_value)]) == sorted(with_value)
    if order.split(":")[1] in ("tier", "visit", "note", "partner"):
        assert list(got[: len(with_value)]) == with_value


@pytest.mark.parametrize(
    "order", ["custom:score", "-custom:score", "custom:visit", "custom:tier", "custom:note"]
)
def test_a_place_at_which_nobody_can_stand_is_the_start_or_the_end(told: None, order: str) -> None:
    every = names(make_actor(), order=order)
    for place in ("+~abc", "+~", "+", "=gold~x", "zz~3", "\x00", "+~\x00", "+~2026-13-45", "+~nan"):
        found = list_people(make_actor(), PeopleWanted(order=order), after=Place(place, UUID(int=0)))
        assert every.endswith("".join(one.name[0] for one in found.people)), place


@pytest.mark.parametrize(
    "order", ["custom:score", "-custom:score", "custom:tier", "-custom:tier", "custom:note"]
)
@pytest.mark.parametrize("hides", [False, True])
def test_pages_of_such_a_list_hold_everybody_once_in_one_order(order: str, hides: bool) -> None:
    make_fields()
    source = make_source()
    people = [email(f"p{n}@web.example", f"Person {n}") for n in range(23)]
    facts: list[dict[str, Any]] = [
        {
            "custom:score": str(n % 4),
            "custom:tier": ("gold", "silver", "bronze")[n % 3],
            "custom:note": f"n{n % 5}",
        }
        if n % 6
        else {}
        for n in range(23)
    ]
    take_in(source, *(listed(one, **told) for one, told in zip(people, facts, strict=True)))
    if hides:
        vip = Team.objects.create(name="VIP")
        take_in(
            make_source("vip", team=vip),
            *(
                listed(one, at=AT + days(1), **own({"score": "99", "tier": "bronze", "note": "zz"}))
                for one in people[:9]
            ),
        )
    actor = make_actor()
    whole = [one.id for one in list_people(actor, PeopleWanted(order=order), limit=100).people]
    seen: list[UUID] = []
    after = None
    while True:
        page = list_people(actor, PeopleWanted(order=order), after=after, limit=4)
        seen += [one.id for one in page.people]
        after = page.after
        if after is None:
            break
    assert seen == whole
    assert len(set(seen)) == 23


def as_seen(actor: Actor) -> dict[str, Any]:
    fields = fields_for(actor)
    found = list_people(actor, PeopleWanted(order="name"), fields=fields).people
    asked = ("tier=gold", "tier=bronze", "score.from=50", "note.has=secret", "tier.set=yes")
    return {
        "values": {one.name: dict(one.custom) for one in found},
        "filters": {one: names(actor, one) for one in asked},
        "orders": {order: names(actor, order=order) for order in ("custom:score", "-custom:tier", "custom:note")},
        "counts": {one: count_people(actor, PeopleWanted(conditions=(c,))) for one in asked
                   if (c := read_condition(one.split("=")[0], [one.split("=")[1]], all_fields()))},
    }  # fmt: skip


def test_what_hidden_sources_say_of_a_field_changes_nothing_that_others_see(told: None) -> None:
    outsider = make_actor()
    before = as_seen(outsider)
    vip = Team.objects.create(name="VIP")
    insider = make_actor(Role.AGENT, vip)
    secret: dict[str, Any] = {"custom:tier": "bronze", "custom:score": "77", "custom:note": "secret"}
    take_in(make_source("vip", team=vip), *(listed(one, at=AT + days(1), **secret) for one in WHO.values()))
    assert as_seen(outsider) == before
    assert names(insider, "tier=bronze") == "ABCD"
    assert as_seen(insider)["values"]["Dora"] == {"tier": "bronze", "score": "77", "note": "secret"}


def test_a_field_is_for_roles_that_share_a_purpose_with_it(told: None) -> None:
    make_field("Margin", "number", purposes=["sales"])
    take_in(make_source("b"), listed(WHO["dora"], **own({"margin": "3"})))
    agent, seller = make_actor(Role.AGENT), make_actor(Role.SALES)
    asked = read_condition("margin.set", ["yes"], all_fields())
    assert asked
    assert "margin" not in {one.key for one in fields_for(agent)}
    assert allowed(agent, PeopleWanted(conditions=(asked,), order="custom:margin")) == PeopleWanted()
    assert [
        one.custom
        for one in list_people(agent, PeopleWanted(conditions=(asked,)), fields=fields_for(agent)).people
    ]
    assert names(seller, "margin.set=yes") == "D"
    assert allowed(seller, PeopleWanted(order="custom:margin")).order == "custom:margin"


def test_what_is_said_of_people_who_are_there_replaces_what_was(told: None) -> None:
    newer = own({"tier": "silver", "tastes": "fruity"})
    take_in(make_source("later"), listed(WHO["anna"], at=AT + days(2), **newer))
    actor = make_actor()
    assert names(actor, "tier=silver") == "AC"
    assert names(actor, "tastes=floral") == ""
    assert names(actor, "tastes=fruity") == "A"


def test_facts_without_a_field_are_kept_and_stored_nowhere() -> None:
    take_in(make_source(), listed(WHO["anna"], **own({"tier": "gold"})))
    assert not CustomValue.objects.exists()


def test_an_option_that_is_taken_out_and_put_back_moves_and_gives_back_its_values(told: None) -> None:
    owner, actor = make_actor(Role.OWNER), make_actor()
    tier = next(one for one in all_fields() if one.key == "tier")
    remove_option(tier.id, "gold", gone="becomes", becomes="silver", actor=owner)
    assert names(actor, "tier=silver") == "AC"
    put_back_option(tier.id, "gold", actor=owner)
    assert (names(actor, "tier=silver"), names(actor, "tier=gold")) == ("C", "A")
    remove_option(tier.id, "gold", gone="clear", actor=owner)
    assert names(actor, "tier.set=no") == "AD"
    put_back_option(tier.id, "gold", actor=owner)
    remove_option(tier.id, "gold", gone="keep", actor=owner)
    assert names(actor, "tier=gold") == "A"


def test_a_hidden_field_is_nowhere_and_comes_back_with_its_values(told: None) -> None:
    owner, actor = make_actor(Role.OWNER), make_actor()
    tier = next(one for one in all_fields() if one.key == "tier")
    hide_field(tier.id, actor=owner, at=AT)
    assert "tier" not in {one.key for one in fields_for(owner)}
    asked = read_condition("tier", ["gold"], all_fields())
    assert asked
    assert allowed(actor, PeopleWanted(conditions=(asked,))) == PeopleWanted()
    put_back_field(tier.id, actor=owner)
    assert names(actor, "tier=gold") == "A"


COUNTED = (
    "tier=gold", "tier=bronze", "tastes=nutty", "tastes=floral tastes=nutty", "tastes.set=yes", "note.has=whole",
    "score.from=0 score.to=20", "tier.set=no", "tier=gold score.from=5", "tastes=nutty tastes=floral partner=yes",
    "score.from=0 tastes=floral tastes=fruity", "visit.set=yes tier.set=no",
)  # fmt: skip


@pytest.mark.parametrize("where", COUNTED)
@pytest.mark.parametrize("most", [5_000, 0])
def test_counts_are_those_of_the_pages_however_they_are_counted(
    told: None, where: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amity.people.queries.conditions.MOST_NAMED", most)
    asked: dict[str, list[str]] = {}
    for one in where.split():
        key, _, value = one.partition("=")
        asked.setdefault(key, []).append(value)
    found = [read_condition(key, values, all_fields()) for key, values in asked.items()]
    conditions = tuple(one for one in found if one)
    actor = make_actor()
    page = list_people(actor, PeopleWanted(conditions=conditions, order="name"), limit=100)
    assert count_people(actor, PeopleWanted(conditions=conditions)) == len(page.people)
    assert count_people(actor, PeopleWanted(conditions=conditions, language="xx")) == 0
