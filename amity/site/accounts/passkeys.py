"""Passkeys (WebAuthn): a key that stays on a device and is opened there by finger, face or number.

Each is made to be found by the device itself and to check who holds it, so it signs in alone; after a password it
also serves as the second factor. The browser binds it to the host name, so there is nothing to be phished.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from amity.kernel.errors import Invalid
from amity.kernel.models import Staff
from amity.site.accounts import factors

LONGEST_NAME = 60
MOST_BYTES = 20_000
MOST_KEYS = 20


class PasskeyRefused(Invalid):
    """The browser's answer does not fit what we asked, or the key is none of this account."""

    code = "passkey.refused"

    def __init__(self) -> None:
        super().__init__(_("This passkey was not accepted. Try again, or sign in another way."))


def challenge_to_add(staff: Staff) -> dict[str, Any]:
    """What the browser is to make a new key for (`PublicKeyCredentialCreationOptions`). Kept in the session."""
    return dict(auth.begin_registration(staff, passwordless=True))


def challenge(staff: Staff | None = None) -> dict[str, Any]:
    """What the browser is to sign: with a key of `staff`, or with whichever it has for this site."""
    return dict(auth.begin_authentication(staff))


@transaction.atomic
def add(staff: Staff, *, name: str, credential: str, at: datetime) -> list[str]:
    """Keep the key that the browser made; returns recovery codes if there were none. Raises `Invalid`."""
    if Authenticator.objects.filter(user=staff, type=factors.Type.WEBAUTHN).count() >= MOST_KEYS:
        raise Invalid(_("Twenty passkeys are enough. Remove one that you no longer use."))
    answer = _read(credential)
    try:
        auth.complete_registration(answer)
    except (ValidationError, ValueError, TypeError, KeyError) as error:
        auth.clear_state()
        raise PasskeyRefused from error
    named = " ".join(name.split())[:LONGEST_NAME] or _("Passkey")
    auth.WebAuthn.add(staff, named, answer)
    return factors.added(staff, "passkey", _("A passkey was added to your account."), at=at)


def holder_of(credential: str) -> Staff:
    """The active colleague whose key signed the challenge of this session. Raises `PasskeyRefused`."""
    answer = _read(credential)
    try:
        staff = auth.extract_user_from_response(answer)
    except (ValidationError, ValueError, TypeError, AttributeError) as error:
        auth.clear_state()
        raise PasskeyRefused from error
    if not isinstance(staff, Staff) or not staff.is_active:
        raise PasskeyRefused
    return staff


def check(staff: Staff, credential: str, *, at: datetime) -> Authenticator:
    """The key of `staff` that signed the challenge of this session, which is used up. Raises `PasskeyRefused`."""
    answer = _read(credential)
    try:
        key: Authenticator = auth.complete_authentication(staff, answer)
    except (ValidationError, ValueError, TypeError, KeyError) as error:
        raise PasskeyRefused from error
    finally:
        auth.clear_state()
    key.last_used_at = at
    key.save(update_fields=["last_used_at"])
    return key


def can_be_used(request: HttpRequest) -> bool:
    """Whether browsers offer passkeys at this address: a name is needed, and TLS or localhost."""
    host = request.get_host().partition(":")[0]
    is_number = host.replace(".", "").isdigit() or host.startswith("[")
    return not is_number and (request.is_secure() or host == "localhost" or host.endswith(".localhost"))


def _read(credential: str) -> dict[str, Any]:
    if len(credential) > MOST_BYTES:
        raise PasskeyRefused
    try:
        answer = json.loads(credential)
    except ValueError as error:
        raise PasskeyRefused from error
    if not isinstance(answer, dict):
        raise PasskeyRefused
    return answer
