"""What `amity run` does before it serves: tables, static files, the demo company. Each only when it is needed.

    python -m amity.site.cli.preparation [--demo] [--report FD]

Runs in a process of its own, because Django would stay in the supervisor's memory. It writes to FD how to sign in.
"""

from __future__ import annotations

import argparse
import hashlib
import os
from pathlib import Path

import click

from amity.kernel.errors import DomainError
from amity.site.cli import DONE, INTERRUPTED, REFUSED
from amity.site.cli.database import django
from amity.site.cli.words import phase

FINGERPRINT = ".collected"


def prepare(*, with_demo: bool) -> list[str]:
    """Do all of it and return lines that say how to sign in. Django must be set up."""
    with phase("Tables") as notes:
        notes.extend(bring_tables_up_to_date())
    with phase("Styles, scripts, fonts") as notes:
        notes.extend(collect_static_files())
    if with_demo and demo_is_wanted():
        load_demo()
    return how_to_sign_in()


def bring_tables_up_to_date() -> list[str]:
    """Apply the migrations that are missing; returns how many there were, in words."""
    from django.core.management import call_command
    from django.db import DEFAULT_DB_ALIAS, connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not missing:
        return []
    call_command("migrate", interactive=False, verbosity=0)
    return [f"{len(missing)} steps"]


def collect_static_files() -> list[str]:
    """Copy and compress what browsers load, unless it is there in this very shape."""
    from django.conf import settings
    from django.core.management import call_command

    target = Path(settings.STATIC_ROOT)
    wanted, mark = static_fingerprint(), target / FINGERPRINT
    if mark.exists() and mark.read_text() == wanted:
        return []
    call_command("collectstatic", interactive=False, verbosity=0, clear=target.exists())
    mark.write_text(wanted)
    return [f"{sum(1 for path in target.rglob('*') if path.is_file()):,} files"]


def static_fingerprint() -> str:
    """Changes whenever a source of the static files does: its name, size or time."""
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def is_empty() -> bool:
    """Nobody has an account: this Amity belongs to nobody yet, so the demo company may move in."""
    from amity.kernel.models import Staff

    return not Staff.objects.exists()


def demo_is_wanted() -> bool:
    """Amity is empty, or the demo company was interrupted while it moved in."""
    from amity.site.demo_company import is_wanted

    return is_wanted()


def load_demo() -> None:
    """The demo company, with its own line of progress."""
    from django.core.management import call_command

    call_command("load_demo")


def how_to_sign_in() -> list[str]:
    """For the demo company its logins, for an empty Amity the command that makes the first account."""
    if is_empty():
        return ["Nobody has an account yet. In another terminal: amity user add"]
    return []


def main() -> int:
    """Exit code 1 and one line when something that a person can act on is wrong."""
    parser = argparse.ArgumentParser(prog="amity.site.cli.preparation")
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--report", type=int)
    asked = parser.parse_args()
    try:
        with django():
            lines = prepare(with_demo=asked.demo)
    except DomainError as error:
        click.echo(error.message, err=True)
        return REFUSED
    except KeyboardInterrupt:
        return INTERRUPTED
    if asked.report is not None:
        with os.fdopen(asked.report, "w") as report:
            report.write("\n".join(lines))
    return DONE


if __name__ == "__main__":
    raise SystemExit(main())
