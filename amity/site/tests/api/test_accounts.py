"""Colleagues by programs: who they are, what they become, who is invited, and under whose rights."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from amity.kernel.actor import Role
from amity.kernel.models import AuditEntry, Staff, Team
from amity.site.models import AccountLink
from amity.site.tests.api.calling import V1, colleague, program
from amity.site.tests.shell.factories import signed_in, signed_in_lately

pytestmark = pytest.mark.django_db


def send(client: Client, method: str, path: str, body: Any = None) -> Any:
    """A request of a page of Amity, in its session."""
    return client.generic(
        method, V1 + path, data=body if body is not None else "", content_type="application/json",
        headers={"Sec-Fetch-Site": "same-origin"},
    )  # fmt: skip


def test_a_colleague_is_read_and_gets_role_and_teams() -> None:
    owner, agent, team = program(Role.OWNER), colleague(), Team.objects.create(name="Repairs")
    place = f"/colleagues/{agent.pk}"
    found = owner.get(place)
    assert (found.json()["role"], found.json()["team_ids"], found.json()["may_be_changed"]) == (
        "agent",
        [],
        True,
    )
    changed = owner.patch(
        place, {"role": "sales", "team_ids": [str(team.pk)]}, If_Match=found.headers["ETag"]
    )
    assert changed.status_code == 200
    agent.refresh_from_db()
    assert (agent.role, list(agent.teams.all())) == ("sales", [team])
    entry = AuditEntry.objects.get(action="account.changed")
    assert (entry.actor_id, entry.via, entry.after["role"]) == (owner.staff.pk, "api", "sales")
    listed = {one["id"]: one for one in owner.get("/colleagues/accounts").json()["items"]}
    assert listed[str(agent.pk)]["role"] == "sales"
    assert listed[str(agent.pk)]["team_ids"] == [str(team.pk)]


def test_what_others_changed_meanwhile_is_told_in_three_ways() -> None:
    owner, agent = program(Role.OWNER), colleague()
    place = f"/colleagues/{agent.pk}"
    tag = owner.get(place).headers["ETag"]
    assert owner.patch(place, {"role": "legal"}).status_code == 200
    refused = owner.patch(place, {"role": "sales", "is_active": False}, If_Match=tag)
    assert refused.status_code == 412
    problem = refused.json()
    assert problem["changed"] == ["role"]
    assert problem["conflict"]["role"] == {"yours": "sales", "theirs": "legal"}
    assert problem["mergeable"] == ["is_active"]
    agent.refresh_from_db()
    assert (agent.role, agent.is_active) == ("legal", True)


def test_an_administrator_makes_no_owner_and_changes_none() -> None:
    administrator, owner, agent = program(Role.ADMINISTRATOR), colleague(Role.OWNER), colleague()
    assert administrator.patch(f"/colleagues/{agent.pk}", {"role": "owner"}).status_code == 403
    assert administrator.patch(f"/colleagues/{owner.pk}", {"role": "agent"}).status_code == 403
    assert (
        administrator.post("/invitations", {"email": "new@tamp.example", "role": "owner"}).status_code == 403
    )
    assert set(Staff.objects.values_list("role", flat=True)) == {"administrator", "owner", "agent"}
    assert not AccountLink.objects.exists()


def test_nobody_sets_their_own_account_and_a_closed_one_comes_in_no_more() -> None:
    owner = program(Role.OWNER)
    assert owner.patch(f"/colleagues/{owner.staff.pk}", {"role": "agent"}).status_code == 403
    other = program(Role.OWNER)
    assert other.patch(f"/colleagues/{owner.staff.pk}", {"is_active": False}).status_code == 200
    owner.staff.refresh_from_db()
    assert not owner.staff.is_active
    assert owner.get("/me").status_code == 401
    assert other.patch(f"/colleagues/{owner.staff.pk}", {"is_active": True}).json()["is_active"] is True


def test_a_team_that_is_gone_is_refused_and_nothing_is_kept() -> None:
    owner, agent = program(Role.OWNER), colleague()
    body = {"role": "sales", "team_ids": ["0b3b1f0e-3c3f-4a8b-9a29-000000000000"]}
    refused = owner.patch(f"/colleagues/{agent.pk}", body)
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["team_ids"])
    agent.refresh_from_db()
    assert agent.role == "agent"


def test_an_invitation_is_told_once_listed_without_its_link_and_taken_back() -> None:
    owner = program(Role.OWNER)
    body = {"email": "new@tamp.example", "role": "agent"}
    made = owner.post("/invitations", body, Idempotency_Key="once")
    assert made.status_code == 201
    (secret,) = re.findall(r"/invitation/([\w-]+)/", made.json()["link"])
    assert Client().get(f"/invitation/{secret}/").status_code == 200
    again = owner.post("/invitations", body, Idempotency_Key="once")
    assert (again.status_code, again.json()["id"], again.json()["link"]) == (201, made.json()["id"], "")
    listed = owner.get("/invitations")
    assert [one["email"] for one in listed.json()["items"]] == ["new@tamp.example"]
    assert secret not in listed.content.decode()
    assert owner.call("DELETE", f"/invitations/{made.json()['id']}").status_code == 204
    assert owner.call("DELETE", f"/invitations/{made.json()['id']}").status_code == 404
    assert Client().get(f"/invitation/{secret}/").status_code == 404


def test_a_link_for_a_new_password_is_told_once() -> None:
    owner, agent = program(Role.OWNER), colleague()
    place = f"/colleagues/{agent.pk}/password-link"
    made = owner.post(place, None, Idempotency_Key="once")
    assert made.status_code == 201
    assert "/reset/" in made.json()["link"]
    assert owner.post(place, None, Idempotency_Key="once").json()["link"] == ""
    assert owner.call("DELETE", f"/colleagues/{agent.pk}/second-factors").status_code == 204
    actions = list(AuditEntry.objects.values_list("action", flat=True))
    assert {"password.link_made", "factor.reset"} <= set(actions)


def test_a_session_that_may_have_been_left_open_is_asked_first() -> None:
    owner, agent = colleague(Role.OWNER), colleague()
    left_open, fresh = signed_in(owner), signed_in_lately(owner)
    place = f"/colleagues/{agent.pk}"
    asked = (
        ("PATCH", place, b'{"role": "sales"}'),
        ("PATCH", place, b'{"is_active": true}'),
        ("DELETE", f"{place}/second-factors", b""),
        ("POST", f"{place}/password-link", b""),
        ("POST", "/invitations", b'{"email": "new@tamp.example"}'),
        ("PATCH", "/sign-in", b'{"second_factor_roles": []}'),
        ("PATCH", "/sign-in/provider", b"{}"),
        ("POST", "/channels", b'{"address": "a@tamp.example", "password": "hush-hush"}'),
    )
    for method, path, body in asked:
        refused = send(left_open, method, path, body)
        assert (refused.status_code, refused.json()["code"]) == (403, "confirmation_needed"), path
    assert not AccountLink.objects.exists()
    assert send(left_open, "PATCH", place, b'{"is_active": false}').status_code == 200  # as on the screen
    assert send(fresh, "PATCH", place, b'{"role": "sales", "is_active": true}').status_code == 200


def test_who_may_not_set_accounts_does_not_learn_of_them() -> None:
    agent, narrow = program(), program(Role.OWNER, scopes=["account:read"])
    other = colleague()
    for path in ("/colleagues/accounts", f"/colleagues/{other.pk}", "/invitations"):
        assert agent.get(path).status_code == 403
        assert narrow.get(path).status_code == 200
    assert narrow.patch(f"/colleagues/{other.pk}", {"role": "sales"}).json()["code"] == "out_of_scope"
