"""The event bus: what happened is enqueued in the transaction in which it happened, and handled by jobs.

Events are frozen dataclasses of ids and plain values, named in the past tense. A handler is registered with
`@handles(EventType)` in a package's `jobs.py`; it may be called more than once for one event and must not mind.
"""

from __future__ import annotations

import dataclasses
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, get_type_hints
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app

from amity.kernel.acting import acting
from amity.kernel.actor import SYSTEM

E = TypeVar("E")

_event_types: dict[str, type[Any]] = {}
_handlers: dict[str, dict[str, Callable[[Any], None]]] = defaultdict(dict)


def event(cls: type[E]) -> type[E]:
    """Declare a frozen dataclass as an event that can be published."""
    if not dataclasses.is_dataclass(cls):
        raise TypeError(f"{cls.__name__} must be a dataclass")
    _event_types[event_name(cls)] = cls
    return cls


def event_name(cls: type[Any]) -> str:
    package = cls.__module__.split(".")[1]
    return f"{package}.{cls.__name__}"


def handles(cls: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Register a function for an event; its module and name identify it in the queue."""

    def register(handler: Callable[[E], None]) -> Callable[[E], None]:
        _handlers[event_name(cls)][f"{handler.__module__}.{handler.__qualname__}"] = handler
        return handler

    return register


def publish(happened: Any) -> None:
    """Enqueue one job for each handler, in the caller's transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an event is published inside the transaction of its change")
    name = event_name(type(happened))
    for handler in _handlers[name]:
        handle_event.defer(name=name, handler=handler, fields=_encode(happened))


@app.task(name="kernel.handle_event", queue="events", retry=5)
def handle_event(name: str, handler: str, fields: dict[str, Any]) -> None:
    """Give one event to one handler."""
    with acting(SYSTEM, via="job"):
        _handlers[name][handler](_decode(_event_types[name], fields))


def _encode(happened: Any) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        return value.isoformat() if isinstance(value, datetime) else str(value)

    encoded: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(happened), default=plain))
    return encoded


def _decode(cls: type[Any], fields: dict[str, Any]) -> Any:
    hints = get_type_hints(cls)
    return cls(**{name: _revive(hints[name], value) for name, value in fields.items()})


def _revive(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    kinds = getattr(hint, "__args__", ()) or (hint,)
    if UUID in kinds and isinstance(value, str):
        return UUID(value)
    if datetime in kinds and isinstance(value, str):
        return datetime.fromisoformat(value)
    if isinstance(value, list):
        return tuple(_revive(kinds[0], entry) for entry in value)
    return value
