"""Today by programs: the same things in the same order as on the screen, and no more than the token may know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from amity.kernel.actor import Role
from amity.site.tests.api.calling import program
from amity.site.tests.api.test_operations import MESSAGE

pytestmark = pytest.mark.django_db


def test_what_waits_stands_there_with_its_reasons() -> None:
    shop = program()
    now = timezone.now()
    shop.post("/activities", MESSAGE | {"occurred_at": (now - timedelta(hours=9)).isoformat()})
    place = f"/conversations/{shop.get('/conversations?box=all').json()['items'][0]['id']}"
    due = (now + timedelta(days=3)).isoformat()
    shop.post(f"{place}/promises", {"what": "Call back", "due_at": due})
    found = shop.get("/today").json()
    (thing,) = found["items"]
    assert (thing["kind"], thing["title"]) == ("answer", "Answer Hannah Vogel")
    assert [f"/conversations/{one}" for one in thing["conversation_ids"]] == [place]
    assert thing["reasons"][0]["why"] == "late"
    assert thing["points"] == sum(reason["points"] for reason in thing["reasons"])
    assert [(one["what"], one["is_mine"]) for one in found["due"]] == [("Call back", True)]
    assert found["rest"]["promises"] == 1


def test_a_token_for_reading_is_told_what_its_colleague_should_do() -> None:
    shop = program()
    shop.post("/activities", MESSAGE)
    found = program(staff=shop.staff, scopes=["conversation:read"]).get("/today").json()
    assert len(found["items"]) == 1
    assert (found["due"], found["goals"], found["done_today"], found["burning"]) == ([], [], {}, None)


def test_who_answers_nobody_has_nothing_to_answer() -> None:
    program().post("/activities", MESSAGE)
    found = program(Role.ANALYST).get("/today").json()
    assert (found["items"], found["rest"]) == ([], None)
    assert found["done_today"] != {}


def test_a_token_for_something_else_is_refused() -> None:
    assert program(scopes=["person:read"]).get("/today").status_code == 403
