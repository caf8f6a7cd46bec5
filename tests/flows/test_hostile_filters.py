"""Filters, orders, pages and searches asked for with anything: never a failure, and no word of it becomes SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils.http import urlencode
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from amity.channels.models import ImportRun
from amity.conversations.models import Conversation
from amity.kernel.actor import Role
from amity.people.models import Person
from tests.flows.stories import colleague, jsonl, message, order, take_in

pytestmark = pytest.mark.django_db
MARK = "zq7x"  # stands in every value, and in no statement of ours
LISTS = (
    "/inbox/", "/inbox/list/", "/inbox/rows/", "/inbox/new/", "/inbox/filters/", "/people/", "/people/filters/",
    "/people/export/", "/organisations/", "/orders/", "/orders/filters/", "/imports/", "/figures/", "/find/",
    "/figures/messages-received/", "/", "/status/", "/people/{person}/", "/people/{person}/orders/",
    "/people/{person}/conversations/", "/inbox/{conversation}/", "/inbox/{conversation}/earlier/",
    "/inbox/{conversation}/news/", "/imports/{run}/", "/api/v1/people", "/api/v1/organisations", "/api/v1/orders",
    "/api/v1/products", "/api/v1/activities", "/api/v1/conversations", "/api/v1/conversations/boxes",
    "/api/v1/people/{person}/timeline", "/api/v1/conversations/{conversation}/thread", "/api/v1/imports",
    "/api/v1/figures", "/api/v1/figures/messages-received/records", "/api/v1/search", "/api/v1/sources",
    "/api/v1/colleagues", "/api/v1/saved-views",
)  # fmt: skip
NAMES = (
    "q view after before since until order sort is lane lanes words language country network organisation person "
    "active quiet status source channel mood tier assignee unread customer product outcome code column tab part page "
    "limit cursor fields filter group group_by zone tz time_zone at from to exclude include search key kind state "
    "owner min max amount currency updated_since created_since day month compare"
).split()
HOSTILE = (
    "'", "''", '"', "\\", "%", "_", "%s", "%(x)s", "{0}", ";", "--", "/*", "*/", "\x00", "\ud800", "\u202e", "ﬀ",
    "' OR '1'='1", "1) OR pg_sleep(3)--", "'; COPY x TO PROGRAM 'id'; --", "name; DROP TABLE people_person",
    "name__regex", "password", "staff__password", "-created_at,(select 1)", "$$x$$", "E'\\x27'", "|| chr(65)",
    "Europe/Berlin'; SELECT 1--", "../../etc/passwd", "2026-02-30", "99999-01-01", "0001-01-01T00:00:00+14:00",
    "-infinity", "NaN", "1e400", "-1", "9" * 40, "0x41", "true", "null", "[]", "{}", '{"$ne": 1}', "[[[[", "~", "~~~",
    "00000000-0000-0000-0000-000000000000", "a" * 3_000, "(" * 200, "&|!:*", "<->", "\n", "\t",
)  # fmt: skip

values = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=60), st.integers().map(str), st.dates().map(str)
)
marked = st.tuples(values, st.sampled_from(["{}" + MARK, MARK + "{}", "{}"])).map(
    lambda one: one[1].replace("{}", one[0])
)
names = st.one_of(
    st.sampled_from(NAMES),
    st.tuples(
        st.sampled_from(NAMES), st.sampled_from(["[]", "[$ne]", "[a][b]", "__contains", "__regex", ".x", "'"])
    ).map("".join),
    st.text(max_size=20),
)
queries = st.lists(st.tuples(names, marked), min_size=1, max_size=6)


class Asked:
    """Who asks, where, and the statements that follow."""

    def __init__(self, client: Client, ids: dict[str, str]) -> None:
        self.client, self.ids = client, ids
        self.statements: list[str] = []

    def get(self, path: str, query: list[tuple[str, str]]) -> Any:
        pairs = [(_encodable(name), _encodable(value)) for name, value in query]
        with self._listening():
            response = self.client.get(f"{path.format(**self.ids)}?{urlencode(pairs)}")
            return response, response.getvalue()

    @contextmanager
    def _listening(self) -> Iterator[None]:
        self.statements = []

        def hear(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            self.statements.append(str(sql))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(hear):
            yield


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


@pytest.fixture
def asked(at: datetime, tmp_path: Path) -> Asked:
    take_in(
        jsonl(tmp_path / "some.jsonl", [
            message("m1", at, text="Metal shavings", subject="Grinder"),
            message("m2", at, who="uwe@roast.example", text="Where is my order?"),
            order("o1", at, [("email", "hanna@roast.example")], "12.50"),
        ]),
        at,
    )  # fmt: skip
    client = Client(raise_request_exception=False)
    client.force_login(colleague("owner@tamp.example", Role.OWNER), backend="amity.site.signin.StaffBackend")
    ids = {
        "person": str(Person.objects.order_by("pk").first().pk),  # type: ignore[union-attr]  # made above
        "conversation": str(Conversation.objects.order_by("pk").first().pk),  # type: ignore[union-attr]
        "run": str(ImportRun.objects.get().pk),
    }
    return Asked(client, ids)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(path=st.sampled_from(LISTS), query=queries)
@example(path="/people/", query=[("order", f"name; DROP TABLE x--{MARK}"), ("after", f"'{MARK}~x")])
@example(
    path="/orders/", query=[("status", f"paid') OR 1=1--{MARK}"), ("after", "0001-01-01T00:00:00+14:00_x")]
)
@example(path="/inbox/", query=[("view", f"all'{MARK}"), ("q", "\x00" + MARK), ("assignee", "1e400")])
def test_anything_may_be_asked_for_and_none_of_it_becomes_sql(
    asked: Asked, path: str, query: list[tuple[str, str]]
) -> None:
    response, _ = asked.get(path, query)
    assert response.status_code < 500
    assert [sql for sql in asked.statements if MARK in sql] == []


@pytest.mark.parametrize("path", LISTS)
def test_every_list_bears_hostile_values_under_every_name(asked: Asked, path: str) -> None:
    for start in range(0, len(HOSTILE), 12):
        each = [(name, HOSTILE[(start + n) % len(HOSTILE)] + MARK) for n, name in enumerate(NAMES)]
        response, _ = asked.get(path, each)
        assert response.status_code < 500
        assert [sql for sql in asked.statements if MARK in sql] == []


def test_a_statement_that_is_made_of_data_would_be_seen(asked: Asked) -> None:
    with asked._listening(), connection.cursor() as cursor:
        cursor.execute(f"SELECT '{MARK}'")
    assert [sql for sql in asked.statements if MARK in sql] != []


def test_what_is_saved_is_not_asked_for_later_as_sql(asked: Asked) -> None:
    for value in HOSTILE[::3]:
        text = _encodable(value).replace("\x00", "") + MARK
        asked.client.post(
            "/views/", {"screen": "people", "name": text[:60], "query": urlencode({"order": text, "q": text})}
        )
    for path in ("/people/", "/inbox/", "/orders/"):
        response, body = asked.get(path, [])
        assert response.status_code == 200
        assert [sql for sql in asked.statements if MARK in sql] == []
        assert path != "/people/" or MARK.encode() in body
