"""The main loop of `amity run`: it watches the database and the children until somebody asks it to stop."""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from amity.kernel.errors import DomainError
from amity.site.cli.child import Child
from amity.site.cli.postgres import Server
from amity.site.cli.words import say

TICK = 1.0
PROBE_EVERY = 2.0
READY_WITHIN = 90.0
MOST_FALLS_BEFORE_READY = 4


class NotReady(DomainError):
    """A child does not come up."""

    code = "run.not_ready"


class StopAsked(Exception):
    """Ctrl-C or SIGTERM came while something else was waited for."""


class Supervisor:
    """`children` are started in their order and stopped in the reverse one."""

    def __init__(self, children: Sequence[Child], server: Server) -> None:
        self.children = list(children)
        self.server = server
        self.stops_asked = 0
        self._probed_at = 0.0
        self._reader, self._writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    @contextmanager
    def listening_to_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM ask for an end; a second one for a quick end. SIGCHLD only wakes the loop."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
        before = {number: signal.signal(number, self._on_signal) for number in numbers}
        wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)

    def wait_until_ready(self, is_ready: Callable[[], bool]) -> None:
        """Start the children and return when `is_ready` says so. Raises `NotReady` or `StopAsked`."""
        deadline = time.monotonic() + READY_WITHIN
        while not is_ready():
            self.tend()
            if self.stops_asked:
                raise StopAsked
            for child in self.children:
                if child.falls >= MOST_FALLS_BEFORE_READY:
                    raise NotReady(
                        f"{child.name} does not start. What it said stands above; also see: amity doctor"
                    )
            if time.monotonic() > deadline:
                raise NotReady(f"Amity is not ready after {READY_WITHIN:.0f} s. See: amity doctor")
            self._sleep(0.1)

    def watch(self, on_change: Callable[[], None]) -> None:
        """Keep everything running until somebody asks for an end; tell `on_change` of new processes."""
        while not self.stops_asked:
            before = self.process_ids()
            self.tend()
            if self.process_ids() != before:
                on_change()
            self._sleep(TICK)

    def tend(self) -> None:
        """One round: the database first, as nothing works without it."""
        now = time.monotonic()
        if now - self._probed_at > PROBE_EVERY:
            self._probed_at = now
            self.server.revive()
        for child in self.children:
            news = child.tend(now)
            if news:
                say(news, to=sys.stderr)

    def process_ids(self) -> dict[str, int]:
        """The children that run now."""
        return {child.name: child.process.pid for child in self.children if child.process is not None}

    def stop(self) -> None:
        """Stop the children, last started first, each with its patience; a second signal kills what is left."""
        asked = self.stops_asked
        for child in reversed(self.children):
            child.ask_to_stop()
            deadline = time.monotonic() + child.patience
            while child.is_up:
                if self.stops_asked > max(asked, 1) or time.monotonic() > deadline:
                    child.kill()
                self._sleep(0.05)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self.stops_asked += 1

    def _sleep(self, seconds: float) -> None:
        """Up to `seconds`; a signal ends it sooner."""
        if select.select([self._reader], [], [], seconds)[0]:
            os.read(self._reader, 4096)
