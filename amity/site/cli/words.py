"""How the command line speaks: lines with a time, counts, a bar of progress, JSON."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

WIDTH = 28


def say(text: str = "", *, to: TextIO | None = None) -> None:
    """One line, shown at once."""
    stream = to or sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


def say_json(value: Any) -> None:
    """One JSON object on stdout, for a machine."""
    say(json.dumps(value, indent=2, default=str))


def took(seconds: float) -> str:
    """`0.4 s`, `12 s`, `2 min 05 s`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60:02} s"


@contextmanager
def phase(name: str, to: TextIO | None = None) -> Iterator[list[str]]:
    """A line for one phase: its name while it runs, then how long it took and what the block added to the list."""
    stream = to or sys.stdout
    alive = stream.isatty()
    if alive:
        stream.write(f"  {name} …")
        stream.flush()
    started = time.monotonic()
    notes: list[str] = []
    try:
        yield notes
    except BaseException:
        if alive:
            stream.write("\n")
        raise
    line = f"  {name:<{WIDTH}}{took(time.monotonic() - started):>10}"
    remark = f"   {', '.join(notes)}" if notes else ""
    say(f"\r\033[K{line}{remark}" if alive else f"{line}{remark}", to=stream)


class Progress:
    """One line about long work: how much is read, new, the same, not taken, and the time left.

    On a terminal the line is redrawn up to five times a second; elsewhere a line is written every ten seconds, so
    that a log stays short.
    """

    def __init__(self, what: str, *, to: TextIO | None = None) -> None:
        self._what = what
        self._to = to or sys.stderr
        self._alive = self._to.isatty()
        self._started = time.monotonic()
        self._shown = self._started if not self._alive else 0.0

    def show(self, done: int, total: int | None, step: str = "", /, **counts: int) -> None:
        """Report `done` of `total` (None: unknown), of what, and counts by their words, as often as you like."""
        now = time.monotonic()
        if now - self._shown < (0.2 if self._alive else 10):
            return
        self._shown = now
        self._write(self.line(done, total, now - self._started, step, **counts))

    def finish(self, text: str) -> None:
        """Replace the line by what came of it."""
        self._write(f"{self._what}: {text} ({took(time.monotonic() - self._started)})")
        if self._alive:
            say(to=self._to)

    def line(self, done: int, total: int | None, elapsed: float, step: str = "", /, **counts: int) -> str:
        """The line that `show` shows."""
        parts = [f"{done:,} of {total:,} {step}".rstrip() if total else f"{done:,} {step or 'read'}"]
        parts += [f"{number:,} {word.replace('_', ' ')}" for word, number in counts.items()]
        if total and done and elapsed > 1:
            parts.append(f"{took(elapsed / done * max(0, total - done))} left")
        return f"{self._what}: {' · '.join(parts)}"

    def _write(self, text: str) -> None:
        if self._alive:
            self._to.write(f"\r\033[K{text}")
            self._to.flush()
        else:
            say(text, to=self._to)
