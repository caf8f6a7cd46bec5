"""Hostile words wherever somebody can put words, for the tests that look at what becomes of them."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from amity.activity.models import Activity, Attachment
from amity.channels import accounts
from amity.channels.adapters import RawItem
from amity.channels.imports import ensure_source
from amity.channels.models import Account, Feed, ImportRun, Source
from amity.channels.records import Attachment as SentFile
from amity.commerce.models import Order
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.conversations.tests.factories import a_message
from amity.kernel import audit
from amity.kernel.actor import Actor
from amity.kernel.api.tokens import make_token
from amity.kernel.models import AuditEntry, Staff, Team
from amity.kernel.workspace import change_workspace
from amity.people.models import Organisation, Person
from amity.site import ingest
from amity.webhooks.models import Attempt, Delivery, Endpoint, EndpointState, Event, OffWhy
from amity.webhooks.services import add_inlet
from tests.flows.stories import jsonl, message, order, take_in

# One string that acts as text of an element, in an attribute, in a script and in a template.
HOSTILE = "\"'><img src=x onerror=hit(1)><svg/onload=hit(2)>{{7*191}}"
SCRIPT = "</script><script>hit(3)</script>{% debug %}${7*191}%(secret_key)s"
LINK = "javascript:hit(4)//https://a.example"
FORMULA = '=HYPERLINK("https://evil.example","x")'


def put_everywhere(at: datetime, folder: Path, owner: Staff) -> dict[str, list[str]]:
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
