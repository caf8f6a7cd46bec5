"""Handles by programs: whose is this address, and nothing for those from whom addresses are hidden."""

from __future__ import annotations

import pytest

from amity.channels.models import Source
from amity.kernel.actor import Role
from amity.kernel.models import Team
from amity.site.tests.api.calling import program
from amity.site.tests.api.test_people import HANNAH

pytestmark = pytest.mark.django_db


def test_an_address_leads_to_its_person_however_it_is_written() -> None:
    shop = program()
    person = shop.post("/people", HANNAH).json()["id"]
    (found,) = shop.get("/identities?network=email&address=HANNAH@vogel.example").json()["items"]
    assert (found["person_id"], found["address"]) == (person, "hannah@vogel.example")
    assert shop.get("/identities?network=email&address=otto@kern.example").json() == {"items": []}
    assert shop.get("/identities?address=nonsense").status_code == 422
    assert len(shop.get(f"/identities?person_id={person}").json()["items"]) == 2


def test_handles_come_in_pages() -> None:
    shop = program()
    for number in range(5):
        shop.post("/people", {"external_id": str(number)})
    first = shop.get("/identities?limit=3&network=customer:api-web-shop").json()
    second = shop.get(f"/identities?limit=3&network=customer:api-web-shop&after={first['after']}").json()
    assert sorted(one["address"] for one in first["items"] + second["items"]) == list("01234")
    assert "after" not in second


def test_where_addresses_are_hidden_they_are_neither_shown_nor_asked_for() -> None:
    program().post("/people", HANNAH)
    analyst = program(Role.ANALYST)
    assert "vogel.example" not in analyst.get("/identities").content.decode()
    assert analyst.get("/identities?network=email&address=hannah@vogel.example").status_code == 422
    assert analyst.get("/identities?fields=address").status_code == 422


def test_what_a_team_keeps_to_itself_is_nobodys() -> None:
    program().post("/people", HANNAH)
    Source.objects.update(team=Team.objects.create(name="Legal"))
    assert program().get("/identities?network=email&address=hannah@vogel.example").json() == {"items": []}
