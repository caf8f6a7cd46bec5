"""How a file is read when nobody has chosen anything yet: the same on the screen and on the command line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from amity.channels import imports
from amity.channels.adapters import Description, adapter
from amity.channels.adapters.file.guess import fit_mapping, in_time_zone
from amity.channels.adapters.file.guess_kinds import GUESSED, SAVED
from amity.channels.adapters.file.mapping import Mapping
from amity.channels.adapters.file.shape import Shape
from amity.channels.models import ImportRun, RunState, SavedMapping
from amity.channels.own_fields import with_own_fields
from amity.kernel.workspace import workspace

CHOSEN, REMEMBERED = "chosen", "remembered"
"""Options of a run: somebody changed its mapping; the import whose mapping it was given."""
MOST_LOOKED_AT = 50


def look_at_file(path: Path, *, time_zone: str) -> Description:
    """What a file on disk would be read as, saved mappings included; nothing is kept. Raises `Unreadable`."""
    saved = [mapping for (mapping,) in SavedMapping.objects.values_list("mapping")]
    found = adapter("file").describe(path, saved)
    name = imports.shown_name(path.name)
    mapping = settle(found.mapping, found.shape, filename=name, time_zone=time_zone)
    if earlier := _chosen_before(mapping, found.shape, name, ImportRun.objects.all()):
        mapping = _fitted(earlier, found.shape)
    return Description(found.shape, mapping, found.rows)


def describe_run(run: ImportRun, *, time_zone: str, member: str = "") -> ImportRun:
    """The same for the stored file of a draft, kept with it. Raises `Unreadable` with what to do.

    What somebody chose for a file of this name with the same columns is chosen again, unless a mapping was saved for
    them: that one was meant for all of them.
    """
    imports.describe(run, member=member)
    run.mapping = settle(run.mapping, run.shape, filename=run.filename, time_zone=time_zone)
    seen = ImportRun.objects.visible_to(run.created_by.actor()) if run.created_by else ImportRun.objects.all()
    earlier = _chosen_before(run.mapping, run.shape, run.filename, seen)
    kept = {key: value for key, value in run.options.items() if key not in (CHOSEN, REMEMBERED)}
    if earlier:
        run.mapping, kept[REMEMBERED] = _fitted(earlier, run.shape), str(earlier.id)
    run.options = kept
    run.save(update_fields=["mapping", "options"])
    return run


def remembered_by(run: ImportRun) -> ImportRun | None:
    """The import whose mapping this one was given, if it is still there."""
    id = run.options.get(REMEMBERED)
    return ImportRun.objects.filter(pk=id).first() if id else None


def _chosen_before(
    mapping: dict[str, Any], shape: dict[str, Any], filename: str, runs: QuerySet[ImportRun]
) -> ImportRun | None:
    """The newest import of a file of this name (but for its date) and these columns whose mapping somebody chose."""
    columns = list(shape.get("columns", []))
    if not columns or str(mapping.get("name", "")).startswith(SAVED):
        return None
    begun = runs.exclude(state__in=[RunState.DRAFT, RunState.UNDONE])
    alike = begun.filter(**{f"options__{CHOSEN}": True, "shape__columns": columns})
    for earlier in alike.order_by("-created_at").defer("cursor")[:MOST_LOOKED_AT]:
        if source_key(earlier.filename) == source_key(filename):
            fits = not Mapping.from_json(earlier.mapping).problems(Shape.from_json(shape))
            return earlier if fits else None
    return None


def _fitted(earlier: ImportRun, shape: dict[str, Any]) -> dict[str, Any]:
    return fit_mapping(Mapping.from_json(earlier.mapping), Shape.from_json(shape)).to_json()


def settled(mapping: Mapping, run: ImportRun, *, time_zone: str) -> Mapping:
    """`settle` for the file of a run."""
    plain = settle(mapping.to_json(), run.shape, filename=run.filename, time_zone=time_zone)
    return Mapping.from_json(plain)


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
