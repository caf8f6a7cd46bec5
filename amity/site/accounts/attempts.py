"""Guessing does not pay: tries are counted before the secret is looked at, in the database that all processes share."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import ngettext

from amity.kernel.errors import DomainError
from amity.kernel.requests import place_of
from amity.site.models import SignInAttempt

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many tries within `WINDOW`: of one account from one address, of one account from anywhere (a spread attack,
    not a forgetful colleague), and from one address whatever the account (an office may share one)."""

    from_one_place: int
    for_account: int
    from_address: int


PASSWORD = Limits(from_one_place=5, for_account=50, from_address=50)
SECOND_FACTOR = Limits(from_one_place=5, for_account=10, from_address=50)
KEY = Limits(from_one_place=20, for_account=20, from_address=50)  # nothing to guess, only to burn time with
LINK = Limits(from_one_place=3, for_account=5, from_address=20)  # asking for a mail with a link


class TooManyTries(DomainError):
    """It has failed too often just now. Waiting helps."""

    code = "sign_in.too_many_tries"
    status = 429

    def __init__(self, wait: timedelta) -> None:
        minutes = max(1, -(-int(wait.total_seconds()) // 60))
        text = ngettext(
            "That was tried too often. Wait %(count)s minute and try again, or ask an administrator to help.",
            "That was tried too often. Wait %(count)s minutes and try again, or ask an administrator to help.",
            minutes,
        )
        super().__init__(text % {"count": minutes}, retry_after_seconds=minutes * 60)


def begin_attempt(account: str, address: str, *, at: datetime, limits: Limits = PASSWORD) -> None:
    """Count this try before the secret is looked at. Tries of one account or from one address wait for each other
    here, so that many at the same moment cannot slip past the limit.

    `account` is an e-mail address or a name with a prefix (`second:…`) for other secrets than the password. Raises
    `TooManyTries`; that try is not counted again, so waiting is enough.
    """
    mine, place = _keyed("account", account.strip().lower()), _keyed("address", place_of(address))
    SignInAttempt.objects.filter(at__lt=at - WINDOW).delete()
    with transaction.atomic():
        _take_turns(mine)
        _take_turns(place)
        recent = SignInAttempt.objects.filter(at__gte=at - WINDOW)
        for attempts, most in (
            (recent.filter(account=mine, address=place), limits.from_one_place),
            (recent.filter(account=mine), limits.for_account),
            (recent.filter(address=place), limits.from_address),
        ):
            if attempts.count() >= most:
                first = attempts.order_by("at").values_list("at", flat=True).first() or at
                raise TooManyTries(first + WINDOW - at)
        SignInAttempt.objects.create(account=mine, address=place, at=at)


def forget_attempts(account: str, address: str) -> None:
    """They came in: what failed before from there was a slip of the finger."""
    SignInAttempt.objects.filter(
        account=_keyed("account", account.strip().lower()), address=_keyed("address", place_of(address))
    ).delete()


def _take_turns(key: bytes) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(key[:8], "big", signed=True)])


def _keyed(kind: str, value: str) -> bytes:
    key = hashlib.sha256(f"sign-in:{settings.SECRET_KEY}".encode()).digest()
    return hmac.digest(key, f"{kind}:{value}".encode(), "sha256")[:16]
