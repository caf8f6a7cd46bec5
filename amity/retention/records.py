"""One portion of a rule about records: words of messages are emptied, raw items removed, the oldest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from amity.activity.emptying import HAS_WORDS, empty, forget_items
from amity.channels.emptying import empty_sent, remove_items
from amity.conversations.refreshing import hold, refresh
from amity.kernel.acting import bulk
from amity.people.holds import none_is_placed
from amity.people.queries.held import HELD
from amity.retention.models import Kind, Rule, Run

WORDS_AT_ONCE, ITEMS_AT_ONCE = 200, 2_000
"""So many as take a fraction of a second: whoever writes the same conversation waits that long at most."""
REACHES: Mapping[Kind, frozenset[str]] = {
    Kind.WORDS: frozenset({
        "activity_activity", "activity_attachment", "activity_retold", "channels_importrun", "channels_item",
        "channels_outboundmessage", "conversations_conversation", "files/", "outbox/",
    }),
    Kind.ITEMS: frozenset({"activity_retold", "channels_importrun", "channels_item"}),
}  # fmt: skip
"""The tables and folders from which rules about records take what they hold of somebody."""
_START = {"at": "0001-01-01T00:00:00+00:00", "id": str(UUID(int=0))}

# All accounts of everybody of whom one is held, and the threads in which they speak.
_HELD = f"""
    SELECT DISTINCT k.identity_id FROM people_link l
    JOIN people_link k ON k.person_id = l.person_id AND k.revoked_at IS NULL
    WHERE l.revoked_at IS NULL AND l.identity_id IN ({HELD}) UNION {HELD} ORDER BY 1
"""
_OF_HELD = """
    SELECT DISTINCT thread_id FROM activity_activity WHERE about_id = ANY(%s) AND thread_id IS NOT NULL
"""
_ITEMS_OF_HELD = """
    SELECT item_id FROM activity_activity WHERE item_id IS NOT NULL
        AND (about_id = ANY(%(ids)s) OR thread_id = ANY(%(threads)s))
"""
_OLD_WORDS = f"""
    FROM activity_activity a
    LEFT JOIN conversations_conversationthread t ON t.thread_id = a.thread_id
    LEFT JOIN conversations_conversation c ON c.id = t.conversation_id
    WHERE a.occurred_at < %(before)s AND a.object_type <> 'order' AND a.verb <> 'promise' AND {HAS_WORDS}
        AND (%(source)s::uuid IS NULL OR a.source_id = %(source)s) AND (c.id IS NULL OR c.state = 'closed')
        AND COALESCE(a.about_id <> ALL(%(held)s::uuid[]), true)
        AND COALESCE(a.thread_id <> ALL(%(threads)s::uuid[]), true)
"""
_SOME_WORDS = f"""
    SELECT a.occurred_at, a.id, a.item_id, t.conversation_id {_OLD_WORDS}
        AND (a.occurred_at, a.id) > (%(at)s, %(id)s) ORDER BY a.occurred_at, a.id LIMIT %(most)s
"""
_STILL = f"""
    SELECT a.occurred_at, a.id, a.item_id, t.conversation_id {_OLD_WORDS} AND a.id = ANY(%(these)s)
        AND a.occurred_at = ANY(%(instants)s)
"""
_OLD_ITEM = """i.received_at < %(before)s AND (%(source)s::uuid IS NULL OR i.source_id = %(source)s)
    AND i.id <> ALL(%(kept)s::uuid[]) AND NOT EXISTS (SELECT FROM channels_importrun r WHERE r.id = i.run_id
        AND r.state IN ('queued', 'running', 'stopped', 'undoing'))"""
_SOME_ITEMS = """
    SELECT i.id, i.source_id, i.digest FROM channels_item i
    WHERE (i.source_id, i.digest) > (%(of)s, %(digest)s) ORDER BY i.source_id, i.digest LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Spared:
    """Whom a hold keeps: their accounts, the threads in which they speak, and the raw items that tell of them."""

    accounts: list[UUID]
    threads: list[UUID]
    items: list[UUID]


def spared(*, with_items: bool = False) -> Spared:
    """Everybody under a hold now. Raw items are looked for only where they are asked for: that reads them."""
    with connection.cursor() as cursor:
        cursor.execute(_HELD)
        accounts = [id for (id,) in cursor.fetchall()]
        if not accounts:
            return Spared([], [], [])
        cursor.execute(_OF_HELD, [accounts])
        threads = [id for (id,) in cursor.fetchall()]
        items: set[UUID] = set()
        if with_items:
            cursor.execute(_ITEMS_OF_HELD, {"ids": accounts, "threads": threads})
            items = {id for (id,) in cursor.fetchall()} | set(_telling_of(accounts))
    return Spared(accounts, threads, sorted(items, key=str))


