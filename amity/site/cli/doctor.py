"""`amity doctor`: looks at this installation and says, for each thing that is wrong, what to do about it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import click

from amity.kernel.errors import DomainError
from amity.site.cli import DONE, UNHEALTHY
from amity.site.cli.words import say, say_json

Verdict = Literal["good", "notice", "bad"]
SPACE_BAD_BYTES = 500_000_000
SPACE_NOTICE_BYTES = 3_000_000_000
CLOCK_TOLERANCE_S = 5.0
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
def command(as_json: bool) -> int:
    """Check this installation and say how to mend what is wrong. Changes and starts nothing.

    Exit code 0 when all is well (notes included), 3 when something is bad.

    \b
    Examples
      amity doctor
      amity doctor --json
    """
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
        yield migrations()
        yield from work(facts.work(database["url"]), is_running=run is not None)
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


def work(found: dict[str, Any], *, is_running: bool) -> Iterator[Finding]:
    """Background work: is anybody doing it, is anything stuck, does anything wait to be sent for too long."""
    if not found:
        return
    seen = found["worker_seen_s"]
    if is_running and (seen is None or seen > 60):
        words = "has not been heard of" if seen is None else f"was last heard of {seen:.0f} s ago"
        yield Finding("Worker", "bad", words, "Restart amity run; what is queued is kept.")
    elif is_running:
        yield Finding("Worker", "good", f"heard of {seen:.0f} s ago")
    yield counted(
        "Stalled jobs",
        found["stalled"],
        "They are tried again within two minutes while Amity runs.",
        "notice",
    )
    yield counted("Failed jobs", found["failed"], "Their reasons are in the log of the worker.", "notice")
    yield counted(
        "Stale outbox",
        found["outbox_stale"],
        "Messages wait for more than 15 minutes. Is the worker up?",
        "bad",
    )
    yield counted(
        "Unknown fate",
        found["outbox_unknown"],
        "Look at the other end, then settle them in the conversation.",
        "notice",
    )


def counted(name: str, number: int, remedy: str, verdict: Verdict) -> Finding:
    """Good when there is none of it."""
    return Finding(name, verdict, f"{number:,}", remedy) if number else Finding(name, "good", "none")


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
