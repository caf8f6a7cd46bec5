"""What an undo would take away and what stays. Packages downstream know; the site provides the answer at start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from amity.channels.models import ImportRun


@dataclass(frozen=True, slots=True)
class Outlook:
    """Counts of what a run brought. What is kept is kept because a colleague worked on it since; `shared` are rows
    that another import brought too."""

    messages: int = 0
    orders: int = 0
    people: int = 0
    conversations: int = 0
    kept_messages: int = 0
    kept_conversations: int = 0
    shared: int = 0


Look = Callable[[ImportRun], Outlook]
_look: Look | None = None


def provide_outlook(look: Look) -> None:
    """Called once at start by the site."""
    global _look
    _look = look


def outlook(run: ImportRun) -> Outlook:
    """What undoing `run` would do now."""
    if _look is None:
        raise LookupError("nobody provides the outlook of an undo")
    return _look(run)
