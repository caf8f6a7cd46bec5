"""Settings, Channels: a mailbox is connected, watched over and let go by people, on screens, against real servers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from amity.channels.models import Account, AccountState, Feed, OutboundMessage
from amity.conversations.models import Conversation
from amity.kernel.actor import Role
from amity.kernel.models import Staff, Team
from amity.site.bench.mail_servers import MailServers, letter
from amity.site.tests.shell.factories import signed_in_lately as signed_in
from tests.flows.mailing import a_mailbox, arrived, look
from tests.flows.stories import colleague

pytestmark = pytest.mark.django_db
NEW = "settings-channel-new"


def typed(mail: MailServers, address: str, **more: Any) -> dict[str, Any]:
    """The form, filled in for the servers of the tests."""
    return {
        "address": address, "user": address, "password": mail.password, "name": "Tamp", "belongs": "everybody",
        "imap_host": "127.0.0.1", "imap_port": mail.imap, "imap_security": "plain",
        "smtp_host": "127.0.0.1", "smtp_port": mail.smtp, "smtp_security": "plain",
        "is_own": "on", "days": "30", "aliases": "hello@tamp.example", "connect": "1", **more,
    }  # fmt: skip


def administrator() -> Staff:
    return colleague("ada@tamp.example", Role.ADMINISTRATOR)


def page(client: Client, name: str, *args: object) -> str:
    return client.get(reverse(name, args=args)).content.decode()


def test_nothing_connected_teaches_what_it_is_for() -> None:
    assert "Connect support@ or your own mailbox" in page(signed_in(administrator()), "settings-channels")


def test_servers_are_guessed_from_the_address() -> None:
    client = signed_in(administrator())
    text = client.get(reverse(NEW), {"address": "tamp@gmail.com"}).content.decode()
    assert "imap.gmail.com" in text
    assert "app password" in text
    assert "imap.roast.example" in client.get(reverse(NEW), {"address": "a@roast.example"}).content.decode()


def test_a_mailbox_is_tried_and_connected_and_shows_how_it_is(mail: MailServers) -> None:
    client = signed_in(administrator())
    answer = client.post(reverse(NEW), typed(mail, "screens1@tamp.example"))
    account = Account.objects.get()
    assert answer["Location"] == reverse("settings-channel", args=[account.pk])
    assert mail.password not in account.secret
    assert account.settings["days"] == 30
    assert "being read for the first time" in page(client, "settings-channel", account.pk)
    mail.deliver(letter("Mill", "Where?", to=account.address), to=account.address)
    arrived(mail, account.address)
    look(account)
    Account.objects.update(looked_at=timezone.now(), watching=True)
    text = page(client, "settings-channel", account.pk)
    assert "New mail shows within seconds" in text
    assert "Read to its end: 1 came" in text
    assert "screens1@tamp.example" in page(client, "settings-channels")
    tried = client.post(reverse("settings-channel-trial", args=[account.pk])).content.decode()
    assert "1 mail lies there" in tried
    assert tried.count("said-so--good") >= 3 or tried.count("works") >= 3


def test_what_fails_is_said_step_by_step_and_nothing_is_kept(mail: MailServers) -> None:
    client = signed_in(administrator())
    answer = client.post(reverse(NEW), typed(mail, "screens2@tamp.example", password="wrong"))
    assert answer.status_code == 422
    assert "does not accept the user name or the password" in answer.content.decode()
    assert 'value="wrong"' not in answer.content.decode()
    assert not Account.objects.exists()
    private = typed(mail, "screens2@tamp.example", imap_security="tls")
    del private["is_own"]
    assert "not on the public internet" in client.post(reverse(NEW), private).content.decode()


def test_a_colleague_connects_only_the_own_mailbox_and_nobody_else_sees_it(
    mail: MailServers, at: datetime
) -> None:
    ines, ada = colleague(), administrator()
    client = signed_in(ines)
    assert client.post(reverse(NEW), typed(mail, "ines@tamp.example")).status_code == 422  # not for everybody
    own = a_mailbox(mail, at, actor=ines.actor(), personal=True)
    assert own.address in page(client, "settings-channels")
    assert own.address not in page(signed_in(ada), "settings-channels")
    for name in ("settings-channel", "settings-channel-change"):
        assert signed_in(ada).get(reverse(name, args=[own.pk])).status_code == 404
    for name in ("trial", "pause", "continuation", "reading", "replay", "removal"):
        assert signed_in(ada).post(reverse(f"settings-channel-{name}", args=[own.pk])).status_code == 404
    shared = a_mailbox(mail, at)
    for name in ("trial", "pause", "reading", "replay", "removal"):
        assert client.post(reverse(f"settings-channel-{name}", args=[shared.pk])).status_code == 403
    assert Account.objects.filter(state=AccountState.ACTIVE).count() == 2


def test_a_teams_mailbox_is_there_for_the_team(mail: MailServers) -> None:
    team = Team.objects.create(name="Service")
    signed_in(administrator()).post(reverse(NEW), typed(mail, "screens3@tamp.example", belongs=str(team.id)))
    assert Account.objects.get().source.team == team
    assert "screens3@" not in page(signed_in(colleague()), "settings-channels")


def test_paused_resumed_read_again_and_removed(mail: MailServers, at: datetime) -> None:
    client, account = signed_in(administrator()), a_mailbox(mail, at)
    look(account)
    for step, state in (
        ("pause", "paused"),
        ("continuation", "active"),
        ("reading", "active"),
        ("removal", "removed"),
    ):
        client.post(reverse(f"settings-channel-{step}", args=[account.pk]), {"days": "30"})
        account.refresh_from_db()
        assert account.state == state
        if step == "reading":
            assert not any(Feed.objects.values_list("cursor", flat=True))
    assert account.secret == ""
    page(client, "settings-channels")  # shows what was done
    assert account.address not in page(client, "settings-channels")


def test_the_composer_offers_the_accounts_that_fit_and_says_when_none_can_send(
    mail: MailServers, at: datetime
) -> None:
    account, other = a_mailbox(mail, at), a_mailbox(mail, at, name="sales")
    mail.deliver(letter("Mill", "Where?", to=account.address), to=account.address)
    arrived(mail, account.address)
    look(account)
    talk = Conversation.objects.get()
    client = signed_in(colleague())
    text = page(client, "conversation", talk.id)
    assert f'<option value="{account.pk}" selected>{account.address}' in text
    client.post(reverse("conversation-replies", args=[talk.id]), {"text": "Soon", "via": str(other.pk)})
    assert OutboundMessage.objects.get().via_id == other.pk
    signed_in(administrator()).post(reverse("settings-channel-pause", args=[account.pk]))
    assert "is paused or removed" in page(client, "conversation", talk.id)
