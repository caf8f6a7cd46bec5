"""Backups that are made by themselves: when, what is kept of them, and what the Status screen says."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Conflict, Invalid
from amity.kernel.health import Health, Look
from amity.kernel.models import AuditEntry, WorkspaceSetting
from amity.site import health
from amity.site.backup import now, schedule
from amity.site.backup.errors import BackupFailed, BadBackup, WrongKey
from amity.site.backup.making import Made, backups_in
from amity.site.backup.schedule import Last, Plan
from amity.site.cli.backup import verify
from amity.site.tests.backup.conftest import Amity
from amity.site.tests.shell.factories import make_staff, signed_in

pytestmark = pytest.mark.django_db
LOOKS = Actor(Role.OWNER)


def tried(at: datetime, *, made: bool = True) -> Last:
    return Last(at.isoformat(), at.isoformat() if made else "", why="" if made else "no room")


def test_one_is_due_once_a_day_and_a_failure_is_tried_again_after_an_hour(at: datetime) -> None:
    plan = Plan(2, 30, "/backups", 3)  # `at` is 09:30
    assert schedule.is_due(plan, None, at)
    assert schedule.is_due(plan, tried(at - timedelta(days=1)), at)
    assert not schedule.is_due(plan, tried(at.replace(hour=2, minute=31)), at)
    assert not schedule.is_due(Plan(10, 0, "/backups", 3), tried(at - timedelta(hours=23)), at)
    assert not schedule.is_due(plan, tried(at - timedelta(minutes=30), made=False), at)
    assert schedule.is_due(plan, tried(at - timedelta(minutes=61), made=False), at)


def test_the_backup_of_today_is_made_once_sealed_and_on_the_record(
    source: Amity, tmp_path: Path, at: datetime
) -> None:
    key = tmp_path / "key"
    key.write_bytes(b"k" * 64)
    assert schedule.make_if_due(source.here, at=at) is None  # there is no plan
    schedule.set_plan(Plan(2, 30, str(tmp_path / "backups"), 2, str(key)), at=at)
    made = schedule.make_if_due(source.here, at=at)
    assert made is not None
    assert made.path.name.endswith(".sealed")
    assert schedule.make_if_due(source.here, at=at + timedelta(hours=1)) is None
    assert len(backups_in(tmp_path / "backups", source.here)) == 1
    assert AuditEntry.objects.filter(action="backup.made").count() == 1
    finding = health.backup(Look(LOOKS, at + timedelta(hours=2)))
    assert finding is not None
    assert finding.health is Health.GOOD
    late = health.backup(Look(LOOKS, at + timedelta(days=3)))
    assert late is not None
    assert late.health is Health.CAUTION


def test_a_failure_is_kept_and_shown_beside_the_last_success(
    source: Amity, tmp_path: Path, at: datetime
) -> None:
    (tmp_path / "file").write_text("where a folder should be")
    schedule.set_plan(Plan(2, 30, str(tmp_path / "file"), 2), at=at)
    with pytest.raises(BackupFailed):
        schedule.make_if_due(source.here, at=at)
    finding = health.backup(Look(LOOKS, at))
    assert finding is not None
    assert finding.health is Health.CAUTION
    assert "cannot be used for the backup" in finding.words


def test_where_nothing_was_ever_saved_it_is_said_except_in_the_demo(at: datetime) -> None:
    finding = health.backup(Look(LOOKS, at))
    assert finding is not None
    assert finding.health is Health.CAUTION
    assert "amity backup schedule" in finding.remedy
    WorkspaceSetting.objects.create(key="demo_logins", value=[], changed_at=at)
    assert health.backup(Look(LOOKS, at)) is None


@pytest.mark.parametrize("plan", [Plan(2, 30, "backups", 2), Plan(2, 30, "/backups", 2, "/no/such/key")])
def test_a_plan_that_cannot_work_is_refused(plan: Plan, at: datetime) -> None:
    with pytest.raises(Invalid):
        schedule.set_plan(plan, at=at)
    assert schedule.plan() is None


def test_one_that_was_asked_for_is_made_read_back_and_done_also_when_it_fails(
    source: Amity, tmp_path: Path, at: datetime
) -> None:
    owner = make_staff(role=Role.OWNER)
    schedule.set_plan(Plan(2, 30, str(tmp_path / "backups"), 2), at=at)
    now.ask(actor=owner.actor(), at=at)
    with pytest.raises(Conflict):
        now.ask(actor=owner.actor(), at=at)
    steps: list[str] = []
    ticks = itertools.count()

    def clock() -> datetime:
        found = now.under_way()
        steps.append(found.step if found else "gone")
        return at + timedelta(seconds=2 * next(ticks))

    made = now.make(source.here, clock=clock)
    assert {"", "database", "files"} <= set(steps)
    assert now.under_way() is None
    last = schedule.last()
    assert last is not None
    assert (last.file, last.folder) == (made.path.name, str(made.path.parent))
    assert last.verified_at
    (tmp_path / "file").write_text("where a folder should be")
    schedule.set_plan(Plan(2, 30, str(tmp_path / "file"), 2), at=at)
    now.ask(actor=owner.actor(), at=at)
    with pytest.raises(BackupFailed):
        now.make(source.here, clock=clock)
    assert now.under_way() is None
    failed = schedule.last()
    assert failed is not None
    assert failed.why
    assert failed.verified_at == last.verified_at


def test_a_backup_that_cannot_be_read_back_is_told(
    source: Amity, tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise BadBackup("The backup is cut off.")

    monkeypatch.setattr("amity.site.backup.reading.verify", broken)
    with pytest.raises(BadBackup):
        schedule.make(source.here, Plan(2, 30, str(tmp_path), 2), at=at)
    last = schedule.last()
    assert last is not None
    assert (last.doubt, last.verified_at) == ("The backup is cut off.", "")


def test_the_command_that_verifies_says_it_on_the_page_too(
    saved: Made, tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(shutil.copy(saved.path, tmp_path))
    schedule.remember(replace(saved, path=file), at=at, seconds=1.0, via="command")

    def told(path: Path) -> tuple[bool, str]:
        """Whether it is verified, and what was found wrong, after the command."""
        with contextlib.suppress(BadBackup):
            verify.callback(path, None, None, quick=True, as_json=True)  # type: ignore[misc]
        last = schedule.last()
        assert last is not None
        return bool(last.verified_at), last.doubt

    elsewhere = tmp_path / "copy"
    elsewhere.mkdir()
    assert told(Path(shutil.copy(file, elsewhere))) == (False, "")  # a copy is another file
    monkeypatch.chdir(tmp_path)
    assert told(Path(file.name)) == (True, "")
    page = signed_in(make_staff(role=Role.OWNER)).get("/settings/backup/").content.decode()
    assert "every byte was read back" in page
    file.write_bytes(file.read_bytes()[:-100])
    is_verified, doubt = told(file)
    assert not is_verified
    assert "cut off" in doubt


def test_a_wrong_key_says_nothing_about_the_file(sealed: Made, tmp_path: Path, at: datetime) -> None:
    schedule.remember(sealed, at=at, seconds=1.0, via="command")
    key = tmp_path / "key"
    key.write_bytes(b"not the one that sealed it, but long enough")
    with pytest.raises(WrongKey):
        verify.callback(sealed.path, None, key, quick=True, as_json=True)  # type: ignore[misc]
    last = schedule.last()
    assert last is not None
    assert (last.verified_at, last.doubt) == ("", "")
