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


NEW: dict[str, Any] = {
    "address": "Support@Tamp.example", "password": "hush-hush", "name": "Tamp", "anyway": True,
    "imap": {"host": "imap.tamp.example", "port": 993}, "smtp": {"host": "smtp.tamp.example", "port": 465},
}  # fmt: skip


def test_a_mailbox_is_connected_read_back_and_its_password_told_to_nobody() -> None:
    owner = program(Role.OWNER)
    made = owner.post(
        "/channels", NEW | {"aliases": ["Hello@Tamp.example"], "days": 30}, Idempotency_Key="one"
    )
    assert made.status_code == 201, made.content
    assert owner.post(
        "/channels", NEW | {"aliases": ["Hello@Tamp.example"], "days": 30}, Idempotency_Key="one"
    )["Idempotent-Replayed"]
    account = Account.objects.get()
    assert (account.address, account.settings["days"], account.settings["aliases"]) == (
        "support@tamp.example", 30, ["hello@tamp.example"],
    )  # fmt: skip
    assert accounts.login_of(account).secret() == {"password": "hush-hush"}
    place = f"/channels/{made.json()['id']}/settings"
    found = owner.get(place)
    assert found.json()["imap"] == {"host": "imap.tamp.example", "port": 993, "security": "tls"}
    assert "hush" not in found.content.decode() + made.content.decode()
    assert owner.post("/channels", NEW).status_code == 409


def test_a_stored_password_goes_to_no_other_server_by_programs_either() -> None:
    owner = program(Role.OWNER)
    place = f"/channels/{owner.post('/channels', NEW).json()['id']}/settings"
    elsewhere = {"imap": {"host": "imap.elsewhere.example", "port": 993}}
    refused = owner.patch(place, elsewhere)
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["password"])
    assert Account.objects.get().settings["imap"]["host"] == "imap.tamp.example"
    assert (
        owner.patch(place, elsewhere | {"password": "new"}).json()["imap"]["host"] == "imap.elsewhere.example"
    )
    assert accounts.login_of(Account.objects.get()).secret() == {"password": "new"}
    kept = owner.patch(place, {"name": "Tamp & Co", "append_sent": False})
    assert (kept.json()["name"], kept.json()["append_sent"]) == ("Tamp & Co", False)
    assert accounts.login_of(Account.objects.get()).secret() == {"password": "new"}


def test_what_others_changed_of_a_mailbox_meanwhile_is_told_in_three_ways() -> None:
    owner = program(Role.OWNER)
    place = f"/channels/{owner.post('/channels', NEW).json()['id']}/settings"
    tag = owner.get(place).headers["ETag"]
    assert owner.patch(place, {"name": "Desk"}).status_code == 200
    refused = owner.patch(place, {"name": "Shop", "append_sent": False}, If_Match=tag)
    assert refused.status_code == 412
    assert refused.json()["conflict"]["name"] == {"yours": "Shop", "theirs": "Desk"}
    assert refused.json()["mergeable"] == ["append_sent"]
    assert Account.objects.get().settings["name"] == "Desk"


def test_servers_that_do_not_let_us_in_are_named_and_nothing_is_kept() -> None:
    owner = program(Role.OWNER)
    closed = {"host": "127.0.0.1", "port": 993}  # no server of ours unless somebody says so
    refused = owner.post("/channels", NEW | {"anyway": False, "imap": closed, "smtp": closed})
    assert (refused.status_code, refused.json()["code"]) == (422, "mailbox.trial_failed")
    assert set(refused.json()["fields"]) == {"imap", "smtp"}
    assert "not on the public internet" in refused.json()["fields"]["imap"]
    assert not Account.objects.exists()
    kept = owner.post("/channels", NEW | {"imap": closed, "smtp": closed}).json()["id"]
    tried = owner.post(f"/channels/{kept}/trial", None).json()
    assert tried["is_good"] is False
    assert [one["problem"] for one in tried["steps"]] == ["mail.private_address"] * 2


def test_an_agent_connects_their_own_mailbox_alone_and_calls_no_server_their_own() -> None:
    agent = program()
    assert agent.post("/channels", NEW).status_code == 403
    team = Team.objects.create(name="Legal")
    assert agent.post("/channels", NEW | {"belongs_to": "team", "team_id": str(team.pk)}).status_code == 403
    own = agent.post("/channels", NEW | {"belongs_to": "me", "is_own_server": True})
    assert (own.status_code, own.json()["is_own"]) == (201, True)
    assert Account.objects.get().settings["allow"] == []
    place = f"/channels/{own.json()['id']}"
    owner = program(Role.OWNER)
    assert owner.get(f"{place}/settings").status_code == 404
    assert owner.patch(f"{place}/settings", {"name": "Mine"}).status_code == 404
    assert owner.post(f"{place}/trial", None).status_code == 404


def test_a_shared_mailbox_is_set_by_those_who_steer_and_a_team_that_is_gone_is_refused() -> None:
    owner, agent = program(Role.OWNER), program()
    place = f"/channels/{owner.post('/channels', NEW).json()['id']}"
    assert agent.get(f"{place}/settings").status_code == 403
    assert agent.patch(f"{place}/settings", {"name": "Mine"}).status_code == 403
    assert agent.post(f"{place}/trial", None).status_code == 403
    other = NEW | {"address": "legal@tamp.example", "belongs_to": "team"}
    gone = owner.post("/channels", other | {"team_id": "0b3b1f0e-3c3f-4a8b-9a29-000000000000"})
    assert (gone.status_code, list(gone.json()["fields"])) == (422, ["team_id"])
    assert owner.post("/channels", other).status_code == 422
    assert Account.objects.count() == 1


def test_servers_are_guessed_for_programs_too() -> None:
    found = program().get("/channels/guess?address=tamp@gmail.com").json()
    assert (found["imap"]["host"], found["note"]) == ("imap.gmail.com", "app-password")
