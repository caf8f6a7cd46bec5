"""A dry run: a whole file is read and compared with what is there, and nothing of it is written.

It walks the reading half of the corridor, so its counts are those of the import. The writing half is walked by the
first batch only, in a transaction that is rolled back: it shows a fault of Amity before the import does, without
holding up other writers for the length of a file.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

import structlog
from django.db import OperationalError, transaction

from amity.channels import imports
from amity.channels.adapters import RawItem, Reader, adapter
from amity.channels.checking import as_judged
from amity.channels.models import ImportRun, RunState, Source
from amity.channels.outcomes import Fate, compare
from amity.channels.preview import kind_of
from amity.channels.records import LeftOut, PersonRecord, Unreadable, left_out_of
from amity.channels.stages import COUNTS, ITEMS, RAW, READER, RULES, digest_of, read, skip_known
from amity.channels.trial_notes import keep_trial
from amity.channels.walking import Clock, config_of
from amity.kernel.live import announce
from amity.kernel.pipeline import Batch

log = structlog.get_logger(__name__)

Rehearse = Callable[[ImportRun, Sequence[RawItem], Reader], None]
NOTE_EVERY_S = 1.0
MOST_REASONS = 20
MOST_REMEMBERED = 2_000_000
"""Rows whose repeats within the file are recognised; 16 bytes each are kept in memory."""

_COLUMN = re.compile(r"“([^”]{1,200})”")


@dataclass(slots=True)
class Tally:
    """What a trial has found so far."""

    read: int = 0
    new: int = 0
    same: int = 0
    quarantined: int = 0
    becomes: Counter[str] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    flags: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    without: dict[tuple[str, str], tuple[int, LeftOut]] = field(default_factory=dict)

    def refuse(self, code: str, reason: str, position: int) -> None:
        key = (code, column_of(reason))
        self.quarantined += 1
        self.reasons[key] += 1
        self.examples.setdefault(key, (position, reason))

    def leave_out(self, found: Sequence[LeftOut], position: int) -> None:
        for one in found:
            self.left_out[one.code, one.column] += 1
            self.without.setdefault((one.code, one.column), (position, one))

    def to_json(self) -> dict[str, Any]:
        reasons = [
            {"code": key[0], "column": key[1], "count": count, "position": self.examples[key][0],
             "reason": self.examples[key][1]}
            for key, count in self.reasons.most_common(MOST_REASONS)
        ]  # fmt: skip
        counts = {"read": self.read, "new": self.new, "same": self.same, "quarantined": self.quarantined}
        flags = [
            {"field": name, "rule": rule, "count": count}
            for (name, rule), count in self.flags.most_common(MOST_REASONS)
        ]
        left_out = [
            {"code": code, "column": column, "count": count, "position": self.without[code, column][0],
             "field": self.without[code, column][1].field, "text": self.without[code, column][1].text}
            for (code, column), count in self.left_out.most_common(MOST_REASONS)
        ]  # fmt: skip
        told = {"becomes": dict(self.becomes), "people": dict(self.people)}
        return {**counts, **told, "reasons": reasons, "flags": flags, "left_out": left_out}


def column_of(reason: str) -> str:
    """The column that a reason begins with, empty where it is about the row."""
    found = _COLUMN.match(reason)
    return found.group(1) if found else ""


def try_run(run_id: UUID, *, rehearse: Rehearse, clock: Clock) -> dict[str, Any]:
    """Read the whole file of a draft; what was found, also kept in `options["trial"]` while it goes on.

    It ends early when the trial was stopped, the mapping changed or the import began.
    """
    run = ImportRun.objects.get(pk=run_id)
    trial = run.options.get("trial")
    if run.state != RunState.DRAFT or trial is None:
        return {}
    trial = {**trial, "token": uuid4().hex, "started_at": clock().isoformat()}
    tally = Tally()
    try:
        _note(run, {**trial, "state": "running", **tally.to_json()}, begins=True)
        goes_on = _read_all(run, trial, tally, rehearse, clock)
        state, why = "done", ""
    except OperationalError:
        raise  # the database is away: the queue tries again
    except Unreadable as error:
        goes_on, state, why = True, "failed", error.reason
    except Exception as error:  # the boundary: the trial says what it met
        log.exception("trial stopped", run=str(run_id), kind=type(error).__name__)
        goes_on, state, why = (
            True,
            "failed",
            f"Amity fails on this file ({type(error).__name__}: {error})."[:500],
        )
    found = {**trial, "state": state, "why": why, "ended_at": clock().isoformat(), **tally.to_json()}
    if goes_on:
        _note(run, found)
    return found


def _read_all(run: ImportRun, trial: dict[str, Any], tally: Tally, rehearse: Rehearse, clock: Clock) -> bool:
    channel = adapter("file")
    items = channel.open(imports.stored_file(run), config_of(run), None)
    reader = channel.reader(config_of(run))
    source_id = Source.objects.filter(key=run.mapping.get("source")).values_list("id", flat=True).first()
    seen: set[bytes] = set()
    people: set[tuple[str, str]] = set()
    noted = time.monotonic()
    while raws := list(islice(items, imports.BATCH_ROWS)):
        if tally.read == 0:
            rehearse(run, raws, channel.reader(config_of(run)))
        fresh = _not_seen(raws, seen)
        _read_batch(fresh, source_id, reader, tally, people, clock)
        tally.read += len(raws)
        tally.same += len(raws) - len(fresh)
        if time.monotonic() - noted >= NOTE_EVERY_S:
            noted = time.monotonic()
            if not _note(run, {**trial, "state": "running", **tally.to_json()}):
                return False
    return True


def _not_seen(raws: Sequence[RawItem], seen: set[bytes]) -> list[RawItem]:
    fresh = []
    for raw in raws:
        digest = digest_of(raw)
        if digest not in seen:
            fresh.append(raw)
            if len(seen) < MOST_REMEMBERED:
                seen.add(digest)
    return fresh


def _read_batch(
    raws: Sequence[RawItem],
    source_id: UUID | None,
    reader: Reader,
    tally: Tally,
    people: set[tuple[str, str]],
    clock: Clock,
) -> None:
    batch = Batch(
        source_id=source_id or uuid4(), at=clock()
    )  # nothing came yet from a source that is not there
    batch.put(RAW, raws)
    batch.put(READER, reader)
    told: list[list[PersonRecord]] = []
    for item in read(skip_known(batch)).get(ITEMS):
        if item.code:
            tally.refuse(item.code, item.reason, item.raw.position)
        else:
            tally.new += 1
            tally.leave_out(left_out_of(item.records), item.raw.position)
            tally.becomes.update(str(kind_of(record)) for record in item.records)
            told.append([record for record in item.records if isinstance(record, PersonRecord)])
            judged = as_judged(item.records)
            tally.flags.update(flag for record in judged for flag in batch.get(RULES).flags(record))
    _count_people([of_row for of_row in told if of_row], tally, people)
    tally.same += batch.get(COUNTS)["same"]


def _count_people(told: Sequence[Sequence[PersonRecord]], tally: Tally, seen: set[tuple[str, str]]) -> None:
    """Rows of people by what would become of them, with all that each tells of its person. Who stands in the file a
    second time is not new any more."""
    fates = iter(compare([record for of_row in told for record in of_row]))
    for of_row in told:
        first, *others = islice(fates, len(of_row))
        fate = first if first is Fate.NEW or set(others) <= {Fate.KNOWN} else Fate.CHANGED
        handles = {(handle.network, handle.address) for handle in of_row[0].handles}
        again = fate is Fate.NEW and not seen.isdisjoint(handles)
        tally.people[Fate.CHANGED if again else fate] += 1
        if fate is Fate.NEW and len(seen) < MOST_REMEMBERED:
            seen |= handles


def _note(run: ImportRun, trial: dict[str, Any], *, begins: bool = False) -> bool:
    """Write how far the trial is; False where it is no longer wanted."""
    with transaction.atomic():
        fresh = ImportRun.objects.select_for_update().filter(pk=run.pk).first()
        wanted = fresh.options.get("trial") if fresh else None
        if fresh is None or fresh.state != RunState.DRAFT or wanted is None:
            return False
        if not begins and wanted.get("token") != trial["token"]:
            return False
        keep_trial(fresh, trial)
        announce("import", run.pk)
    return True
