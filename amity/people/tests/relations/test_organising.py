"""Organisations are renamed, made one and taken apart again, and whose a domain is."""

from __future__ import annotations

import pytest

from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Conflict, Invalid
from amity.kernel.models import Team
from amity.people.models import Organisation, OrganisationDomain, Person
from amity.people.organising import (
    merge_organisations,
    rename_organisation,
    say_whose_domain,
    take_back_organisation_merge,
)
from amity.people.queries import PeopleWanted, list_organisations, list_people, organisation_of, person_record
from amity.people.tests.records import AT, days, email, listed, make_actor, make_source, person_of, take_in

pytestmark = pytest.mark.django_db
ADA, BO, CLEO = (email(f"{name}@roast.example", name.title()) for name in ("ada", "bo", "cleo"))


@pytest.fixture
def ines() -> Actor:
    take_in(
        make_source(),
        listed(ADA, organisation="Roastery X"),
        listed(BO, organisation="Röst X GmbH"),
        listed(CLEO),
    )
    return make_actor(Role.OWNER)


def called(name: str) -> Organisation:
    return Organisation.objects.get(name=name, merged_into=None)


def people_of(actor: Actor, organisation: Organisation) -> set[str]:
    found = list_people(actor, PeopleWanted(organisation_id=organisation.id)).people
    return {one.name for one in found}


def test_a_new_name_is_shown_and_found_and_the_old_one_leads_there_still(ines: Actor) -> None:
    roastery = called("Roastery X")
    before = rename_organisation(roastery.id, "Beans United", actor=ines, at=AT)
    take_in(make_source("desk"), listed(CLEO, organisation="Beans United"))
    take_in(make_source("shop 2"), listed(email("dag@roast.example", "Dag"), organisation="roastery x"))
    assert people_of(ines, called("Beans United")) == {"Ada", "Cleo", "Dag"}
    assert person_record(ines, person_of(ADA).id).organisation == "Beans United"
    found = list_organisations(ines, words="beans").organisations
    assert [one.name for one in found] == ["Beans United"]
    rename_organisation(roastery.id, before, actor=ines, at=AT)
    assert Organisation.objects.get(pk=roastery.id).told_name == ""


def test_a_name_that_another_one_has_is_refused(ines: Actor) -> None:
    with pytest.raises(Conflict):
        rename_organisation(called("Roastery X").id, "röst x gmbh", actor=ines, at=AT)
    assert called("Roastery X").told_name == ""


def test_two_that_are_one_have_the_people_of_both_and_come_apart_exactly(ines: Actor) -> None:
    stays, leaves = called("Roastery X"), called("Röst X GmbH")
    before = dict(Person.objects.values_list("pk", "organisation_id"))
    merged = merge_organisations(stays.id, leaves.id, actor=ines, at=AT)
    take_in(make_source("desk"), listed(CLEO, organisation="Röst X GmbH"))  # came in between: it has an owner
    assert people_of(ines, stays) == {"Ada", "Bo", "Cleo"}
    assert organisation_of(ines, leaves.id).id == stays.id
    assert [one.name for one in list_organisations(ines).organisations] == ["Roastery X"]
    take_back_organisation_merge(merged, actor=ines, at=AT + days(1))
    assert people_of(ines, stays) == {"Ada"}
    assert people_of(ines, leaves) == {"Bo", "Cleo"}
    after = dict(Person.objects.values_list("pk", "organisation_id"))
    assert after == before | {person_of(CLEO).id: leaves.id}


def test_merges_of_merges_are_taken_back_in_any_order(ines: Actor) -> None:
    take_in(make_source("desk"), listed(CLEO, organisation="Third"))
    x, y, z = called("Roastery X"), called("Röst X GmbH"), called("Third")
    before = dict(Person.objects.values_list("pk", "organisation_id"))
    inner = merge_organisations(y.id, x.id, actor=ines, at=AT)
    outer = merge_organisations(z.id, y.id, actor=ines, at=AT)
    assert people_of(ines, z) == {"Ada", "Bo", "Cleo"}
    take_back_organisation_merge(inner, actor=ines, at=AT)
    assert people_of(ines, z) == {"Bo", "Cleo"}
    take_back_organisation_merge(outer, actor=ines, at=AT)
    assert dict(Person.objects.values_list("pk", "organisation_id")) == before


