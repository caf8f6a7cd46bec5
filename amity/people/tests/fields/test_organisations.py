"""Fields of organisations: typed, shown with who said it, taken back."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from amity.kernel.actor import Role
from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.kernel.models import Team
from amity.people.models import Organisation, OrganisationFact
from amity.people.of_organisations import say_of_organisation, take_back_of_organisation
from amity.people.queries.organisation_fields import fields_of_organisation
from amity.people.tests.fields.own import make_field
from amity.people.tests.records import AT, days, email, listed, make_actor, make_source, make_staff, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def roastery() -> UUID:
    make_field("Tier", "choice", options=["Gold", "Silver"], resource="organisation")
    make_field("Tier", "text")  # of people: another field
    make_field("Limit", "money", currency="EUR", purposes=["sales"], resource="organisation")
    take_in(make_source(), listed(email("hanna@roast.example", "Hanna"), organisation="Roastery"))
    return Organisation.objects.get().id


def test_the_newest_is_shown_the_others_stay_and_each_is_taken_back(roastery: UUID) -> None:
    ines = make_actor()
    (first,) = say_of_organisation(roastery, {"tier": "Gold"}, actor=ines, at=AT)
    (second,) = say_of_organisation(roastery, {"tier": "silver"}, actor=ines, at=AT + days(1))
    (field,) = fields_of_organisation(ines, roastery)
    assert (field.value, [one.by for one in field.said]) == ("silver", [ines.name, ines.name])
    assert take_back_of_organisation(roastery, second, actor=ines) == "tier"
    assert fields_of_organisation(ines, roastery)[0].value == "gold"
    take_back_of_organisation(roastery, first, actor=ines)
    assert not OrganisationFact.objects.exists()
    with pytest.raises(NotFound):
        take_back_of_organisation(roastery, first, actor=ines)


def test_who_may_not_see_or_write_a_field_or_does_not_know_the_organisation_changes_nothing(
    roastery: UUID,
) -> None:
    agent, sales = make_actor(), make_actor(Role.SALES)
    for said in ({"tier": "tin"}, {"limit": "5"}, {"colour": "red"}, {"tier": ""}):
        with pytest.raises(Invalid):
            say_of_organisation(roastery, said, actor=agent, at=AT)
    with pytest.raises(Forbidden):
        say_of_organisation(roastery, {"tier": "gold"}, actor=make_actor(Role.ANALYST), at=AT)
    (made,) = say_of_organisation(roastery, {"limit": "5 EUR"}, actor=sales, at=AT)
    with pytest.raises(NotFound):
        take_back_of_organisation(roastery, made, actor=agent)
    assert [one.definition.key for one in fields_of_organisation(agent, roastery)] == ["tier"]
    take_in(
        make_source("vip", team=Team.objects.create(name="VIP")),
        listed(email("x@secret.example", "X"), organisation="Secret"),
    )
    with pytest.raises(NotFound):
        say_of_organisation(Organisation.objects.get(name="Secret").id, {"tier": "gold"}, actor=agent, at=AT)


def test_the_page_has_them_typed_in_place(roastery: UUID) -> None:
    client = Client()
    client.force_login(make_staff(), backend="amity.site.signin.StaffBackend")
    address = reverse("organisation-value", args=[roastery, "tier"])
    assert "Your fields" in client.get(reverse("organisation", args=[roastery])).content.decode()
    assert "<select" in client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert client.post(address, {"value": "tin"}).status_code == 422
    assert client.post(address, {"value": "gold"}).status_code == 302
    assert "Gold" in client.get(reverse("organisation", args=[roastery])).content.decode()
    assert client.get(reverse("organisation-value", args=[roastery, "limit"])).status_code == 404
    fact = OrganisationFact.objects.get()
    client.post(reverse("organisation-value-withdrawal", args=[roastery]), {"fact": str(fact.pk)})
    assert not OrganisationFact.objects.exists()
