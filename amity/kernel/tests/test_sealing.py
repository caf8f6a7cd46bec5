"""The chain over the audit trail: what it proves, and what it finds."""

from __future__ import annotations

import threading
from datetime import datetime
from uuid import uuid4

import pytest
from django.db import connection, transaction

from amity.kernel import sealing
from amity.kernel.actor import Actor, Role
from amity.kernel.audit import record
from amity.kernel.models import AuditEntry, AuditSeal, AuditUnsealed

ADA = Actor(Role.ADMINISTRATOR, uuid4(), name="Ada Brandt")


def write(at: datetime, count: int = 3) -> None:
    for number in range(count):
        record("export.made", actor=ADA, at=at, subject="person", after={"rows": number, "share": 0.1})


@pytest.fixture
def guards_down() -> None:
    """What somebody with every right in the database could do."""
    with connection.cursor() as cursor:
        for table in ("kernel_audit_entry", "kernel_audit_seal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER kernel_audit_append_only")


def tamper(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_what_was_sealed_verifies_and_what_is_new_waits(at: datetime) -> None:
    write(at)
    assert sealing.seal_all() == 3
    write(at, 1)
    verdict = sealing.verify()
    assert verdict.is_sound
    assert (verdict.entries, verdict.sealed, verdict.waiting) == (4, 3, 1)
    assert verdict.head == sealing.head()
    assert verdict.head.position == 3


@pytest.mark.django_db
def test_a_head_noted_earlier_stays_in_the_chain_and_an_unknown_one_does_not(at: datetime) -> None:
    write(at)
    sealing.seal_all()
    noted = sealing.head()
    write(at)
    sealing.seal_all()
    assert sealing.verify(noted.hash).head_found is True
    assert sealing.verify(str(noted)).is_sound
    verdict = sealing.verify("00" * 32)
    assert verdict.head_found is False
    assert not verdict.is_sound


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        "actor_name = 'Somebody else'",
        "actor_id = NULL",
        "at = at - interval '1 microsecond'",
        'after = \'{"rows": 1, "share": 0.2}\'',
        "after = NULL",
        "why = 'on request'",
        "address = '203.0.113.1'",
        "salt = gen_random_uuid()",
    ],
)
def test_an_altered_entry_is_named(change: str, at: datetime, guards_down: None) -> None:
    write(at)
    sealing.seal_all()
    second = AuditSeal.objects.get(position=2).entry_id
    tamper(f"UPDATE kernel_audit_entry SET {change} WHERE id = {second}")
    verdict = sealing.verify()
    assert verdict.altered == [second]
    assert verdict.counts == {"altered": 1, "missing": 0, "lost": 0}


@pytest.mark.django_db
def test_a_removed_entry_and_a_removed_seal_are_missed(at: datetime, guards_down: None) -> None:
    write(at, 5)
    sealing.seal_all()
    tamper(
        "DELETE FROM kernel_audit_entry WHERE id = (SELECT entry_id FROM kernel_audit_seal WHERE position = 2)"
    )
    assert sealing.verify().missing == [2]
    tamper("DELETE FROM kernel_audit_seal WHERE position = 4")
    verdict = sealing.verify()
    assert verdict.missing == [2, 4]
    assert verdict.counts["lost"] == 1, "the entry of the removed seal belongs nowhere"


@pytest.mark.django_db
def test_an_entry_that_was_kept_from_the_sealer_is_named(at: datetime) -> None:
    write(at)
    kept_back = AuditUnsealed.objects.order_by("entry_id")[1].entry_id
    AuditUnsealed.objects.filter(entry_id=kept_back).delete()
    sealing.seal_all()
    assert sealing.verify().lost == [kept_back]


@pytest.mark.django_db
def test_a_chain_that_was_written_anew_betrays_itself_by_a_head_noted_before(
    at: datetime, guards_down: None
) -> None:
    write(at)
    sealing.seal_all()
    noted = sealing.head()
    tamper("UPDATE kernel_audit_entry SET why = 'nothing happened'")
    tamper("INSERT INTO kernel_audit_unsealed SELECT entry_id FROM kernel_audit_seal")
    tamper("DELETE FROM kernel_audit_seal")
    sealing.seal_all()
    assert sealing.verify().is_sound, "the chain alone cannot know"
    assert not sealing.verify(noted.hash).is_sound


@pytest.mark.django_db
def test_entries_at_the_end_cut_off_are_found_by_the_head_noted_before(
    at: datetime, guards_down: None
) -> None:
    write(at)
    sealing.seal_all()
    noted = sealing.head()
    tamper("DELETE FROM kernel_audit_entry WHERE id = (SELECT max(id) FROM kernel_audit_entry)")
    tamper("DELETE FROM kernel_audit_seal WHERE position = 3")
    assert not sealing.verify(noted.hash).is_sound


@pytest.mark.django_db(transaction=True)
def test_an_entry_that_commits_late_is_sealed_after_its_younger_neighbours(at: datetime) -> None:
    opened, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            write(at, 1)
            opened.set()
            may_commit.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert opened.wait(10)
    write(at, 2)
    assert sealing.seal_all() == 2
    may_commit.set()
    thread.join(10)
    assert sealing.seal_all() == 1
    in_order = list(AuditSeal.objects.order_by("position").values_list("entry_id", flat=True))
    assert in_order[-1] == min(in_order), "the oldest id stands last"
    assert sealing.verify().is_sound


@pytest.mark.django_db(transaction=True)
def test_many_writers_and_many_sealers_make_one_chain(at: datetime) -> None:
    writing = threading.Barrier(6)

    def writer() -> None:
        writing.wait(10)
        for _ in range(40):
            write(at, 1)
        connection.close()

    def sealer() -> None:
        writing.wait(10)
        for _ in range(40):
            sealing.seal(most=7)
        connection.close()

    threads = [threading.Thread(target=work) for work in (writer, writer, writer, sealer, sealer, sealer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    sealing.seal_all()
    verdict = sealing.verify()
    assert verdict.is_sound
    assert verdict.sealed == verdict.entries == AuditEntry.objects.count() == 120
