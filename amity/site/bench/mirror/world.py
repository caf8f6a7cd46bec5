"""The world that is the same on both sides: what everybody may see, closed sources with a beginning, and who asks."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID

from django.contrib.auth import BACKEND_SESSION_KEY, SESSION_KEY
from django.test import Client

from amity.channels import imports
from amity.channels.models import ImportRun, Source
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.kernel.actor import SYSTEM, Role
from amity.kernel.api.tokens import make_token, scopes_of
from amity.kernel.models import Staff, Team
from amity.people.vocabulary import settle
from amity.site import ingest

NOW = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
OPEN, OF_A_TEAM, OF_A_COLLEAGUE = "shop", "council", "private"
HIDDEN = (OF_A_TEAM, OF_A_COLLEAGUE)
NAMES = "Hanna Tom Aino Lívia Jörg Mateo Zuri Ebba Noor Pavel Ines Oskar Bea Carlo Dana Femi".split()
HOUSES = ("Roastery North", "Café Linde", "Tostadores Sur")
CITIES = ("Turku", "Leipzig", "Sevilla")
PRODUCTS = ("Grinder", "Kettle", "Filters")
SAID = (
    "The grinder arrived late and the burr makes noise",
    "Meine Mühle macht seit Montag Geräusche, bitte helfen Sie mir",
    "I love how quiet the kettle is, thank you so much",
    "This is terrible, I want my money back today",
    "Could you please ring me about the invoice",
)


@dataclass(frozen=True, slots=True)
class Asker:
    """A colleague with a browser and a token."""

    name: str
    staff: Staff
    browser: Client
    api: Client  # without a session
    token: str


@dataclass(frozen=True, slots=True)
class World:
    """Who asks, and who works where the askers do not see."""

    askers: tuple[Asker, ...]
    insider: Staff
    owner: Staff
    folder: Path
    ids: dict[str, list[UUID]] = field(default_factory=dict)


@contextmanager
def standing_clock(at: datetime = NOW) -> Iterator[None]:
    """Both worlds are asked at the same instant: pages say how long ago something was."""
    with patch("django.utils.timezone.now", lambda: at):
        yield


@contextmanager
def made(seed: int = 1) -> Iterator[World]:
    """The world, in the current transaction, which the caller takes back."""
    with tempfile.TemporaryDirectory(prefix="amity-mirror-") as folder, standing_clock():
        yield _make(Path(folder), Random(seed))


def take_in(folder: Path, source: str, rows: Iterable[dict[str, Any]], at: datetime = NOW) -> ImportRun:
    """Let a source say these records of Amity's own format."""
    path = folder / "said.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    run = imports.describe(imports.store_file(path, actor=SYSTEM, at=at))
    found = imports.ensure_source(source, name=source.title(), adapter="file", at=at)
    options = {"open_days": None}
    imports.queue_run(run.id, source=found, mapping=run.mapping, options=options, actor=SYSTEM, at=at)
    done = ingest.work_on(run.id)
    assert done.state == "done", done.state
    return done


def address_of(name: str) -> str:
    return f"{name.lower()}@customers.example"


def message(id: str, at: datetime, who: str, text: str, **fields: Any) -> dict[str, Any]:
    return {
        "type": "message", "id": id, "at": at.isoformat(), "channel": "email", "direction": "in",
        "from": {"network": "email", "address": address_of(who), "name": who}, "subject": text[:20], "text": text,
    } | fields  # fmt: skip


def order(id: str, at: datetime, who: str, amount: int, product: str, **fields: Any) -> dict[str, Any]:
    return {
        "type": "order", "id": id, "at": at.isoformat(), "amount": str(amount), "currency": "EUR", "number": id,
        "buyer": [{"network": "email", "address": address_of(who)}],
        "lines": [{"sku": product.lower(), "name": product, "quantity": "1", "amount": str(amount)}],
    } | fields  # fmt: skip


