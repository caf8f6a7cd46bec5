"""Programs merge people, take it back, split them and tell them apart, as colleagues do."""

from __future__ import annotations

from uuid import uuid4

import pytest

from amity.kernel.actor import Role
from amity.kernel.models import AuditEntry
from amity.site.tests.api.calling import Program, program

pytestmark = pytest.mark.django_db


def _told(shop: Program, address: str, **facts: str) -> str:
    body = {"identities": [{"network": "email", "address": address}], "facts": facts}
    return str(shop.post("/people", body).json()["id"])


@pytest.fixture
def shop() -> Program:
    return program()


@pytest.fixture
def pair(shop: Program) -> tuple[str, str]:
    return (
        _told(shop, "tomas@lindero.example", name="Tomás Arrieta", city="Bilbao"),
        _told(shop, "compras@lindero.example", name="T. Arrieta Lindero", city="Getxo"),
    )


def test_two_are_compared_merged_read_by_either_id_and_taken_back(
    shop: Program, pair: tuple[str, str]
) -> None:
    tomas, arrieta = pair
    compared = shop.get(f"/people/{tomas}/comparison?others={arrieta}").json()
    assert compared["ids"] == [tomas, arrieta]
    city = next(field for field in compared["fields"] if field["field"] == "city")
    assert city == {
        "field": "city", "values": ["Bilbao", "Getxo"], "sign": "differs", "after": "Getxo", "why": "newest",
        "why_source": "",
    }  # fmt: skip

    before = [shop.get(f"/people/{one}").json() for one in pair]
    merged = shop.post(f"/people/{tomas}/merges", {"others": [arrieta], "chosen": {"city": "Bilbao"}})
    assert merged.status_code == 201, merged.content
    assert merged.json()["id"] == tomas
    assert shop.get(f"/people/{arrieta}").json()["id"] == tomas
    assert shop.get(f"/people/{tomas}").json()["city"] == "Bilbao"
    assert [one["id"] for one in shop.get("/people").json()["items"]] == [tomas]

    (told,) = shop.get(f"/people/{tomas}/decisions").json()["merges"]
    assert (told["name"], told["act_id"]) == ("T. Arrieta Lindero", merged.json()["act_id"])
    assert {"network": "email", "address": "compras@lindero.example"} in told["addresses"]
    back = shop.post(f"/merges/{told['id']}/withdrawal", {})
    assert (back.status_code, back.json()) == (200, {"ids": [arrieta]})
    assert [shop.get(f"/people/{one}").json() for one in pair] == before
    assert shop.post(f"/merges/{told['id']}/withdrawal", {}).status_code == 409


def test_a_merge_that_somebody_changed_meanwhile_is_refused(shop: Program, pair: tuple[str, str]) -> None:
    tag = shop.get(f"/people/{pair[0]}").headers["ETag"]
    shop.patch(f"/people/{pair[0]}", {"facts": {"city": "Madrid"}})
    late = shop.post(f"/people/{pair[0]}/merges", {"others": [pair[1]]}, If_Match=tag)
    assert late.status_code == 412
    assert shop.get(f"/people/{pair[1]}").json()["id"] == pair[1]


def test_who_is_two_stays_two_until_somebody_insists(shop: Program, pair: tuple[str, str]) -> None:
    assert shop.post(f"/people/{pair[0]}/distinctions", {"other": pair[1]}).status_code == 204
    refused = shop.post(f"/people/{pair[0]}/merges", {"others": [pair[1]]})
    assert (refused.status_code, refused.json()["code"]) == (409, "person.said_to_be_two")
    compared = shop.get(f"/people/{pair[0]}/comparison?others={pair[1]}").json()
    assert compared["said_to_be_two_by"] == shop.staff.name
    assert shop.post(f"/people/{pair[1]}/distinctions/withdrawal", {"other": pair[0]}).status_code == 204
    assert shop.post(f"/people/{pair[0]}/merges", {"others": [pair[1]]}).status_code == 201


def test_an_account_is_split_off_and_comes_back(shop: Program) -> None:
    handles = [{"network": "email", "address": f"{name}@vogel.example"} for name in ("hannah", "mark")]
    hannah = shop.post("/people", {"identities": handles}).json()["id"]
    mark = next(
        one["id"]
        for one in shop.get(f"/people/{hannah}").json()["identities"]
        if one["address"] == "mark@vogel.example"
    )
    made = shop.post(f"/people/{hannah}/splits", {"identities": [mark]})
    assert made.status_code == 201, made.content
    assert shop.get(f"/people/{made.json()['id']}").json()["email"] == "mark@vogel.example"
    (told,) = shop.get(f"/people/{hannah}/decisions").json()["splits"]
    assert told["id"] == made.json()["split_id"]
    assert shop.post(f"/splits/{told['id']}/withdrawal", {}).json() == {"ids": [hannah]}
    assert shop.get(f"/people/{made.json()['id']}").json()["id"] == hannah


@pytest.mark.parametrize(
    ("body", "status"),
    [({"others": []}, 422), ({"others": [str(uuid4())]}, 404), ({"others": ["x"]}, 422)],
)
def test_a_merge_with_nobody_is_refused(
    shop: Program, pair: tuple[str, str], body: dict[str, object], status: int
) -> None:
    assert shop.post(f"/people/{pair[0]}/merges", body).status_code == status


def test_the_trail_tells_who_merged_whom_and_who_took_it_back(shop: Program, pair: tuple[str, str]) -> None:
    act = shop.post(f"/people/{pair[0]}/merges", {"others": [pair[1]]}).json()["act_id"]
    shop.post(f"/merges/{act}/withdrawal", {})
    told = AuditEntry.objects.filter(subject="person", subject_id=pair[0]).order_by("id")
    merged = [(one.before, one.after) for one in told if (one.after or {}).get("act_id") == act]
    assert merged[0][1]["person_id"] == pair[1]
    taken_back = [one.after for one in told if (one.after or {}).get("revoked_at")]
    assert taken_back
    assert {one.actor_id for one in told} == {shop.staff.pk}


def test_who_sees_no_addresses_is_told_none_of_them(shop: Program, pair: tuple[str, str]) -> None:
    shop.post(f"/people/{pair[0]}/merges", {"others": [pair[1]]})
    (told,) = program(Role.ANALYST).get(f"/people/{pair[0]}/decisions").json()["merges"]
    assert told["name"] == "T. Arrieta Lindero"
    assert "addresses" not in told
