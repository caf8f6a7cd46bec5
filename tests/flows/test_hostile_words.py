"""Hostile words in every field that is ever shown, on every screen, in a real browser: nothing acts, all of it is text.

The browser's requests are answered by Django in the transaction of the test, with the headers that a browser would get.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.contrib.staticfiles import finders
from django.db import connections, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from amity.activity.models import Activity, Attachment
from amity.channels import accounts
from amity.channels.adapters import RawItem
from amity.channels.adapters.file import restore_cell
from amity.channels.imports import ensure_source
from amity.channels.models import Account, Feed, ImportRun, Item, Source
from amity.channels.records import Attachment as SentFile
from amity.commerce.models import Order
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.conversations.tests.factories import a_message
from amity.kernel import audit
from amity.kernel.actor import Actor, Role
from amity.kernel.api.tokens import make_token
from amity.kernel.models import AuditEntry, Staff, Team
from amity.kernel.workspace import change_workspace
from amity.people.models import Organisation, Person
from amity.site import ingest
from amity.webhooks.models import Attempt, Delivery, Endpoint, EndpointState, Event, OffWhy
from amity.webhooks.services import add_inlet
from tests.flows.stories import colleague, jsonl, message, order, take_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page, Route
    from pytest_django import Settings

pytestmark = pytest.mark.django_db
BACKEND = "amity.site.signin.StaffBackend"
# One string that acts as text of an element, in an attribute, in a script and in a template.
HOSTILE = "\"'><img src=x onerror=hit(1)><svg/onload=hit(2)>{{7*191}}"
SCRIPT = "</script><script>hit(3)</script>{% debug %}${7*191}%(secret_key)s"
LINK = "javascript:hit(4)//https://a.example"
FORMULA = '=HYPERLINK("https://evil.example","x")'
HEAR = """
window.__hits = []; window.hit = (what) => window.__hits.push('ran ' + what);
document.addEventListener('securitypolicyviolation', (e) =>
    window.__hits.push('policy ' + e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample));
