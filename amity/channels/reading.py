"""How a file is read when nobody has chosen anything yet: the same on the screen and on the command line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from amity.channels import imports
from amity.channels.adapters import Description, adapter
from amity.channels.adapters.file.guess import in_time_zone
from amity.channels.adapters.file.guess_kinds import GUESSED
from amity.channels.adapters.file.mapping import Mapping
from amity.channels.adapters.file.shape import Shape
from amity.channels.models import ImportRun, SavedMapping
from amity.channels.own_fields import with_own_fields
from amity.kernel.workspace import workspace


def look_at_file(path: Path, *, time_zone: str) -> Description:
    """What a file on disk would be read as, saved mappings included; nothing is kept. Raises `Unreadable`."""
    saved = [mapping for (mapping,) in SavedMapping.objects.values_list("mapping")]
    found = adapter("file").describe(path, saved)
    mapping = settle(found.mapping, found.shape, filename=imports.shown_name(path.name), time_zone=time_zone)
    return Description(found.shape, mapping, found.rows)


def describe_run(run: ImportRun, *, time_zone: str, member: str = "") -> ImportRun:
    """The same for the stored file of a draft, kept with it. Raises `Unreadable` with what to do."""
    imports.describe(run, member=member)
    run.mapping = settle(run.mapping, run.shape, filename=run.filename, time_zone=time_zone)
    run.save(update_fields=["mapping"])
    return run


def settle(
    mapping: dict[str, Any], shape: dict[str, Any], *, filename: str, time_zone: str
) -> dict[str, Any]:
    """A mapping with the country of phone numbers; a guessed one with all else that its columns cannot say. Any other,
    shipped or saved, stays as it is otherwise.

    Its source is named after the file, without its date: `tickets-2025-03.csv` and `tickets-2025-04.csv` so belong
    together, and never with another table. Times without an offset are those of `time_zone`.
    """
    if mapping and not mapping.get("phone_region"):
        mapping = {**mapping, "phone_region": workspace().phone_region}
    if not str(mapping.get("name", "")).startswith(GUESSED):
        return mapping
    cut = Shape.from_json(shape)
    placed = with_own_fields(in_time_zone(Mapping.from_json(mapping), cut, time_zone), cut)
    return {**placed.to_json(), "source": source_key(filename)}


def source_key(filename: str) -> str:
    """The key of the source of files that are called like this one."""
    stem = re.sub(r"[^a-z0-9]+", "-", filename.partition(".")[0].lower())
    return re.sub(r"[-0-9]+$", "", stem).strip("-")[:60] or "import"


def source_name(mapping: Mapping | dict[str, Any]) -> str:
    """What the source of this mapping is called where nobody has named it: after the system, or after the file."""
    name, title, key = (
        (mapping.get("name", ""), mapping.get("title", ""), mapping.get("source", ""))
        if isinstance(mapping, dict)
        else (mapping.name, mapping.title, mapping.source)
    )
    is_guess = str(name).startswith(GUESSED) or not title
    return str(key).replace("-", " ").capitalize() if is_guess else str(title)


def time_zone_of(run: ImportRun) -> str:
    """The zone of the colleague whose draft this is."""
    return run.created_by.time_zone if run.created_by else "UTC"
