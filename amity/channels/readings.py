"""The ways in which a file could be read: shipped, saved, guessed from its columns; and the choice of one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from amity.channels.adapters.file.guess import Guess, by_columns, fit_mapping, guess_mapping
from amity.channels.adapters.file.mapping import Mapping
from amity.channels.adapters.file.shape import Shape
from amity.channels.adapters.file.shipped import shipped_mappings
from amity.channels.models import ImportRun, SavedMapping
from amity.channels.reading import settle, time_zone_of
from amity.kernel.errors import Invalid


def guesses_of(run: ImportRun) -> list[Guess]:
    """Every way in which the file could be read, the most likely first: shipped, saved, guessed from its columns."""
    shape = Shape.from_json(run.shape)
    saved = [Mapping.from_json(kept) for (kept,) in SavedMapping.objects.values_list("mapping")]
    return guess_mapping(shape, [*saved, *shipped_mappings()])


def other_mappings(run: ImportRun, guesses: Iterable[Guess]) -> list[Mapping]:
    """Shipped and saved mappings for this format that did not recognise the file, and a table as anything it may be."""
    shape, offered = Shape.from_json(run.shape), {guess.mapping.name for guess in guesses}
    saved = [Mapping.from_json(kept) for (kept,) in SavedMapping.objects.values_list("mapping")]
    return [
        mapping
        for mapping in (*by_columns(shape), *saved, *shipped_mappings())
        if shape.format in mapping.formats and mapping.name not in offered
    ]


def choose_reading(run: ImportRun, name: str) -> dict[str, Any]:
    """The mapping of this name, fitted to the dates and amounts of the file."""
    guesses = guesses_of(run)
    for guess in guesses:
        if guess.mapping.name == name:
            plain = guess.mapping.to_json()
            return settle(plain, run.shape, filename=run.filename, time_zone=time_zone_of(run))
    for mapping in other_mappings(run, guesses):
        if mapping.name == name:
            plain = fit_mapping(mapping, Shape.from_json(run.shape)).to_json()
            return settle(plain, run.shape, filename=run.filename, time_zone=time_zone_of(run))
    raise Invalid(_("Choose one of the readings in the list."), fields={"reading": "unknown"})
