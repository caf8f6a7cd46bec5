"""`amity bench unmerging`: random histories of merges and splits, all taken back: is all as it would have been?

Every history is lived twice: once with what happened to customers alone, once with what colleagues decided in
between and took back in any order. Both must end in the same state, to the letter. In every fourth colleagues also say
with whom goes what came between a merge and its end. What they gave to one of two so stays there, and so do new
accounts that a record names with it later; all other accounts must be whose they were, and all people who have none of
those must be the same to the letter.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
import time
import traceback
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path

from django.db import connection, connections, transaction

from amity.channels.models import Source
from amity.kernel.actor import Actor, Role
from amity.kernel.ids import drawn_from
from amity.kernel.models import Staff
from amity.people.merging import Arrived
from amity.site.bench.database import bench_database
from amity.site.bench.histories.decisions import Decider
from amity.site.bench.histories.world import (
    BEGINNING,
    Event,
    World,
    events,
    given_by_choice,
    named_with,
    orphans,
    state,
    who_is_who,
)

HISTORIES, SEED, AT_ONCE = 10_000, 4, 100
LONGEST = timedelta(minutes=1)
"""For one query: one that takes longer counts as broken, and the next history is lived."""


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
    back), `refused`, `broken` (each is told on stderr) and `took_s`. Every core lives through a part of them."""
    began, report = time.monotonic(), Report()
    workers = len(os.sched_getaffinity(0))
    connections.close_all()  # a forked process must not share a database session
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        parts = [(range(first, histories, AT_ONCE * workers), histories)
                 for first in range(0, AT_ONCE * workers, AT_ONCE)]  # fmt: skip
        for part in pool.imap_unordered(_live_portions, parts):
            report.add(part)
    return report.figures() | {"took_s": round(time.monotonic() - began, 1)}


def _live_portions(asked: tuple[range, int]) -> Report:
    """Live the portions that begin at these numbers, up to so many histories, in a database of their own."""
    portions, histories = asked
    report = Report()
    with bench_database(f"amity_bench_unmerging_{portions.start}"):
        for first in portions:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = %s", [int(LONGEST / timedelta(milliseconds=1))])
                lived = live_through(min(AT_ONCE, histories - first), seed=SEED, first=first)
                transaction.set_rollback(True)
            _sweep()
            report.add(lived)
            told = [
                *lived.broken,
                f"{first} to {first + lived.histories} lived, {len(report.broken)} broken here",
            ]
            sys.stderr.write("\n".join(told) + "\n")
            sys.stderr.flush()
    return report


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
    given = decided.given if says_where else set()
    one, other = (life.together(given) for life in (plain, decided))
    report.broken += [f"history {number}: {accounts} are one no more" for accounts in sorted(one - other)]
    beside = plain.beside(given) | decided.beside(given)
    if (as_plain := plain.told(happened, beside)) != (as_decided := decided.told(happened, beside)):
        report.broken.append(f"history {number}: {_first_difference(as_plain, as_decided)}")


@dataclass(frozen=True, slots=True)
class Life:
    """How one ended: the state, whose each account is, and which of them are whose they are by a choice."""

    state: list[tuple[str | None, ...]]
    who: dict[str, str]
    given: set[str]

    def people(self) -> dict[str, list[str]]:
        """The accounts of each person."""
        found: dict[str, list[str]] = {}
        for account in sorted(self.who):
            found.setdefault(self.who[account], []).append(account)
        return found

    def together(self, without: set[str]) -> set[str]:
        """The accounts of each person, but for those."""
        left = (
            [account for account in accounts if account not in without] for accounts in self.people().values()
        )
        return {", ".join(accounts) for accounts in left if accounts}

    def beside(self, given: set[str]) -> set[str]:
        """The accounts of all who have one of those."""
        return {account for of in self.people().values() if not given.isdisjoint(of) for account in of}

    def told(self, happened: list[Event], without: set[str]) -> list[tuple[str | None, ...]]:
        """The state, but for the people of those accounts.

        Where an import was taken back that had joined people, which of them keeps the id is left open: who was split
        off meanwhile keeps the one that colleagues know them by.
        """
        left_out = {self.who[account] for account in without if account in self.who}
        rows = [row for row in self.state if row[0] not in left_out]
        if all(event.kind != "undone" for event in happened):
            return rows
        return sorted((row[1:] for row in rows), key=str)


def _live(world: World, happened: list[Event], decider: Decider | None) -> Life:
    """One life, forgotten afterwards."""
    given: set[str] = set()
    with transaction.atomic():
        for event in happened:
            before = who_is_who()
            world.happen(event)
            given = named_with(given, event, before.keys()) & who_is_who().keys()
            if decider:
                decider.watch()
            for _ in range(decider.draw.randint(0, 2) if decider else 0):
                assert decider is not None
                decider.decide(event.at + timedelta(seconds=1))
                decider.broken += orphans()
                given |= given_by_choice()
        if decider:
            decider.take_all_back(happened[-1].at + timedelta(days=1))
            decider.broken += orphans()
        end = Life(state(), who_is_who(), given | given_by_choice())
        transaction.set_rollback(True)
    return end


def _first_difference(plain: list[tuple[str | None, ...]], decided: list[tuple[str | None, ...]]) -> str:
    if len(plain) != len(decided):
        return f"{len(plain)} people without decisions, {len(decided)} after all were taken back"
    return next(f"\n  {one}\n  {other}" for one, other in zip(plain, decided, strict=True) if one != other)
