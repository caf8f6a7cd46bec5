"""Somebody new whom a program tells is one entry of the trail; what changes of somebody known is told row by row."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from amity.channels.adapters.api.adapter import PERSON, raw_item
from amity.channels.inlet import key_of_program, source_for_writing, take_in
from amity.kernel.acting import acting
from amity.kernel.models import AuditEntry
from amity.people.services import looking_at
from amity.site.tests.api.calling import Program, program

pytestmark = pytest.mark.django_db

HANNA = {
    "external_id": "17",
    "identities": [{"network": "email", "address": "hanna@roast.example"}],
    "facts": {"name": "Hanna Vogel", "city": "Kiel"},
}


def _trail() -> list[tuple[str, str, str, Any]]:
    entries = AuditEntry.objects.exclude(subject__in=("source", "apitoken")).order_by("id")
    return [(entry.action, entry.subject, entry.subject_id, entry.after) for entry in entries]


@pytest.fixture
def shop() -> Program:
    return program()


def test_somebody_new_is_one_entry_with_all_that_was_said(shop: Program) -> None:
    person = shop.post("/people", HANNA).json()["id"]
    said = {
        "external_id": "17", "identities": "email hanna@roast.example", "name": "Hanna Vogel", "city": "Kiel",
    }  # fmt: skip
    assert _trail() == [("added", "person", person, said)]
    entry = AuditEntry.objects.get(subject="person")
    assert (entry.actor_id, entry.via, entry.token_id) == (shop.staff.pk, "api", str(shop.token.pk))


def test_facts_that_are_called_like_the_rest_of_the_record_are_facts_and_hide_nothing(shop: Program) -> None:
    odd = {"identities": "three", "external_id": "none", "facts": "few", "id": "lost"}
    made = shop.post("/people", HANNA | {"facts": odd})
    person = shop.get(f"/people/{made.json()['id']}")
    assert {one["field"]: one["shown"]["value"] for one in person.json()["facts"]} == odd
    assert [one["network"] for one in person.json()["identities"]][-1] == "email"
    *_before, said = _trail()[0]  # the next entry is that of the look
    assert said == {
        "external_id": "17", "identities": "email hanna@roast.example", "facts.external_id": "none",
        "facts.identities": "three", "facts": "few", "id": "lost",
    }  # fmt: skip


def test_a_change_that_came_too_late_says_nothing_else_about_such_facts(shop: Program) -> None:
    place = f"/people/{shop.post('/people', HANNA).json()['id']}"
    tag = shop.get(place).headers["ETag"]
    shop.patch(place, {"facts": {"city": "Bonn"}})
    stale = shop.patch(place, {"facts": {"identities": "three", "city": "Köln"}}, If_Match=tag)
    assert stale.status_code == 412
    assert list(stale.json()["conflict"]) == ["city"]
    assert stale.json()["mergeable"] == []


def test_what_is_said_of_somebody_who_is_there_is_told_row_by_row(shop: Program) -> None:
    shop.post("/people", HANNA)
    before = len(_trail())
    assert shop.post("/people", HANNA | {"facts": {"city": "Bonn"}}).status_code == 200
    later = _trail()[before:]
    assert {"fact", "person"} <= {subject for _action, subject, _id, _after in later}
    changed = AuditEntry.objects.get(action="changed", subject="person")
    assert (changed.before["city"], changed.after["city"]) == ("Kiel", "Bonn")


def test_who_is_refused_leaves_no_entry(shop: Program) -> None:
    assert shop.post("/people", {"facts": {"name": "Nobody"}}).status_code == 422
    assert _trail() == []


def test_what_is_said_twice_of_somebody_new_in_one_walk_is_told_row_by_row(shop: Program) -> None:
    key, at = key_of_program(shop.token.name), timezone.now()
    raws = [
        raw_item(1, PERSON, HANNA | {"observed_at": at.isoformat(), "facts": {"city": city}})
        for city in ("Kiel", "Bonn")
    ]
    actor = shop.staff.actor()
    look = looking_at(key, actor)
    source = source_for_writing(shop.token.name, actor=actor, at=at)
    with acting(actor, via="api"):
        first, second = take_in(source, raws, at=at, look=look, around=look.told_once)
    assert (first.person_id, first.is_new, second.is_new) == (second.person_id, True, False)
    told = [(action, subject) for action, subject, _id, _after in _trail()]
    assert told.count(("added", "person")) == 1
    assert told.count(("added", "fact")) == 2
