"""Somebody is erased after a backup was made: the backup is restored, and a scan of all of it finds nothing of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from amity.site.backup.making import make_backup
from amity.site.backup.restoring import restore
from amity.site.backup.restoring import undo as put_back
from amity.site.backup.unpacking import settle_environ
from amity.site.tests.backup.conftest import AT, Amity, move_in, open_amity
from tests.flows.erasing import EVERYTHING

KEYS = {"secret_key": "the key of sessions", "vault_key": "the key of the vault"}
_TOLD = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from amity.site.cli.database import django
with django():
    from tests.flows.erasing import address_book, mbox, messages, orders
    from tests.flows.stories import jsonl, take_in
    at, folder = datetime(2026, 3, 17, 9, 30, tzinfo=UTC), Path(sys.argv[1])
    take_in(jsonl(folder / "mails.jsonl", messages(at)), at)
    take_in(mbox(folder / "letters.mbox", at), at, source="letters")
    take_in(jsonl(folder / "orders.jsonl", orders(at)), at, source="shop")
    take_in(address_book(folder / "book.csv"), at, source="book")
"""
_ERASED = """
from datetime import datetime, timedelta, UTC
from amity.site.cli.database import django
with django():
    from amity.kernel.actor import SYSTEM
    from amity.people import erasures
    from amity.people.merging import merge
    from tests.flows.erasing import MAIL, OTHER_MAIL, person_of
    at = datetime.now(UTC)
    merge(person_of(MAIL), [person_of(OTHER_MAIL)], actor=SYSTEM, at=at)  # the backup has two people
    asked = erasures.ask(person_of(MAIL), ground="request", actor=SYSTEM, at=at, now=True)
    assert erasures.work_on(asked.pk, clock=lambda: at).state == "done"
"""
_SCANNED = """
from pathlib import Path
from amity.site.cli.database import django
with django():
    from django.conf import settings
    from amity.people.models import Person
    from amity.commerce.models import Order
    from amity.site.scanning import in_database, in_files
    from tests.flows.erasing import EVERYTHING
    words = {one.value for one in in_database(EVERYTHING)}
    words |= {one.value for one in in_files(Path(settings.HOME), EVERYTHING, leave_out=["postgres"])}
    print(len(words), Person.objects.count(), Order.objects.count())
"""


@pytest.fixture
def amity() -> Iterator[Amity]:
    with open_amity(has_tables=True) as found:
        move_in(found)
        yield found


def run(amity: Amity, script: str, *arguments: str) -> str:
    environ = settle_environ(amity.cluster.url(), amity.home, KEYS)
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], check=False, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def test_a_restored_backup_erases_again_with_its_files(amity: Amity, tmp_path: Path) -> None:
    run(amity, _TOLD, str(tmp_path))
    made = make_backup(amity.here, tmp_path / "backups", at=AT)
    found, people, orders = map(int, run(amity, _SCANNED).split())
    assert (people, orders) == (4, 2)
    assert found > 10
    run(amity, _ERASED)
    assert run(amity, _SCANNED) == "0 2 2"
    done = restore(made.path, amity.here, amity.place, at=AT + timedelta(days=2), replace=True)
    assert "3 erasures were applied again." in done.words
    assert run(amity, _SCANNED) == "0 2 2"
    put_back(amity.place, amity.here, at=AT + timedelta(days=3))
    assert run(amity, _SCANNED) == "0 2 2"


_KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from amity.site.cli.database import django
with django():
    from amity.kernel.actor import SYSTEM
    from amity.people import erasures, sweeping
    from tests.flows.erasing import MAIL, person_of
    where, at = sys.argv[1], datetime.now(UTC)
    asked = erasures.ask(person_of(MAIL), ground="request", actor=SYSTEM, at=at, now=True)
    die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    if where == "in the transaction":
        erasures.scope_of = die  # all rows are gone, and nothing is committed
    else:
        sweeping._sweeps["words"] = (30, die)  # rows are gone for good, files and trail are half done
    erasures.work_on(asked.pk, clock=lambda: at)
"""
_TAKEN_UP = """
from datetime import UTC, datetime
from amity.site.cli.database import django
with django():
    from amity.people import erasures
    from amity.people.models import PersonErasure
    there = PersonErasure.objects.get()
    before = there.step
    done = erasures.work_on(there.pk, clock=lambda: datetime.now(UTC))
    print(before, done.state, done.certificate["removed"]["people_identity"])
"""


@pytest.mark.parametrize(("where", "step"), [("in the transaction", "erase"), ("in a sweep", "sweep")])
def test_an_erasure_that_was_killed_goes_on_where_it_was(
    amity: Amity, tmp_path: Path, where: str, step: str
) -> None:
    run(amity, _TOLD, str(tmp_path))
    environ = settle_environ(amity.cluster.url(), amity.home, KEYS)
    done = subprocess.run([sys.executable, "-c", _KILLED, where], check=False, env=environ)
    assert done.returncode == -9
    assert run(amity, _TAKEN_UP) == f"{step} done 1"
    left = amity.rows("SELECT count(*) FROM people_identity WHERE address LIKE 'zubrowka%'")
    assert left == [(0,)]
    assert amity.rows("SELECT count(*) FROM people_personerasure WHERE scope IS NOT NULL") == [(0,)]


def amity_says(amity: Amity, *arguments: str) -> tuple[int, str]:
    """The command line of this installation, with its own server."""
    environ = settle_environ(amity.cluster.url(), amity.home, KEYS)
    del environ["AMITY_DATABASE_URL"]
    done = subprocess.run(
        [sys.executable, "-m", "amity", *arguments], check=False, env=environ, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_a_purge_leaves_nothing_in_the_files_of_the_server_either(amity: Amity, tmp_path: Path) -> None:
    run(amity, _TOLD, str(tmp_path))
    values = tmp_path / "values.txt"
    values.write_text("\n".join(EVERYTHING))
    check = ("erasures", "check", "--values-file", str(values))
    code, told = amity_says(amity, *check)
    assert (code, "people_identity.address" in told) == (3, True)
    run(amity, _ERASED)
    assert amity_says(amity, *check) == (0, f"None of {len(EVERYTHING)} values was found anywhere.\n")
    code, told = amity_says(amity, *check, "--server-files")
    assert code == 3  # removed rows stand in the pages and in the log until those are written again
    assert "pg_wal" in told
    code, told = amity_says(amity, "erasures", "purge", "--yes")
    assert (code, "were written anew" in told) == (0, True)
    code, told = amity_says(amity, *check, "--server-files")
    assert (code, told) == (0, f"None of {len(EVERYTHING)} values was found anywhere.\n")
    code, told = amity_says(amity, "erasures", "list")
    assert (code, told.count("done")) == (0, 1)
