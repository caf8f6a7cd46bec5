"""A million people with ten million activities, by SQL: some write and buy often, most seldom, over two years."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from amity.activity.partitions import ensure_months
from amity.activity.shaping import identity_id
from amity.channels.records import Handle
from amity.kernel.ids import stable_id

SOURCE = "bench"
SPAN = timedelta(days=730)
CITIES = tuple(f"city {number}" for number in range(60))
JOBS = ("barista", "buyer", "owner", "roaster", "", "", "")
STEP = 500_000
ORDERS, CONVERSATIONS, PRODUCTS = 1.4, 0.15, 200  # a person, a person, in all

_PEOPLE = """
    INSERT INTO people_identity (id, network, address, is_ours, first_seen_at)
        SELECT id, 'email', 'person' || n || '@' || CASE WHEN n %% 9 = 0 THEN 'roast' ELSE 'mail' END || n %% 50 ||
            '.example', false, %(start)s + random() * %(span)s FROM bench_identity;
    INSERT INTO people_person (id, name, sort_name, email, city, country, language, job_title, search_text,
                               first_seen_at)
        SELECT md5('p' || i.n)::uuid, 'person ' || i.n, 'person ' || i.n, p.address,
            (%(cities)s::text[])[1 + (random() ^ 2 * 59)::int], (ARRAY['de','es','gb','fr'])[1 + (random() * 3)::int],
            (ARRAY['de','es','en','en'])[1 + (random() * 3)::int], (%(jobs)s::text[])[1 + (random() * 6)::int], '',
            p.first_seen_at
        FROM bench_identity i JOIN people_identity p ON p.id = i.id;
    INSERT INTO people_link (id, identity_id, person_id, method, evidence, confidence, linked_at)
        SELECT md5('l' || n)::uuid, id, md5('p' || n)::uuid, 'first_seen', '{}', 1, %(start)s FROM bench_identity;
    INSERT INTO commerce_product (id, sku, name) SELECT md5('w' || n)::uuid, 'P' || n, 'Product ' || n
        FROM generate_series(1, %(products)s) n;
    INSERT INTO commerce_order (id, source_id, external_id, number, buyer_id, ordered_at, status, amount, currency,
            items)
        SELECT md5('o' || o.n)::uuid, %(source)s, 'o' || o.n, 'A-' || o.n, i.id, %(start)s + random() * %(span)s,
            CASE WHEN o.n %% 30 = 0 THEN 'refunded' ELSE 'paid' END, round((5 + random() ^ 3 * 900)::numeric, 2),
            CASE WHEN i.n %% 11 = 0 THEN 'GBP' ELSE 'EUR' END, 1
        FROM (SELECT n, 1 + ((random() ^ 1.7) * (%(people)s - 1))::int AS who
              FROM generate_series(1, %(orders)s) n OFFSET 0) o JOIN bench_identity i ON i.n = o.who;
    INSERT INTO commerce_orderline (id, order_id, product_id, name, quantity, amount)
        SELECT md5('x' || n)::uuid, md5('o' || n)::uuid, md5('w' || 1 + (random() ^ 2 * (%(products)s - 1))::int)::uuid,
            '', 1, 1 FROM generate_series(1, %(orders)s) n;
    INSERT INTO conversations_conversation (id, source_id, customer_id, subject, preview, channel, channels_count,
            state, opened_at, last_activity_at, waiting_since, messages, language)
        SELECT md5('c' || c.n)::uuid, %(source)s, i.id, '', '', 'email', 1, CASE WHEN c.n %% 20 = 0 THEN 'open' ELSE
            'closed' END, %(start)s, %(start)s, CASE WHEN c.n %% 40 = 0 THEN %(end)s - random() * interval '9 days' END,
            1, 'en' FROM generate_series(1, %(talks)s) AS c (n) JOIN bench_identity i
            ON i.n = 1 + (c.n * 7919::bigint %% %(people)s)::int;
"""
_ACTIVITIES = """
    INSERT INTO activity_activity (id, occurred_at, recorded_at, source_id, external_id, actor_id, about_id, thread_id,
            direction, channel, verb, object_type, sentiment, confidence)
    SELECT md5('a' || a.n)::uuid, %(start)s + (a.n::float8 / %(total)s) ^ 0.8 * %(span)s, %(start)s, %(source)s,
        'a' || a.n, CASE WHEN a.kind < 0.75 THEN i.id END, i.id, md5('t' || i.n || '-' || a.n / %(total)s * 5)::uuid,
        CASE WHEN a.kind < 0.75 THEN 'in' ELSE 'out' END,
        (ARRAY['email','post','chat','review'])[1 + (i.n + (a.kind * 40)::int %% 3) %% 4],
        CASE WHEN a.kind < 0.07 THEN 'like' ELSE 'create' END, 'note',
        CASE WHEN a.kind < 0.75 AND a.kind > 0.07 THEN random() ^ 0.7 * 2 - 1 END, 0.8
    FROM (SELECT n, random() AS kind, 1 + ((random() ^ 1.5) * (%(people)s - 1))::int AS who
          FROM generate_series(%(from)s::int, %(to)s::int) n OFFSET 0) a JOIN bench_identity i ON i.n = a.who
"""
_LATER = ("activity_about", "activity_thread")


def fill(now: datetime, *, people: int, activities: int) -> None:
    """Make that world in an empty database, the same for the same numbers but for `now`."""
    start = now - SPAN
    ensure_months([start + timedelta(days=15 * n) for n in range(51)], now)
    numbers: dict[str, Any] = {
        "start": start, "end": now, "span": SPAN, "people": people, "total": activities, "cities": list(CITIES),
        "jobs": list(JOBS), "products": PRODUCTS, "orders": int(people * ORDERS), "talks": int(people * CONVERSATIONS),
        "source": stable_id("source", SOURCE),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off; SELECT setseed(0.4)")
        cursor.execute("CREATE TEMP TABLE bench_identity (n integer PRIMARY KEY, id uuid)")
        with cursor.copy("COPY bench_identity FROM STDIN") as copy:
            for n in range(1, people + 1):
                copy.write_row((n, identity_id(handle_of(n))))
        cursor.execute("ANALYZE bench_identity")
        cursor.execute(
            "INSERT INTO channels_source (id, key, adapter, name, config, created_at) "
            "VALUES (%(source)s, 'bench', 'file', 'Bench', '{}', %(start)s)",
            numbers,
        )
        for statement in _PEOPLE.split(";\n"):
            if statement.strip():
                cursor.execute(statement, numbers)
        with _without_indexes():
            for first in range(1, activities + 1, STEP):
                cursor.execute(
                    _ACTIVITIES, numbers | {"from": first, "to": min(first + STEP - 1, activities)}
                )
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("RESET synchronous_commit")


def handle_of(n: int) -> Handle:
    """The address of person `n`."""
    return Handle("email", f"person{n}@{'roast' if n % 9 == 0 else 'mail'}{n % 50}.example")


@contextmanager
def _without_indexes() -> Iterator[None]:
    """The table of activities without its larger indexes, which are made at once in the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY(%s)", [list(_LATER)])
        made = cursor.fetchall()
        for name, _ in made:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET maintenance_work_mem = '256MB'")
        for _, definition in made:
            cursor.execute(definition.replace(" ON ONLY ", " ON "))
