"""A short word about what was just done, with the way back, kept until the next page is drawn.

It travels as a Django message whose extra tags are JSON: `{"undo_url": …, "undo_fields": {…}}`. Packages before
the site write that themselves with `django.contrib.messages`; `amity.site.context` reads both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Undo:
    """The form that takes something back: where it is posted to, and with which fields."""

    url: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Toast:
    """A message as the layout draws it. `level_tag` is `bad` for what went wrong."""

    message: str
    level_tag: str
    undo_url: str = ""
    undo_fields: Mapping[str, str] = field(default_factory=dict)


def toast(request: HttpRequest, text: str, *, undo: Undo | None = None) -> None:
    """Show `text` on the next page, for ten seconds; with `undo` also a button that takes it back."""
    tags = json.dumps({"undo_url": undo.url, "undo_fields": dict(undo.fields)}) if undo else ""
    messages.success(request, text, extra_tags=tags)


def read_toasts(waiting: Iterable[Message]) -> list[Toast]:
    """The messages that wait for this page, ready to be drawn."""
    return [_read(message) for message in waiting]


def _read(message: Message) -> Toast:
    level = "bad" if message.level >= messages.ERROR else (message.level_tag or "")
    tags = message.extra_tags or ""
    undo = json.loads(tags) if tags.startswith("{") else {}
    return Toast(str(message.message), level, undo.get("undo_url", ""), undo.get("undo_fields", {}))
