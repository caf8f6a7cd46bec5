"""Texts, instants and JSON values as PostgreSQL can store them, whatever bytes somebody sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Far enough from the ends of the calendar that every time zone can show it."""

_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")


def holdable(text: str) -> str:
    """`text` as a column can hold it: NUL is dropped, a lone surrogate becomes U+FFFD."""
    if _UNHOLDABLE.search(text) is None:
        return text
    return _UNHOLDABLE.sub(lambda hit: "" if hit.group() == "\x00" else "\ufffd", text)


def holdable_json(value: Any) -> Any:
    """A JSON value with every text in it, names included, made `holdable`: jsonb refuses an escaped NUL too."""
    if isinstance(value, str):
        return holdable(value)
    if isinstance(value, dict):
        return {holdable(str(name)): holdable_json(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [holdable_json(one) for one in value]
    return value
