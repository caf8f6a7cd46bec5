"""What the house keeps of somebody who is erased besides their records: the audit trail, histories, timers, views.

The audit trail keeps who did what to which record and when; the values go, and its chain still holds. What names them
by their words is looked for in portions, after the rows are gone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db import connection, transaction

from amity.kernel import register, sealing
from amity.kernel.erasing import Counts, Subject, erases_person
from amity.kernel.register import Fate
from amity.people import vocabulary
from amity.people.domain.folding import fold
from amity.people.domain.mentions import Mentions, mentions_of
from amity.people.models import MatchModel, Word
from amity.people.sweeping import sweeps
from amity.site import erasing_files, erasing_segments  # noqa: F401  # they register what they sweep

PORTION = 20_000
"""Entries of the trail, by their number, that are looked through at once."""
KEPT = str(UUID(int=0))


@erases_person("site", 95)
def erase(subject: Subject) -> Counts:
    """What stands under the ids of their records: values in the trail, reasons, timers, who looks at them."""
    ids = subject.every_id()
    uuids = [UUID(one) for one in ids if len(one) == 36]
    done: Counts = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM kernel_audit_entry WHERE subject_id = ANY(%s)", [ids])
        done["kernel_audit_entry"] = sealing.empty([id for (id,) in cursor.fetchall()])
        cursor.execute(
            "UPDATE kernel_transition SET why = '' WHERE subject_id = ANY(%s) AND why <> ''", [uuids]
        )
        done["kernel_transition"] = cursor.rowcount
        for table in ("kernel_timer", "site_presence"):
            cursor.execute(f"DELETE FROM {table} WHERE subject_id = ANY(%s)", [uuids])
            done[table] = cursor.rowcount
    return done


def wanted(scope: dict[str, Any], *, rare: bool = False) -> Mentions:
    """What somebody who was erased is found by; `rare`: also by each word of their name that nobody else has."""
    return mentions_of(scope["addresses"], [*scope["names"], *(scope.get("rare", ()) if rare else ())])


@sweeps("trail", 20)
def sweep_trail(scope: dict[str, Any]) -> Counts:
    """Entries about something else that name them, such as an export with their name among its filters."""
    who, emptied, last = wanted(scope, rare=True), 0, 0
    patterns = who.patterns()
    while patterns:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT max(id) FROM kernel_audit_entry")
            (newest,) = cursor.fetchone() or (0,)
            cursor.execute(
                "SELECT id, concat(before::text, after::text) FROM kernel_audit_entry WHERE id > %s AND id <= %s "
                "AND salt <> %s AND concat(before::text, after::text) ILIKE ANY(%s)",
                [last, last + PORTION, KEPT, patterns],
            )
            emptied += sealing.empty([id for id, told in cursor.fetchall() if who.are_in_text(told)])
        last += PORTION
        if last >= (newest or 0):
            break
    return {"kernel_audit_entry": emptied}


# Columns that hold words of others, or of machines, which may name somebody: they are emptied where they do.
_WORDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("channels_importrun", "id", ("filename", "error", "shape", "mapping", "options")),
    ("channels_ledgerentry", "id", ("detail",)),
    ("channels_account", "source_id", ("detail",)),
    ("commerce_orderline", "id", ("name",)),
    ("commerce_firsttelling", "order_id", ("lines",)),
    ("commerce_tierchoice", "id", ("reason",)),
    ("consent_statement", "id", ("proof", "url", "revoked_why")),
    ("kernel_timer", "id", ("payload",)),
    ("kernel_transition", "id", ("why",)),
    ("people_organisationrelation", "id", ("words",)),
    ("people_relation", "id", ("words",)),
    ("retention_keep", "id", ("reason",)),
    ("webhooks_attempt", "id", ("error", "response")),
    ("webhooks_event", "id", ("data",)),
)


@sweeps("words", 30)
def sweep_words(scope: dict[str, Any]) -> Counts:
    """Names of files, errors, reasons, answers of other servers."""
    who = wanted(scope)
    patterns = who.patterns()
    return {table: _empty_words(table, key, columns, who, patterns) for table, key, columns in _WORDS}


def _empty_words(table: str, key: str, columns: Sequence[str], who: Mentions, patterns: Sequence[str]) -> int:
    if not patterns:
        return 0
    told = ", ".join(columns)
    every = " || ' ' || ".join(f"{column}::text" for column in columns)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {key}, {told} FROM {table} WHERE {every} ILIKE ANY(%s) FOR UPDATE", [list(patterns)]
        )
        changed = 0
        for id, *values in cursor.fetchall():
            emptied = [_without(value, who) for value in values]
            if emptied == values:
                continue
            changed += 1
            settings = ", ".join(f"{column} = %s" for column in columns)
            cursor.execute(f"UPDATE {table} SET {settings} WHERE {key} = %s", [*emptied, id])
    return changed


def _without(value: Any, who: Mentions) -> Any:
    """The same without the words that name them; JSON keeps its shape."""
    if isinstance(value, str):
        if value[:1] in ("{", "[") and who.are_in_text(value):
            try:
                return json.dumps(_without(json.loads(value), who), ensure_ascii=False)
            except ValueError:
                return ""
        return "" if who.are_in_text(value) else value
    if isinstance(value, dict):
        return {key: _without(one, who) for key, one in value.items()}
    if isinstance(value, list):
        return [_without(one, who) for one in value]
    return value


@sweeps("views", 40)
def sweep_views(scope: dict[str, Any]) -> Counts:
    """Saved views that look for them, answers kept for programs, and sessions that still hold a notice about them."""
    who = wanted(scope, rare=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id, name || ' ' || query FROM site_savedview")
        views = [id for id, told in cursor.fetchall() if who.are_in_text(told)]
        cursor.execute("DELETE FROM site_savedview WHERE id = ANY(%s)", [views])
    return {
        "site_savedview": len(views),
        "kernel_keptanswer": _empty_answers(who, scope["ids"]),
        "django_session": _end_sessions(who),
        "procrastinate_jobs": _forget_jobs(who),
    }


def _empty_answers(who: Mentions, ids: Iterable[str]) -> int:
    """The answer goes, that there was one stays: the same request is still done once."""
    patterns = [*who.patterns(), *(f"%{one}%" for one in ids if len(one) == 36)]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE kernel_keptanswer SET body = '{}'::bytea WHERE encode(body, 'escape') ILIKE ANY(%s)",
            [patterns],
        )
        return int(cursor.rowcount)


def _end_sessions(who: Mentions) -> int:
    told = [
        one.pk
        for one in Session.objects.iterator()
        if who.are_in_text(json.dumps(one.get_decoded(), default=str))
    ]
    Session.objects.filter(pk__in=told).delete()
    return len(told)


def _forget_jobs(who: Mentions) -> int:
    """Jobs carry ids; one that carries words all the same is forgotten once it is over."""
    if not who.words:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE status NOT IN ('todo', 'doing') AND args::text ILIKE ANY(%s)",
            [who.patterns()],
        )
        return int(cursor.rowcount)


@sweeps("vocabulary", 5)
def sweep_vocabulary(scope: dict[str, Any]) -> Counts:
    """Words that nobody else has, in the search and in what matching learnt about how rare names are."""
    before = Word.objects.count()
    vocabulary.settle()
    own = {word for name in (*scope["names"], *scope["addresses"]) for word in fold(name).split()}
    own -= set(Word.objects.filter(word__in=own).values_list("word", flat=True))
    scope["rare"] = sorted(own)
    changed = 0
    for model in MatchModel.objects.iterator():
        if _forget_terms(model, own):
            model.save(update_fields=["weights"])
            changed += 1
    return {"people_word": max(0, before - Word.objects.count()), "people_matchmodel": changed}


def _forget_terms(model: MatchModel, own: set[str]) -> bool:
    found = False
    for comparison in model.weights.get("comparisons", {}).values():
        shares = comparison.get("shares", {})
        for term in [term for term in shares if own.intersection(fold(term).split())]:
            del shares[term]
            found = True
    return found


def touched() -> list[str]:
    """The tables in which an erasure removes or changes rows."""
    fates = (Fate.REMOVED, Fate.EMPTIED, Fate.NAMELESS)
    return [one.name for one in register.register() if not one.is_folder and one.fate in fates]


@sweeps("vacuum", 90)
def vacuum(_scope: dict[str, Any]) -> Counts:
    """Have PostgreSQL take removed rows out of its pages. Inside a transaction, as in a restore, it does so later."""
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(f"VACUUM (ANALYZE false) {', '.join(touched())}")
    return {}