def person(id: str, at: datetime, who: str, **facts: str) -> dict[str, Any]:
    handles = [{"network": "email", "address": address_of(who)}]
    return {"type": "person", "id": id, "at": at.isoformat(), "handles": handles, "facts": facts}


def _make(folder: Path, random: Random) -> World:
    ours, theirs = Team.objects.create(name="Service"), Team.objects.create(name="Works council")
    owner = _colleague("owner", Role.OWNER)
    insider = _colleague("insider", Role.AGENT, theirs)
    Source.objects.create(key=OF_A_TEAM, name="Works council", adapter="file", team=theirs, created_at=NOW)
    Source.objects.create(key=OF_A_COLLEAGUE, name="Own", adapter="file", owner=insider, created_at=NOW)
    take_in(folder, OPEN, _open(random))
    for source in HIDDEN:
        take_in(folder, source, [message(f"{source}-0", NOW - timedelta(days=9), "Hanna", SAID[0])])
    world = World(
        tuple(
            _asker(name, role, *teams)
            for name, role, teams in (
                ("agent of a team", Role.AGENT, (ours,)),
                ("analyst", Role.ANALYST, ()),
                ("partner", Role.PARTNER, ()),
            )
        ),
        insider, owner, folder,
    )  # fmt: skip
    _work(world)
    settle()
    return world


def _open(random: Random) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for number, who in enumerate(NAMES):
        at = NOW - timedelta(days=1 + number % 7, hours=number)
        facts = {"name": f"{who} {who[::-1].title()}", "country": ("FI", "DE", "ES")[number % 3]}
        facts |= {"city": CITIES[number % 3], "organisation": HOUSES[number % 3]} if number % 4 else {}
        rows.append(person(f"p{number}", at, who, **facts))
        if number % 5 != 4:
            rows.append(message(f"m{number}", at, who, SAID[number % len(SAID)]))
        if number % 3 == 0:
            answered = at + timedelta(minutes=random.randint(5, 600))
            rows.append(message(f"a{number}", answered, who, "One more thing", in_reply_to=[f"m{number}"]))
        if number % 2 == 0:
            rows.append(order(f"o{number}", at, who, 20 + number * 9, PRODUCTS[number % 3]))
    return rows


def _work(world: World) -> None:
    """Some of what is open is assigned, promised, answered and closed."""
    seen = list(Conversation.objects.filter(source__key=OPEN).order_by("opened_at", "id"))
    actor = world.owner.actor()
    for number, asker in enumerate(world.askers):
        if asker.staff.role != Role.ANALYST:
            services.assign(seen[number].id, actor=actor, at=NOW, assignee_id=asker.staff.id)
    due = NOW + timedelta(hours=3)
    services.promise(seen[0].id, actor=world.askers[0].staff.actor(), at=NOW, what="Ring back", due_at=due)
    services.reply(seen[3].id, actor=actor, at=NOW, text="We look at it")
    services.close(seen[4].id, actor=actor, at=NOW)
    services.snooze(seen[5].id, actor=actor, at=NOW, until=NOW + timedelta(days=2))


def _colleague(name: str, role: Role, *teams: Team) -> Staff:
    staff = Staff(
        name=name.title(), role=role, email=f"{name.replace(' ', '.')}@tamp.example", last_seen_at=NOW,
        joined_at=NOW - timedelta(days=90),
    )  # fmt: skip
    staff.set_password("a password for this world")
    staff.save()
    staff.teams.set(teams)
    return staff


def _asker(name: str, role: Role, *teams: Team) -> Asker:
    staff = _colleague(name, role, *teams)
    browser = Client(raise_request_exception=False)
    browser.force_login(staff, backend="amity.site.signin.StaffBackend")
    session = browser.session
    assert session[SESSION_KEY], session[BACKEND_SESSION_KEY]
    session["confirmed_at"] = NOW.isoformat()
    session.save()
    _, token = make_token("Mirror", actor=staff.actor(), at=NOW, scopes=scopes_of(role))
    return Asker(name, staff, browser, Client(raise_request_exception=False), token)
