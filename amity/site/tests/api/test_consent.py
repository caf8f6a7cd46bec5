"""Programs ask whether somebody may be contacted, and note what people say, with its proof."""

from __future__ import annotations

import pytest
from django.utils import timezone

from amity.consent.purposes import begin
from amity.kernel.actor import Role
from amity.site.tests.api.calling import Program, program

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> Program:
    begin(timezone.now())
    return program(Role.OWNER)


@pytest.fixture
def ada(owner: Program) -> str:
    said = {"external_id": "7", "identities": [{"network": "email", "address": "ada@roast.example"}]}
    return str(owner.post("/people", said).json()["id"])


def asked(by: Program, person: str, purpose: str = "newsletter") -> dict[str, object]:
    answer = by.get(f"/consent/answers?person_id={person}&purpose={purpose}&channel=email")
    assert answer.status_code == 200
    return dict(answer.json())


def test_a_form_asks_for_confirmation_and_then_it_is_given(owner: Program, ada: str) -> None:
    assert asked(owner, ada)["verdict"] == "not_asked"
    told = {
        "said": "pending", "purpose": "newsletter", "channel": "email", "how": "form", "proof": "Ticked the box",
        "url": "https://tamp.example/join", "ip": "192.0.2.7",
    }  # fmt: skip
    assert owner.post(f"/people/{ada}/consent", told).status_code == 201
    assert asked(owner, ada)["verdict"] == "pending"
    owner.post(f"/people/{ada}/consent", told | {"said": "given"})
    found = asked(owner, ada)
    assert found["is_allowed"] is True
    whole = owner.get(f"/people/{ada}/consent").json()
    newest = whole["statements"][0]
    assert (newest["said"], newest["proof"], newest["ip"]) == ("given", "Ticked the box", "192.0.2.7")
    assert found["decided_by"] == newest["statements"]
    assert found["usable"] == newest["identities"][:1] or len(newest["identities"]) > 1


def test_a_mistake_stays_with_its_reason_and_can_be_taken_back(owner: Program, ada: str) -> None:
    act = owner.post(f"/people/{ada}/consent", {"said": "objected"}).json()["id"]
    assert asked(owner, ada, "support")["reason"].startswith("Objected to everything")  # type: ignore[attr-defined]
    path = f"/people/{ada}/consent"
    assert owner.post(f"{path}/mistake", {"act_id": act, "why": "It was Bo"}).status_code == 204
    assert owner.post(f"{path}/mistake", {"act_id": act, "why": "Again"}).status_code == 409
    assert asked(owner, ada, "support")["is_allowed"] is True
    (told,) = owner.get(path).json()["statements"]
    assert told["mistake_why"] == "It was Bo"
    assert owner.post(f"{path}/restoration", {"act_id": act}).status_code == 204
    assert asked(owner, ada, "support")["is_allowed"] is False


def test_what_cannot_be_said_is_a_problem_with_its_field(owner: Program, ada: str) -> None:
    answer = owner.post(f"/people/{ada}/consent", {"said": "given"})
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["purpose"])
    assert owner.get(f"/consent/answers?person_id={ada}&purpose=nothing&channel=email").status_code == 422


@pytest.mark.parametrize(
    "more",
    [
        {"said_at": "2026-01-05T10:00:00"},
        {"said_at": "0001-01-01T00:00:00+14:00"},
        {"ip": "fe80::1%eth0"},
        {"ip": "nowhere"},
    ],
)
def test_what_the_database_cannot_keep_is_a_problem_and_no_failure(
    owner: Program, ada: str, more: dict[str, str]
) -> None:
    answer = owner.post(f"/people/{ada}/consent", {"said": "objected"} | more)
    assert answer.status_code == 422
    assert owner.get(f"/people/{ada}/consent").json()["statements"] == []


def test_who_sees_no_addresses_sees_none_of_the_network_either(owner: Program, ada: str) -> None:
    told = {"said": "given", "purpose": "newsletter", "channel": "email", "ip": "192.0.2.7"}
    owner.post(f"/people/{ada}/consent", told)
    (mine,) = owner.get(f"/people/{ada}/consent").json()["statements"]
    (theirs,) = program(Role.ANALYST).get(f"/people/{ada}/consent").json()["statements"]
    assert (mine["ip"], theirs["ip"]) == ("192.0.2.7", "")


def test_purposes_are_made_changed_and_hidden(owner: Program) -> None:
    told = {"name": "Tastings", "basis": "consent", "channels": ["email"], "wording": "Yes.", "months": 12}
    made = owner.post("/consent/purposes", told)
    assert (made.status_code, made.json()["key"], made.json()["version"]) == (201, "tastings", 1)
    read = owner.get("/consent/purposes/tastings")
    changed = owner.patch(
        "/consent/purposes/tastings",
        {"wording": "Yes, do.", "place": 1},
        If_Match=read["ETag"],
    )
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    stale = owner.patch("/consent/purposes/tastings", {"wording": "No."}, If_Match=read["ETag"])
    assert stale.status_code == 412
    keys = [one["key"] for one in owner.get("/consent/purposes").json()["items"]]
    assert keys == ["tastings", "support", "newsletter", "surveys"]
    hidden = owner.patch("/consent/purposes/tastings", {"is_hidden": True})
    assert hidden.json()["is_hidden"] is True
    assert owner.get("/consent/purposes/none").status_code == 404
    assert program(Role.AGENT).post("/consent/purposes", told).status_code == 403
