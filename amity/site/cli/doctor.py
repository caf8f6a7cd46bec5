"""`amity doctor`: looks at this installation and says, for each thing that is wrong, what to do about it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import click

from amity.kernel.errors import DomainError
from amity.site.cli import DONE, UNHEALTHY
from amity.site.cli.words import say, say_json

Verdict = Literal["good", "notice", "bad"]
SPACE_BAD_BYTES = 500_000_000
SPACE_NOTICE_BYTES = 3_000_000_000
CERTIFICATE_SOON_DAYS = 14
CLOCK_TOLERANCE_S = 5.0
LOOKED_AT_ALREADY = frozenset({"database", "role", "clock", "disk"})
VERDICTS: dict[str, Verdict] = {"good": "good", "info": "good", "caution": "notice", "bad": "bad"}
MARKS: dict[Verdict, str] = {"good": "ok", "notice": "note", "bad": "BAD"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `remedy` is empty when there is nothing to do."""

    name: str
    verdict: Verdict
    words: str
    remedy: str = ""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a machine.")
@click.option("--retry", is_flag=True, help="Start failed background jobs again, then check.")
def command(as_json: bool, retry: bool) -> int:
    """Check this installation and say how to mend what is wrong. Changes nothing unless it is asked to.

    Exit code 0 when all is well (notes included), 3 when something is bad.

    \b
    Examples
      amity doctor
      amity doctor --json
      amity doctor --retry          what failed is tried again
    """
    if retry:
        say(f"{retry_failed():,} failed jobs were started again.", to=sys.stderr if as_json else None)
    findings = list(examine())
    if as_json:
        say_json({"findings": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            say(f"{MARKS[finding.verdict]:<5}{finding.name:<16}{finding.words}")
            if finding.remedy:
                say(f"     {'':<16}→ {finding.remedy}")
    return UNHEALTHY if any(finding.verdict == "bad" for finding in findings) else DONE


def examine() -> Iterator[Finding]:
    """All findings, in the order in which things depend on each other."""
    from amity.site.cli import facts
    from amity.site.cli.home import amity_home, running

    yield python_version(sys.version_info[:2])
    home = amity_home()
    yield writable(home)
    yield disk_space(home, shutil.disk_usage(home).free)
    run = running(home)
    database = facts.database(home)
    yield server_programs(bool(database["embedded"]))
    yield server(database, is_running=run is not None)
    if database["answers"]:
        yield role(facts.powers(database["url"]))
        yield clock(facts.clock_difference_s(database["url"]))
        tables = migrations()
        yield tables
        if tables.verdict == "good":
            yield from parts(is_running=run is not None)
    yield from certificate(os.environ.get("AMITY_URL", ""))
    yield pages(run.url if run else None)


def python_version(version: tuple[int, int]) -> Finding:
    """Python 3.11 or newer."""
    shown = f"{version[0]}.{version[1]} ({platform.machine()})"
    if version < (3, 11):
        return Finding(
            "Python", "bad", shown, "Amity needs 3.11 or newer: install it and run make install again."
        )
    return Finding("Python", "good", shown)


def writable(home: Path) -> Finding:
    """The folder of all data."""
    if os.access(home, os.R_OK | os.W_OK | os.X_OK):
        return Finding("Home", "good", str(home))
    return Finding("Home", "bad", f"{home} cannot be written.", "Set AMITY_HOME to a folder of your own.")


def disk_space(home: Path, free_bytes: int) -> Finding:
    """PostgreSQL stops when the disk is full."""
    words = f"{free_bytes / 1e9:,.1f} GB free at {home}"
    if free_bytes < SPACE_BAD_BYTES:
        return Finding("Disk", "bad", words, "Make room: the database stops when the disk is full.")
    if free_bytes < SPACE_NOTICE_BYTES:
        return Finding("Disk", "notice", words, "Enough for now; a large import needs about 2 kB a message.")
    return Finding("Disk", "good", words)


def server_programs(is_embedded: bool) -> Finding:
    """The programs of the embedded server, where it is used."""
    from amity.kernel.postgres import PostgresError
    from amity.kernel.postgres.binaries import wheel_tree

    if not is_embedded:
        return Finding("PostgreSQL", "good", "a server of your own (AMITY_DATABASE_URL)")
    try:
        return Finding("PostgreSQL", "good", f"embedded, programs in {wheel_tree().name}")
    except PostgresError as error:
        return Finding("PostgreSQL", "bad", error.message, "make install")


def server(database: dict[str, Any], *, is_running: bool) -> Finding:
    """Whether the server answers, when it should."""
    if database["answers"]:
        return Finding("Database", "good", f"version {database['version']}, {database['phase']}")
    if database["problem"]:
        return Finding("Database", "bad", str(database["problem"]), "Mend it, then: amity run")
    if is_running:
        log = f" Its log: {database['log']}" if database["log"] else ""
        return Finding(
            "Database",
            "bad",
            f"is {database['phase']} while Amity runs.{log}",
            "Wait a minute, then restart amity run.",
        )
    return Finding("Database", "notice", f"is {database['phase']}, as Amity does not run.", "amity run")


def role(powers: list[str]) -> Finding:
    """The role of the application should be able to do nothing outside its database."""
    if not powers:
        return Finding("Role", "good", "owns its database, and nothing beyond it")
    is_bad = powers != ["may make databases"]
    remedy = (
        "Give AMITY_DATABASE_URL a role of its own: CREATE ROLE amity LOGIN PASSWORD '…'; "
        "ALTER DATABASE … OWNER TO amity; (docs/how-to/use-your-own-postgresql.md)"
        if is_bad
        else "Amity does not need it: ALTER ROLE … NOCREATEDB;"
    )
    return Finding("Role", "bad" if is_bad else "notice", f"{', '.join(powers)}.", remedy)


def clock(difference_s: float) -> Finding:
    """Times are compared between this machine and the database."""
    if abs(difference_s) > CLOCK_TOLERANCE_S:
        words = f"differs from the database's by {difference_s:+.0f} s"
        return Finding("Clock", "bad", words, "Let both machines set their clock over the network (NTP).")
    return Finding("Clock", "good", "agrees with the database's")


def migrations() -> Finding:
    """Whether the tables are those of this version."""
    from amity.site.cli.database import django

    try:
        with django():
            from django.core.management import call_command

            call_command("migrate", check_unapplied=True, verbosity=0)
    except SystemExit:
        return Finding("Tables", "bad", "are not those of this version.", "amity migrate")
    except DomainError as error:
        return Finding("Tables", "bad", error.message, "amity migrate")
    return Finding("Tables", "good", "up to date")


def retry_failed() -> int:
    """Put failed jobs back into the queue; returns how many there were."""
    from amity.site.cli.database import django

    with django():
        from procrastinate.contrib.django import app

        failed = list(app.job_manager.list_jobs(status="failed"))
        for job in failed:
            if job.id is not None:
                app.job_manager.retry_job_by_id(job.id, retry_at=datetime.now(UTC))
        return len(failed)


def parts(*, is_running: bool) -> Iterator[Finding]:
    """What the packages say of themselves: the findings of the Status screen that were not looked at already."""
    from amity.site.cli.database import django

    with django():
        from django.utils import timezone, translation

        from amity.kernel.actor import SYSTEM
        from amity.kernel.health import Look, look_at_all

        with translation.override("en"):
            for found in look_at_all(Look(SYSTEM, timezone.now()), is_running=is_running):
                if found.key not in LOOKED_AT_ALREADY:
                    yield Finding(found.label, VERDICTS[found.health.value], found.words, found.remedy)


def certificate(site: str) -> Iterator[Finding]:
    """Whether browsers accept the certificate of AMITY_URL, and for how long. Nothing where it is not https."""
    import ssl
    from urllib.parse import urlsplit

    from amity.site.cli.ports import days_of_certificate

    url = urlsplit(site)
    if url.scheme != "https" or not url.hostname:
        return
    try:
        days = days_of_certificate(url.hostname, url.port or 443)
    except ssl.SSLError as error:
        why = getattr(error, "verify_message", "") or error.reason or "no TLS there"
        yield Finding("Certificate", "bad", f"{site}: {why}", "Browsers refuse it: renew it in the proxy.")
    except (DomainError, OSError) as error:
        words = error.message if isinstance(error, DomainError) else str(error)
        remedy = "Is the reverse proxy up, and does the name lead to it from here?"
        yield Finding("Certificate", "notice", f"{site} could not be reached: {words}", remedy)
    else:
        soon = days < CERTIFICATE_SOON_DAYS
        remedy = "It should have been renewed by now: look at the proxy." if soon else ""
        yield Finding("Certificate", "notice" if soon else "good", f"good for {days} days", remedy)


def pages(url: str | None) -> Finding:
    """Whether the pages answer, or could be served."""
    from urllib.parse import urlsplit

    from amity.site.cli.ports import PortTaken, is_healthy, require_free

    if url:
        place = urlsplit(url)
        if is_healthy(place.hostname or "", place.port or 80):
            return Finding("Pages", "good", f"answer at {url}")
        return Finding("Pages", "bad", f"do not answer at {url}", "See what amity run says, or restart it.")
    try:
        require_free("127.0.0.1", 8000, what="the pages")
        require_free("127.0.0.1", 8001, what="the live stream")
    except PortTaken as error:
        return Finding("Ports", "notice", error.message)
    return Finding("Ports", "good", "8000 and 8001 are free")