def test_a_merge_with_a_hidden_one_tells_nothing_of_it() -> None:
    council, owner, ines = Team.objects.create(name="Council"), make_actor(Role.OWNER), make_actor(Role.AGENT)
    take_in(make_source(), listed(ADA, organisation="Roastery X"))
    take_in(make_source("desk", team=council), listed(BO, organisation="Secret Beans"))
    merge_organisations(called("Secret Beans").id, called("Roastery X").id, actor=owner, at=AT)
    assert [one.name for one in list_organisations(ines).organisations] == ["Roastery X"]
    assert person_record(ines, person_of(ADA).id).organisation == "Roastery X"
    assert person_record(owner, person_of(ADA).id).organisation == "Secret Beans"


def test_how_a_closed_source_calls_a_renamed_one_is_told_to_whom_the_source_is_open() -> None:
    take_in(
        make_source("closed", team=Team.objects.create(name="Key accounts")), listed(ADA, organisation="Hush")
    )
    owner = make_actor(Role.OWNER)
    hush = Organisation.objects.get().pk
    rename_organisation(hush, "Neutral", actor=owner, at=AT)
    agent = make_actor(Role.AGENT)
    assert [organisation_of(one, hush).told_name for one in (owner, agent)] == ["Hush", ""]
    take_in(make_source("open"), listed(email("zoe@roast.example"), organisation="Hush"))
    assert organisation_of(agent, hush).told_name == "Hush"


def test_everybody_who_writes_from_a_domain_is_of_it_unless_a_source_says_otherwise(ines: Actor) -> None:
    roastery = called("Roastery X")
    assert say_whose_domain(roastery.id, "@Roast.example", is_on=True, actor=ines, at=AT) is False
    assert people_of(ines, roastery) == {"Ada", "Cleo"}
    take_in(make_source("desk"), listed(email("new@roast.example", "New")))
    assert people_of(ines, roastery) == {"Ada", "Cleo", "New"}
    assert say_whose_domain(roastery.id, "roast.example", is_on=False, actor=ines, at=AT) is True
    assert people_of(ines, roastery) == {"Ada"}


def test_what_is_no_domain_and_what_is_anothers_is_refused(ines: Actor) -> None:
    say_whose_domain(called("Roastery X").id, "roast.example", is_on=True, actor=ines, at=AT)
    with pytest.raises(Conflict):
        say_whose_domain(called("Röst X GmbH").id, "roast.example", is_on=True, actor=ines, at=AT)
    with pytest.raises(Invalid):
        say_whose_domain(called("Roastery X").id, "roast", is_on=True, actor=ines, at=AT)
    say_whose_domain(called("Roastery X").id, "be\x00ans.example", is_on=True, actor=ines, at=AT)
    assert OrganisationDomain.objects.filter(domain="beans.example").exists()


def test_when_a_domain_tells_no_more_it_tells_of_nobody_however_many_came_since(
    ines: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amity.people.organising.MOST_OF_A_DOMAIN", 3)
    roastery = called("Roastery X")
    say_whose_domain(roastery.id, "roast.example", is_on=True, actor=ines, at=AT)
    take_in(make_source("desk"), *(listed(email(f"p{n}@roast.example", f"P{n}")) for n in range(5)))
    assert people_of(ines, roastery) == {"Ada", "Cleo", *(f"P{n}" for n in range(5))}
    with pytest.raises(Invalid):
        say_whose_domain(roastery.id, "roast.example", is_on=True, actor=ines, at=AT)
    say_whose_domain(roastery.id, "roast.example", is_on=False, actor=ines, at=AT)
    assert people_of(ines, roastery) == {"Ada"}
