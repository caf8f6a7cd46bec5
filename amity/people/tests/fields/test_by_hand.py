"""What colleagues type about people: facts with their name, shown until it is taken back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from amity.activity.shaping import identity_id
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from amity.kernel.models import Team
from amity.people.adding import Typed, add_person, remove_added, who_may_be
from amity.people.addresses import add_address, describe_address, put_address_back, remove_address
from amity.people.by_hand import say, take_back
from amity.people.merging import merge, unmerge
from amity.people.models import CustomValue, Fact, FieldLock, Identity, Link, Merge, Person
from amity.people.queries import PeopleWanted, list_people, person_record
from amity.people.queries.visibility import known_people
from amity.people.tests.fields.own import make_field
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
    said,
    take_in,
)

pytestmark = pytest.mark.django_db
HANNA = email("hanna@web.example", "Hanna Vogel")
LATER = AT + days(1)


@pytest.fixture
def hanna() -> UUID:
    make_field("Tier", "choice", options=["Gold", "Silver"])
    told: dict[str, Any] = {"city": "Leipzig", "custom:tier": "silver", "birthday": "1980-01-01"}
    take_in(make_source(), listed(HANNA, **told))
    return person_of(HANNA).id


@pytest.fixture
def ines() -> Actor:
    return make_actor()


def shown(actor: Actor, person: UUID) -> dict[str, str]:
    record = person_record(actor, person)
    return (
        {fact.field: fact.shown.value for fact in record.facts} | {"list": record.golden.city} | record.custom
    )


def test_what_is_typed_is_shown_with_who_typed_it_and_taken_back_exactly(hanna: UUID, ines: Actor) -> None:
    before = shown(ines, hanna)
    typed = {"city": "Dresden", "custom:tier": "Gold", "birthday": "1981-02-03"}
    done = say(hanna, typed, actor=ines, at=LATER)
    now = shown(ines, hanna)
    assert (now["city"], now["list"], now["tier"], now["birthday"]) == (
        "Dresden",
        "Dresden",
        "gold",
        "1981-02-03",
    )
    fact = person_record(ines, hanna).fact("custom:tier")
    assert fact
    assert (fact.shown.by, fact.shown.method) == (ines.name, "typed")
    assert [one.value for one in fact.others] == ["silver"]
    assert CustomValue.objects.get().word == "gold"
    take_back(hanna, done.act_id, actor=ines, at=LATER + days(1))
    assert shown(ines, hanna) == before
    assert not Fact.objects.filter(said_by__isnull=False).exists()
    with pytest.raises(NotFound):
        take_back(hanna, done.act_id, actor=ines, at=LATER + days(2))


def test_it_stands_though_a_source_says_otherwise_later(hanna: UUID, ines: Actor) -> None:
    say(hanna, {"city": "Dresden", "custom:tier": "gold", "street": "Weg 1"}, actor=ines, at=LATER)
    newer: dict[str, Any] = {"city": "Berlin", "custom:tier": "silver", "street": "Weg 2"}
    take_in(make_source("later"), listed(HANNA, at=LATER + days(1), **newer))
    now = shown(ines, hanna)
    assert (now["city"], now["tier"], now["street"]) == ("Dresden", "gold", "Weg 1")
    assert CustomValue.objects.get().word == "gold"


def test_of_several_typings_the_last_is_shown_and_each_is_taken_back_alone(hanna: UUID, ines: Actor) -> None:
    first = say(hanna, {"city": "Dresden"}, actor=ines, at=LATER)
    second = say(hanna, {"city": "Jena"}, actor=ines, at=LATER + days(1))
    third = say(hanna, {"city": "Dresden"}, actor=ines, at=LATER + days(2))
    take_back(hanna, third.act_id, actor=ines, at=LATER + days(3))
    assert shown(ines, hanna)["city"] == "Jena"
    take_back(hanna, second.act_id, actor=ines, at=LATER + days(3))
    assert shown(ines, hanna)["city"] == "Dresden"
    take_back(hanna, first.act_id, actor=ines, at=LATER + days(3))
    assert shown(ines, hanna)["city"] == "Leipzig"


def test_it_goes_with_merges_and_comes_back_with_their_end(hanna: UUID, ines: Actor) -> None:
    other = email("vogel@mail.example", "H. Vogel")
    take_in(make_source("b"), listed(other))
    leaves = person_of(other).id
    say(leaves, {"custom:tier": "gold"}, actor=ines, at=LATER)
    merge(hanna, [leaves], actor=ines, at=LATER)
    assert shown(ines, hanna)["tier"] == "gold"
    assert [one.person_id for one in CustomValue.objects.all()] == [hanna]
    unmerge([Merge.objects.get().pk], actor=ines, at=LATER + days(1))
    assert (shown(ines, hanna)["tier"], shown(ines, leaves)["tier"]) == ("silver", "gold")
    assert {(one.person_id, one.word) for one in CustomValue.objects.all()} == {
        (hanna, "silver"),
        (leaves, "gold"),
    }


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"custom:tier": "Platinum"}, "no choice of “Tier”"),
        ({"custom:colour": "red"}, "no field “colour”"),
        ({"city": "  "}, "Type a value"),
        ({"city": "x" * 201}, "Up to 200"),
        ({"language": "x" * 13}, "Up to 12"),
        ({"email": "a@b.example"}, "not typed by hand"),
    ],
)
def test_what_is_no_value_is_refused_and_nothing_is_kept(
    hanna: UUID, ines: Actor, typed: dict[str, str], words: str
) -> None:
    before = (Fact.objects.count(), FieldLock.objects.count())
    with pytest.raises(Invalid, match=words):
        say(hanna, {"job_title": "Baker"} | typed, actor=ines, at=LATER)
    assert (Fact.objects.count(), FieldLock.objects.count()) == before


def test_who_may_not_write_a_field_types_none(hanna: UUID) -> None:
    make_field("Margin", "number", purposes=["sales"])
    make_field("Limit", "number", writers=["sales"])
    sales, agent = make_actor(Role.SALES), make_actor(Role.AGENT)
    say(hanna, {"custom:margin": "3", "custom:limit": "5"}, actor=sales, at=LATER)
    say(hanna, {"custom:limit": "6"}, actor=make_actor(Role.OWNER), at=LATER + days(1))
    with pytest.raises(Invalid, match="no field"):
        say(hanna, {"custom:margin": "3"}, actor=agent, at=LATER)
    with pytest.raises(Forbidden):
        say(hanna, {"custom:limit": "3"}, actor=agent, at=LATER)
    with pytest.raises(Forbidden):
        say(hanna, {"birthday": "1999-01-01"}, actor=sales, at=LATER)
    with pytest.raises(Forbidden):
        say(hanna, {"city": "Ulm"}, actor=make_actor(Role.ANALYST), at=LATER)
    act = FieldLock.objects.filter(field="custom:margin").values_list("act_id", flat=True).get()
    assert act
    with pytest.raises(Forbidden):
        take_back(hanna, act, actor=agent, at=LATER)
    assert "margin" not in person_record(agent, hanna).custom
    assert person_record(sales, hanna).custom == {"tier": "silver", "margin": "3", "limit": "6"}


def test_what_is_typed_of_somebody_whom_only_a_team_knows_tells_nobody_else_of_them() -> None:
    team = Team.objects.create(name="Works council")
    insider, outsider = make_actor(Role.AGENT, team), make_actor()
    take_in(make_source("council", team=team), listed(HANNA))
    person = person_of(HANNA).id
    say(person, {"city": "Dresden"}, actor=insider, at=LATER)
    add_address(person, "phone", "+49 341 123456", use="work", verified="told", actor=insider, at=LATER)
    assert person_record(insider, person).golden.city == "Dresden"
    assert not known_people(outsider).filter(pk=person).exists()
    with pytest.raises(NotFound):
        say(person, {"city": "Ulm"}, actor=outsider, at=LATER)
    assert list_people(outsider, PeopleWanted()).people == ()


# ----------------------------------------------------------------------------------------------------------- addresses


def test_an_address_is_added_described_taken_away_and_given_back(hanna: UUID, ines: Actor) -> None:
    added = add_address(hanna, "phone", "0341 123456", use="work", verified="told", actor=ines, at=LATER)
    known = next(one for one in person_record(ines, hanna).identities if one.id == added)
    assert (known.address, known.use, known.linked_by) == ("0341123456", "work", ines.name)
    assert known.verified
    assert (known.verified.value, known.verified.by) == ("told", ines.name)
    before = describe_address(hanna, added, use="private", verified="", actor=ines, at=LATER + days(1))
    assert before == {"use": "work", "verified": "told"}
    known = next(one for one in person_record(ines, hanna).identities if one.id == added)
    assert (known.use, known.verified) == ("private", None)
    ended = remove_address(hanna, added, actor=ines, at=LATER + days(2))
    assert added not in person_record(ines, hanna).identity_ids
    put_address_back(hanna, ended, actor=ines, at=LATER + days(3))
    assert added in person_record(ines, hanna).identity_ids


def test_what_a_source_names_is_not_taken_away_but_split_off(hanna: UUID, ines: Actor) -> None:
    (first,) = person_record(ines, hanna).identity_ids
    with pytest.raises(Invalid, match="all by which"):
        remove_address(hanna, first, actor=ines, at=LATER)
    add_address(hanna, "email", "other@web.example", use="", verified="", actor=ines, at=LATER)
    with pytest.raises(Invalid, match="Split it off"):
        remove_address(hanna, first, actor=ines, at=LATER)
    take_in(make_source("mail"), said(email("other@web.example")))
    other = Identity.objects.get(address="other@web.example").id
    with pytest.raises(Invalid, match="Split it off"):
        remove_address(hanna, other, actor=ines, at=LATER)


def test_a_source_whose_key_only_begins_like_ours_is_no_typing(ines: Actor) -> None:
    take_in(make_source("handmade-shop"), listed(HANNA, email("other@web.example")))
    person = person_of(HANNA)
    with pytest.raises(Invalid, match="Split it off"):
        remove_address(person.id, identity_id(HANNA), actor=ines, at=LATER)
    with pytest.raises(Conflict):
        remove_added(person.id, actor=ines, at=LATER)
    assert Identity.objects.count() == 2


def test_an_address_taken_away_from_merged_people_goes_back_to_whose_it_was(hanna: UUID, ines: Actor) -> None:
    take_in(make_source("b"), listed(email("bela@web.example", "Bela")))
    bela = person_of(email("bela@web.example")).id
    added = add_address(hanna, "email", "other@web.example", use="", verified="", actor=ines, at=LATER)
    act = merge(bela, [hanna], actor=ines, at=LATER)
    ended = remove_address(bela, added, actor=ines, at=LATER)
    unmerge([act], actor=ines, at=LATER)
    with pytest.raises(NotFound):
        put_address_back(bela, ended, actor=ines, at=LATER)
    act = merge(bela, [hanna], actor=ines, at=LATER)
    put_address_back(bela, ended, actor=ines, at=LATER)
    unmerge([act], actor=ines, at=LATER)
    assert added in person_record(ines, hanna).identity_ids
    assert added not in person_record(ines, bela).identity_ids


def test_what_another_team_typed_about_an_address_is_not_replaced() -> None:
    mine, others = Team.objects.create(name="Key accounts"), Team.objects.create(name="Partners")
    for team in (mine, others):
        take_in(make_source(team.name, team=team), listed(HANNA))
    person, address = person_of(HANNA).id, identity_id(HANNA)
    ours, theirs = make_actor(Role.AGENT, mine), make_actor(Role.AGENT, others)
    describe_address(person, address, use="work", verified="", actor=theirs, at=AT)
    describe_address(person, address, use="private", verified="", actor=ours, at=AT)
    uses = [person_record(actor, person).identities[0].use for actor in (theirs, ours)]
    assert uses == ["work", "private"]


@pytest.mark.parametrize(
    ("network", "address", "error"),
    [
        ("email", "nobody", Invalid),
        ("phone", "12", Invalid),
        ("fax", "12345678", Invalid),
        ("email", "hanna@web.example", Invalid),  # known of them already
        ("email", "bela@web.example", Conflict),  # somebody else's
    ],
)
def test_what_is_no_address_or_another_persons_is_refused(
    hanna: UUID, ines: Actor, network: str, address: str, error: type[DomainError]
) -> None:
    take_in(make_source("b"), listed(email("bela@web.example", "Bela")))
    before = (Link.objects.count(), Fact.objects.count())
    with pytest.raises(error):
        add_address(hanna, network, address, use="", verified="", actor=ines, at=LATER)
    assert (Link.objects.count(), Fact.objects.count()) == before


# --------------------------------------------------------------------------------------------------------- somebody new


def test_somebody_new_is_there_with_what_was_typed_and_goes_when_it_is_taken_back(ines: Actor) -> None:
    made = add_person(
        Typed("dora@web.example", "", {"name": "Dora Maar", "city": "Paris"}), actor=ines, at=AT
    )
    record = person_record(ines, made)
    assert (record.golden.name, record.golden.city, record.golden.email) == (
        "Dora Maar",
        "Paris",
        "dora@web.example",
    )
    fact = record.fact("city")
    assert fact
    assert fact.shown.by == ines.name
    remove_added(made, actor=ines, at=LATER)
    assert not Person.objects.exists()
    assert not Identity.objects.exists()
    assert not Fact.objects.exists()


def test_who_has_no_address_is_known_by_a_number_of_ours(ines: Actor) -> None:
    made = add_person(Typed(facts={"name": "Dora Maar"}), actor=ines, at=AT)
    (identity,) = person_record(ines, made).identities
    assert identity.network == "customer:hand"
    again = add_person(Typed(facts={"name": "Dora Maar"}), actor=ines, at=LATER)
    assert again != made


def test_somebody_of_whom_more_is_known_since_is_not_taken_back(ines: Actor) -> None:
    made = add_person(Typed("dora@web.example"), actor=ines, at=AT)
    take_in(make_source(), ordered(email("dora@web.example")))
    with pytest.raises(Conflict):
        remove_added(made, actor=ines, at=LATER)
    assert Person.objects.filter(pk=made).exists()


def test_a_known_address_is_no_new_person_and_an_unreadable_one_none_at_all(hanna: UUID, ines: Actor) -> None:
    with pytest.raises(Conflict):
        add_person(Typed("HANNA@web.example", "", {"name": "Hanna"}), actor=ines, at=LATER)
    with pytest.raises(Invalid):
        add_person(Typed("hanna", "", {"name": "Hanna"}), actor=ines, at=LATER)
    with pytest.raises(Invalid):
        add_person(Typed(), actor=ines, at=LATER)
    with pytest.raises(Forbidden):
        add_person(Typed(facts={"name": "X"}), actor=make_actor(Role.ANALYST), at=LATER)
    assert Person.objects.count() == 1


def test_who_it_may_be_is_shown_to_whom_they_are_known_and_to_nobody_else(hanna: UUID, ines: Actor) -> None:
    team = Team.objects.create(name="VIP")
    hidden = email("hanna.vogel@secret.example", "Hanna Vogel")
    take_in(make_source("vip", team=team), listed(hidden))
    found = who_may_be(Typed("hanna@web.example", "", {"name": "Hanna Vogel"}), actor=ines)
    assert [(one.person_id, one.has_address) for one in found] == [(hanna, True)]
    assert who_may_be(Typed("hanna.vogel@secret.example"), actor=ines) == []
    insider = make_actor(Role.AGENT, team)
    assert {one.person_id for one in who_may_be(Typed(facts={"name": "Hanna Vogel"}), actor=insider)} == {
        hanna,
        person_of(hidden).id,
    }


# -------------------------------------------------------------------------------------------------------------- screens


def signed_in(role: Role = Role.AGENT) -> Client:
    client = Client()
    client.force_login(make_staff(role), backend="amity.site.signin.StaffBackend")
    return client


def test_the_page_has_fields_typed_in_place_with_an_error_there(hanna: UUID) -> None:
    client, address = signed_in(), reverse("person-value", args=[hanna, "custom:tier"])
    page = client.get(reverse("person", args=[hanna])).content.decode()
    assert "Your fields" in page
    assert address in page
    fragment = {"HX-Request": "true"}
    form = client.get(address, headers=fragment).content.decode()
    assert "<select" in form
    assert "<html" not in form
    refused = client.post(address, {"value": "platinum"}, headers=fragment)
    assert refused.status_code == 422
    assert "no choice of" in refused.content.decode()
    done = client.post(address, {"value": "gold"}, headers=fragment)
    assert done.headers["HX-Redirect"].startswith(reverse("person", args=[hanna]))
    assert client.post(address, {"value": "silver"}).status_code == 302
    page = client.get(reverse("person", args=[hanna])).content.decode()
    assert "typed by hand" in page
    assert client.get(reverse("person-value", args=[hanna, "custom:nothing"])).status_code == 404
    assert client.get(reverse("person-value", args=[hanna, "email"])).status_code == 404


def test_somebody_new_is_added_from_the_list_and_undone(hanna: UUID) -> None:
    client = signed_in()
    assert reverse("person-new") in client.get(reverse("people")).content.decode()
    alike = client.get(f"{reverse('person-alike')}?name=Hanna+Vogel").content.decode()
    assert str(hanna) in alike
    refused = client.post(reverse("person-new"), {"name": "", "email": "nonsense"})
    assert refused.status_code == 422
    made = client.post(reverse("person-new"), {"name": "Dora Maar", "email": "dora@web.example"})
    person = Person.objects.get(name="Dora Maar")
    assert made.headers["Location"] == reverse("person", args=[person.id])
    client.post(reverse("person-removal", args=[person.id]))
    assert not Person.objects.filter(pk=person.id).exists()


def test_before_a_merge_own_fields_stand_side_by_side_and_one_value_is_chosen(hanna: UUID) -> None:
    other = email("vogel@mail.example", "H. Vogel")
    told: dict[str, Any] = {"custom:tier": "gold"}
    take_in(make_source("b"), listed(other, at=LATER, **told))
    leaves, client = person_of(other).id, signed_in()
    page = client.get(f"{reverse('person-merging', args=[hanna])}?with={leaves}").content.decode()
    assert "Tier" in page
    assert "custom:tier" in page  # the name of the choice
    assert ">Custom:tier<" not in page
    merge(hanna, [leaves], actor=make_actor(), at=LATER, chosen={"custom:tier": "silver"})
    assert CustomValue.objects.get().word == "silver"
