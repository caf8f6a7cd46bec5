"""Segments by the company's own fields: membership follows values and fields, and who may not see one knows nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from amity.kernel.actor import Role
from amity.kernel.errors import Invalid, NotFound
from amity.kernel.models import Team
from amity.people.by_hand import say, take_back
from amity.people.fields import hide_field, put_back_field, put_back_option, remove_option
from amity.people.merging import merge, unmerge
from amity.people.models import Merge
from amity.people.tests.fields.own import make_field, make_fields
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
from amity.segments import services
from amity.segments.conditions import fields_for
from amity.segments.domain.trees import read
from amity.segments.keeping import catch_up
from amity.segments.models import Member, Segment, Trait
from amity.segments.queries import known_segments, preview, versions_of, why
from amity.segments.web.words import Teller, rule_in_one_line

pytestmark = pytest.mark.django_db
ADA, BO = email("ada@roast.example", "Ada Roth"), email("bo@roast.example", "Bo Lind")
TOLD: dict[str, Any] = {
    "note": "Wholesale, Größe L", "score": "10", "spent": "1500000.5", "visit": AT.date().isoformat(), "tier": "gold",
    "tastes": "floral,nutty", "page": "https://Ada.example", "partner": "yes",
}  # fmt: skip


def own(**facts: Any) -> dict[str, Any]:
    return {f"custom:{key}": value for key, value in facts.items()}


def asks(key: str, op: str, value: Any = None) -> dict[str, Any]:
    leaf = {"field": f"own:{key}", "op": op}
    return {"all": [leaf if value is None else leaf | {"value": value}]}


def signed_in(role: Role) -> Client:
    client = Client()
    client.force_login(make_staff(role, "Ines Okafor"), backend="amity.site.signin.StaffBackend")
    return client


def make(rule: dict[str, Any], name: str = "Some") -> Segment:
    made = services.create_segment(name=name, rule=rule, actor=make_actor(Role.MARKETER), at=AT)
    catch_up(AT)
    return made


def inside(segment: Segment) -> set[str]:
    rows = Member.objects.filter(segment=segment, until=None).values_list("person_id", flat=True)
    names = {person_of(one).id: one.name for one in (ADA, BO)}
    return {names[id] for id in rows}


@pytest.fixture
def told() -> None:
    make_fields()
    take_in(make_source(), listed(ADA, **own(**TOLD)), listed(BO))


@pytest.mark.parametrize(
    ("key", "op", "value", "holds", "words"),
    [
        ("note", "is", "wholesale grosse L", True, "Note is wholesale grosse L"),
        ("note", "contains", "RETAIL", False, "Note contains RETAIL"),
        ("score", "at_least", 10, True, "Score at least 10"),
        ("score", "at_most", 9.99, False, "Score at most 9.99"),
        ("spent", "at_least", 1_500_000.5, True, "Spent (EUR) at least 1500000.5"),
        ("visit", "in_last", 1, True, "Visit in the last 1 day"),
        ("visit", "in_next", 3, True, "Visit in the next 3 days"),
        ("visit", "longer_ago", 1, False, "Visit more than 1 day ago"),
        ("visit", "before", AT.date().isoformat(), False, None),
        ("visit", "since", AT.date().isoformat(), True, None),
        ("tier", "any_of", ["silver", "Gold"], True, "Tier is any of Silver or Gold"),
        ("tier", "none_of", "gold", False, "Tier is none of Gold"),
        ("tastes", "any_of", "nutty", True, "Tastes is any of Nutty"),
        ("page", "contains", "ada.EXAMPLE", True, "Page contains ada.EXAMPLE"),
        ("partner", "yes", None, True, "Partner is yes"),
        ("partner", "no", None, False, "Partner is no"),
        ("referrer", "set", None, False, "Referrer is set"),
        ("referrer", "not_set", None, True, "Referrer is not set"),
    ],
)
@pytest.mark.usefixtures("told")
def test_each_kind_is_asked_in_its_way_the_same_at_once_and_one_by_one(
    key: str, op: str, value: Any, holds: bool, words: str | None
) -> None:
    segment = make(asks(key, op, value))
    assert ("Ada Roth" in inside(segment)) == holds
    actor = make_actor(Role.MARKETER)
    assert why(actor, segment, person_of(ADA).id, AT).reasons[0].found.holds == holds
    assert preview(read(segment.rule), AT).count == Member.objects.filter(segment=segment).count()
    if words:
        assert rule_in_one_line(Teller(segment.rule, actor)) == words


@pytest.mark.usefixtures("told")
def test_membership_follows_what_is_typed_and_taken_back_with_what_was_found() -> None:
    segment, ines, bo = make(asks("tier", "any_of", "silver")), make_actor(), person_of(BO).id
    assert inside(segment) == set()
    typed = say(bo, {"custom:tier": "Silver"}, actor=ines, at=AT)
    catch_up(AT + timedelta(seconds=1))
    assert inside(segment) == {"Bo Lind"}
    assert Member.objects.get().why_in == [[[0], True, "Silver"]]
    take_back(bo, typed.act_id, actor=ines, at=AT)
    catch_up(AT + timedelta(seconds=2))
    assert inside(segment) == set()


@pytest.mark.usefixtures("told")
def test_a_day_comes_into_a_span_and_leaves_it_at_midnight() -> None:
    say(person_of(BO).id, {"custom:visit": (AT + days(5)).date().isoformat()}, actor=make_actor(), at=AT)
    segment = make(asks("visit", "in_next", 3))
    assert inside(segment) == {"Ada Roth"}
    catch_up(AT + days(1))
    assert inside(segment) == set()
    catch_up(AT + days(2))
    assert inside(segment) == {"Bo Lind"}
    catch_up(AT + days(6))
    assert inside(segment) == set()


@pytest.mark.usefixtures("told")
def test_an_option_that_becomes_another_is_cleared_or_offered_again_moves_who_has_it() -> None:
    owner, tier = make_actor(Role.OWNER), make_fields_by_key()["tier"]
    say(person_of(BO).id, {"custom:tier": "Silver"}, actor=make_actor(), at=AT)
    silver = make(asks("tier", "any_of", "silver"), "Silver")
    through = make({"all": [{"field": "segment", "op": "in", "value": str(silver.id)}]}, "Through")
    assert (inside(silver), inside(through)) == ({"Bo Lind"}, {"Bo Lind"})
    remove_option(tier, "gold", gone="becomes", becomes="silver", actor=owner)
    catch_up(AT + timedelta(seconds=1))
    assert (inside(silver), inside(through)) == ({"Ada Roth", "Bo Lind"}, {"Ada Roth", "Bo Lind"})
    put_back_option(tier, "gold", actor=owner)
    remove_option(tier, "silver", gone="clear", actor=owner)
    catch_up(AT + timedelta(seconds=2))
    assert (inside(silver), inside(through)) == (set(), set())


def make_fields_by_key() -> dict[str, int]:
    from amity.people.queries.fields import all_fields

    return {one.key: one.id for one in all_fields()}


@pytest.mark.usefixtures("told")
def test_of_a_hidden_field_nothing_holds_until_it_is_put_back() -> None:
    owner, tier = make_actor(Role.OWNER), make_fields_by_key()["tier"]
    segment = make(asks("tier", "set"))
    hide_field(tier, actor=owner, at=AT)
    catch_up(AT + timedelta(seconds=1))
    assert inside(segment) == set()
    assert "own:tier" not in fields_for(owner)
    assert rule_in_one_line(Teller(segment.rule, owner)) == "A field that is gone"
    put_back_field(tier, actor=owner)
    catch_up(AT + timedelta(seconds=2))
    assert inside(segment) == {"Ada Roth"}


@pytest.mark.usefixtures("told")
def test_people_who_are_merged_have_the_values_of_both_until_they_are_two_again() -> None:
    ines, ada, bo = make_actor(), person_of(ADA).id, person_of(BO).id
    segment = make(asks("tier", "any_of", "gold"))
    merge(bo, [ada], actor=ines, at=AT)
    catch_up(AT + timedelta(seconds=1))
    assert set(Member.objects.filter(until=None).values_list("person_id", flat=True)) == {bo}
    unmerge([Merge.objects.get().pk], actor=ines, at=AT)
    catch_up(AT + timedelta(seconds=2))
    assert inside(segment) == {"Ada Roth"}


@pytest.mark.usefixtures("told")
def test_what_a_closed_source_says_of_a_field_moves_nobody() -> None:
    closed = make_source("closed", team=Team.objects.create(name="Works council"))
    take_in(closed, listed(BO, at=AT + days(1), **own(tier="gold")))
    take_in(closed, listed(ADA, at=AT + days(1), **own(tier="bronze")))
    segment = make(asks("tier", "any_of", "gold"))
    assert inside(segment) == {"Ada Roth"}
    assert {
        one.fields.get("own:tier") and one.fields["own:tier"][0] for one in Trait.objects.all() if one.fields
    } == {"gold"}
    closed.team = None
    closed.save(update_fields=["team"])
    catch_up(AT + timedelta(seconds=1))
    assert inside(segment) == {"Bo Lind"}


def test_who_may_not_see_the_field_knows_of_no_segment_that_asks_for_it() -> None:
    make_field("Margin", "number", purposes=["marketing"])
    marketer, agent = make_actor(Role.MARKETER), make_actor(Role.AGENT)
    segment = make(asks("margin", "set"))
    assert ("own:margin" in fields_for(marketer), "own:margin" in fields_for(agent)) == (True, False)
    assert [one.id for one in known_segments(marketer)] == [segment.id]
    assert known_segments(agent) == []
    with pytest.raises(Invalid):
        services.checked_rule(asks("margin", "set"), actor=agent)
    screen = Client(headers={"Sec-Fetch-Site": "same-origin"})
    screen.force_login(make_staff(Role.AGENT), backend="amity.site.signin.StaffBackend")
    assert screen.get(f"/segments/{segment.id}/").status_code == 404
    assert screen.get(f"/api/v1/segments/{segment.id}").status_code == 404
    assert b"Margin" not in screen.get("/api/v1/segments/fields").content


@pytest.mark.usefixtures("told")
def test_the_builder_offers_them_with_their_options_and_keeps_what_was_chosen() -> None:
    client = Client(headers={"Sec-Fetch-Site": "same-origin"})
    client.force_login(make_staff(Role.MARKETER), backend="amity.site.signin.StaffBackend")
    typed = {"name": "Best", "description": "", "r.kind": "all", "r.0.field": "own:tier", "r.0.op": "any_of"}
    page = client.post(
        "/segments/new/", typed | {"r.0.value": ["gold", "bronze"], "do": "add:r"}
    ).content.decode()
    assert '<optgroup label="Fields of your own">' in page
    assert '<option value="own:spent">Spent (EUR)</option>' in page
    assert '<option value="gold" selected>Gold</option><option value="silver">Silver</option>' in page
    saved = client.post("/segments/new/", typed | {"r.0.value": ["gold", "bronze"], "do": "save"})
    assert saved.status_code == 302
    segment = Segment.objects.get()
    assert segment.rule == asks("tier", "any_of", ["gold", "bronze"])
    catch_up(AT)
    assert "Tier is any of Gold or Bronze" in client.get(f"/segments/{segment.id}/").content.decode()
    refused = client.generic(
        "POST", "/api/v1/segments", json.dumps({"name": "Odd", "rule": asks("tier", "any_of", "platinum")}),
        "application/json", headers={"Sec-Fetch-Site": "same-origin"},
    )  # fmt: skip
    assert refused.status_code == 422
    assert "has no option" in refused.content.decode()


def test_rules_of_before_are_kept_from_whom_their_fields_are_hidden_and_never_told_by_those_of_now() -> None:
    make_field("Salary", "number", purposes=["legal"])
    take_in(make_source(), listed(ADA, city="Kiel"))
    owner, marketer = make_actor(Role.OWNER), make_actor(Role.MARKETER)
    rule = {"all": [{"field": "own:salary", "op": "at_least", "value": 50_000}]}
    one = services.create_segment(name="Well paid", rule=rule, actor=owner, at=AT)
    catch_up(AT)
    take_in(make_source("hr"), listed(ADA, **own(salary="71234")))
    catch_up(AT + days(1))
    stay = Member.objects.get()
    assert stay.why_in
    now = {"all": [{"field": "city", "op": "known"}]}
    services.change_segment(one.id, rule=now, actor=owner, at=AT + days(2))
    catch_up(AT + days(2))
    one.refresh_from_db()
    page = signed_in(Role.MARKETER).get(f"/segments/{one.id}/").content.decode()
    assert "Ada Roth" in page
    for told in ("Salary", "71234", "50000"):
        assert told not in page
    assert len(versions_of(owner, one)) == 2
    assert len(versions_of(marketer, one)) == 1
    with pytest.raises(NotFound):
        services.use_version(one.id, 1, actor=marketer, at=AT)
    seen = signed_in(Role.OWNER).get(f"/segments/{one.id}/").content.decode()
    assert "Salary: 71234" in seen
    assert "City: 71234" not in seen
