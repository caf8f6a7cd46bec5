"""The mail server that takes our mail about accounts, named by one address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from amity.kernel.env import BadSetting


@dataclass(frozen=True, slots=True)
class Relay:
    """`host` is "" where none is set: then links are shown to be copied instead of mailed."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    starts_tls: bool = False
    is_tls: bool = False


def relay(url: str) -> Relay:
    """Read `smtp://user:password@host:587` (STARTTLS; `?tls=off` for a server on this machine) or `smtps://…:465`.

    Ends the program with one line where it cannot be understood.
    """
    if not url:
        return Relay()
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise BadSetting(
            "AMITY_SMTP_URL must look like smtp://user:password@host:587 or smtps://user:password@host:465."
        )
    is_tls = parts.scheme == "smtps"
    is_plain = parse_qs(parts.query).get("tls") == ["off"]
    return Relay(
        host=parts.hostname,
        port=parts.port or (465 if is_tls else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starts_tls=not is_tls and not is_plain,
        is_tls=is_tls,
    )
