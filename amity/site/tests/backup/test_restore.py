"""From a backup back to an Amity, on the same machine and on another."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from amity.site.backup import restoring, switching
from amity.site.backup.errors import RestoreRefused, WrongKey
from amity.site.backup.making import Made, make_backup
from amity.site.backup.place import NEW
from amity.site.backup.unpacking import settle_environ
from amity.site.tests.backup.conftest import AT, SECRET, Amity


def test_a_sealed_backup_comes_back_whole_on_another_machine(
    source: Amity, sealed: Made, empty: Amity
) -> None:
    done = restoring.restore(sealed.path, empty.here, empty.place, at=AT, secret=SECRET)
    assert done.former == ""
    assert f"The audit chain holds: {done.manifest.audit['position']} entries are sealed" in done.words[0]
    assert int(done.manifest.audit["position"]) >= 40
    query = "SELECT id, name FROM kernel_team ORDER BY 1"
    assert empty.rows(query) == source.rows(query)
    assert len(empty.rows(query)) == 200
    for name in ("files/ab/abcd", "files/imports/1/Größe.csv", "outbox/shop/1.json"):
        assert (empty.home / name).read_bytes() == (source.home / name).read_bytes()
    assert (empty.home / "secret_key").read_text() == "the key of sessions"
    assert (empty.home / "vault_key").stat().st_mode & 0o077 == 0
    assert not (empty.home / switching.STAGE).exists()
    assert switching.stamps(empty.place) == []


def test_where_there_are_data_it_is_refused_then_allowed_then_undone(saved: Made, empty: Amity) -> None:
    restoring.restore(saved.path, empty.here, empty.place, at=AT)
    empty.run("DELETE FROM kernel_team WHERE id <> (SELECT id FROM kernel_team LIMIT 1)")
    (empty.home / "files" / "mine").write_text("mine")
    _wait_in_outbox(empty)
    before = empty.state()
    with pytest.raises(RestoreRefused, match="--replace"):
        restoring.restore(saved.path, empty.here, empty.place, at=AT)
    assert empty.state() == before

    done = restoring.restore(saved.path, empty.here, empty.place, at=AT, replace=True)
    assert done.former == "20260317_093000"
    assert empty.rows("SELECT count(*) FROM kernel_team") == [(200,)]
    assert not (empty.home / "files" / "mine").exists()

    stamp, words = restoring.undo(empty.place, empty.here, at=AT + timedelta(minutes=15))
    assert stamp == "20260317_093000"
    assert "1 messages that waited to be sent are held: look whether they left." in words
    assert empty.rows("SELECT state FROM channels_outboundmessage") == [("unknown",)]
    assert empty.rows("SELECT count(*) FROM kernel_team") == [(1,)]
    assert (empty.home / "files" / "mine").read_text() == "mine"

    restoring.undo(empty.place, empty.here, at=AT + timedelta(minutes=25))
    assert empty.rows("SELECT count(*) FROM kernel_team") == [(200,)]
    assert switching.forget(empty.place) == ["20260317_095500"]
    assert not list(empty.home.glob("before-*"))


_WAIT = """
from datetime import UTC, datetime
from uuid import uuid4
from amity.site.cli.database import django
with django():
    from amity.channels.models import OutboundMessage, Source
    from amity.kernel.models import Staff
    at = datetime(2026, 3, 17, 9, tzinfo=UTC)
    OutboundMessage.objects.create(
        source=Source.objects.create(key="shop", adapter="file", name="Shop", created_at=at), activity_id=uuid4(),
        sender=Staff.objects.create(email="ines@tamp.example", name="Ines", role="agent", joined_at=at),
        network="email", address="hanna@roast.example", channel="email", text="Soon.", created_at=at, send_at=at,
    )
