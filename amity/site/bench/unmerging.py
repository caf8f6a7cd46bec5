"""`amity bench unmerging`: random histories of merges and splits, all taken back: is all as it would have been?

Every history is lived twice: once with what happened to customers alone, once with what colleagues decided in
between and took back in any order. Both must end in the same state, to the letter. In every fourth colleagues also say
with whom goes what came between a merge and its end; there all accounts but those must be whose they were.
"""

from __future__ import annotations

import random
import sys
import time
import traceback
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path

from django.db import connection, transaction

from amity.channels.models import Source
from amity.kernel.actor import Actor, Role
from amity.kernel.ids import drawn_from
from amity.kernel.models import Staff
from amity.people.merging import Arrived
from amity.site.bench.database import bench_database
from amity.site.bench.histories.decisions import Decider
from amity.site.bench.histories.world import BEGINNING, Event, World, events, orphans, state, who_is_who

HISTORIES, SEED, AT_ONCE = 10_000, 4, 100


@dataclass(slots=True)
class Report:
    """What was lived through. `broken` tells each history that did not come out even, with its seed."""

    histories: int = 0
    happened: int = 0
    decided: int = 0
    refused: int = 0
    broken: list[str] = field(default_factory=list)

    def add(self, other: Report) -> None:
        """What was lived through besides."""
        self.histories += other.histories
        self.happened += other.happened
        self.decided += other.decided
        self.refused += other.refused
        self.broken += other.broken

    def figures(self) -> dict[str, float]:
        told: dict[str, float] = {
            "histories": self.histories,
            "happened": self.happened,
            "decided": self.decided,
        }
        return told | {"refused": self.refused, "broken": len(self.broken)}


def settings() -> dict[str, int]:
    """What was asked."""
    return {"histories": HISTORIES, "seed": SEED}


def run(data: Path | None = None, *, histories: int = HISTORIES) -> dict[str, float]:  # noqa: ARG001  # as all benches
    """Figures `histories`, `happened` (messages, orders, records, notes), `decided` (merges, splits and those taken
    back), `refused`, `broken` (each is told on stderr) and `took_s`."""
    began, report = time.monotonic(), Report()
    with bench_database("amity_bench_unmerging"):
        for first in range(0, histories, AT_ONCE):
            with transaction.atomic():
                lived = live_through(min(AT_ONCE, histories - first), seed=SEED, first=first)
                transaction.set_rollback(True)
            _sweep()
            report.add(lived)
            for told in lived.broken:
                sys.stderr.write(told + "\n")
            sys.stderr.write(f"{report.histories} lived, {len(report.broken)} broken\n")
            sys.stderr.flush()
    return report.figures() | {"took_s": round(time.monotonic() - began, 1)}


def _sweep() -> None:
    """Nothing stays of a portion but dead rows, through which every reading of the next one would go."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")


def live_through(histories: int, *, seed: int, first: int = 0) -> Report:
    """Live histories `first` to `first + histories`. Within a transaction; each leaves nothing behind."""
    report = Report()
    source = Source.objects.create(key="histories", adapter="file", name="Histories", created_at=BEGINNING)
    ines, jonas = (
        Staff.objects.create(name=name, role=Role.AGENT, email=f"{name}@tamp.example", joined_at=BEGINNING)
        for name in ("ines", "jonas")
    )
    world = World(source, ines.actor())
    for number in range(first, first + histories):
        draw = random.Random(f"{seed}-{number}")  # drawn to be drawn again, ids included
        try:
            with drawn_from(draw):
                _live_twice(number, draw, world, (ines.actor(), jonas.actor()), report)
        except Exception:  # noqa: BLE001  # it counts as broken, and the others are lived all the same
            report.broken.append(f"history {number}: {traceback.format_exc()}")
    return report


def _live_twice(
    number: int, draw: random.Random, world: World, colleagues: tuple[Actor, Actor], report: Report
) -> None:
    happened = list(islice(events(draw), draw.randint(4, 14)))
    says_where = number % 4 == 3
    decider = Decider(draw, colleagues, arrived=tuple(Arrived) if says_where else ())
    plain, decided = _live(world, happened, None), _live(world, happened, decider)
    report.histories += 1
    report.happened += len(happened)
    report.decided += decider.done
    report.refused += decider.refused
    report.broken += [f"history {number}: {told}" for told in decider.broken]
    if says_where:
        one, other = (life.together(decided.came_meanwhile) for life in (plain, decided))
        report.broken += [f"history {number}: {accounts} are one no more" for accounts in sorted(one - other)]
    elif (as_plain := _told(happened, plain)) != (as_decided := _told(happened, decided)):
        report.broken.append(f"history {number}: {_first_difference(as_plain, as_decided)}")


def _told(happened: list[Event], life: Life) -> list[tuple[str | None, ...]]:
    """The state. Where an import was taken back that had joined people, which of them keeps the id is left open: who
    was split off meanwhile keeps the one that colleagues know them by."""
    if all(event.kind != "undone" for event in happened):
        return life.state
    return sorted((row[1:] for row in life.state), key=str)


@dataclass(frozen=True, slots=True)
class Life:
    """How one ended: the state, whose each account is, and which accounts came to people who were merged then."""

    state: list[tuple[str | None, ...]]
    who: dict[str, str]
    came_meanwhile: set[str]

    def together(self, without: set[str]) -> set[str]:
        """The accounts of each person, but for those."""
        people: dict[str, list[str]] = {}
        for account in sorted(self.who.keys() - without):
            people.setdefault(self.who[account], []).append(account)
        return {", ".join(accounts) for accounts in people.values()}


def _live(world: World, happened: list[Event], decider: Decider | None) -> Life:
    """One life, forgotten afterwards."""
    came_meanwhile: set[str] = set()
    with transaction.atomic():
        for event in happened:
            before = who_is_who()
            world.happen(event)
            came_meanwhile |= who_is_who(in_merges=True).keys() - before.keys()
            for _ in range(decider.draw.randint(0, 2) if decider else 0):
                assert decider is not None
                decider.decide(event.at + timedelta(seconds=1))
                decider.broken += orphans()
        if decider:
            decider.take_all_back(happened[-1].at + timedelta(days=1))
            decider.broken += orphans()
        end = Life(state(), who_is_who(), came_meanwhile)
        transaction.set_rollback(True)
    return end


def _first_difference(plain: list[tuple[str | None, ...]], decided: list[tuple[str | None, ...]]) -> str:
    if len(plain) != len(decided):
        return f"{len(plain)} people without decisions, {len(decided)} after all were taken back"
    return next(f"\n  {one}\n  {other}" for one, other in zip(plain, decided, strict=True) if one != other)
