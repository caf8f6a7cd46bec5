"""Move the demo company into an empty Amity, through the same doors as real data, and let it live on."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from amity.activity.models import ThreadRef
from amity.activity.shaping import identity_id
from amity.channels import imports
from amity.channels.adapters import RawItem, adapter
from amity.channels.models import ImportRun, RunState, Source
from amity.channels.records import Handle
from amity.channels.walking import config_of
from amity.conversations.models import ConversationState
from amity.conversations.placing import Placement, place_many
from amity.kernel import policy
from amity.kernel.actor import SYSTEM, Actor
from amity.kernel.models import Staff, Team, WorkspaceSetting
from amity.people.models import Identity
from amity.quality.looking import ask_for_a_look
from amity.retention.examples import make_example
from amity.retention.models import Rule
from amity.site import demo, ingest
from amity.site.demo_consent import seed_consent
from amity.site.demo_notes import has_notes, seed_notes
from amity.site.demo_objectives import seed_objectives
from amity.teamwork.models import PromiseState
from amity.teamwork.services import break_if_open, make_promise, settle_promise

SOURCE = "tampco"
PASSWORD = "espresso-2241"  # noqa: S105 - of the invented colleagues of the demo, shown on its sign-in page
T = TypeVar("T")
Tell = Callable[[str, int, int | None], None]


def is_wanted() -> bool:
    """Amity is empty, or the demo company was interrupted while it moved in."""
    state = WorkspaceSetting.objects.filter(key="demo").values_list("value", flat=True).first()
    return state == "moving in" or (state is None and not Staff.objects.exists())


def move_in(now: datetime, tell: Tell) -> None:
    """Load the demo company; after a crash the next call goes on. `tell(step, done, total)` reports progress."""
    begun = _setting("demo_since", now.isoformat(timespec="minutes"))
    now = datetime.fromisoformat(begun)
    _setting("demo", "moving in")
    staff = _colleagues(now)
    run = _import(now, tell)
    assert run.source_id is not None
    _place(run.source_id, now, staff)
    _promise(run.source_id, now, staff, tell)
    seed_objectives(now)
    seed_consent(now)
    if not has_notes():
        seed_notes(now, staff)
    if not Rule.objects.exists():
        make_example("words", actor=SYSTEM, at=now)  # off, to look at
    ask_for_a_look()
    _setting("demo_logins", _logins(now))
    WorkspaceSetting.objects.filter(key="demo").update(value="moved in")


def _setting(key: str, value: T) -> T:
    kept, _ = WorkspaceSetting.objects.get_or_create(
        key=key, defaults={"value": value, "changed_at": timezone.now()}
    )
    found: T = kept.value
    return found


@transaction.atomic
def _colleagues(now: datetime) -> dict[str, Staff]:
    told = demo.company(now)
    _setting("name", told.name)
    _setting("icon", "coffee")
    _setting("silver_from", 600)
    _setting("gold_from", 1_200)
    password = make_password(PASSWORD)
    teams = {team.key: Team.objects.get_or_create(name=team.name)[0] for team in told.teams}
    for colleague in told.staff:
        member, made = Staff.objects.get_or_create(
            email=colleague.email,
            defaults={
                "name": colleague.name,
                "role": colleague.role,
                "job_title": colleague.job_title,
                "language": colleague.locale.partition("-")[0] if colleague.locale.startswith("en") else "en",
                "joined_at": now - timedelta(days=760),
                "password": password,
            },
        )
        if made:
            member.teams.add(*(team for key, team in teams.items() if key == colleague.team))
    return {member.email: member for member in Staff.objects.all()}


def _logins(now: datetime) -> list[dict[str, str]]:
    """One colleague for each role, the agent first: she has the most to do."""
    chosen: dict[str, dict[str, str]] = {}
    for colleague in demo.company(now).staff:
        entry = {
            "name": colleague.name,
            "email": colleague.email,
            "role": colleague.job_title,
            "password": PASSWORD,
        }
        if colleague.role not in chosen or colleague.key == "ines":
            chosen[colleague.role] = entry
    return sorted(chosen.values(), key=lambda entry: not entry["email"].startswith("ines"))


def _import(now: datetime, tell: Tell) -> ImportRun:
    run = ImportRun.objects.filter(source__key=SOURCE, options__demo=True).first()
    if run is None:
        run = _draft(now)
    total = run.rows_total
    if run.state != RunState.DONE:
        if run.state in {RunState.STOPPED, RunState.FAILED}:
            imports.requeue_run(run.id, actor=SYSTEM, at=now)
        run = ingest.work_on(
            run.id, on_progress=lambda at: tell("people, conversations, orders", at.rows_read, total)
        )
    return run


def _draft(now: datetime) -> ImportRun:
    with tempfile.TemporaryDirectory(prefix="amity-demo-") as folder:
        path = Path(folder) / "tamp-and-co.jsonl"
        with path.open("w", encoding="utf-8") as file:
            rows = 0
            for record in demo.records(now):
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
                rows += 1
        draft = imports.store_file(path, actor=SYSTEM, at=now)
    imports.describe(draft)
    ImportRun.objects.filter(pk=draft.pk).update(rows_total=rows)
    source = imports.ensure_source(SOURCE, name="Tamp & Co", adapter="file", at=now)
    run = imports.queue_run(
        draft.id,
        source=source,
        mapping=draft.mapping,
        options={"open_days": None, "demo": True},
        actor=SYSTEM,
        at=now,
    )
    run.rows_total = rows
    return run


def _place(source_id: UUID, now: datetime, staff: dict[str, Staff]) -> None:
    place_many(
        source_id,
        [
            Placement(
                external_id,
                ConversationState.CLOSED
                if known.is_closed
                else ConversationState.SNOOZED
                if known.snoozed_until
                else ConversationState.OPEN,
                staff[known.staff].id if known.staff else None,
                None if known.is_closed else known.snoozed_until,
            )
            for external_id, known in demo.assignments(now).items()
        ],
        actor=SYSTEM,
    )


def _promise(source_id: UUID, now: datetime, staff: dict[str, Staff], tell: Tell) -> None:
    told = demo.promises(now)
    threads = dict(
        ThreadRef.objects.filter(source_id=source_id, ref__in=[made["thread"] for made in told]).values_list(
            "ref", "thread_id"
        )
    )
    known = set(Identity.objects.filter(pk__in=[_about(made) for made in told]).values_list("id", flat=True))
    actors = {name: one.actor() for name, one in staff.items()}
    with transaction.atomic(), policy.one_look():
        if WorkspaceSetting.objects.filter(key="demo_promises").exists():
            return
        for number, made in enumerate(told):
            if _about(made) in known:
                _keep(source_id, made, threads.get(made["thread"]), actors[made["staff"]], now)
            if number % 50 == 0:
                tell("promises", number, len(told))
        _setting("demo_promises", len(told))


def _about(made: dict[str, Any]) -> UUID:
    return identity_id(Handle(made["handle"]["network"], made["handle"]["address"]))


def _keep(source_id: UUID, made: dict[str, Any], thread_id: UUID | None, owner: Actor, now: datetime) -> None:
    due_at = datetime.fromisoformat(made["due_at"])
    kept_at = datetime.fromisoformat(made["kept_at"]) if made["kept_at"] else None
    assert owner.staff_id is not None
    promise = make_promise(
        actor=owner,
        at=datetime.fromisoformat(made["made_at"]),
        about_id=_about(made),
        source_id=source_id,
        what=made["what"],
        due_at=due_at,
        owner_id=owner.staff_id,
        thread_id=thread_id,
    )
    if due_at <= now and (kept_at is None or kept_at > due_at):
        break_if_open(promise.id, at=due_at)
    if kept_at is not None and kept_at <= now:
        settle_promise(promise.id, PromiseState.KEPT, actor=owner, at=kept_at)


def play(now: datetime, *, speed: float = 1.0, most: int | None = None) -> Iterator[str]:
    """Let customers of the demo write and buy on, each at its time (`speed` times faster); yields what happened."""
    source = Source.objects.get(key=SOURCE)
    described = ImportRun.objects.filter(source=source, options__demo=True).get()
    reader = adapter(source.adapter).reader(config_of(described))
    for number, record in enumerate(islice(demo.live(now), most), 1):
        due = now + (datetime.fromisoformat(record["at"]) - now) / speed
        while (left := (due - timezone.now()).total_seconds()) > 0:
            time.sleep(min(left, 1.0))
        record["at"] = timezone.now().isoformat()
        raw = RawItem(number, json.dumps(record, ensure_ascii=False).encode(), "application/json")
        ingest.deliver(source, [raw], reader)
        yield f"{record['type']} {record['id']}"
