"""Channel kinds: one folder each. Deleting a folder deletes the feature; nothing lists them anywhere else."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from amity.channels.records import Record

Reader = Callable[["RawItem"], Sequence[Record]]


class RawItem(NamedTuple):
    """What came, as it came.

    `position` counts from 1 within its delivery. `content_type` may carry parameters that the adapter needs to read
    it again; `cursor` (values that JSON can hold) is where to go on after it.
    """

    position: int
    raw: bytes
    content_type: str
    cursor: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """What an adapter makes of a file before it is read: all of it plain JSON, kept with the run."""

    shape: dict[str, Any]
    mapping: dict[str, Any]
    rows: int | None  # an estimate


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
    """What a channel kind offers. `config` holds `shape` and `mapping` as its description gave them."""

    def describe(self, path: Path, saved: Sequence[dict[str, Any]] = ()) -> Description:
        """Look at a file; raises `Unreadable` with what to do where it cannot be read at all."""

    def open(
        self, path: Path, config: dict[str, Any], cursor: Sequence[int | None] | None
    ) -> Iterator[RawItem]:
        """The items of a file, from behind `cursor`."""

    def reader(self, config: dict[str, Any]) -> Reader:
        """A function that turns one raw item into records or raises `Unreadable`."""

    def send(self, folder: Path, message: Outgoing) -> None:
        """Send once; a second call with the same key must not send again.

        Raises `NotSent` where the message certainly did not leave; after any other exception it may have.
        """


def adapter(name: str) -> Adapter:
    """The adapter of this name; `LookupError` if no folder has it."""
    if name not in {module.name for module in pkgutil.iter_modules(__path__)}:
        raise LookupError(name)
    found: Adapter = importlib.import_module(f"{__name__}.{name}.adapter").ADAPTER
    return found
