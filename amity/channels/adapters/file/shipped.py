"""The mappings that come with Amity, for the exports of well-known systems."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from amity.channels.adapters.file.mapping import Mapping


@cache
def shipped_mappings() -> tuple[Mapping, ...]:
    """All shipped mappings, sorted by name. Each is a file in `mappings/`."""
    folder = files(__package__) / "mappings"
    found = [
        Mapping.from_json(json.loads(entry.read_text(encoding="utf-8")))
        for entry in folder.iterdir()
        if entry.name.endswith(".json")
    ]
    return tuple(sorted(found, key=lambda mapping: mapping.name))