"""
FIND = """() => [
  ...window.__hits,
  ...[...document.querySelectorAll('[onerror],[onload],[onclick],[onmouseover],img[src="x"],[srcdoc]')]
     .map((e) => 'element ' + e.outerHTML.slice(0, 80)),
  ...[...document.querySelectorAll('a[href],form[action],iframe[src]')]
     .filter((e) => /^\\s*(javascript|data|vbscript):/i.test(
       e.getAttribute('href') || e.getAttribute('action') || e.src))
     .map((e) => 'link ' + e.outerHTML.slice(0, 80)),
]"""
# Screens that show nothing of what came in, or that need what this story does not have.
ELSEWHERE = frozenset(
    "setup invitation address-confirmation reset-password login second-factor passkey-login sso sso-callback logout "
    "reset healthz readyz metrics".split()
)
SIGNS_OUT = frozenset({"logout"})


@dataclass(slots=True)
class Seen:
    """What went wrong while a page was shown."""

    hits: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def _everywhere(at: datetime, folder: Path, owner: Staff) -> dict[str, list[str]]:
    """Put the strings wherever somebody can put words, and say which records there are to look at."""
    who = "hanna@roast.example"
    sender = {"network": "email", "address": who, "name": HOSTILE}
    facts = {
        "organisation": HOSTILE,
        "job_title": SCRIPT,
        "city": HOSTILE,
        "website": LINK,
        "tags": HOSTILE,
        "x-own": SCRIPT,
    }
    take_in(
        jsonl(
            folder / "all.jsonl",
            [
                message("m1", at, text=f"{HOSTILE} {SCRIPT} {LINK}", subject=HOSTILE, channel="email",
                        html=f"<p>{HOSTILE}</p><a href='{LINK}'>x</a>") | {"from": sender},
                message("m2", at, who="uwe@roast.example", text=SCRIPT, subject=SCRIPT, channel="review"),
                {"type": "person", "id": "p1", "at": at.isoformat(), "handles": [{"network": "email", "address": who},
                 {"network": "twitter", "address": HOSTILE.lower()}], "facts": facts},
                order("o1", at, [("email", who)], "12.50", number=HOSTILE, lines=[
                    {"sku": SCRIPT, "name": HOSTILE, "quantity": "1", "amount": "12.50"}]),
            ],
        ),
        at,
    )  # fmt: skip
    _a_live_mail(at)
    _an_import(at, folder)
    actor = owner.actor()
    conversation = Conversation.objects.get(customer__address=who)
    services.note(conversation.id, actor=actor, at=at, text=HOSTILE + SCRIPT)
    services.promise(
        conversation.id,
        actor=actor,
        at=at,
        what=HOSTILE,
        due_at=timezone.now() + timedelta(hours=3),
    )
    services.reply(conversation.id, actor=actor, at=at, text=HOSTILE)
    Team.objects.create(name=HOSTILE)
    doors = _doors(actor, at)
    Source.objects.update(name=HOSTILE)
    change_workspace({"name": HOSTILE[:80]}, actor=actor, at=at)
    audit.record("person.tried", actor=actor, at=at, subject="team", subject_id=owner.pk,
                 before={HOSTILE: SCRIPT}, after={HOSTILE: LINK})  # fmt: skip
    return doors | {
        "entry_id": [str(one) for one in AuditEntry.objects.order_by("-pk").values_list("pk", flat=True)[:1]],
        "conversation_id": [str(one) for one in Conversation.objects.values_list("pk", flat=True)],
        "person_id": [
            str(Person.objects.get(links__identity__address=who, links__identity__network="email").pk)
        ],
        "organisation_id": [str(Organisation.objects.get().pk)],
        "order_id": [str(Order.objects.get().pk)],
        "run_id": [str(one) for one in ImportRun.objects.values_list("pk", flat=True)],
        "staff_id": [str(owner.pk)],
        "subject_id": [str(conversation.pk)],
        "attachment_id": [str(one) for one in Attachment.objects.values_list("pk", flat=True)],
        "number": ["0"],
        "key": ["messages-received"],
    }


def _doors(actor: Actor, at: datetime) -> dict[str, list[str]]:
    """What an administrator sets up towards the outside: webhooks and what came back, inlets, a mailbox, a token."""
    assert actor.staff_id is not None
    endpoint = Endpoint.objects.create(
        url=f"https://a.example/?{HOSTILE}", types=["person.created"], description=HOSTILE, created_at=at,
        owner_id=actor.staff_id, off_why=OffWhy.FAILING, state=EndpointState.OFF,
    )  # fmt: skip
    event = Event.objects.create(
        id=uuid4(),
        type="person.created",
        subject_id=uuid4(),
        happened_at=at,
        data={HOSTILE: SCRIPT},
        told_at=at,
    )
    delivery = Delivery.objects.create(endpoint=endpoint, event=event, created_at=at, next_at=at, attempts=1)
    Attempt.objects.create(
        delivery=delivery,
        at=at,
        duration_ms=9,
        outcome="failed",
        status=500,
        error=HOSTILE,
        response=SCRIPT + HOSTILE,
    )
    inlet = add_inlet(name=HOSTILE, actor=actor, at=at).inlet
    place = {"host": HOSTILE, "port": 993, "security": "tls"}
    account = accounts.connect(
        adapter="email", address="shop@roast.example", name=HOSTILE, secret={"password": HOSTILE},
        settings={"imap": place, "smtp": place, "user": SCRIPT}, actor=actor, at=at,
    )  # fmt: skip
    Account.objects.filter(pk=account.pk).update(problem="refused", detail=HOSTILE + SCRIPT, problem_since=at)
    Feed.objects.create(account=account, name=HOSTILE, came=7, waiting=2)
    make_token(HOSTILE[:80], actor=actor, at=at, scopes=["person:read"])
    return {
        "endpoint_id": [str(endpoint.pk)],
        "delivery_id": [str(delivery.pk)],
        "inlet_id": [str(inlet.pk)],
        "source_id": [str(account.source_id)],
        "operation": ["create_person"],
    }


def _a_live_mail(at: datetime) -> None:
    """A mail with hostile file names and an automatic answer with hostile words of a server."""
    files = (
        SentFile(f"{HOSTILE}.svg", "image/png", 60, b"<svg onload=hit(5)>"),
        SentFile("../../../etc/passwd\u202egnp.exe", "text/html", 30, b"MZ" + b"0" * 30),
    )
    told = {"address": HOSTILE, "outcome": "failed", "reason": "other", "said": SCRIPT, "dead": True}
    report = {"automatic": {"kind": "bounce", "sender": HOSTILE, "of": [HOSTILE], "told": [told]}}
    records = [
        a_message(at, HOSTILE, id=HOSTILE, who="mara@roast.example", name=HOSTILE, subject=HOSTILE, files=files,
                  full_text=HOSTILE + "\n> " + SCRIPT, html=f"<img src='https://a.example/{HOSTILE}'>{HOSTILE}"),
    ]  # fmt: skip
    source = ensure_source("live", name=HOSTILE, adapter="file", at=at)
    raws = [RawItem(n, repr(one).encode(), "test") for n, one in enumerate(records)]
    with transaction.atomic():
        ingest.deliver(source, raws, lambda raw: [records[raw.position]])
    Activity.objects.filter(external_id=HOSTILE).update(payload=report)


def _an_import(at: datetime, folder: Path) -> None:
    """A table with hostile name, columns and cells, of which some cannot be read."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["id", "created_at", "email", "message", HOSTILE, SCRIPT])
    for number in range(6):
        when = "2026-03-01 10:00" if number < 4 else HOSTILE
        writer.writerow([f"r{number}", when, f"c{number}@roast.example", HOSTILE, FORMULA, SCRIPT])
    path = folder / "table.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    run = take_in(path, at, source="table")
    ImportRun.objects.filter(pk=run.pk).update(filename=HOSTILE + ".csv", error=SCRIPT)


