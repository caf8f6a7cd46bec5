"""Invented exports and the shortest way to take them in, for stories that cross packages."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection

from amity.channels import imports
from amity.channels.models import ImportRun
from amity.kernel.actor import SYSTEM, Role
from amity.kernel.models import Staff
from amity.site import ingest

PASSWORD = "a password for tests"
TWITTER = "tweet_id author_id inbound created_at text response_tweet_id in_response_to_tweet_id".split()


def tweets(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    """A file in the layout of customer-support tweets."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(TWITTER)
        writer.writerows(rows)
    return path


def jsonl(path: Path, records: Iterable[dict[str, Any]]) -> Path:
    path.write_text(
        "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), encoding="utf-8"
    )
    return path


def message(id: str, at: datetime, who: str = "hanna@roast.example", **fields: Any) -> dict[str, Any]:
    """A message in Amity's own JSON Lines."""
    return {
        "type": "message",
        "id": id,
        "at": at.isoformat(),
        "channel": "email",
        "direction": "in",
        "from": {"network": "email", "address": who, "name": who.partition("@")[0].title()},
        "text": f"Message {id}",
        **fields,
    }


def order(
    id: str, at: datetime, buyer: Sequence[tuple[str, str]], amount: str, **fields: Any
) -> dict[str, Any]:
    return {
        "type": "order",
        "id": id,
        "at": at.isoformat(),
        "buyer": [{"network": network, "address": address} for network, address in buyer],
        "amount": amount,
        "currency": "EUR",
        **fields,
    }


def draft(path: Path, at: datetime, *, source: str = "story", **options: Any) -> ImportRun:
    """Store and describe a file and queue it, as the Import screen and the command line do."""
    run = imports.describe(imports.store_file(path, actor=SYSTEM, at=at))
    found = imports.ensure_source(source, name=source.title(), adapter="file", at=at)
    return imports.queue_run(
        run.id, source=found, mapping=run.mapping, options={"open_days": None, **options}, actor=SYSTEM, at=at
    )


def take_in(path: Path, at: datetime, *, source: str = "story", **options: Any) -> ImportRun:
    """Import a file to its end."""
    return ingest.work_on(draft(path, at, source=source, **options).id)


def colleague(email: str = "ines@tamp.example", role: Role = Role.AGENT, **fields: Any) -> Staff:
    """A member of staff who can sign in."""
    staff = Staff(
        email=email, name=email.partition("@")[0].title(), role=role, joined_at=datetime.now().astimezone()
    )
    for name, value in fields.items():
        setattr(staff, name, value)
    staff.set_password(PASSWORD)
    staff.save()
    return staff


KEPT_TABLES = (
    "activity_activity activity_activitykey activity_attachment activity_dailycount activity_threadref "
    "activity_threadwanted people_identity people_person people_link people_fact people_sighting people_organisation "
    "commerce_order commerce_orderline commerce_firsttelling commerce_product commerce_buyertotal "
    "conversations_conversation conversations_conversationthread channels_item activity_retold teamwork_promise"
).split()


def fingerprint() -> dict[str, tuple[int, str]]:
    """Rows and a checksum of their content for every table that an import writes."""
    found = {}
    with connection.cursor() as cursor:
        for table in KEPT_TABLES:
            cursor.execute(
                f"SELECT count(*), COALESCE(md5(string_agg(line, '' ORDER BY line)), '') "
                f"FROM (SELECT md5(t::text) AS line FROM {table} t) lines"
            )
            found[table] = cursor.fetchone()
    return found


def conversations() -> dict[UUID, set[str]]:
    """External ids of the messages of every conversation."""
    grouped: dict[UUID, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.conversation_id, a.external_id FROM conversations_conversationthread t "
            "JOIN activity_activity a ON a.thread_id = t.thread_id"
        )
        for conversation, external_id in cursor.fetchall():
            grouped.setdefault(conversation, set()).add(external_id)
    return grouped
