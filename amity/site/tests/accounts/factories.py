"""Colleagues with factors, mail that can be read, and links taken out of it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client
from django.utils import timezone

from amity.kernel import vault
from amity.kernel.models import Staff
from amity.site.accounts import factors
from amity.site.accounts.adapters import FACTOR_PURPOSE
from amity.site.tests.accounts.conftest import BASE
from amity.site.tests.shell.factories import PASSWORD


def code_at(sealed: str, at: datetime, *, steps: int = 0) -> str:
    """What an app with this secret shows then."""
    secret = vault.unseal(sealed, purpose=FACTOR_PURPOSE)
    shown: str = format_hotp_value(hotp_value(secret, int(at.timestamp()) // factors.PERIOD_S + steps))
    return shown


def with_app(staff: Staff, at: datetime) -> tuple[str, list[str]]:
    """Give them an app, set up some minutes before `at`; returns its sealed secret and the recovery codes."""
    sealed = factors.new_app_secret()
    earlier = datetime.fromtimestamp(at.timestamp() - 600, tz=at.tzinfo)
    return sealed, factors.add_app(staff, sealed, code_at(sealed, earlier), at=earlier)


def posted_login(client: Client, staff: Staff, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/login/", {"email": staff.email, "password": password, **more})


def come_in(client: Client, staff: Staff) -> None:
    """Sign in by the form, as a browser does."""
    posted_login(client, staff)
    assert client.get("/settings/").status_code == 200


def link_in_mail(number: int = -1) -> str:
    """Path of the link in a mail that was sent."""
    found = re.search(rf"{BASE}(/\S+)", str(mail.outbox[number].body).split("\n\n", 2)[2])
    assert found is not None
    return found.group(1)


def now() -> datetime:
    return timezone.now()
