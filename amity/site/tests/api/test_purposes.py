"""The API tells a field to those who share a purpose with it, and lets nobody else ask for or by it."""

from __future__ import annotations

import pytest

from amity.kernel import purposes
from amity.kernel.actor import Role
from amity.site.tests.api.calling import program
from amity.site.tests.api.test_operations import conversation_of

pytestmark = pytest.mark.django_db
HANNAH = {
    "external_id": "17",
    "identities": [{"network": "email", "address": "hannah@vogel.example"}],
    "facts": {"name": "Hannah Vogel", "city": "Kiel", "birthday": "1984-05-02"},
}


@pytest.mark.parametrize(
    ("role", "sees_birthday", "sees_address"),
    [
        (Role.AGENT, True, True),
        (Role.SALES, False, True),
        (Role.MARKETER, True, True),
        (Role.ANALYST, False, False),
    ],
)
def test_a_person_is_told_without_what_is_not_for_the_reader(
    role: Role, sees_birthday: bool, sees_address: bool
) -> None:
    place = f"/people/{program().post('/people', HANNAH).json()['id']}"
    told = program(role).get(place).content.decode()
    assert ("1984-05-02" in told) is sees_birthday
    assert ("hannah@vogel.example" in told) is sees_address


def test_a_hidden_field_cannot_be_asked_for_nor_by(monkeypatch: pytest.MonkeyPatch) -> None:
    program().post("/people", HANNAH)
    table = purposes.OF_FIELD["person"] | {"country": frozenset({purposes.Purpose.SALES})}
    monkeypatch.setitem(purposes.OF_FIELD, "person", table)
    analyst = program(Role.ANALYST)
    for asked in ("fields=email", "fields=country", "country=DE", "order=name"):
        assert analyst.get(f"/people?{asked}").status_code == 422, asked
    assert analyst.get("/people?q=vogel.example").json() == {"items": []}
    assert set(analyst.get("/people").json()["items"][0]).isdisjoint({"email", "country"})


def test_a_partner_works_on_a_conversation_without_the_address_behind_it() -> None:
    shop, partner = program(), program(Role.PARTNER)
    place = conversation_of(shop)
    shop.call("PUT", f"{place}/assignment", {"assignee_id": str(partner.staff.id)})
    read = partner.get(place)
    assert read.status_code == 200
    assert "hannah@vogel.example" not in read.content.decode()
    assert partner.get("/conversations?q=vogel.example").json()["items"] == []
    for closed in ("/people", "/activities", "/orders"):
        assert partner.get(closed).status_code == 403
