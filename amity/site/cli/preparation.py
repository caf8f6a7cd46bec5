"""What `amity run` does before it serves: tables, static files, the demo company. Each only when it is needed.

    python -m amity.site.cli.preparation [--demo] [--report FD]

Runs in a process of its own, because Django would stay in the supervisor's memory. It writes to FD how to sign in.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from amity.kernel.errors import DomainError
from amity.site.cli import DONE, INTERRUPTED, REFUSED
from amity.site.cli.database import django
from amity.site.cli.words import Progress, phase

FINGERPRINT = ".collected"


def prepare(*, with_demo: bool) -> list[str]:
    """Do all of it and return lines that say how to sign in. Django must be set up."""
    with phase("Tables") as notes:
        notes.extend(bring_tables_up_to_date())
    with phase("Styles, scripts, fonts") as notes:
        notes.extend(collect_static_files())
    if with_demo:
        move_demo_in()
    return how_to_sign_in()


def bring_tables_up_to_date() -> list[str]:
    """Apply the migrations that are missing; returns how many there were, in words."""
    from amity.site import upgrading

    taken = upgrading.upgrade()
    return [f"{taken} steps"] if taken else []


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


def move_demo_in() -> None:
    """The demo company, with a line of progress of its own."""
    from amity.site import demo_company

    if not demo_company.is_wanted():
        return
    progress = Progress("  Demo company", to=sys.stdout)
    demo_company.move_in(datetime.now(UTC), lambda step, done, total: progress.show(done, total, step))
    progress.finish("Tamp & Co has moved in")


def finish_restore() -> None:
    """A restore that was killed in the middle of its last step is finished first, before keys and tables are read."""
    from amity.kernel.postgres import Cluster
    from amity.site.backup import switching
    from amity.site.backup.place import Place
    from amity.site.cli.database import own_server, server
    from amity.site.cli.home import amity_home

    home = amity_home()
    if (home / switching.NOTE).exists():
        with server() as url:
            switching.finish_interrupted(Place(home, url, None if own_server() else Cluster(home)))


def how_to_sign_in() -> list[str]:
    """For the demo company where its logins are, for an empty Amity the link that makes the first account."""
    from amity.kernel.models import Staff, WorkspaceSetting
    from amity.site.accounts import setup

    if not Staff.objects.exists():
        link = setup.setup_link(at=datetime.now(UTC))
        return (
            ["Nobody has an account yet. Open this link to make yours, the owner's:", f"  {link}"]
            if link
            else []
        )
    setup.close(at=datetime.now(UTC))
    logins = WorkspaceSetting.objects.filter(key="demo_logins").values_list("value", flat=True).first() or []
    for login in logins[:1]:
        colleague = Staff.objects.filter(email=login["email"], is_active=True).first()
        if colleague is not None and colleague.check_password(login["password"]):
            # Without the password: what a terminal shows is kept in scrollbacks, recordings and logs of services.
            return ["Sign in there: the page offers one login for each role of the demo company."]
    return []


def main() -> int:
    """Exit code 1 and one line when something that a person can act on is wrong."""
    parser = argparse.ArgumentParser(prog="amity.site.cli.preparation")
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--report", type=int)
    asked = parser.parse_args()
    try:
        finish_restore()
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
