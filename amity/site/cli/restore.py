"""`amity restore`: a backup in the place of what is here, with a way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from amity.kernel.errors import DomainError
from amity.site.cli import DONE
from amity.site.cli.backup import KEY_FILE, PASSPHRASE_FILE, contents, secret_for, show_bytes
from amity.site.cli.words import Progress, say

if TYPE_CHECKING:
    from amity.site.backup.place import Place


class Running(DomainError):
    """Nothing can be restored under a running Amity."""

    code = "restore.running"


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@PASSPHRASE_FILE
@KEY_FILE
@click.option("--replace", is_flag=True, help="Allow it where there are data already. They are kept aside.")
@click.option("--undo", is_flag=True, help="Put back what the last restore replaced.")
@click.option("--forget", is_flag=True, help="Remove for good what restores have replaced.")
def command(
    file: Path | None, passphrase_file: Any, key_file: Path | None, replace: bool, undo: bool, forget: bool
) -> int:
    """Put a backup in place, on this machine or on a new one, also into a newer Amity.

    All of it is verified before anything changes: a file that is cut off, altered or of another passphrase is
    refused, and what is here stays as it is. Amity must not run meanwhile.

    \b
    Examples
      amity restore /mnt/backups/amity-….tar.sealed
      amity restore --replace /mnt/backups/amity-….tar
      amity restore --undo            back to what was here before
      amity restore --forget          keep only what is here now

    What happens next: everybody signs in again; messages that waited to be sent are held until somebody looks.
    """
    if sum([file is not None, undo, forget]) != 1:
        raise click.UsageError("Name one file, or --undo, or --forget.")
    with _alone() as place:
        if undo:
            return _undo(place)
        if forget:
            return _forget(place)
        return _restore(place, file or Path(), passphrase_file, key_file, replace=replace)


@contextmanager
def _alone() -> Iterator[Place]:
    """The home with nobody else in it, its server up."""
    from amity.site.cli.database import django, own_server
    from amity.site.cli.home import AlreadyRunning, amity_home, only_one_here

    try:
        claim = only_one_here(amity_home())
        claim.__enter__()
    except AlreadyRunning as error:
        raise Running("Amity is running. Stop it (Ctrl-C, or its service), then restore.") from error
    try:
        with django():
            from amity.kernel.postgres import Cluster
            from amity.site.backup.here import this_amity
            from amity.site.backup.place import Place

            here = this_amity()
            yield Place(here.home, here.conninfo, None if own_server() else Cluster(here.home))
    finally:
        claim.__exit__(None, None, None)


def _restore(place: Place, file: Path, passphrase_file: Any, key_file: Path | None, *, replace: bool) -> int:
    from amity.site.backup import restoring
    from amity.site.backup.here import this_amity

    secret = secret_for(file, passphrase_file, key_file)
    progress = Progress("  Restore")
    done = restoring.restore(
        file, this_amity(), place, at=datetime.now(UTC), secret=secret, replace=replace,
        told=lambda step, count: show_bytes(progress, step, count, None),
    )  # fmt: skip
    progress.finish("all is in place")
    for line in [*contents(done.manifest), *done.words]:
        say(f"  {line}")
    if done.former:
        say(
            "What was here before is kept. Put it back: amity restore --undo. Remove it: amity restore --forget."
        )
    say("Rights that were taken away after the backup was made are back: look at amity user list.")
    say("Start: amity run")
    return DONE


def _undo(place: Place) -> int:
    from amity.site.backup import restoring
    from amity.site.backup.here import this_amity

    stamp, words = restoring.undo(place, this_amity(), at=datetime.now(UTC))
    for line in words:
        say(f"  {line}")
    say(f"Back in place: what was here until the restore of {stamp}. What it replaced is kept in turn.")
    return DONE


def _forget(place: Place) -> int:
    from amity.site.backup import switching

    gone = switching.forget(place)
    say(f"Removed: {len(gone)} former states." if gone else "There was nothing to remove.")
    return DONE
