"""Who may come in: e-mail and password, counted so that guessing does not pay."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest
from django.utils.translation import ngettext

from amity.kernel.errors import DomainError
from amity.kernel.models import Staff
from amity.site.models import SignInAttempt

WINDOW = timedelta(minutes=15)
MOST_FROM_ONE_PLACE = 5  # failures of one account from one address
MOST_FOR_ACCOUNT = 50  # of one account from anywhere: a spread attack, not a forgetful colleague
MOST_FROM_ADDRESS = 50  # from one address whatever the account: an office may share one


class TooManyTries(DomainError):
    """Signing in has failed too often just now. Waiting helps."""

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


class StaffBackend:
    """Django authentication backend for `Staff`."""

    def authenticate(
        self,
        _request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **other: object,
    ) -> Staff | None:
        """The active colleague with this e-mail (whatever its case) and password, else None.

        An unknown or inactive account takes as long as a wrong password, so that time tells nothing.
        """
        email = username or other.get("email")
        if not isinstance(email, str) or password is None:
            return None
        staff = Staff.objects.filter(email__iexact=email.strip(), is_active=True).first()
        if staff is None or not staff.has_usable_password():
            make_password(password)
            return None
        return staff if staff.check_password(password) else None

    def get_user(self, user_id: UUID) -> Staff | None:
        """The colleague of a session; None once they are no longer active."""
        return Staff.objects.filter(pk=user_id, is_active=True).first()


def begin_attempt(email: str, address: str, *, at: datetime) -> None:
    """Count this try before the password is looked at, so that tries at the same time cannot slip past the limit.

    Raises `TooManyTries`; that try is not counted again, so waiting is enough.
    """
    account, place = _keyed("account", email.strip().lower()), _keyed("address", address)
    SignInAttempt.objects.filter(at__lt=at - WINDOW).delete()
    mine = SignInAttempt.objects.create(account=account, address=place, at=at)
    recent = SignInAttempt.objects.filter(at__gte=at - WINDOW, id__lte=mine.id)
    limits = (
        (recent.filter(account=account, address=place), MOST_FROM_ONE_PLACE),
        (recent.filter(account=account), MOST_FOR_ACCOUNT),
        (recent.filter(address=place), MOST_FROM_ADDRESS),
    )
    for attempts, most in limits:
        if attempts.count() > most:
            mine.delete()
            first = attempts.order_by("at").values_list("at", flat=True).first() or at
            raise TooManyTries(first + WINDOW - at)


def forget_attempts(email: str, address: str) -> None:
    """They came in: what failed before from there was a slip of the finger."""
    SignInAttempt.objects.filter(
        account=_keyed("account", email.strip().lower()), address=_keyed("address", address)
    ).delete()


def _keyed(kind: str, value: str) -> bytes:
    key = hashlib.sha256(f"sign-in:{settings.SECRET_KEY}".encode()).digest()
    return hmac.digest(key, f"{kind}:{value}".encode(), "sha256")[:16]
