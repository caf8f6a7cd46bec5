"""Spans for OpenTelemetry around requests, stages, jobs and what is sent. Without a set-up they cost next to nothing.

    with span("send email", kind="client", network="email"): ...

Amity uses the API only and names no exporter. `AMITY_TRACING=module:function` is called once in each process and sets
the SDK up; processes that `opentelemetry-instrument` started are seen by their OTEL_… variables.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from amity import __version__

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span

Attribute = str | int | float | bool
Kind = Literal["internal", "server", "client", "consumer"]
_OFF: AbstractContextManager[None] = nullcontext()
_is_on = False


def set_up() -> None:
    """Called once when a process starts. Raises `ImproperlyConfigured` if AMITY_TRACING names no function."""
    global _is_on
    place = settings.TRACING
    if place:
        module, _colon, name = place.partition(":")
        try:
            function = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise ImproperlyConfigured(
                f"AMITY_TRACING={place!r} names no function: {error}. Expected module:function."
            ) from error
        function()
    _is_on = bool(place) or _is_instrumented()


def _is_instrumented() -> bool:
    names = ("OTEL_TRACES_EXPORTER", "OTEL_PYTHON_TRACER_PROVIDER")
    return any(os.environ.get(name, "none") != "none" for name in names)


def is_on() -> bool:
    """Whether somebody looks at spans."""
    return _is_on


def span(
    name: str,
    *,
    kind: Kind = "internal",
    parent: Mapping[str, str] | None = None,
    **attributes: Attribute,
) -> AbstractContextManager[Any]:
    """A span around the block, as the current one; yields it, or None when nobody looks.

    `parent` holds headers of a caller (`traceparent`), when they are trusted. Attributes are ids and figures. Of an
    error only its type is kept: its message may quote what people wrote.
    """
    return _Recorded(name, kind, parent, attributes) if _is_on else _OFF


class _Recorded(AbstractContextManager["Span"]):
    def __init__(
        self,
        name: str,
        kind: Kind,
        parent: Mapping[str, str] | None,
        attributes: Mapping[str, Attribute],
    ) -> None:
        from opentelemetry import trace

        self._opened = trace.get_tracer("amity", __version__).start_as_current_span(
            name,
            context=_context(parent),
            kind=trace.SpanKind[kind.upper()],
            attributes={key.replace("__", "."): value for key, value in attributes.items()},
            record_exception=False,
            set_status_on_exception=False,
        )

    def __enter__(self) -> Span:
        self._span = self._opened.__enter__()
        return self._span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if kind is not None:
            mark_failed(self._span, f"{kind.__module__}.{kind.__qualname__}")
        self._opened.__exit__(kind, error, where)


def mark_failed(current: Span, kind: str) -> None:
    """Mark a span as failed; `kind` is the type of the error, or the status that it came to."""
    from opentelemetry.trace import StatusCode

    current.set_attribute("error.type", kind)
    current.set_status(StatusCode.ERROR)


def _context(parent: Mapping[str, str] | None) -> Context | None:
    if not parent:
        return None
    from opentelemetry.propagate import extract

    return extract(parent)
