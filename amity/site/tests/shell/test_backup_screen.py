"""Settings, Backup: what it says of the last one, who may ask for one now, and who changes the schedule."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from amity.kernel.actor import Role
from amity.kernel.models import AuditEntry, WorkspaceSetting
from amity.site.backup import now, schedule
from amity.site.backup.making import Here
from amity.site.backup.now import UnderWay
from amity.site.backup.schedule import Last, Plan
from amity.site.tests.shell.factories import make_staff, signed_in, signed_in_lately

pytestmark = pytest.mark.django_db
PAGE = "/settings/backup/"
ASKED = {"task_name": "site.backup_now"}


def keep(key: str, value: Any) -> None:
    WorkspaceSetting.objects.update_or_create(
        key=key, defaults={"value": asdict(value), "changed_at": timezone.now()}
    )


def page(**headers: str) -> str:
    answer = signed_in(make_staff(role=Role.ADMINISTRATOR)).get(PAGE, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_where_nothing_was_saved_it_teaches_and_one_is_asked_for_once() -> None:
    client = signed_in(make_staff(role=Role.OWNER))
    assert "Nothing was ever saved" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}now/").status_code == 302
    assert ProcrastinateJob.objects.filter(**ASKED).count() == 1
    assert AuditEntry.objects.filter(action="backup.asked").count() == 1
    assert "waits for the worker" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}now/").status_code == 409
    assert ProcrastinateJob.objects.filter(**ASKED).count() == 1


def test_the_last_one_is_told_with_its_file_its_size_and_whether_it_was_read_back(tmp_path: Path) -> None:
    at = (timezone.now() - timedelta(hours=3)).isoformat()
    here = Here(tmp_path, "", "any", "any")
    name = f"amity-{here.installation}-20260317-093000.tar.sealed"
    keep(schedule.LAST, Last(at, at, name, 3_500_000, 4.2, folder="/mnt/backups", verified_at=at))
    shown = page()
    for words in (
        "every byte was read back",
        f"amity restore --replace /mnt/backups/{name}",
        "3.3",
        "(3 h ago)",
    ):
        assert words in shown
    keep(schedule.LAST, Last(at, at, name, 1, 1.0, why="There is no room left in /mnt/backups."))
    shown = page()
    assert "There is no room left" in shown
    assert "not yet" in shown
    keep(schedule.LAST, Last(at, at, name, 1, 1.0, doubt="The backup is cut off."))
    assert "cannot be read back" in page()


def test_progress_is_a_fragment_of_its_own_and_silence_is_told() -> None:
    at = timezone.now()
    keep(now.UNDER_WAY, UnderWay(at.isoformat(), at.isoformat(), "database", 5_000_000, 9_000_000))
    shown = page(**{"HX-Request": "true"})
    assert "reads the database" in shown
    assert "every 2s" in shown
    assert "<html" not in shown
    keep(now.UNDER_WAY, UnderWay(at.isoformat(), (at - timedelta(minutes=2)).isoformat()))
    shown = page()
    assert "Nobody works on the backup" in shown
    assert "every 2s" not in shown


def test_the_schedule_is_changed_switched_off_and_its_folder_left_alone() -> None:
    client = signed_in_lately(make_staff(role=Role.OWNER))
    wanted = {"time": "04:05", "keep": "3"}
    assert client.post(f"{PAGE}schedule/", wanted).status_code == 409  # nobody said where to
    keep(schedule.PLAN, Plan(2, 30, "/mnt/backups", 14, "/etc/key"))
    assert client.post(f"{PAGE}schedule/", wanted | {"is_on": "on"}).status_code == 302
    assert schedule.plan() == Plan(4, 5, "/mnt/backups", 3, "/etc/key")
    assert client.post(f"{PAGE}schedule/", wanted).status_code == 302
    assert schedule.plan() is None
    assert "Switched off" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}schedule/", {"time": "25:00", "keep": "0"}).status_code == 422
    assert schedule.kept_plan() == Plan(4, 5, "/mnt/backups", 3, "/etc/key", is_on=False)


def test_where_backups_grow_fewer_whoever_sits_there_is_asked_first() -> None:
    client = signed_in(make_staff(role=Role.OWNER))
    keep(schedule.PLAN, Plan(2, 30, "/mnt/backups", 14))
    for wanted in ({"time": "04:05", "keep": "13", "is_on": "on"}, {"time": "02:30", "keep": "14"}):
        asked = client.post(f"{PAGE}schedule/", wanted)
        assert asked["Location"].startswith("/settings/security/confirmation/?next=%2Fsettings%2Fbackup%2F")
    assert schedule.plan() == Plan(2, 30, "/mnt/backups", 14)
    more = {"time": "04:05", "keep": "15", "is_on": "on"}
    assert client.post(f"{PAGE}schedule/", more)["Location"] == PAGE
    assert schedule.plan() == Plan(4, 5, "/mnt/backups", 15)


def test_it_is_for_those_who_may_change_the_settings() -> None:
    client = signed_in(make_staff(role=Role.AGENT))
    assert client.get(PAGE).status_code == 403
    assert client.post(f"{PAGE}now/").status_code == 403
    assert client.post(f"{PAGE}schedule/").status_code == 403
    assert not ProcrastinateJob.objects.filter(**ASKED).exists()
