"""The audit trail: what is written, by whom, and that it does not forget."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.db.models import BinaryField

from amity.kernel import audit_triggers
from amity.kernel.acting import acting, bulk, now_acting
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.audit import record
from amity.kernel.audited import Audited
from amity.kernel.models import AuditEntry, Staff, Team

ADA = Actor(Role.ADMINISTRATOR, uuid4(), name="Ada Brandt")
BEN = Actor(Role.AGENT, uuid4(), name="Ben Okoro")


def entries() -> list[AuditEntry]:
    return list(AuditEntry.objects.order_by("id"))


def setting() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('amity.actor', true), '')")
        return str(cursor.fetchone()[0])


def make_staff(at: datetime) -> Staff:
    colleague = Staff(email="mara@tamp.example", name="Mara Lind", joined_at=at)
    colleague.set_password("the grinder hums")
    colleague.save()
    return colleague


@pytest.mark.django_db
def test_a_change_is_written_with_old_and_new_value_and_who_made_it_from_where() -> None:
    team = Team.objects.create(name="Service")
    with acting(ADA, via="page", address="203.0.113.9", on_behalf_of=BEN.staff_id):
        team.name = "Care"
        team.save(update_fields=["name"])
        team_id = str(team.id)
        team.delete()
    changed, removed = entries()
    assert (changed.action, changed.subject, changed.subject_id) == ("changed", "team", team_id)
    assert (changed.before, changed.after) == ({"name": "Service"}, {"name": "Care"})
    assert (changed.actor_id, changed.actor_name, changed.role) == (
        ADA.staff_id,
        "Ada Brandt",
        "administrator",
    )
    assert (changed.via, changed.address, changed.on_behalf_of) == ("page", "203.0.113.9", BEN.staff_id)
    assert (removed.action, removed.after) == ("removed", None)
    assert removed.before == {"id": team_id, "name": "Care"}


@pytest.mark.django_db
def test_without_somebody_who_acts_nothing_is_written() -> None:
    Team.objects.create(name="Service")
    assert entries() == []


@pytest.mark.django_db
def test_a_secret_never_enters_the_trail_and_a_quiet_column_makes_no_entry(at: datetime) -> None:
    with acting(ADA, via="page"):
        colleague = make_staff(at)
        Staff.objects.filter(pk=colleague.pk).update(last_seen_at=at)
        old = colleague.password
        colleague.set_password("quite another hum")
        colleague.save(update_fields=["password"])
    added, changed = entries()
    assert added.after is not None
    assert added.after["password"] == "(kept out)"
    assert "last_seen_at" not in added.after
    assert changed.before == changed.after == {"password": "(kept out)"}
    told = str([(entry.before, entry.after) for entry in entries()])
    assert old not in told
    assert colleague.password not in told


@pytest.mark.django_db
def test_a_membership_is_an_entry_about_the_colleague(at: datetime) -> None:
    colleague, team = make_staff(at), Team.objects.create(name="Service")
    with acting(ADA, via="page"):
        colleague.teams.add(team)
    (entry,) = entries()
    assert (entry.subject, entry.subject_id) == ("staff", str(colleague.id))
    assert entry.after is not None
    assert entry.after["team_id"] == str(team.id)


@pytest.mark.django_db
def test_what_is_rolled_back_leaves_no_entry() -> None:
    with acting(ADA, via="page"):
        with transaction.atomic():
            Team.objects.create(name="Service")
            transaction.set_rollback(True)
        Team.objects.create(name="Care")
    assert [entry.after["name"] for entry in entries() if entry.after] == ["Care"]


@pytest.mark.django_db
def test_the_one_who_acts_changes_within_and_comes_back_after() -> None:
    with acting(ADA, via="page"):
        with acting(BEN, via="api", token_id="t-1"):
            Team.objects.create(name="Inner")
        Team.objects.create(name="Outer")
        with bulk():
            Team.objects.create(name="One of thousands")
        Team.objects.create(name="Again")
    assert now_acting() is None
    assert setting() == ""
    assert [(entry.actor_name, entry.token_id) for entry in entries()] == [
        ("Ben Okoro", "t-1"),
        ("Ada Brandt", ""),
        ("Ada Brandt", ""),
    ]


@pytest.mark.django_db
def test_what_is_no_change_of_a_row_is_recorded_in_words(at: datetime) -> None:
    with acting(BEN, via="api", address="203.0.113.9", token_id="t-1"):
        record(
            "export.made", actor=BEN, at=at, subject="person", after={"rows": 12, "at": at}, why="on request"
        )
    record("sign_in.failed", actor=SYSTEM, at=at)
    made, failed = entries()
    assert (made.at, made.action, made.via, made.token_id, made.why) == (
        at,
        "export.made",
        "api",
        "t-1",
        "on request",
    )
    assert made.after is not None
    assert made.after["rows"] == 12
    assert (failed.actor_id, failed.via, failed.subject_id) == (None, "", "")


@pytest.mark.django_db(transaction=True)
def test_who_acts_does_not_leak_to_what_comes_next_on_the_same_connection() -> None:
    with acting(ADA, via="page"):
        Team.objects.create(name="A lone write")
        assert setting() == "", "outside of a transaction nothing may stay behind"
        with transaction.atomic():
            Team.objects.create(name="In a transaction")
            assert setting() == str(ADA.staff_id)
    assert setting() == ""
    Team.objects.create(name="By nobody")
    with acting(BEN, via="page"), transaction.atomic():
        Team.objects.filter(name="By nobody").update(name="By Ben")
    assert [entry.actor_name for entry in entries()] == ["Ada Brandt", "Ada Brandt", "Ben Okoro"]


@pytest.mark.django_db(transaction=True)
def test_reading_costs_no_statement_more(django_assert_num_queries: object) -> None:
    from django.test.utils import CaptureQueriesContext

    with acting(ADA, via="page"), CaptureQueriesContext(connection) as asked:
        list(Team.objects.all())
    assert len(asked) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["kernel_audit_entry", "kernel_audit_seal"])
def test_the_trail_is_never_changed_removed_or_emptied(table: str, at: datetime) -> None:
    from amity.kernel.sealing import seal

    record("export.made", actor=ADA, at=at)
    seal()
    column = "why = 'because'" if table == "kernel_audit_entry" else "position = 99"
    with connection.cursor() as cursor:
        cursor.execute(
            f"ALTER TABLE {table} ENABLE TRIGGER kernel_audit_not_emptied"
        )  # conftest.py lets tests
        for attack in (f"UPDATE {table} SET {column}", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
                cursor.execute(attack)
    assert AuditEntry.objects.count() == 1


SECRETIVE = re.compile(
    r"pass|secret|token|hash|digest|seal|otp|recovery|private|credential|api_?key|salt|cookie"
)


@pytest.mark.django_db
def test_every_column_that_may_hold_a_secret_is_kept_out_of_the_trail() -> None:
    open_columns = []
    for model, audited in audit_triggers.declared():
        for field in model._meta.local_fields:
            column = field.column or ""
            is_secretive = (
                SECRETIVE.search(column) or isinstance(field, BinaryField) or column in {"config", "data"}
            )
            if is_secretive and column not in {*audited.secret, *audited.quiet, *HARMLESS}:
                open_columns.append(f"{model._meta.label}.{column}")
    assert not open_columns, "name them in Audited(secret=…)"


HARMLESS = {"digest"}  # of a file that was brought in
DELIBERATELY_UNWATCHED = re.compile(
    r"^(kernel_audit_|procrastinate_|django_|auth_|kernel_(transition|timer)$)"  # the trail, queues, Django's own
)


@pytest.mark.django_db
def test_a_guarded_table_has_its_trigger_and_install_has_nothing_left_to_do() -> None:
    assert audit_triggers.install() == 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'amity_audit' AND tgparentid = 0"
        )
        there = {name for (name,) in cursor.fetchall()}
    assert there == {watch.table for watch in audit_triggers.watches()}
    assert "kernel_staff" in there


@pytest.mark.django_db
def test_a_changed_declaration_changes_the_trigger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Team, "audited", Audited(secret=("name",)))
    assert audit_triggers.install() == 1
    with acting(ADA, via="page"):
        Team.objects.create(name="Service")
    (entry,) = entries()
    assert entry.after is not None
    assert entry.after["name"] == "(kept out)"
    monkeypatch.setattr(Team, "audited", Audited(secret=("nmae",)))
    with pytest.raises(ValueError, match="nmae"):
        audit_triggers.install()


@pytest.mark.django_db
def test_an_entry_and_its_change_share_one_fate() -> None:
    team = Team.objects.create(name="Service")
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE kernel_audit_entry ADD CONSTRAINT full_up CHECK (subject <> 'team') NOT VALID"
        )
    with acting(ADA, via="page"), pytest.raises(DatabaseError), transaction.atomic():
        Team.objects.update(name="Unseen")
    team.refresh_from_db()
    assert team.name == "Service"


def test_declarations_name_models_that_exist() -> None:
    from amity.kernel.audited import watched

    known = {model._meta.label_lower for model in apps.get_models(include_auto_created=True)}
    assert set(watched()) <= known


@pytest.mark.django_db
def test_what_no_database_can_hold_is_written_as_near_as_it_can_be() -> None:
    told = {"filters": {"country": ["\x00Peru", "\ud800"], "\x00": None}, "rows": 3}
    record("export.made", actor=ADA, at=datetime(2026, 3, 17, tzinfo=UTC), after=told, why="\x00so")
    (entry,) = entries()
    assert entry.after == {"filters": {"country": ["Peru", "\ufffd"], "": None}, "rows": 3}
    assert entry.why == "so"
