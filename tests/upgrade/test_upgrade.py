"""From the data of the version before "Doors and locks" to this one.

`before_doors_and_locks.sql.xz` is a dump of invented rows, made by that version (commit 2647829): 240 messages and 60
orders that it imported, two colleagues, a team, twelve answers.
"""

from __future__ import annotations

import json
import lzma
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from amity.kernel.postgres.binaries import wheel_tree
from amity.site.backup import restoring
from amity.site.backup.making import make_backup
from amity.site.backup.snapshot import counts
from amity.site.backup.unpacking import settle_environ
from amity.site.tests.backup.conftest import AT, Amity, open_amity

DUMP = Path(__file__).parent / "before_doors_and_locks.sql.xz"
KEYS = {
    "secret_key": "the key of sessions, which is long enough for Django",
    "vault_key": "the key of the vault",
}
# these change by themselves: what Django keeps of its own, and jobs
GROWS = {"django_migrations", "django_content_type", "auth_permission"}
PAGES = ("/", "/inbox/", "/people/", "/organisations/", "/orders/", "/imports/", "/status/", "/settings/")

_SMOKE = """
import json, sys
from amity.site.cli.database import django
from django.conf import settings
settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
with django():
    from django.test import Client
    from amity.kernel.models import Staff
    client = Client(HTTP_HOST="localhost")
    client.force_login(Staff.objects.get(email="mara@tamp.example"), "amity.site.signin.StaffBackend")
    found = {page: client.get(page) for page in json.loads(sys.argv[1])}
    people = found["/people/"].content.decode()
    codes = {page: answer.status_code for page, answer in found.items()}
    print(json.dumps({"codes": codes, "hanna": "Hanna" in people}))
"""


@pytest.fixture(scope="module")
def old() -> Iterator[Amity]:
    """The older Amity's database."""
    with open_amity() as amity:
        script = lzma.decompress(DUMP.read_bytes())
        psql = [
            str(wheel_tree() / "bin" / "psql"),
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-1",
            "-f",
            "-",
            amity.cluster.url(),
        ]
        done = subprocess.run(psql, input=script, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        yield amity


def command(amity: Amity, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env=settle_environ(amity.cluster.url(), amity.home, KEYS), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(amity: Amity) -> dict[str, int]:
    with psycopg.connect(amity.cluster.url()) as session:
        return counts(session)


@pytest.mark.server
def test_an_older_database_and_an_older_backup_are_brought_to_this_version(
    old: Amity, tmp_path: Path
) -> None:
    before = rows(old)
    assert before["activity_activitykey"] == 312
    saved = make_backup(old.here, tmp_path, at=AT)

    plan = command(old, "-m", "amity", "migrate", "--plan")
    assert "kernel.0005_erasure" in plan
    assert "Create model Erasure" in plan
    assert rows(old) == before

    command(old, "-m", "amity", "migrate")
    after = rows(old)
    assert {table: after.get(table) for table in before.keys() - GROWS} == {
        table: before[table] for table in before.keys() - GROWS
    }
    assert "up to date" in command(old, "-m", "amity", "migrate", "--plan")
    smoke = json.loads(command(old, "-c", _SMOKE, json.dumps(PAGES)).splitlines()[-1])
    assert smoke["codes"] == dict.fromkeys(PAGES, 200)
    assert smoke["hanna"]

    # its backup, into this version: what waited to be sent is held
    done = restoring.restore(saved.path, old.here, old.place, at=AT, replace=True)
    assert done.words[0].startswith("Tables were brought to this version")
    assert old.rows("SELECT state, count(*) FROM channels_outboundmessage GROUP BY 1") == [("unknown", 12)]
    assert "12 messages that waited to be sent are held: look whether they left." in done.words