def _pages(records: dict[str, list[str]]) -> Iterator[str]:
    """Every address that can be looked at, with these records in the places of its arguments."""
    for pattern, name in _patterns(get_resolver()):
        arguments = [part.partition(":")[2].partition(">")[0] for part in pattern.split("<")[1:]]
        if name in ELSEWHERE or pattern.startswith("api/"):
            continue
        if any(one not in records and one not in ("activity_id", "item_id") for one in arguments):
            continue  # a record that this story has not; its own tests look at it
        yield from _filled(pattern, arguments, records)


def _filled(pattern: str, arguments: list[str], records: dict[str, list[str]]) -> Iterator[str]:
    if "activity_id" in arguments:
        for conversation, activity in _said()[:2]:
            yield "/" + re.sub(
                r"<[^>]*conversation_id>", conversation, re.sub(r"<[^>]*activity_id>", activity, pattern)
            ).replace("<int:number>", "0")
    elif "item_id" in arguments:
        for run, item in (
            Item.objects.exclude(run=None).order_by("-error_code").values_list("run_id", "pk")[:2]
        ):
            yield "/" + re.sub(r"<[^>]*run_id>", str(run), re.sub(r"<[^>]*item_id>", str(item), pattern))
    elif arguments:
        (argument,) = arguments
        yield from ("/" + re.sub(r"<[^>]*>", record, pattern) for record in records[argument])
    else:
        yield "/" + pattern


