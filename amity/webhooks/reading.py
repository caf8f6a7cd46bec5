"""How a body that came to an inlet is read: by the mappings of file imports, one JSON object at a time."""

from __future__ import annotations

import hashlib
from typing import Any

from amity.channels.adapters import RawItem, Reader
from amity.channels.adapters.file.adapter import ADAPTER
from amity.channels.adapters.file.mapping import Mapping, all_sources
from amity.channels.adapters.file.shape import JSON_ITEM, Container, Format, Shape

NATIVE: dict[str, Any] = {"record": "mixed"}
"""Reads objects that say themselves what they are (`type`, `id`, `at`, …), as in docs/reference."""


def complete(mapping: dict[str, Any], source_key: str) -> dict[str, Any]:
    """A mapping as somebody wrote it, with what follows from where it is used. Raises `Unreadable`."""
    named = {"name": source_key, "title": source_key, "formats": ["json", "jsonl"], **mapping}
    return Mapping.from_json({**named, "source": source_key}).to_json()


def as_written(mapping: dict[str, Any]) -> dict[str, Any]:
    """What somebody has to write to get this mapping: without what is the default or follows from its place."""
    plain = complete({"record": mapping["record"]}, str(mapping["source"]))
    kept = {key: value for key, value in mapping.items() if value != plain.get(key)}
    for key in ("name", "title"):
        kept.pop(key, None)
    return {"record": mapping["record"], **kept}


def problems(mapping: dict[str, Any]) -> list[str]:
    """What is wrong with a complete mapping, in words."""
    return [f"{found.field}: {found.reason}" for found in Mapping.from_json(mapping).problems()]


def reader(mapping: dict[str, Any]) -> Reader:
    """A function from an item of an inlet to its records."""
    columns = dict.fromkeys(
        column for _, source in all_sources(Mapping.from_json(mapping)) for column in source.columns
    )
    shape = Shape(Container.PLAIN, Format.JSONL, columns=tuple(columns))
    return ADAPTER.reader({"shape": shape.to_json(), "mapping": mapping})


def item(body: bytes, message_id: str) -> RawItem:
    """The body as it came. Two messages may say the same and are two: the id is part of what makes an item."""
    mark = hashlib.blake2b(message_id.encode(), digest_size=12).hexdigest()
    return RawItem(1, body, f"{JSON_ITEM}; row={mark}")
