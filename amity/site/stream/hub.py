"""Everybody who listens, and what each still has to be told. Plain Python: no sockets, no database, no clock."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from uuid import UUID

from amity.kernel.live import Announcement

INBOX = "inbox"
MOST_PENDING = 64
REMEMBERED = 1_000
JUST_NOW_SECONDS = 5.0  # a page needs about this long from being rendered to listening


class TooManyListeners(Exception):
    """This colleague, or everybody together, has as many streams open as there may be."""

    def __init__(self, *, of_one_person: bool) -> None:
        super().__init__("too many listeners")
        self.of_one_person = of_one_person


@dataclass(frozen=True, slots=True)
class Listener:
    """Who listens: their session, the sources and topics that they must not hear of, and the topics of which they hear
    only that something changed in the inbox, not what."""

    session_key: str
    staff_id: UUID
    hidden_source_ids: frozenset[str] = frozenset()
    unheard_topics: frozenset[str] = frozenset()
    unnamed_topics: frozenset[str] = frozenset()

    def hears(self, announcement: Announcement) -> Announcement:
        """What of it reaches them. What is unnamed looks alike, so that many of it wait as one."""
        if announcement.topic not in self.unnamed_topics:
            return announcement
        return Announcement(INBOX, "", announcement.source_id)


@dataclass(frozen=True, slots=True)
class Told:
    """An announcement with its place in the order of all."""

    number: int
    at_seconds: float
    announcement: Announcement


@dataclass(eq=False, slots=True)
class Client:
    """One open stream. What waits for a slow one is merged, and past `MOST_PENDING` replaced by one `resync`."""

    listener: Listener
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    pending: dict[tuple[str, str], Told] = field(default_factory=dict)
    has_lost: bool = False
    is_over: bool = False
    may_come_back: bool = False

    def may_hear(self, announcement: Announcement) -> bool:
        if announcement.topic in self.listener.unheard_topics:
            return False
        return not announcement.source_id or announcement.source_id not in self.listener.hidden_source_ids

    def offer(self, told: Told) -> None:
        if not self.may_hear(told.announcement):
            return
        heard = self.listener.hears(told.announcement)
        key = (heard.topic, heard.id)
        self.pending.pop(key, None)
        self.pending[key] = told if heard is told.announcement else replace(told, announcement=heard)
        if len(self.pending) > MOST_PENDING:
            self.resync()
        self.wake.set()

    def resync(self) -> None:
        """Something was or may have been missed: the page must ask again for all that it shows."""
        self.pending.clear()
        self.has_lost = True
        self.wake.set()

    def end(self, *, may_come_back: bool = False) -> None:
        """Close the stream after what waits was sent. Who may come back is not told to stay away."""
        self.is_over, self.may_come_back = True, may_come_back
        self.wake.set()

    def take(self, boot: str) -> list[bytes]:
        """What to send now, as frames of an event stream."""
        self.wake.clear()
        frames = [frame("resync", {})] if self.has_lost else []
        # Access may have changed since it was offered.
        waiting = [told for told in self.pending.values() if self.may_hear(told.announcement)]
        self.pending.clear()
        self.has_lost = False
        for told in waiting:
            fields = {"topic": told.announcement.topic, "id": told.announcement.id}
            frames.append(frame("change", fields, f"{boot}-{told.number}"))
        if self.is_over and not self.may_come_back:
            frames.append(frame("bye", {}))
        return frames


def frame(event: str, fields: dict[str, str], number: str = "") -> bytes:
    """One event of a stream (WHATWG server-sent events)."""
    head = f"id: {number}\n" if number else ""
    return f"{head}event: {event}\ndata: {json.dumps(fields)}\n\n".encode()


class Hub:
    """Fans announcements out to clients, each under its own access."""

    def __init__(self, *, most: int = 1_000, most_per_person: int = 6) -> None:
        self.boot = secrets.token_hex(4)
        self.clients: set[Client] = set()
        self._most, self._most_per_person = most, most_per_person
        self._per_person: Counter[UUID] = Counter()
        self._number = 0
        self._recent: deque[Told] = deque(maxlen=REMEMBERED)

    def join(self, listener: Listener, *, last_event_id: str, at_seconds: float) -> Client:
        """Let somebody listen. They first hear what they missed since `last_event_id`, or a `resync` when that is no
        longer known; a new page hears what happened just before it came. Raises `TooManyListeners`."""
        if self._per_person[listener.staff_id] >= self._most_per_person:
            raise TooManyListeners(of_one_person=True)
        if len(self.clients) >= self._most:
            raise TooManyListeners(of_one_person=False)
        client = Client(listener)
        missed = self._missed(last_event_id, at_seconds)
        if missed is None:
            client.resync()
        for told in missed or ():
            client.offer(told)
        self.clients.add(client)
        self._per_person[listener.staff_id] += 1
        return client

    def _missed(self, last_event_id: str, at_seconds: float) -> list[Told] | None:
        if not last_event_id:
            return [told for told in self._recent if at_seconds - told.at_seconds <= JUST_NOW_SECONDS]
        boot, _dash, number = last_event_id.partition("-")
        if boot != self.boot or not (number.isascii() and number.isdigit()):
            return None
        oldest_kept = self._number - len(self._recent)
        if not oldest_kept <= int(number) <= self._number:
            return None
        return [told for told in self._recent if told.number > int(number)]

    def leave(self, client: Client) -> None:
        if client in self.clients:
            self.clients.remove(client)
            self._per_person[client.listener.staff_id] -= 1
            self._per_person += Counter()  # drops the zeros

    def publish(self, announcement: Announcement, *, at_seconds: float) -> None:
        """Tell everybody who may hear it."""
        self._number += 1
        told = Told(self._number, at_seconds, announcement)
        self._recent.append(told)
        for client in self.clients:
            client.offer(told)

    def resync(self) -> None:
        """The line to the database was down: nobody knows what was missed."""
        self._recent.clear()
        self._number += 1
        for client in self.clients:
            client.resync()

    def close(self) -> None:
        """This process ends: let every browser go and find the next one."""
        for client in self.clients:
            client.end(may_come_back=True)

    def session_keys(self) -> set[str]:
        return {client.listener.session_key for client in self.clients}

    def recheck(self, checked: set[str], admitted: Iterable[Listener]) -> None:
        """Give the clients of the `checked` sessions their access of now; those not admitted any more are sent away.
        Whose view changed must ask again for all that they show."""
        fresh = {listener.session_key: listener for listener in admitted}
        for client in self.clients:
            if client.listener.session_key not in checked:
                continue
            now = fresh.get(client.listener.session_key)
            if now is None or now.staff_id != client.listener.staff_id:
                client.end()
            elif now != client.listener:
                client.listener = now
                client.resync()