def _said() -> list[tuple[str, str]]:
    threads = Conversation.objects.values_list("pk", "threads__thread_id")
    of = {thread: str(conversation) for conversation, thread in threads}
    rows = Activity.objects.exclude(thread_id=None).values_list("thread_id", "id")
    return [(of[thread], str(id)) for thread, id in rows if thread in of]


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, str]]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _patterns(one, prefix + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield prefix + str(one.pattern), one.name or ""


@contextmanager
def _window(browser: Browser, client: Client) -> Iterator[tuple[Page, Seen]]:
    """A browser window that is answered by the test client."""
    seen = Seen()
    ours = connections[
        "default"
    ]  # with the transaction of the test; the browser's answers run in a context of their own

    def answer(route: Route) -> None:
        connections["default"] = ours
        parts = urlsplit(route.request.url)
        if parts.hostname != "testserver":
            seen.hits.append(f"request {route.request.url[:120]}")
            route.abort()
        elif parts.path.endswith((".css", ".woff2", ".svg", ".png")):
            route.abort()  # looks are not what this is about
        elif parts.path.startswith("/static/"):
            found = finders.find(parts.path.removeprefix("/static/"))
            route.fulfill(path=str(found)) if found else route.fulfill(status=404, body="")
        else:
            headers = {name: value for name, value in route.request.headers.items() if name.startswith("hx-")}
            got = client.generic(
                route.request.method, route.request.url.partition("testserver")[2], headers=headers
            )
            body = got.getvalue()
            if 300 <= got.status_code < 400:
                seen.failed.append(f"{parts.path} goes on to {got['Location']}")
            if got.status_code >= 500:
                seen.failed.append(f"{got.status_code} {parts.path}")
            route.fulfill(status=got.status_code, headers=dict(got.items()), body=body)

    def dismissed(dialog: Dialog) -> None:
        seen.hits.append("dialog")
        dialog.dismiss()

    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.add_init_script(HEAR)
    context.route("**/*", answer)
    page = context.new_page()
    page.on("dialog", dismissed)
    page.on("pageerror", lambda error: seen.hits.append(f"error {error}"))
    try:
        yield page, seen
    finally:
        context.close()


def test_hostile_words_act_on_no_screen(
    browser: Browser, at: datetime, tmp_path: Path, settings: Settings
) -> None:
    settings.LIVE_ORIGIN = "http://testserver"
    owner = colleague("owner@tamp.example", Role.OWNER)
    Staff.objects.filter(pk=owner.pk).update(name=HOSTILE[:100])
    records = _everywhere(at, tmp_path, owner)
    client = Client()
    client.force_login(owner, backend=BACKEND)
    for screen in ("inbox", "people", "orders"):
        client.post(
            "/views/", {"screen": screen, "name": HOSTILE[:60], "query": f"q={HOSTILE}", "is_shared": "1"}
        )
    pages = [page for page in _pages(_few(records)) if _is_page(client, page)]
    pages += [
        f"{page}?q={HOSTILE}&error={SCRIPT}&next={LINK}"
        for page in ("/inbox/", "/people/", "/orders/", "/find/")
    ]
    assert len(pages) >= 35
    hits: dict[str, list[str]] = {}
    shown = 0
    with _window(browser, client) as (page, seen):
        for address in pages:
            page.goto(f"http://testserver{address}", wait_until="load")
            for frame in page.frames:
                seen.hits += frame.evaluate(FIND)
            text = page.content()
            shown += "{{7*191}}" in text
            if "1337" in text.replace("#1337", ""):
                seen.hits.append("a template was filled in")
            if seen.hits or seen.failed:
                hits[address] = [*seen.hits, *seen.failed]
                seen.hits, seen.failed = [], []
        page.goto("http://testserver/style/")
        page.evaluate("(html) => { document.body.innerHTML = html }", HOSTILE)
        assert page.evaluate(
            FIND
        )  # what acts is seen: the words above do, where a page takes them for markup
    assert hits == {}
    assert shown >= 12  # the words are on the screens, as words


def _few(records: dict[str, list[str]]) -> dict[str, list[str]]:
    """The first of each, and all imports: a page looks the same with every record, and a browser takes its time."""
    return {name: found if name == "run_id" else found[:1] for name, found in records.items()}


def _is_page(client: Client, address: str) -> bool:
    response = client.get(address)
    assert response.status_code < 500, address
    return response.status_code == 200 and response["Content-Type"].startswith("text/html")


def test_every_table_that_leaves_is_harmless_in_a_spreadsheet_and_comes_back_whole(
    at: datetime, tmp_path: Path
) -> None:
    owner = colleague("owner@tamp.example", Role.OWNER)
    records = _everywhere(at, tmp_path, owner)
    Person.objects.update(name=FORMULA, city="@SUM(A1)", job_title="\t=1+1")
    client = Client()
    client.force_login(owner, backend=BACKEND)
    tables = [address for address in _pages(records) if _is_table(client, address)]
    assert len(tables) >= 2
    cells = [cell for address in tables for cell in _cells(client, address)]
    assert [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r", "\n")] == []
    assert FORMULA in {restore_cell(cell) for cell in cells}


def _is_table(client: Client, address: str) -> bool:
    return client.get(address)["Content-Type"].startswith("text/csv")


def _cells(client: Client, address: str) -> Iterator[str]:
    body = client.get(address).getvalue()
    for row in csv.reader(io.StringIO(body.decode("utf-8-sig"))):
        yield from row


def test_nothing_else_writes_tables() -> None:
    root = Path(__file__).resolve().parents[2] / "amity"
    writers = [
        str(path.relative_to(root))
        for path in sorted(root.rglob("*.py"))
        if "tests" not in path.parts
        and ("csv.writer(" in path.read_text() or "DictWriter(" in path.read_text())
    ]
    assert writers == ["channels/adapters/file/export.py"]


def test_words_of_customers_are_never_taken_for_templates(at: datetime, tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2] / "amity"
    makers = ("from_string(", "Template(", ".format_map(", "eval(", "exec(")
    found = [
        f"{path.relative_to(root)}: {line.strip()}"
        for path in sorted(root.rglob("*.py"))
        if "tests" not in path.parts
        for line in path.read_text().splitlines()
        if any(maker in line.replace("_exec(", "") for maker in makers)
        and not line.strip().startswith(("#", '"'))
    ]
    assert found == []
    assert json.dumps(SCRIPT)  # the strings above hold what such a maker would fill in
