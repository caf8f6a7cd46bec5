"""Access tokens of OAuth2: one that still holds, else a new one for the refresh token.

Providers are not called from here: `provide_refresher` names who does that, so that addresses out of settings are only
ever opened by the guarded client.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from amity.channels.adapters import Login, Trouble
from amity.channels.adapters.email.servers import MailSettings

EARLY_S = 120.0
Refresher = Callable[[Mapping[str, str], str], Mapping[str, Any]]
"""Gets the OAuth settings of an account and the refresh token; gives what the provider answers (RFC 6749, 5.1)."""


def _nobody(_settings: Mapping[str, str], _token: str) -> Mapping[str, Any]:
    raise Trouble("mail.sign_in", "the access token has expired and nothing can renew it")


_refresher: list[Refresher] = [_nobody]


def provide_refresher(refresher: Refresher) -> None:
    """Called once at start."""
    _refresher[0] = refresher


def access_of(login: Login, settings: MailSettings) -> str:
    """The password or access token to sign in with; a token that is about to end is renewed and kept."""
    secret = login.secret()
    if settings.sign_in != "oauth2":
        return str(secret.get("password", ""))
    if secret.get("access_token") and float(secret.get("expires_at", 0)) > time.time() + EARLY_S:
        return str(secret["access_token"])
    answer = _refresher[0](settings.oauth, str(secret.get("refresh_token", "")))
    token = str(answer.get("access_token", ""))
    if not token:
        raise Trouble("mail.sign_in", str(answer.get("error_description") or answer.get("error") or ""))
    login.refreshed(
        {
            "access_token": token,
            "refresh_token": answer.get("refresh_token") or secret.get("refresh_token", ""),
            "expires_at": time.time() + float(answer.get("expires_in") or 3600),
        }
    )
    return token
