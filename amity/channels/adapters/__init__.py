"""Channel kinds: one folder each. Deleting a folder deletes the feature; nothing lists them anywhere else."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any, NamedTuple, Protocol, cast

from django.utils.translation import gettext as _

from amity.channels.records import Record
from amity.kernel.filestore import bytes_of

Reader = Callable[["RawItem"], Sequence[Record]]


def leans(reader: Reader) -> bool:
    """Whether a row may lean on rows before it, so that the reader has to see those too, known or not."""
    return bool(getattr(reader, "leans", False))


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
class OutgoingFile:
    """A file that leaves with a message. `media_type` was told from its bytes."""

    name: str
    media_type: str
    size_bytes: int
    digest: str

    def content(self) -> bytes:
        """Its bytes. Raises `NotSent` where they are not here any more: a message never leaves without its files."""
        try:
            return bytes_of(self.digest)
        except FileNotFoundError as error:
            raise NotSent(
                _("The file “%(name)s” is not here any more. Write again and attach it anew.")
                % {"name": self.name}
            ) from error
        except OSError as error:
            raise NotSent(
                _("The file “%(name)s” cannot be read (%(why)s).")
                % {"name": self.name, "why": error.strerror or type(error).__name__},
                passing=True,
            ) from error


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as an adapter sends it. `key` is the same for every attempt at one message.

    `message_id` is what it is called outside; `references` are the ids before it in its thread, oldest first.
    """

    key: str
    message_id: str
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
    reply_to: str = ""
    files: tuple[OutgoingFile, ...] = ()


class NotSent(Exception):
    """The message certainly did not leave; `reason` says why and what to do.

    With `passing` it may go well later without anybody doing anything: it is tried again.
    """

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.passing = passing


class Trouble(Exception):
    """An account cannot be reached, or refuses us. `code` is stable and put into words by the screens.

    `detail` is what the other side said, or the name of the server.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Login:
    """An account as an adapter needs it: its settings, and its secret when it is asked for.

    `folder` is a place for files of this account; `refreshed` keeps a secret that was renewed.
    """

    address: str
    settings: dict[str, Any]
    secret: Callable[[], dict[str, Any]]
    folder: Path
    refreshed: Callable[[dict[str, Any]], None] = lambda _secret: None


@dataclass(frozen=True, slots=True)
class Portion:
    """What one look into a feed brought. `cursor` stands for these items: both are kept in one transaction.

    `waiting` counts what is known to be there and comes next; `gaps` what was found missing although it had been passed
    by, `refilled` how much of it is among the items; `is_new` says that the other side began to count anew.
    """

    items: Sequence[RawItem]
    cursor: dict[str, Any]
    waiting: int = 0
    gaps: int = 0
    refilled: int = 0
    is_new: bool = False


class Connection(Protocol):
    """A live connection to an account, used by one thread. Its methods raise `Trouble`; then it is of no more use."""

    can_watch: bool

    def feeds(self) -> list[str]:
        """What is to be read, the most urgent first."""

    def pull(self, feed: str, cursor: dict[str, Any], *, at: datetime, sweep: bool) -> Portion:
        """The next portion behind `cursor`. With `sweep` all that should have come is compared with what came."""

    def watch(self, stopping: Event, at_most_s: float) -> bool:
        """Wait until something may have come (True), or the time is over."""

    def close(self) -> None:
        """Let go of it; never raises."""


class Adapter(Protocol):
    """What a channel kind offers. `config` holds `shape` and `mapping` as its description gave them."""

    def describe(self, path: Path, saved: Sequence[dict[str, Any]] = (), member: str = "") -> Description:
        """Look at a file, or at the one called `member` of several in it (a sheet of a workbook).

        Raises `Unreadable` with what to do where it cannot be read at all.
        """

    def open(
        self, path: Path, config: dict[str, Any], cursor: Sequence[int | None] | None
    ) -> Iterator[RawItem]:
        """The items of a file, from behind `cursor`."""

    def reader(self, config: dict[str, Any]) -> Reader:
        """A function that turns one raw item into records or raises `Unreadable`."""

    def carries_files(self, network: str) -> bool:
        """Whether files leave with a message to an address of this network."""

    def send(self, login: Login, message: Outgoing) -> None:
        """Send once; a second call with the same key must not send again.

        Raises `NotSent` where the message certainly did not leave; after any other exception it may have.
        """


class LiveAdapter(Adapter, Protocol):
    """An adapter that also holds connections to accounts."""

    def connect(self, login: Login) -> Connection:
        """Connect and sign in. Raises `Trouble`."""

    def account_reader(self, login: Login, *, own: Sequence[str], at: datetime) -> Reader:
        """Like `reader`, for what comes from this account; `own` are the addresses of all our accounts."""

    def message_id(self, login: Login, key: str) -> str:
        """What a message of ours with this key is called outside."""

    def find_sent(self, login: Login, message: Outgoing) -> bool | None:
        """Whether a message of unknown fate left: True when it is certain, None when nobody can tell."""


def live_adapter(name: str) -> LiveAdapter | None:
    """The adapter of this name if it holds connections."""
    try:
        found = adapter(name)
    except LookupError:
        return None
    return cast(LiveAdapter, found) if hasattr(found, "connect") else None


def adapter(name: str) -> Adapter:
    """The adapter of this name; `LookupError` if no folder has it."""
    if name not in {module.name for module in pkgutil.iter_modules(__path__)}:
        raise LookupError(name)
    found: Adapter = importlib.import_module(f"{__name__}.{name}.adapter").ADAPTER
    return found
