"""Many rows at once: each with an outcome of its own, none of them half."""

from __future__ import annotations

import json
from typing import Any

import pytest

from amity.channels.models import Item, Source
from amity.kernel.models import Team
from amity.people.models import Person
from amity.site.tests.api.calling import V1, Program, program

pytestmark = pytest.mark.django_db


def rows(count: int, **facts: str) -> list[dict[str, Any]]:
    return [{"external_id": str(n), "facts": {"name": f"Person {n}", **facts}} for n in range(count)]


def statuses(shop: Program, query: str, body: Any) -> list[str]:
    answer = shop.post(f"/people/bulk{query}", body)
    assert answer.status_code == 200, answer.content
    return [row["status"] for row in answer.json()["rows"]]


def test_rows_are_created_left_alone_and_updated_by_their_key() -> None:
    shop = program()
    assert statuses(shop, "", rows(3)) == ["created"] * 3
    assert statuses(shop, "", rows(3)) == ["unchanged"] * 3
    assert Item.objects.count() == 3  # what says nothing new leaves no trace
    assert statuses(shop, "", rows(2, city="Kiel") + rows(4)[3:]) == ["updated", "updated", "created"]
    assert sorted(Person.objects.values_list("city", flat=True)) == ["", "", "Kiel", "Kiel"]


def test_a_value_that_comes_back_is_shown_again() -> None:
    shop = program()
    for city in ("Kiel", "Bonn", "Kiel"):
        statuses(shop, "", rows(1, city=city))
    assert Person.objects.get().city == "Kiel"


def test_modes_keep_to_what_they_say() -> None:
    shop = program()
    assert statuses(shop, "?mode=update", rows(1)) == ["missing"]
    assert statuses(shop, "?mode=create", rows(1)) == ["created"]
    assert statuses(shop, "?mode=create", rows(1, city="Ulm")) == ["exists"]
    assert Person.objects.get().city == ""


def test_a_dry_run_leaves_no_trace() -> None:
    shop = program()
    assert statuses(shop, "?dry_run=true", rows(2)) == ["created"] * 2
    assert not Person.objects.exists()
    assert not Item.objects.exists()
    assert not Source.objects.exists()


def test_a_bad_row_is_told_from_the_good_ones() -> None:
    bad = [{"external_id": "9", "colour": "red"}, {"facts": {"name": "Nobody"}}, 7]
    found = program().post("/people/bulk", [*rows(1), *bad]).json()
    assert [row["status"] for row in found["rows"]] == ["created", "invalid", "invalid", "invalid"]
    assert found["rows"][1]["reason"].startswith("colour")
    assert found["counts"] == {"created": 1, "invalid": 3}


def test_one_object_a_line_is_read_alike() -> None:
    shop = program()
    lines = "\n".join(json.dumps(row) for row in rows(2)) + "\n"
    answer = shop.client.generic(
        "POST", f"{V1}/people/bulk", lines, "application/x-ndjson",
        headers={"Authorization": f"Bearer {shop.secret}"},
    )  # fmt: skip
    assert answer.json()["counts"] == {"created": 2}


def test_one_person_told_twice_in_a_request_is_one_person() -> None:
    assert statuses(program(), "", rows(1) + rows(1, city="Kiel")) == ["created", "updated"]
    assert Person.objects.count() == 1


def test_the_limits_are_told() -> None:
    shop = program()
    assert shop.post("/people/bulk", []).status_code == 422
    assert shop.post("/people/bulk", {}).status_code == 400
    assert shop.post("/people/bulk", rows(10_001)).status_code == 422


def test_whom_another_team_keeps_to_itself_is_new_to_others() -> None:
    mail = [{"identities": [{"network": "email", "address": "otto@kern.example"}], "facts": {"name": "Otto"}}]
    statuses(program(), "", mail)
    Source.objects.update(team=Team.objects.create(name="Legal"), key="legal")
    assert statuses(program(), "?mode=create", mail) == ["created"]
    assert Person.objects.count() == 1


def test_what_another_team_said_of_somebody_is_neither_told_nor_swallowed() -> None:
    otto = {"identities": [{"network": "email", "address": "otto@kern.example"}]}
    statuses(program(), "", [otto | {"facts": {"city": "Kiel"}}])
    Source.objects.update(team=Team.objects.create(name="Legal"), key="legal")
    shop = program()
    statuses(shop, "", [otto | {"facts": {"name": "Otto"}}])
    assert statuses(shop, "", [otto | {"facts": {"city": "Kiel"}}]) == ["updated"]
    person = Person.objects.get()
    assert shop.get(f"/people/{person.pk}").json()["city"] == "Kiel"
