"""A database of its own for a bench: made beside the real one, filled with synthetic people and activities, dropped."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

from amity.activity.partitions import ensure_months
from amity.activity.shaping import identity_id
from amity.channels.records import Handle
from amity.kernel.ids import stable_id

SOURCE = "bench"
_WORDS = {
    "en": "the grinder arrived late and the burr makes noise since monday can you send me another one please i "
    "love how quiet it is but my invoice shows the wrong address thanks for the quick answer we need eleven",
    "de": "die mühle kam zu spät und das mahlwerk macht seit montag geräusche können sie mir bitte ein neues senden "
    "ich mag wie leise sie ist aber die rechnung zeigt die falsche adresse danke für die schnelle antwort",
    "es": "el molino llegó tarde y la muela hace ruido desde el lunes pueden enviarme otro por favor me encanta lo "
    "silencioso que es pero la factura tiene la dirección equivocada gracias por la rápida respuesta",
}


def sentences(count: int, seed: int = 7) -> list[tuple[str, str]]:
    """(language, text) pairs of 3 to 120 words: most are short, some are long mails."""
    rng = random.Random(seed)
    made = []
    for _ in range(count):
        language = rng.choice(list(_WORDS))
        length = min(120, 3 + int(rng.expovariate(1 / 18)))
        made.append((language, " ".join(rng.choices(_WORDS[language].split(), k=length))))
    return made


@contextmanager
def bench_database(name: str) -> Iterator[str]:
    """Make the database `name`, migrate it, point Django at it, and drop it in the end."""
    before = connection.settings_dict["NAME"]
    _admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    _admin(sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(sql.Identifier(name)))
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    try:
        call_command("migrate", verbosity=0)
        yield name
    finally:
        connections.close_all()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = before
        _drop(name)


def _drop(name: str) -> None:
    try:
        _admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    except psycopg.errors.InsufficientPrivilege:
        # Autovacuum is at work in it, which only a superuser may end by force; without force it is asked to end.
        _admin(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _admin(statement: sql.Composed) -> None:
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    parameters = {
        key: parameters[key] for key in ("host", "port", "user", "password", "dbname") if parameters.get(key)
    }
    with psycopg.connect(**parameters, autocommit=True) as admin:
        admin.execute(statement)


_PEOPLE = """
    INSERT INTO people_identity (id, network, address, is_ours, first_seen_at)
        SELECT id, 'email', 'person' || n || '@mail.example', false, %(start)s FROM bench_identity;
    INSERT INTO people_person (id, name, sort_name, email, city, country, language, job_title, search_text,
                               first_seen_at, last_activity_at)
        SELECT md5('p' || n)::uuid, initcap(f.a || ' ' || f.b), f.a || ' ' || f.b, 'person' || n || '@mail.example',
            '', '', 'en', '', f.a || ' ' || f.b || ' person' || n || ' mail example', %(start)s,
            %(start)s + random() * %(span)s
        FROM generate_series(1, %(people)s) n, LATERAL (SELECT
            (%(first)s::text[])[1 + n %% 97 %% cardinality(%(first)s::text[])] AS a,
            (%(last)s::text[])[1 + n / 7 %% cardinality(%(last)s::text[])] || chr(97 + n %% 26) AS b) f;
    INSERT INTO people_link (id, identity_id, person_id, method, evidence, confidence, linked_at)
        SELECT md5('l' || n)::uuid, id, md5('p' || n)::uuid, 'first_seen', '{}', 1, %(start)s FROM bench_identity;