"""


def _wait_in_outbox(amity: Amity) -> None:
    """A message that is tried again later: it may leave from a restored copy meanwhile."""
    keys = {"secret_key": amity.here.secret_key, "vault_key": amity.here.vault_key}
    environ = settle_environ(amity.cluster.url(), amity.home, keys)
    subprocess.run([sys.executable, "-c", _WAIT], check=True, env=environ)


def test_a_trail_that_was_tampered_with_before_comes_back_and_is_named(
    empty: Amity, saved: Made, tmp_path: Path
) -> None:
    restoring.restore(saved.path, empty.here, empty.place, at=AT)
    empty.run("ALTER TABLE kernel_audit_entry DISABLE TRIGGER USER")
    empty.run(
        "UPDATE kernel_audit_entry SET action = 'nothing.happened' WHERE id = (SELECT min(id) FROM kernel_audit_entry)"
    )
    empty.run("ALTER TABLE kernel_audit_entry ENABLE TRIGGER USER")
    made = make_backup(empty.here, tmp_path, at=AT)
    tried = restoring.try_out(made.path, empty.here)
    assert tried.words[0].startswith("The audit chain was broken already when the backup was made: 1 altered")


def test_a_wrong_passphrase_touches_nothing(sealed: Made, empty: Amity) -> None:
    with pytest.raises(WrongKey):
        restoring.restore(sealed.path, empty.here, empty.place, at=AT, secret=None)
    assert not (empty.home / "files").exists()
    with empty.cluster.administration() as session:
        assert session.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'amity%'").fetchone() == (
            1,
        )


def test_a_backup_of_a_newer_amity_is_refused(tmp_path: Path, empty: Amity) -> None:
    empty.run("CREATE TABLE django_migrations (app text, name text)")
    empty.run("INSERT INTO django_migrations VALUES ('kernel', '9999_future')")
    made = make_backup(empty.here, tmp_path, at=AT)
    before = set(empty.home.iterdir())
    with pytest.raises(RestoreRefused, match="9999_future"):
        restoring.restore(made.path, empty.here, empty.place, at=AT)
    assert set(empty.home.iterdir()) == before


def test_while_others_use_the_database_nothing_is_exchanged(saved: Made, empty: Amity) -> None:
    with psycopg.connect(empty.cluster.url()), pytest.raises(RestoreRefused, match="1 other program"):
        restoring.restore(saved.path, empty.here, empty.place, at=AT)
    assert not (empty.home / "files").exists()


def test_a_trial_proves_a_backup_and_touches_nothing(source: Amity, sealed: Made) -> None:
    before = source.state()
    tried = restoring.try_out(sealed.path, source.here, secret=SECRET)
    assert tried.manifest.counts["kernel_team"] == 200
    assert source.state() == before


@pytest.mark.parametrize("is_exchanged", [True, False])
def test_a_switch_that_was_killed_is_finished_or_given_up(empty: Amity, is_exchanged: bool) -> None:
    what = switching.Switch(stamp="1")
    (empty.home / what.stage / "files").mkdir(parents=True)
    (empty.home / what.stage / "files" / "new").write_text("new")
    (empty.home / "files").mkdir()
    (empty.home / "files" / "old").write_text("old")
    (empty.home / switching.NOTE).write_text(json.dumps({"stamp": "1", "new": NEW, "stage": what.stage}))
    if is_exchanged:
        with empty.cluster.administration() as session:
            session.execute("ALTER DATABASE amity RENAME TO amity_before_1")
            session.execute("CREATE DATABASE amity OWNER amity")
    assert switching.finish_interrupted(empty.place) is is_exchanged
    assert (empty.home / "files" / "new").exists() is is_exchanged
    assert (empty.home / "before-1" / "files" / "old").exists() is is_exchanged
    assert (empty.home / "files" / "old").exists() is not is_exchanged
    assert not (empty.home / switching.NOTE).exists()


def test_under_a_running_amity_the_command_refuses(empty: Amity, saved: Made) -> None:
    code = (
        "from pathlib import Path; import sys, time\nfrom amity.site.cli.home import only_one_here\n"
        "with only_one_here(Path(sys.argv[1])): print('here', flush=True); time.sleep(60)"
    )
    environ = settle_environ("", empty.home, {"secret_key": "s" * 50, "vault_key": "v"})
    with subprocess.Popen(
        [sys.executable, "-c", code, str(empty.home)], stdout=subprocess.PIPE, env=environ
    ) as running:
        assert running.stdout is not None
        running.stdout.readline()
        asked = subprocess.run(
            [sys.executable, "-m", "amity", "restore", str(saved.path)],
            env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
        running.kill()
    assert asked.returncode == 1
    assert "Amity is running. Stop it" in asked.stderr
