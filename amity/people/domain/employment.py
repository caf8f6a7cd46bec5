"""For whom somebody worked, and when: a newer record that names another employer ends the old one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Told:
    """That a source told a value, first and last at these instants. `key` is the folded name of an organisation."""

    value: str
    key: str
    first_at: datetime
    last_at: datetime
    source: str = ""


@dataclass(frozen=True, slots=True)
class Spell:
    """A time with one employer. It began at the latest with `from_at`; `until_at` is None while nobody names another.

    `titles` are what the person was called there, newest first.
    """

    name: str
    key: str
    from_at: datetime
    until_at: datetime | None
    titles: tuple[str, ...]
    sources: tuple[str, ...]


def spells(employers: Iterable[Told], titles: Iterable[Told] = ()) -> list[Spell]:
    """The times with each employer, newest first. The same facts in any order tell the same."""
    points = sorted(
        {(at, one.key, one.value, one.source) for one in employers for at in (one.first_at, one.last_at)}
    )
    runs: list[list[tuple[datetime, str, str, str]]] = []
    for point in points:
        if runs and runs[-1][-1][1] == point[1]:
            runs[-1].append(point)
        else:
            runs.append([point])
    called = sorted(titles, key=lambda one: (one.last_at, one.value), reverse=True)
    found = []
    for place, run in enumerate(runs):
        begins = run[0][0]
        ends = runs[place + 1][0][0] if place + 1 < len(runs) else None
        within = [one.value for one in called if _falls(one, begins, ends)]
        sources = tuple(dict.fromkeys(source for _, _, _, source in run if source))
        found.append(Spell(run[-1][2], run[0][1], begins, ends, tuple(dict.fromkeys(within)), sources))
    return found[::-1]


def _falls(title: Told, begins: datetime, ends: datetime | None) -> bool:
    return any(at >= begins and (ends is None or at < ends) for at in (title.first_at, title.last_at))
