"""What the lists and pages here have in common: is a part asked for, addresses with other filters, instants of days."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.http import urlencode


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") != "full"


def address(query: QueryDict, changes: Mapping[str, str], path: str = "") -> str:
    """The same list with some filters changed ("" drops one) and from its start: `?…` behind `path`."""
    changed = query.copy()
    for key in ("after", "before", "part", *changes):
        changed.pop(key, None)
    for key, value in changes.items():
        if value:
            changed[key] = value
    for key in [key for key, values in changed.lists() if not any(values)]:
        del changed[key]
    encoded = changed.urlencode()
    return f"{path}?{encoded}" if encoded else path or "?"


def next_page(query: QueryDict, place: object | None, path: str, key: str = "after") -> str:
    """The same list from `place` on; "" where there is no place."""
    if place is None:
        return ""
    rest = address(query, {}, path)
    return f"{rest}{'&' if '?' in rest else '?'}{urlencode({key: str(place)})}"


def in_words(chips: Iterable[Mapping[str, str]]) -> str:
    """The filters of a list as words, for "nothing fits …"."""
    parts = ((chip["field"], chip["operator"], chip["value"]) for chip in chips)
    return ", ".join(" ".join(filter(None, part)) for part in parts)


def start_of(words: str) -> datetime | None:
    """The first instant of a day as a date field writes it, in the reader's zone; None for anything else."""
    try:
        return timezone.make_aware(datetime.combine(date.fromisoformat(words), time.min))
    except ValueError:
        return None


def end_of(words: str) -> datetime | None:
    """The instant at which the day after begins; None for anything else."""
    start = start_of(words)
    if start is None or start.date() == date.max:
        return None
    return timezone.make_aware(datetime.combine(start.date() + timedelta(days=1), time.min))


def uuids(words: Iterable[str]) -> list[UUID]:
    """The ids among these words, each once; what is none is left out."""
    found: dict[UUID, None] = {}
    for one in words:
        try:
            found[UUID(one)] = None
        except ValueError:
            continue
    return list(found)


def say(
    request: HttpRequest, text: str, undo_url: str = "", undo_fields: Mapping[str, str] | None = None
) -> None:
    """Show `text` on the next page; with `undo_url` also the button that posts there to take it back."""
    tags = json.dumps({"undo_url": undo_url, "undo_fields": dict(undo_fields or {})}) if undo_url else ""
    messages.success(request, text, extra_tags=tags)
