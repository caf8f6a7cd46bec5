"""The register of personal data is whole: no column of any table stands outside it."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.utils import timezone

from amity.kernel import register
from amity.kernel.actor import Role
from amity.kernel.models import AuditEntry
from amity.kernel.register import Fate, Holds
from amity.retention import rules
from amity.retention.models import Kind
from amity.retention.records import REACHES
from amity.retention.rules import Draft
from amity.site.erasing import touched
from amity.site.tests.api.calling import program
from amity.site.tests.shell.factories import make_staff, signed_in

pytestmark = pytest.mark.django_db
_COLUMNS = """
    SELECT c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p', 'm', 'f') AND NOT c.relispartition
        AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg_temp%'
"""


def in_the_database() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        for table, column in cursor.fetchall():
            found.setdefault(table, set()).add(column)
    return found


def test_every_column_of_every_table_says_what_it_holds_of_people() -> None:
    declared = {one.name: set(one.columns) for one in register.register() if not one.is_folder}
    assert declared == in_the_database(), (
        "say in the package's personal.py what it holds, and how it is erased"
    )


def test_a_table_that_nobody_declared_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE forgotten (address text)")
    assert in_the_database()["forgotten"] == {"address"}


def test_what_an_erasure_takes_away_holds_something_of_customers() -> None:
    """And the other way round: what holds something of them goes, is emptied, is nameless, or goes by itself."""
    for one in register.register():
        kinds = set(one.personal.values()) - {Holds.COLLEAGUE}
        if kinds:
            assert one.fate not in (Fate.KEPT, Fate.COLLEAGUES), one.name
        if one.name in touched():
            assert kinds or one.name == "webhooks_delivery", one.name


def test_the_page_is_for_those_who_answer_for_it() -> None:
    for role, status in ((Role.OWNER, 200), (Role.LEGAL, 200), (Role.AGENT, 403)):
        page = signed_in(make_staff(role=role)).get("/settings/personal-data/")
        assert page.status_code == status
    assert (
        "people_identity"
        in signed_in(make_staff(role=Role.LEGAL)).get("/settings/personal-data/").content.decode()
    )


def test_on_a_phone_each_cell_says_under_which_heading_it_stands() -> None:
    page = signed_in(make_staff(role=Role.LEGAL)).get("/settings/personal-data/").content.decode()
    assert page.count('<tr role="row"><th scope="row" role="rowheader">') > 60
    assert page.count('role="cell"') == page.count('role="cell" data-label="')


def test_the_register_is_exported_and_that_is_put_down() -> None:
    legal = signed_in(make_staff(role=Role.LEGAL))
    rows = legal.get("/settings/personal-data/export/").content.decode().splitlines()
    assert rows[0] == '"table","column","holds","erasure","rules"'
    assert '"people_fact","value","profile","removed",""' in rows
    told = json.loads(legal.get("/settings/personal-data/export/?format=json").content)
    assert {row["name"] for row in told} >= {"people_identity", "files/imports/"}
    assert AuditEntry.objects.filter(action="export.made", subject="personal_data").count() == 2


def test_programs_are_told_the_same() -> None:
    items = {row["name"]: row for row in program(Role.LEGAL).get("/personal-data").json()["items"]}
    assert items["commerce_order"]["erasure"] == "nameless"
    assert {"kind": "address or account", "columns": ["address", "network"]} in items["people_identity"][
        "holds"
    ]


def test_what_goes_by_rule_stands_at_its_table_once_the_rule_is_on() -> None:
    at, legal = timezone.now(), make_staff(role=Role.LEGAL)
    draft = Draft("Two years of words", "Storage limitation", months=24)
    rule = rules.create_rule("words", draft, actor=legal.actor(), at=at)
    words = "Messages lose their words after 2 years."
    assert words not in signed_in(legal).get("/settings/personal-data/").content.decode()
    rules.turn_on(rule.pk, told=0, actor=legal.actor(), at=at)
    page = signed_in(legal).get("/settings/personal-data/").content.decode()
    assert page.count(words) == len(REACHES[Kind.WORDS])
    link = f'<a class="link" href="/settings/retention/rules/{rule.pk}/"><bdi>Two years of words</bdi></a>'
    assert page.count(link) == len(REACHES[Kind.WORDS])
    items = program(Role.LEGAL).get("/personal-data").json()["items"]
    told = {row["name"]: row["rules"] for row in items}
    assert (told["activity_activity"], told["commerce_order"]) == ([words], [])
    (row,) = (row for row in items if row["name"] == "activity_activity")
    assert row["by"] == [{"id": str(rule.pk), "name": "Two years of words", "words": words}]
    rows = signed_in(legal).get("/settings/personal-data/export/").content.decode().splitlines()
    assert f'"activity_activity","text","words","removed","{words}"' in rows
