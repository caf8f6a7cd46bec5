"""Channel kinds: one folder each. Deleting a folder deletes the feature; nothing lists them anywhere else."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from amity.channels.records import Record

Reader = Callable[["RawItem"], Sequence[Record]]


@dataclass(frozen=True, slots=True)
class RawItem:
    """What came, as it came. `position` counts from 1 within its delivery; `cursor` is where to go on after it."""

    position: int
    raw: bytes
    content_type: str
    cursor: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as an adapter sends it. `key` is the same for every attempt at one message."""

    key: str
    channel: str
    network: str
    address: str
    recipient_name: str
    sender_name: str
    sender_address: str
    subject: str
    text: str
    in_reply_to: str
    references: tuple[str, ...]
    sent_at: str  # ISO 8601


class NotSent(Exception):
    """The message certainly did not leave; `reason` says why and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Adapter(Protocol):
    """What a channel kind offers. Any exception of `send` but `NotSent` means that it may have left."""

    def reader(self, config: dict[str, Any]) -> Reader:
        """A function that turns one raw item into records or raises `Unreadable`."""

    def send(self, folder: Path, message: Outgoing) -> None:
        """Send once. A second call with the same key must not send again."""


def adapter(name: str) -> Adapter:
    """The adapter of this name; `LookupError` if no folder has it."""
    if name not in {module.name for module in pkgutil.iter_modules(__path__)}:
        raise LookupError(name)
    found: Adapter = importlib.import_module(f"{__name__}.{name}").ADAPTER
    return found