"""
# One in forty activities is about person 1 to 50 (so that some have hundreds); threads hold about five messages.
_ACTIVITIES = """
    INSERT INTO activity_activity (id, occurred_at, recorded_at, source_id, external_id, actor_id, about_id, thread_id,
            direction, channel, verb, object_type, text, language, sentiment, confidence)
    SELECT md5('a' || g.n)::uuid, %(start)s + (g.n::float8 / %(total)s) * %(span)s, %(start)s, %(source)s, 'old' || g.n,
        CASE WHEN g.n %% 5 = 4 THEN NULL ELSE who.id END, who.id, md5('t' || g.n / 5)::uuid,
        CASE WHEN g.n %% 5 = 4 THEN 'out' ELSE 'in' END, (ARRAY['email','post','chat','direct'])[1 + g.n / 5 %% 4],
        'create', 'note', s.text, s.language, random() * 2 - 1, random()
    FROM generate_series(%(from)s::int, %(to)s::int) g(n)
    JOIN bench_sentence s ON s.id = 1 + g.n %% %(sentences)s
    JOIN bench_identity who ON who.n = CASE WHEN g.n / 5 %% 40 = 0
        THEN 1 + g.n / 200 %% 50 ELSE 1 + g.n / 5 %% %(people)s END;
"""
_TALK = """
    INSERT INTO activity_activitykey (source_id, external_id, activity_id, occurred_at)
        SELECT source_id, external_id, id, occurred_at FROM activity_activity;
    INSERT INTO activity_threadref (source_id, ref, thread_id)
        SELECT source_id, external_id, thread_id FROM activity_activity;
    INSERT INTO conversations_conversation (id, source_id, customer_id, subject, preview, channel, channels_count,
            state, opened_at, last_activity_at, last_inbound_at, waiting_since, due_at, messages, language, sentiment,
            confidence, closed_at)
        SELECT thread_id, %(source)s, (array_agg(about_id))[1], left(min(text), 80), left(max(text), 200), min(channel),
            1, CASE WHEN max(n) %% 50 = 0 THEN 'open' ELSE 'closed' END, min(occurred_at), max(occurred_at),
            max(occurred_at), max(occurred_at), max(occurred_at) + interval '4 hours', count(*), min(language),
            avg(sentiment), avg(confidence), max(occurred_at)
        FROM (SELECT *, substr(external_id, 4)::int / 5 AS n FROM activity_activity) a GROUP BY thread_id;
    UPDATE conversations_conversation SET closed_at = NULL WHERE state = 'open';
    INSERT INTO conversations_conversationthread (thread_id, conversation_id)
        SELECT id, id FROM conversations_conversation;
"""
_FIRST = "anna tomas hannah beth ottilie lukas jorn priscilla ruairi noor maite jonas priya owen ines".split()
_LAST = (
    "vogel arrieta lindero calloway brenner reinhardt aas dunmore quinn haddad okafor brandt meyer".split()
)


def fill(now: datetime, *, people: int, activities: int, step: int = 100_000) -> None:
    """Two years of talk by SQL: `people` persons, `activities` messages in threads of five, a fiftieth of them open."""
    span = timedelta(days=730)
    start = now - span
    ensure_months([start + timedelta(days=15 * n) for n in range(50)], now)
    made = sentences(2_000)
    numbers: dict[str, Any] = {
        "start": start, "span": span, "people": people, "total": activities, "source": stable_id("source", SOURCE),
        "sentences": len(made), "first": _FIRST, "last": _LAST,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_sentence (id serial PRIMARY KEY, language text, text text)")
        cursor.execute("CREATE TEMP TABLE bench_identity (n integer PRIMARY KEY, id uuid)")
        with cursor.copy("COPY bench_identity FROM STDIN") as copy:
            for n in range(1, people + 1):
                copy.write_row((n, identity_id(Handle("email", f"person{n}@mail.example"))))
        cursor.executemany("INSERT INTO bench_sentence (language, text) VALUES (%s, %s)", made)
        cursor.execute(
            "INSERT INTO channels_source (id, key, adapter, name, config, created_at) "
            "VALUES (%(source)s, 'bench', 'file', 'Bench', '{}', %(start)s)",
            numbers,
        )
        _run(_PEOPLE, numbers)
        for first in range(1, activities + 1, step):
            cursor.execute(_ACTIVITIES, numbers | {"from": first, "to": min(first + step - 1, activities)})
        _run(_TALK, numbers)
        cursor.execute("VACUUM (ANALYZE)")


def _run(statements: str, numbers: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        for statement in statements.split(";\n"):
            if statement.strip():
                cursor.execute(statement, numbers)
