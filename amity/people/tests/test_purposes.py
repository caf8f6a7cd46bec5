"""Personal fields are for those who share a purpose with them: on the page, in lists, search, order and export."""

from __future__ import annotations

import csv
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from amity.kernel import policy, purposes
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.people.queries import PeopleWanted, find_people, list_people, person_record
from amity.people.queries.listing import BY_NAME, allowed
from amity.people.tests.records import (
    email,
    listed,
    make_actor,
    make_source,
    make_staff,
    person_of,
    take_in,
)

pytestmark = pytest.mark.django_db
HANNAH = email("hannah@vogel.example", "Hannah Vogel")
TOLD: dict[str, Any] = {
    "city": "Leipzig",
    "country": "DE",
    "birthday": "1984-05-02",
    "street": "Lindenweg 4",
    "loyalty": "Kiln club",
}
SECRETS = {
    "address": "hannah@vogel.example",
    "birthday": "1984",
    "street": "Lindenweg",
    purposes.OTHER: "Kiln club",
}


@pytest.fixture
def hannah() -> Any:
    take_in(make_source(), listed(HANNAH, **TOLD))
    return person_of(HANNAH).id


def signed_in(role: Role) -> Client:
    client = Client()
    client.force_login(make_staff(role), backend="amity.site.signin.StaffBackend")
    return client


def body(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.getvalue().decode()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PARTNER])
def test_the_page_of_a_person_shows_what_a_role_shares_a_purpose_with_and_nothing_else(
    role: Role, hannah: Any
) -> None:
    page = body(signed_in(role), reverse("person", args=[hannah]))
    assert "Hannah Vogel" in page
    shown = {field for field, words in SECRETS.items() if words in page}
    assert shown == {field for field in SECRETS if purposes.shared(role, "person", field)}


@pytest.mark.parametrize(
    ("role", "hidden"),
    [
        (Role.AGENT, set()),
        (Role.SALES, {"birthday"}),
        (Role.MARKETER, {"street"}),
        (Role.ANALYST, set(SECRETS)),
        (Role.PARTNER, set(SECRETS)),
    ],
)
def test_what_is_hidden_from_whom_is_as_the_table_was_meant(role: Role, hidden: set[str]) -> None:
    assert {field for field in SECRETS if not policy.sees_field(Actor(role), "person", field)} == hidden


def test_a_role_without_a_share_in_people_sees_no_field_of_them() -> None:
    assert policy.hidden_fields(Actor(Role.PARTNER), "person") == set(purposes.OF_FIELD["person"])
    assert policy.hidden_fields(SYSTEM, "person") == frozenset()


def test_an_analyst_cannot_find_sort_or_filter_by_an_address(hannah: Any) -> None:
    analyst = make_actor(Role.ANALYST)
    assert [one.id for one in find_people(analyst, "hannah", 5)] == [hannah]
    for words in ("hannah@vogel.example", "vogel.example", "lindenweg", "1984"):
        assert find_people(analyst, words, 5) == []
        assert list_people(analyst, PeopleWanted(words=words)).people == ()
    assert allowed(analyst, PeopleWanted(order=BY_NAME)).order != BY_NAME
    client = signed_in(Role.ANALYST)
    for address in ("/people/?q=vogel.example", "/people/?order=name", "/find/?q=hannah", "/people/export/"):
        assert "hannah@vogel.example" not in re.sub(r'value="[^"]*"', "", body(client, address))
    (head, *_rows) = csv.reader(body(client, "/people/export/").lstrip("\ufeff").splitlines())
    assert head[:3] == ["id", "name", "organisation"]


def test_a_partner_reaches_people_on_no_path(hannah: Any) -> None:
    client = signed_in(Role.PARTNER)
    assert client.get("/people/").status_code == 403
    assert client.get("/people/export/").status_code == 403
    assert client.get(reverse("person", args=[hannah])).status_code == 404
    assert "Hannah Vogel" not in body(client, "/find/?q=hannah")


def test_a_filter_by_a_field_that_the_table_hides_is_not_applied(
    hannah: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = purposes.OF_FIELD["person"] | {
        "city": frozenset(),
        "country": frozenset({purposes.Purpose.SALES}),
    }
    monkeypatch.setitem(purposes.OF_FIELD, "person", table)
    agent, sales = make_actor(Role.AGENT), make_actor(Role.SALES)
    assert list_people(sales, PeopleWanted(country="FR")).people == ()
    (row,) = list_people(agent, PeopleWanted(country="FR")).people
    assert (row.country, row.city, row.email) == ("", "", HANNAH.address)
    record = person_record(agent, hannah)
    assert record.golden.country == ""
    assert record.fact("country") is None
