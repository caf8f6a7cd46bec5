"""The columns of a file on the mapping screen: what each is read as, and because of what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from amity.channels.adapters.file.guess import Guess
from amity.channels.adapters.file.guess_kinds import SAVED
from amity.channels.adapters.file.mapping import Mapping
from amity.channels.adapters.file.shape import Shape
from amity.channels.domain.columns import NETWORKS, TO, WHO, Use, roles_of, uses_of
from amity.channels.models import ImportRun
from amity.channels.own_fields import own_roles
from amity.channels.preview import FirstItems
from amity.channels.reading import remembered_by, settled, time_zone_of
from amity.channels.trial import column_of
from amity.channels.web import words

SAMPLES = 3
SAMPLE_LENGTH = 60


def columns_of(
    run: ImportRun,
    mapping: Mapping,
    shape: Shape,
    uses: dict[str, Use],
    guess: Guess | None,
    first: FirstItems,
) -> list[dict[str, Any]]:
    """The columns of a file: samples, what each is read as and why, and how many of the first rows cannot be read."""
    why = _reasons(run, mapping, shape, guess)
    refused: dict[str, list[str]] = {}
    for reason in first.not_taken:
        refused.setdefault(column_of(reason), []).append(reason)
    own = own_roles(mapping.record)
    roles = (*roles_of(mapping.record)[:-1], *own, *roles_of(mapping.record)[-1:])
    found = []
    for index, (column, use) in enumerate(uses.items()):
        found.append({
            "index": index,
            "name": column,
            "samples": _samples([row[index] for row in shape.sample]),
            "use": use,
            "roles": _role_options(roles, use.role, own),
            "networks": [
                {"value": name, "label": words.network_label(name), "is_current": name == use.network}
                for name in dict.fromkeys((*NETWORKS, *([use.network] if use.network else [])))
            ],
            "asks_network": use.role in {WHO, TO},
            "reason": why(column, use),
            "problems": sum(first.not_taken[one] for one in refused.get(column, [])),
            "problem": refused[column][0] if column in refused else "",
        })  # fmt: skip
    return found


def _role_options(roles: Sequence[str], current: str, own: dict[str, str]) -> list[dict[str, Any]]:
    names = ["", *roles]
    if current not in names:
        names.insert(len(names) - 1, current)
    return [
        {"value": name, "label": own.get(name) or words.role_label(name), "is_current": name == current}
        for name in names
    ]


def _samples(cells: Sequence[str]) -> list[str]:
    filled = dict.fromkeys(" ".join(cell.split()) for cell in cells if cell.strip())
    return [
        cell if len(cell) <= SAMPLE_LENGTH else f"{cell[:SAMPLE_LENGTH]}…" for cell in list(filled)[:SAMPLES]
    ]


def _reasons(
    run: ImportRun, mapping: Mapping, shape: Shape, guess: Guess | None
) -> Callable[[str, Use], str]:
    """A function from a column and its use to why it is read so: as last time, by what was saved, by its name and
    values, or because somebody chose it just now."""
    told = {entry.column: entry.reason for entry in guess.columns} if guess else {}
    guessed = uses_of(guess.mapping, shape.columns) if guess else {}
    plan = settled(guess.mapping, run, time_zone=time_zone_of(run)) if guess else None
    named = uses_of(plan, shape.columns) if plan else {}
    earlier = remembered_by(run)
    before = uses_of(Mapping.from_json(earlier.mapping), shape.columns) if earlier else {}

    def why(column: str, use: Use) -> str:
        if earlier and before.get(column) == use:
            return _("as in “%(name)s”") % {"name": earlier.filename}
        if guess and mapping.name.startswith(SAVED) and guessed.get(column) == use:
            return _("as in the mapping “%(name)s”") % {"name": mapping.title}
        if guessed.get(column) == use:
            return told.get(column, "")
        if named.get(column) == use:  # a field of the company's own, or a consent
            return _("its name says so")
        return _("You chose this") if guess or earlier else ""

    return why
