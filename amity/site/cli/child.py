"""One program that `amity run` looks after: started, watched, started again when it falls over, stopped at the end."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
_PR_SET_PDEATHSIG = 1


def pause_before_restart(falls: int) -> float:
    """Seconds to wait before the start after the `falls`-th fall in a row: 0.5, 1, 2, … 30."""
    exponent = min(max(falls, 1) - 1, 16)
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**exponent)


def why_it_ended(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def dies_with_parent() -> Callable[[], None] | None:
    """A function for the child's first moment: when the supervisor is killed, its children are told to stop.

    Only Linux can do that (prctl(2), PR_SET_PDEATHSIG); elsewhere None.
    """
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl is None:
        return None
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(slots=True)
class Child:
    """`patience` is how long it may take to end when it is asked to, in seconds."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    patience: float = 15.0
    falls: int = 0
    start_at: float = 0.0
    started_at: float = 0.0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self, now: float) -> None:
        """Start it in a session of its own, so that a Ctrl-C in the terminal reaches the supervisor alone."""
        self.process = subprocess.Popen(
            self.command,
            env=dict(self.environ),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=dies_with_parent(),  # noqa: PLW1509  # this process has no threads
        )
        self.started_at = now

    def tend(self, now: float) -> str:
        """Start it when it is time to; returns what is worth telling, usually nothing."""
        if self.is_up:
            return ""
        if self.process is None:
            if now >= self.start_at:
                self.start(now)
            return ""
        code = self.process.returncode
        self.process = None
        self.falls = 1 if now - self.started_at > STEADY_AFTER else self.falls + 1
        pause = pause_before_restart(self.falls)
        self.start_at = now + pause
        return f"{self.name} {why_it_ended(code)}; it starts again in {pause:g} s."

    def ask_to_stop(self) -> None:
        """Send SIGTERM, if it runs."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and what it started, at once."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return

    def _signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
