"""Random lives: after each thing that happens, every membership is what the records say, counted by the oracle."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

import amity.conversations.stages as conversations
from amity.activity.rows import ROWS
from amity.activity.shaping import identity_id
from amity.channels import imports
from amity.channels.adapters import RawItem
from amity.channels.models import Source
from amity.channels.records import (
    Direction,
    Handle,
    MessageRecord,
    OrderLineRecord,
    OrderRecord,
    PersonRecord,
    Record,
)
from amity.channels.stages import ITEMS, ReadItem
from amity.commerce.models import Product
from amity.conversations.models import Conversation
from amity.conversations.services import close, reopen
from amity.kernel.actor import SYSTEM, Role
from amity.kernel.errors import DomainError
from amity.kernel.models import Staff, Team
from amity.kernel.pipeline import Batch, Stage, run_stages
from amity.segments import services
from amity.segments.domain.trees import read
from amity.segments.keeping import catch_up
from amity.segments.models import Member, Segment
from amity.segments.queries import preview
from amity.site import ingest
from amity.site.bench.histories.decisions import Decider
from amity.site.bench.histories.world import BEGINNING, CITIES, HANDLES, JOBS, NAMES, STAGES
from amity.site.bench.segmenting import consent, own
from amity.site.bench.segmenting.oracle import members
from amity.site.bench.segmenting.rules import CHANNELS, CURRENCIES, VERBS, Rules
from amity.teamwork.models import Promise, PromiseState
from amity.teamwork.services import break_if_open, make_promise, settle_promise


@dataclass(slots=True)
class Report:
    """What was lived through. `broken` tells each membership that is not as counted, with the seed of its life."""

    lives: int = 0
    steps: int = 0
    compared: int = 0
    moved: int = 0
    refused: int = 0
    broken: list[str] = field(default_factory=list)


def feel(batch: Batch) -> Batch:
    """The mood that a record brings along, in place of the model that reads it from the words."""
    for row in batch.get(ROWS):
        mood = (row.payload or {}).get("mood")
        if mood is not None:
            row.sentiment, row.confidence = mood, 0.9
    return batch


_STAGES: tuple[Stage, ...] = (STAGES[0], feel, *STAGES[1:])


def live_through(lives: int, *, seed: int, first: int = 0) -> Report:
    """Live lives `first` to `first + lives`. Within a transaction; each leaves nothing behind."""
    report = Report()
    for number in range(first, first + lives):
        with transaction.atomic():
            life = Life(random.Random(f"{seed}-{number}"), f"life {number}", report)
            life.run()
            transaction.set_rollback(True)
        report.lives += 1
    return report


class Life:
    """Customers, colleagues and segments over some weeks."""

    def __init__(self, draw: random.Random, name: str, report: Report) -> None:
        self.draw, self.name, self.report, self.at = draw, name, report, BEGINNING
        self.team = Team.objects.create(name="Works council")
        self.sources = [
            Source.objects.create(
                key=key, adapter="file", name=key, created_at=BEGINNING, team=self.team if key == "closed" else None
            )
            for key in ("shop", "desk", "closed")
        ]  # fmt: skip
        staff = [
            Staff.objects.create(
                name=name, role=Role.OWNER, email=f"{name}@tamp.example", joined_at=BEGINNING
            )
            for name in ("ines", "jonas")
        ]
        self.ines, jonas = (one.actor() for one in staff)
        own.make_fields(self.ines, BEGINNING)
        consent.make_purposes(self.ines, BEGINNING)
        self.decider = Decider(draw, (self.ines, jonas))
        self.runs: list[UUID] = []
        self.numbers = 0

    def run(self) -> None:
        """Some records before there is a segment, then steps of all kinds."""
        for _ in range(self.draw.randint(0, 6)):
            self._step(self._record)
        for _ in range(self.draw.randint(2, 4)):
            self._step(self._make)
        for _ in range(self.draw.randint(8, 16)):
            self._step(self.draw.choice(self._steps()))

    def _steps(self) -> list[Callable[[], object]]:
        return [
            self._record, self._record, self._record, self._record, self._decide, self._decide, self._time_passes,
            self._time_passes, self._import, self._undo, self._talk, self._promise, self._make, self._change,
            self._open_or_close, self._delete, self._say, self._say, self._change_field,
            self._agree, self._agree, self._change_purpose,
        ]  # fmt: skip

    def _step(self, deed: Callable[[], object]) -> None:
        self.at += timedelta(minutes=self.draw.randint(1, 700), seconds=self.draw.randint(0, 59))
        try:
            with transaction.atomic():
                deed()
        except DomainError:
            self.report.refused += 1
        self.report.steps += 1
        before = Member.objects.count()
        catch_up(self.at)
        self.report.moved += Member.objects.count() - before
        self._compare(getattr(deed, "__name__", "step"))

    def _compare(self, deed: str) -> None:
        segments = list(Segment.objects.there())
        said = members({one.id: one.rule for one in segments}, self.at)
        for one in segments:
            kept = set(Member.objects.filter(segment=one, until=None).values_list("person_id", flat=True))
            self.report.compared += 1
            told = f"{self.name}, {deed} at {self.at}: {json.dumps(one.rule)}"
            if kept != said[one.id]:
                self.report.broken.append(
                    f"{told}: {len(kept)} kept, {len(said[one.id])} counted; {kept ^ said[one.id]}"
                )
            if one.members != len(kept) or one.is_building:
                self.report.broken.append(f"{told}: {one.members} told, {len(kept)} kept, {one.state}")
            if (seen := preview(read(one.rule), self.at).count) != len(said[one.id]):
                self.report.broken.append(f"{told}: {seen} previewed, {len(said[one.id])} counted")

    def _record(self) -> None:
        self._walk(self.draw.choice((self._said, self._said, self._answered, self._ordered, self._listed))())

    def _walk(self, record: Record) -> None:
        batch = Batch(source_id=self.draw.choice(self.sources).id, at=self.at)
        batch.put(ITEMS, [ReadItem(uuid4(), uuid4().bytes, RawItem(1, b"", "application/json"), (record,))])
        batch.put(conversations.OPEN_AFTER, None)
        run_stages(_STAGES, batch)

    def _number(self) -> str:
        self.numbers += 1
        return str(self.numbers)

    def _earlier(self) -> tuple[str, ...]:
        return (str(self.draw.randint(1, self.numbers)),) if self.numbers and self.draw.random() < 0.6 else ()

    def _when(self) -> datetime:
        return self.at - timedelta(hours=self.draw.choice((0, 0, 5, 24, 170, 720, 2200)))

    def _said(self) -> Record:
        mood = self.draw.choice((None, -0.8, -0.3, 0.0, 0.4, 0.9))
        return MessageRecord(
            external_id=self._number(), occurred_at=self._when(), author=self.draw.choice(HANDLES),
            channel=self.draw.choice(CHANNELS), verb=self.draw.choice(VERBS), text="Good morning",
            in_reply_to=self._earlier(), extra={} if mood is None else {"mood": mood},
        )  # fmt: skip

    def _answered(self) -> Record:
        return MessageRecord(
            external_id=self._number(), occurred_at=self._when(), author=Handle("email", "care@tamp.example"),
            direction=Direction.OUT, recipients=(self.draw.choice(HANDLES),), channel=self.draw.choice(CHANNELS),
            text="We are on it", in_reply_to=self._earlier(),
        )  # fmt: skip

    def _ordered(self) -> Record:
        again = self.draw.random() < 0.3
        names = self.draw.sample(("Grinder", "Burr", "Kettle"), self.draw.randint(0, 2))
        return OrderRecord(
            external_id=f"o{self.draw.randint(1, 4)}" if again else f"o{self._number()}",
            ordered_at=self._when(), buyer=tuple(self.draw.sample(HANDLES, self.draw.choice((1, 1, 2)))),
            amount=Decimal(self.draw.randint(100, 30_000)) / 100, currency=self.draw.choice(CURRENCIES),
            status=self.draw.choice(("paid", "paid", "paid", "cancelled", "refunded")), items=1,
            lines=tuple(OrderLineRecord(sku=name, name=name, quantity=Decimal(1), amount=Decimal(1)) for name in names),
            extra={"replaces": True} if again else {},
        )  # fmt: skip

    def _listed(self) -> Record:
        facts = {
            "city": self.draw.choice(CITIES), "job_title": self.draw.choice(JOBS), "name": self.draw.choice(NAMES),
            "organisation": "Roast & Co", "country": "DE",
        }  # fmt: skip
        some = dict(self.draw.sample(sorted(facts.items()), self.draw.randint(1, 3)))
        some |= own.some_facts(self.draw, self.at.date())
        handles = tuple(self.draw.sample(HANDLES, self.draw.choice((1, 2, 2))))
        return PersonRecord(external_id=self._number(), observed_at=self._when(), handles=handles, facts=some)

    def _say(self) -> None:
        own.say_by_hand(self.draw, self.ines, self.at)

    def _change_field(self) -> None:
        own.change_a_field(self.draw, self.ines, self.at)

    def _agree(self) -> None:
        consent.say(self.draw, self.ines, self.at)

    def _change_purpose(self) -> None:
        consent.change_a_purpose(self.draw, self.ines, self.at)

    def _decide(self) -> None:
        self.decider.decide(self.at)

    def _time_passes(self) -> None:
        self.at += timedelta(hours=self.draw.choice((1, 20, 24, 24 * 6, 24 * 29, 24 * 45)))
        for promise in Promise.objects.filter(state=PromiseState.OPEN, due_at__lte=self.at):
            break_if_open(promise.id, at=self.at)

    def _import(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"export{len(self.runs)}.jsonl"
            path.write_text("".join(json.dumps(self._row()) + "\n" for _ in range(self.draw.randint(1, 5))))
            run = imports.describe(imports.store_file(path, actor=SYSTEM, at=self.at))
        imports.queue_run(
            run.id, source=self.draw.choice(self.sources), mapping=run.mapping, options={"open_days": None},
            actor=SYSTEM, at=self.at,
        )  # fmt: skip
        ingest.work_on(run.id)
        self.runs.append(run.id)

    def _row(self) -> dict[str, Any]:
        who = self.draw.choice(HANDLES)
        if self.draw.random() < 0.5:
            return {
                "type": "message", "id": self._number(), "at": self._when().isoformat(), "direction": "in",
                "channel": self.draw.choice(CHANNELS), "text": self.draw.choice(("This is awful", "I love it", "Hm")),
                "from": {"network": who.network, "address": who.address, "name": who.name},
            }  # fmt: skip
        return {
            "type": "order", "id": f"o{self.draw.randint(1, 9)}", "at": self._when().isoformat(),
            "buyer": [{"network": who.network, "address": who.address}], "amount": str(self.draw.randint(1, 300)),
            "currency": self.draw.choice(CURRENCIES),
            "lines": [{"sku": "Burr", "name": "Burr", "quantity": 1, "amount": "1"}],
        }  # fmt: skip

    def _undo(self) -> None:
        if self.runs:
            ingest.undo(self.runs.pop(self.draw.randrange(len(self.runs))), actor=self.ines)

    def _talk(self) -> None:
        talks = list(Conversation.objects.exclude(state="snoozed").order_by("id"))
        if talks:
            one = self.draw.choice(talks)
            (close if one.state == "open" else reopen)(one.id, actor=self.ines, at=self.at)

    def _promise(self) -> None:
        opened = list(Promise.objects.filter(state__in=("open", "broken")).order_by("id"))
        if opened and self.draw.random() < 0.5:
            settle_promise(self.draw.choice(opened).id, PromiseState.KEPT, actor=self.ines, at=self.at)
            return
        known = [one for one in HANDLES if self.decider_knows(one)]
        if known:
            make_promise(
                actor=self.ines, at=self.at, about_id=identity_id(self.draw.choice(known)), what="A new burr",
                source_id=self.draw.choice(self.sources).id, due_at=self.at + timedelta(hours=30),
                owner_id=self.ines.staff_id or uuid4(),
            )  # fmt: skip

    def decider_knows(self, handle: Handle) -> bool:
        from amity.people.models import Identity

        return Identity.objects.filter(pk=identity_id(handle)).exists()

    def _rules(self) -> Rules:
        products = list(Product.objects.values_list("pk", flat=True))
        sources = [one.id for one in self.sources]
        return Rules(self.draw, today=self.at.date(), sources=sources, products=products, has_own=True)

    def _make(self) -> None:
        there = list(Segment.objects.there().order_by("id").values_list("pk", flat=True))
        services.create_segment(
            name=f"Segment {self._number()}", rule=self._rules().tree(there), actor=self.ines, at=self.at
        )

    def _change(self) -> None:
        there = list(Segment.objects.there().order_by("created_at", "id").values_list("pk", flat=True))
        if there:
            rule = self._rules().tree(there)
            services.change_segment(self.draw.choice(there), rule=rule, actor=self.ines, at=self.at)

    def _delete(self) -> None:
        gone = Segment.objects.filter(deleted_at__isnull=False).first()
        there = list(Segment.objects.there().order_by("created_at", "id").values_list("pk", flat=True))
        if gone is not None:
            services.restore_segment(gone.id, actor=self.ines, at=self.at)
        elif there:
            services.delete_segment(self.draw.choice(there), actor=self.ines, at=self.at)

    def _open_or_close(self) -> None:
        source = self.draw.choice(self.sources)
        source.team = self.team if source.team_id is None else None
        source.save(update_fields=["team"])
