"""Live accounts by programs: how they are, what happened, and who may steer them."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from amity.channels import accounts
from amity.channels.models import Account, Feed, Item, ItemState
from amity.kernel.actor import Role
from amity.kernel.models import AuditEntry, Staff, Team
from amity.people.models import Person
from amity.site.tests.api.calling import colleague, program

pytestmark = pytest.mark.django_db
SERVER = {"host": "mail.tamp.example", "port": 993, "security": "tls"}


def mailbox(address: str, by: Staff, **more: Any) -> Account:
    settings = {"imap": SERVER, "smtp": SERVER | {"port": 465}, "user": address}
    account = accounts.connect(
        adapter="email", address=address, name="Support", settings=settings, secret={"password": "hush-hush"},
        actor=by.actor(), at=timezone.now(), **more,
    )  # fmt: skip
    Feed.objects.create(account=account, name="INBOX", came=7, waiting=2)
    return account


def test_an_account_is_listed_and_read_without_its_password() -> None:
    owner = program(Role.OWNER)
    account = mailbox("support@tamp.example", owner.staff)
    (row,) = owner.get("/channels").json()["items"]
    assert (row["id"], row["state"], row["came"], row["waiting"]) == (str(account.pk), "active", 7, 2)
    whole = owner.get(f"/channels/{account.pk}")
    assert [one["name"] for one in whole.json()["folders"]] == ["INBOX"]
    assert "hush" not in whole.content.decode()
    assert "imap" not in whole.content.decode()


def test_it_is_paused_goes_on_is_read_again_and_the_ledger_tells() -> None:
    owner = program(Role.OWNER)
    place = f"/channels/{mailbox('support@tamp.example', owner.staff).pk}"
    assert owner.post(f"{place}/pause", None).json()["state"] == "paused"
    assert owner.post(f"{place}/reading", {}).status_code == 409
    assert owner.post(f"{place}/continuation", None).json()["state"] == "active"
    assert owner.post(f"{place}/reading", {"days": 30}).status_code == 202
    assert Account.objects.get().settings["days"] == 30
    assert owner.post(f"{place}/replay", None).json() == {"read": 0, "new": 0}
    first = owner.get(f"{place}/ledger?limit=3").json()
    second = owner.get(f"{place}/ledger?limit=3&after={first['after']}").json()
    kinds = [one["kind"] for one in first["items"] + second["items"]]
    assert kinds == ["asked", "went_on", "paused", "connected"]
    assert first["items"][0]["figures"] == {"days": 30}
    assert owner.call("DELETE", place).status_code == 204
    assert (Account.objects.get().state, Account.objects.get().secret) == ("removed", "")


MAIL = b"""From: Hanna Vogel <hanna@vogel.example>\r
To: support@tamp.example\r
Subject: My grinder\r
Date: Tue, 17 Mar 2026 09:30:00 +0000\r
Message-ID: <1@vogel.example>\r
\r
It is loud.\r
"""


def test_what_is_read_again_is_one_entry_of_the_trail_without_what_it_holds() -> None:
    owner = program(Role.OWNER)
    account = mailbox("support@tamp.example", owner.staff)
    Item.objects.create(
        source_id=account.pk, digest=b"1" * 16, position=1, content_type="message/rfc822", raw=MAIL,
        received_at=timezone.now(), state=ItemState.QUARANTINED, error_code="odd",
    )  # fmt: skip
    answer = owner.post(f"/channels/{account.pk}/replay", None)
    assert answer.json() == {"read": 1, "new": 1}
    assert Person.objects.get().name == "Hanna Vogel"
    (entry,) = AuditEntry.objects.all()
    assert (entry.action, entry.actor_id) == ("mailbox.replayed", owner.staff.pk)
    assert (entry.subject, entry.subject_id) == ("account", str(account.pk))
    assert entry.after == {"read": 1, "new": 1, "same": 0, "quarantined": 0}


def test_one_of_everybody_is_seen_by_agents_and_steered_by_administrators() -> None:
    place = f"/channels/{mailbox('support@tamp.example', colleague(Role.OWNER)).pk}"
    agent = program()
    assert agent.get(place).json()["may_change"] is False
    for verb, body in (("pause", None), ("continuation", None), ("reading", {}), ("replay", None)):
        assert agent.post(f"{place}/{verb}", body).status_code == 403
    assert agent.call("DELETE", place).status_code == 403
    assert Account.objects.get().state == "active"


def test_ones_own_is_there_for_oneself_alone() -> None:
    agent, owner = program(), program(Role.OWNER)
    place = f"/channels/{mailbox('ines@tamp.example', agent.staff, personal=True).pk}"
    assert agent.post(f"{place}/pause", None).json()["is_own"] is True
    for path in (place, f"{place}/ledger"):
        assert owner.get(path).status_code == 404
    assert owner.post(f"{place}/continuation", None).status_code == 404
    assert owner.get("/channels").json() == {"items": []}


def test_one_of_a_team_is_there_for_the_team_alone() -> None:
    team = Team.objects.create(name="Legal")
    place = f"/channels/{mailbox('legal@tamp.example', colleague(Role.OWNER), team_id=team.id).pk}"
    assert program().get(place).status_code == 404
    assert program(Role.AGENT, team).get(place).status_code == 200


def test_a_token_that_may_not_read_sources_sees_none() -> None:
    owner = program(Role.OWNER)
    place = f"/channels/{mailbox('support@tamp.example', owner.staff).pk}"
    narrow = program(staff=owner.staff, scopes=["own_source:read", "own_source:write"])
    assert narrow.get("/channels").json() == {"items": []}
    assert narrow.post(f"{place}/pause", None).status_code == 404
