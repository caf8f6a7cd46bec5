"""What every test of the project stands on: a PostgreSQL of its own, a fixed clock, a browser where there is one.

One embedded server in a folder under /tmp serves a whole run, also when pytest-xdist spreads it over processes; each
of those has its own database. AMITY_TEST_DATABASE_URL names another server instead (version 15 or newer).
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

if TYPE_CHECKING:
    import pytest_django
    from playwright.sync_api import Browser

PREFIX = "amity-test-"
# A test run that loses power may be run again.
TEST_SERVER = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def _remove_leftovers() -> None:
    """Stop the servers of runs that were killed, and remove their folders."""
    from amity.kernel.postgres import Cluster

    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = re.match(rf"{PREFIX}(\d+)-", folder.name)
        try:
            is_mine = folder.stat().st_uid == os.geteuid()
        except FileNotFoundError:  # another run that begins took it away
            continue
        if owner and is_mine and not Path(f"/proc/{owner.group(1)}").exists():
            Cluster(folder).stop("immediate")
            shutil.rmtree(folder, ignore_errors=True)


def _own_home() -> Path:
    """The folder of this run. Processes of pytest-xdist inherit it through the environment."""
    chosen = os.environ.get("AMITY_TEST_HOME")
    if chosen:
        return Path(chosen)
    _remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    folder.chmod(0o755)  # as root, the server's own account must be able to pass
    return folder


IS_FIRST = "AMITY_TEST_HOME" not in os.environ
HOME = _own_home()
OWN_SERVER = os.environ.get("AMITY_TEST_DATABASE_URL", "")

# Before Django reads its settings, which pytest-django makes it do right after this file is loaded.
for _name in [
    name for name in os.environ if name.startswith("AMITY_") and not name.startswith("AMITY_TEST_")
]:
    if _name != "AMITY_CHROMIUM":
        del os.environ[_name]
os.environ["AMITY_TEST_HOME"] = os.environ["AMITY_HOME"] = str(HOME)
os.environ["AMITY_SECRET_KEY"] = "tests sign nothing that anybody else would trust, ever"
os.environ["AMITY_LOG_LEVEL"] = "WARNING"
os.environ["DJANGO_SETTINGS_MODULE"] = "amity.site.settings"
if OWN_SERVER:
    os.environ["AMITY_DATABASE_URL"] = OWN_SERVER

hypothesis.settings.register_profile("check", deadline=None, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("AMITY_TEST_PROFILE", "check"))


def pytest_configure() -> None:
    """Settings that only tests want: no hashed file names, no slow password hashes."""
    from django.conf import settings

    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]


TOGETHER = (
    "tests/browser/",
    "tests/production/test_behind_caddy.py",
    "tests/production/test_systemd.py",
    "tests/upgrade/",
    "amity/site/tests/accounts/test_sso.py",
    "amity/site/tests/cli/test_doctor.py",
    "amity/site/tests/cli/test_run.py",
    "amity/site/tests/design/test_style_page.py",
)
"""Tests that look at one running Amity share one process of pytest-xdist, and so that run; most of them its demo."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest lot first: begun last, it would keep one process busy while the other has nothing left to do."""
    items.sort(key=lambda item: not item.nodeid.startswith(TOGETHER[0]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """One test after the other to whoever is free, but those of `TOGETHER` to the same."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # it brings no types
        def _split_scope(self, nodeid: str) -> str:
            return next((folder for folder in TOGETHER if nodeid.startswith(folder)), nodeid)

    return Scheduling(config, log)


def pytest_unconfigure() -> None:
    """The first process of the run takes the server and its folder away."""
    if IS_FIRST:
        from amity.kernel.postgres import Cluster

        Cluster(HOME).stop("immediate")
        shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:  # noqa: ARG001
    """Have the server running before Django makes its test database."""
    if OWN_SERVER:
        yield
        return
    from amity.kernel.postgres import Cluster

    cluster = Cluster(HOME, TEST_SERVER)
    cluster.allow_databases()
    with cluster.held():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> None:  # noqa: ARG001
    """Let tests with committed transactions empty the tables, which the audit trail refuses everywhere else."""
    from django.apps import apps
    from django.db import connection
    from django.db.models.signals import post_migrate

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in ("kernel_audit_entry", "kernel_audit_seal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER kernel_audit_not_emptied")
    post_migrate.connect(_empty_the_queue, sender=apps.get_app_config("procrastinate"))


def _empty_the_queue(**_: object) -> None:
    """The end of a test with committed transactions, which empties the tables of Django's own: the next test would find
    the jobs of this one."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_events")
        cursor.execute("DELETE FROM procrastinate_jobs")


@pytest.fixture
def at() -> datetime:
    """The instant at which tests happen: a Tuesday morning."""
    return datetime(2026, 3, 17, 9, 30, tzinfo=UTC)


def find_chromium() -> str | None:
    """The browser of AMITY_CHROMIUM, else the one of this machine."""
    from amity.channels.mime import browser_trial

    own = os.environ.get("AMITY_CHROMIUM")
    return shutil.which(own) if own else browser_trial.chromium()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a browser; tests that ask for it are skipped where there is none."""
    path = find_chromium()
    if path is None:
        pytest.skip("Chromium is not installed")
    return path


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A real browser without a window. It reaches this machine only: its name service answers for nobody else.

    For one file: Playwright drives an event loop in this thread, beside which no other can run.
    """
    from playwright.sync_api import sync_playwright

    options = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"]
    if os.geteuid() == 0:
        options.append("--no-sandbox")
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Django would refuse the ORM beside that loop
        found = playwright.chromium.launch(executable_path=chromium, args=options)
        yield found
        found.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the one command that brings the tests that could not run here."""
    skipped = len(terminalreporter.stats.get("skipped", []))
    sys.path.insert(0, str(Path(__file__).parent / "tools"))
    import system_packages

    packages = system_packages.missing()
    if skipped and packages:
        terminalreporter.write_line(
            f"{skipped} tests were skipped. This brings what they need and is not here:"
        )
        terminalreporter.write_line(f"  {system_packages.command(packages)}")
