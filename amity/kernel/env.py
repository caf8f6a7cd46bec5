"""Settings are read from the environment through these typed readers, which fail loudly and document themselves.

Every reader registers its variable in `VARIABLES`; `docs/reference/settings.md` is checked against it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from amity.kernel.postgres.home import default_home

T = TypeVar("T")


class BadSetting(SystemExit):
    """A variable cannot be understood. Ends the program with one line that says which, why, and what is expected."""


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    kind: str
    default: str
    meaning: str


VARIABLES: dict[str, Variable] = {}


def _read(name: str, kind: str, default: T, meaning: str, parse: Callable[[str], T]) -> T:
    VARIABLES[name] = Variable(name, kind, "" if default is None else str(default), meaning)
    raw = os.environ.get(name, "").strip()
    if not raw:
        return default
    try:
        return parse(raw)
    except ValueError as error:
        raise BadSetting(f"{name}={raw!r} is not {kind}: {error}. {meaning}") from error


def text(name: str, default: str, meaning: str) -> str:
    """A line of text."""
    return _read(name, "text", default, meaning, str)


def site(name: str, default: str, meaning: str) -> str:
    """An address of a whole site, `https://amity.example.org`, without a slash at its end."""

    def parse(raw: str) -> str:
        parts = urlsplit(raw)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("https://amity.example.org is one")
        if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
            raise ValueError("no more than scheme, host and port")
        _ = parts.port  # raises for one that is none
        return f"{parts.scheme}://{parts.netloc}"

    return _read(name, "an address", default, meaning, parse)


def secret(name: str, meaning: str, *, least: int) -> str:
    """A text of at least `least` characters that nobody may guess; empty when it is not set. It is never shown."""

    def parse(raw: str) -> str:
        if len(raw) < least:
            raise ValueError(f"at least {least} characters")
        return raw

    try:
        return _read(name, "a secret", "", meaning, parse)
    except BadSetting:
        raise BadSetting(f"{name} is too short: at least {least} characters. {meaning}") from None


def number(name: str, default: int, meaning: str, *, least: int = 0) -> int:
    """A whole number of at least `least`."""

    def parse(raw: str) -> int:
        value = int(raw)
        if value < least:
            raise ValueError(f"at least {least}")
        return value

    return _read(name, "a whole number", default, meaning, parse)


def flag(name: str, default: bool, meaning: str) -> bool:
    """1, true, yes, on or 0, false, no, off."""

    def parse(raw: str) -> bool:
        if raw.lower() in {"1", "true", "yes", "on"}:
            return True
        if raw.lower() in {"0", "false", "no", "off"}:
            return False
        raise ValueError("use 1 or 0")

    return _read(name, "a switch", default, meaning, parse)


def names(name: str, default: tuple[str, ...], meaning: str) -> tuple[str, ...]:
    """A list separated by commas."""
    return _read(
        name,
        "a list separated by commas",
        default,
        meaning,
        lambda raw: tuple(part.strip() for part in raw.split(",") if part.strip()),
    )


def home() -> Path:
    """Where Amity keeps its data: `AMITY_HOME`, by default a folder of the user (or /var/lib/amity for root)."""
    chosen = text("AMITY_HOME", "", "Folder of the database, uploaded files and the outbox.")
    return Path(chosen).expanduser().resolve() if chosen else default_home()
