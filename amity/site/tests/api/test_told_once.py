"""Somebody new whom a program tells is one entry of the trail; what changes of somebody known is told row by row."""

from __future__ import annotations

from typing import Any

import pytest

from amity.kernel.models import AuditEntry
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