def _telling_of(accounts: Sequence[UUID]) -> list[UUID]:
    from amity.people import raw_items
    from amity.people.domain.mentions import mentions_of
    from amity.people.models import Fact, Identity

    addresses = list(Identity.objects.filter(pk__in=accounts).values_list("address", flat=True))
    names = list(Fact.objects.filter(identity_id__in=accounts, field="name").values_list("value", flat=True))
    mentions = mentions_of(addresses, [name for name in names if " " in name.strip()])
    return raw_items.naming(raw_items.wanted(accounts, addresses, mentions))


def before_of(rule: Rule, at: datetime) -> datetime:
    """What is older than this goes."""
    year, month = divmod(at.year * 12 + at.month - 1 - (rule.months or 0), 12)
    year = max(year, 1)
    for day in (at.day, 28):
        try:
            return at.replace(year=year, month=month + 1, day=day)
        except ValueError:  # a month without this day
            continue
    raise AssertionError("every month has a 28th")


def count_words(rule: Rule, at: datetime) -> int:
    """How many messages the rule would empty now."""
    return _count(f"SELECT count(*) {_OLD_WORDS}", _words_named(rule, at, spared()))


def count_items(rule: Rule, at: datetime) -> int:
    """How many raw items the rule would remove now."""
    named = {"before": before_of(rule, at), "source": rule.source_id, "kept": spared(with_items=True).items}
    return _count(f"SELECT count(*) FROM channels_item i WHERE {_OLD_ITEM}", named)


def _count(statement: str, named: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, named)
        (count,) = cursor.fetchone() or (0,)
        return int(count)


def _words_named(rule: Rule, at: datetime, kept: Spared) -> dict[str, Any]:
    return {
        "before": before_of(rule, at), "source": rule.source_id, "held": kept.accounts, "threads": kept.threads,
    }  # fmt: skip


def empty_some(run_id: UUID, at: datetime) -> bool:
    """Empty the next few messages, with their files and raw items; whether there may be more tonight.

    A conversation that was opened again between the look and its turn keeps its words.
    """
    with transaction.atomic(), bulk():
        none_is_placed()
        run, rule = _locked(run_id)
        if not rule.is_on:
            return False
        named = _words_named(rule, at, spared())
        place = run.cursor or _START
        found = _rows(_SOME_WORDS, named | {"at": place["at"], "id": place["id"], "most": WORDS_AT_ONCE})
        if found:
            hold(sorted({row[3] for row in found if row[3]}, key=str))
            these = {"these": [row[1] for row in found], "instants": [row[0] for row in found]}
            _empty(run, rule, _rows(_STILL, named | these), at)
            run.cursor = {"at": found[-1][0].isoformat(), "id": str(found[-1][1])}
        run.save(update_fields=["emptied", "removed", "files", "cursor"])
    return len(found) == WORDS_AT_ONCE


def _empty(run: Run, rule: Rule, rows: Sequence[tuple[Any, ...]], at: datetime) -> None:
    mark = {"rule": rule.name, "months": rule.months, "on": at.date().isoformat()}
    done = empty([(row[0], row[1]) for row in rows], mark)
    items = sorted({row[2] for row in rows if row[2]}, key=str)
    forget_items(items)
    run.emptied += done.messages
    run.files += done.files
    run.removed += remove_items(items)
    empty_sent([row[1] for row in rows])
    refresh(sorted({row[3] for row in rows if row[3]}, key=str))


def remove_some(run_id: UUID, kept: Spared, at: datetime) -> bool:
    """Look at the next raw items and remove what is old enough; whether there may be more tonight.

    Where others are held now than `kept` says, nothing is removed until that is looked up anew.
    """
    with transaction.atomic(), bulk():
        none_is_placed()
        run, rule = _locked(run_id)
        if not rule.is_on:
            return False
        if spared().accounts != kept.accounts:
            return True
        place = run.cursor or {"of": str(UUID(int=0)), "digest": ""}
        page = _rows(
            _SOME_ITEMS,
            {"of": place["of"], "digest": bytes.fromhex(place["digest"]), "most": ITEMS_AT_ONCE},
        )
        if page:
            named = {"before": before_of(rule, at), "source": rule.source_id, "kept": kept.items}
            old = _rows(
                f"SELECT i.id FROM channels_item i WHERE i.id = ANY(%(these)s) AND {_OLD_ITEM}",
                named | {"these": [row[0] for row in page]},
            )
            items = [row[0] for row in old]
            forget_items(items)
            run.removed += remove_items(items)
            run.cursor = {"of": str(page[-1][1]), "digest": bytes(page[-1][2]).hex()}
        run.save(update_fields=["removed", "cursor"])
    return len(page) == ITEMS_AT_ONCE


def _locked(run_id: UUID) -> tuple[Run, Rule]:
    run = Run.objects.select_for_update().get(pk=run_id)
    return run, Rule.objects.select_for_update().get(pk=run.rule_id)


def _rows(statement: str, named: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, named)
        return list(cursor.fetchall())
