"""Settings, Channels, without any mail server: who is asked again, and where a stored password may go."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from amity.channels import accounts
from amity.channels.adapters import Trouble
from amity.channels.models import Account
from amity.kernel.errors import Invalid
from amity.kernel.models import Staff
from amity.site.tests.shell.factories import AT, make_staff, signed_in, signed_in_lately

pytestmark = pytest.mark.django_db
ADDRESS = "support@tamp.example"
SETTINGS: dict[str, Any] = {
    "imap": {"host": "imap.tamp.example", "port": 993, "security": "tls"},
    "smtp": {"host": "smtp.tamp.example", "port": 465, "security": "tls"},
    "user": ADDRESS,
}
TYPED = {
    "user": ADDRESS, "password": "", "name": "Tamp",
    "imap_host": "imap.tamp.example", "imap_port": "993", "imap_security": "tls",
    "smtp_host": "smtp.tamp.example", "smtp_port": "465", "smtp_security": "tls",
}  # fmt: skip
AGAIN = "Enter the password again"


def mailbox(owner: Staff) -> Account:
    return accounts.connect(
        adapter="email", address=ADDRESS, name="Support", settings=SETTINGS, secret={"password": "hush-hush"},
        actor=owner.actor(), at=AT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("imap_host", "imap.elsewhere.example"),
        ("smtp_host", "smtp.elsewhere.example"),
        ("imap_port", "1993"),
        ("smtp_security", "starttls"),
        ("user", "root@tamp.example"),
    ],
)
def test_a_stored_password_goes_to_no_other_server_or_user(field: str, value: str) -> None:
    owner = make_staff()
    account = mailbox(owner)
    address = reverse("settings-channel-change", args=[account.pk])
    client = signed_in_lately(owner)
    refused = client.post(address, TYPED | {field: value})
    assert refused.status_code == 422
    assert AGAIN in str(refused.context["form"].errors["password"])
    assert f'value="{value}"' in refused.content.decode()  # what was typed is still there
    assert Account.objects.get().settings == SETTINGS
    assert client.post(address, TYPED | {field: value, "password": "new"}).status_code == 302
    account.refresh_from_db()
    assert accounts.login_of(account).secret() == {"password": "new"}


def test_the_stored_password_stays_where_only_other_things_change() -> None:
    owner = make_staff()
    account = mailbox(owner)
    typed = TYPED | {"imap_host": "IMAP.tamp.example", "name": "Tamp & Co", "aliases": "hello@tamp.example"}
    address = reverse("settings-channel-change", args=[account.pk])
    assert signed_in_lately(owner).post(address, typed).status_code == 302
    account.refresh_from_db()
    assert account.settings["aliases"] == ["hello@tamp.example"]
    assert accounts.login_of(account).secret() == {"password": "hush-hush"}


def test_a_refreshed_token_goes_to_no_other_place_either() -> None:
    owner = make_staff()
    account = mailbox(owner)
    elsewhere = SETTINGS | {"oauth": {"token_url": "https://elsewhere.example/token"}}
    with pytest.raises(Invalid, match=AGAIN):
        accounts.change(account.pk, actor=owner.actor(), at=AT, settings=elsewhere)


def test_a_renewed_secret_takes_the_place_of_no_other() -> None:
    owner = make_staff()
    account = mailbox(owner)
    login = accounts.login_of(account)
    assert login.secret() == {"password": "hush-hush"}
    login.refreshed({"access_token": "1"})
    login.refreshed({"access_token": "2"})
    assert login.secret() == {"access_token": "2"}
    accounts.change(account.pk, actor=owner.actor(), at=AT, secret={"password": "typed meanwhile"})
    login.refreshed({"access_token": "3"})
    assert login.secret() == {"password": "typed meanwhile"}
    accounts.remove(account.pk, actor=owner.actor(), at=AT)
    login.refreshed({"access_token": "4"})
    assert Account.objects.get().secret == ""


def test_a_new_password_does_not_go_to_the_server_before_it() -> None:
    owner = make_staff()
    account = mailbox(owner)
    login = accounts.login_of(account)  # as a reading has it that began before the change
    moved = SETTINGS | {"imap": SETTINGS["imap"] | {"host": "imap.new.example"}}
    accounts.change(account.pk, actor=owner.actor(), at=AT, settings=moved, secret={"password": "new"})
    with pytest.raises(Trouble, match="changed just now"):
        login.secret()
    assert accounts.login_of(Account.objects.get()).secret() == {"password": "new"}


def test_whoever_finds_an_open_session_connects_and_changes_no_mailbox() -> None:
    owner = make_staff()
    client, change = signed_in(owner), reverse("settings-channel-change", args=[mailbox(owner).pk])
    for address in (change, reverse("settings-channel-new")):
        for answer in (client.get(address), client.post(address, TYPED | {"password": "new"})):
            assert answer["Location"].startswith(reverse("settings-confirm"))
    assert Account.objects.get().settings == SETTINGS
