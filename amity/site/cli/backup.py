"""`amity backup`: everything of this Amity in one file, and the proof that the file is good."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from amity.site.cli import DONE
from amity.site.cli.words import Progress, say, say_json

if TYPE_CHECKING:
    from amity.site.backup.archive import Manifest
    from amity.site.backup.schedule import Last, Plan
    from amity.site.backup.seal import Secret

PASSPHRASE_FILE = click.option(
    "--passphrase-file",
    type=click.File("r"),
    help="Read the passphrase from the first line of a file (- for standard input) instead of asking.",
)
KEY_FILE = click.option(
    "--key-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of 32 or more random bytes instead of a passphrase.",
)


@click.group(invoke_without_command=True)
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path),
    help="Folder of backups; by default `backups` in AMITY_HOME. Another disk is better.",
)  # fmt: skip
@click.option(
    "--encrypt", is_flag=True, help="Seal it with a passphrase (asked for). It then holds the keys."
)
@PASSPHRASE_FILE
@KEY_FILE
@click.option("--with-keys", is_flag=True, help="Put the keys in, though nothing seals them. Guard the file.")
@click.option("--keep", type=click.IntRange(1), help="Afterwards remove all but the newest so many there.")
@click.option("--json", "as_json", is_flag=True, help="For a machine.")
@click.pass_context
def command(context: click.Context, /, folder: Path | None, encrypt: bool, **options: Any) -> int:
    """Save the database, files and keys of this Amity in one file, while it goes on working.

    The file is all of one moment, and it appears only when it is whole. Without --encrypt the keys that open stored
    secrets (passwords of mail accounts) stay out of it: then keep AMITY_HOME/vault_key somewhere safe yourself.

    \b
    Examples
      amity backup --encrypt --to /mnt/backups --keep 14
      amity backup --key-file /root/backup.key --to /mnt/backups
      amity backup verify /mnt/backups/amity-….tar.sealed

    What happens next: keep a copy elsewhere, and try a restore. `amity backup schedule` has one made each night.
    """
    if context.invoked_subcommand:
        return DONE
    return _make(folder, encrypt=encrypt, **options)


def _make(
    folder: Path | None,
    *,
    encrypt: bool,
    passphrase_file: Any,
    key_file: Path | None,
    with_keys: bool,
    keep: int | None,
    as_json: bool,
) -> int:
    from amity.site.cli.database import django

    secret = None
    if encrypt or passphrase_file or key_file:
        secret = asked_secret(passphrase_file, key_file, confirm=True)
    with django():
        from amity.site.backup import schedule
        from amity.site.backup.here import this_amity
        from amity.site.backup.making import make_backup

        here = this_amity()
        progress, started, at = Progress("  Backup"), time.monotonic(), datetime.now(UTC)
        made = make_backup(
            here, folder or here.home / "backups", at=at, secret=secret, with_keys=with_keys,
            keep=keep or 0, tell=lambda step, done, total: show_bytes(progress, step, done, total),
        )  # fmt: skip
        schedule.remember(made, at=at, seconds=time.monotonic() - started, via="command")
    if as_json:
        say_json(
            {"path": made.path, "size_bytes": made.size_bytes, "removed": made.removed} | facts(made.manifest)
        )
        return DONE
    progress.finish(f"{made.size_bytes / 1e6:,.1f} MB")
    say(f"{made.path}")
    for line in contents(made.manifest):
        say(f"  {line}")
    if made.removed:
        say(f"  {made.removed} older ones were removed.")
    return DONE


def show_bytes(progress: Progress, step: str, done: int, total: int | None) -> None:
    """Progress in megabytes; the size of a dump is not known before, so there is no bar for it."""
    of = f", the database is {total // 1_000_000:,} MB" if total else ""
    progress.show(done // 1_000_000, None, f"MB of {step} read{of}")


def asked_secret(passphrase_file: Any, key_file: Path | None, *, confirm: bool) -> Secret:
    """The passphrase or key that was given, else asked for."""
    from amity.site.backup.seal import Secret

    if key_file is not None:
        return Secret.key_file(key_file.read_bytes())
    if passphrase_file is not None:
        return Secret.passphrase(passphrase_file.readline().rstrip("\n"))
    return Secret.passphrase(
        click.prompt("Passphrase (or use --key-file)", hide_input=True, confirmation_prompt=confirm)
    )


def secret_for(path: Path, passphrase_file: Any, key_file: Path | None) -> Secret | None:
    """What opens this backup; nothing for one that is not sealed."""
    from amity.site.backup.envelope import is_sealed

    return asked_secret(passphrase_file, key_file, confirm=False) if is_sealed(path) else None


def facts(manifest: Manifest) -> dict[str, Any]:
    """What a backup holds, for a machine."""
    return {
        "made_at": manifest.made_at,
        "version": manifest.version,
        "rows": sum(manifest.counts.values()),
        "counts": manifest.counts,
        "files": manifest.files,
        "files_bytes": manifest.files_bytes,
        "has_keys": manifest.has_keys,
        "audit": manifest.audit,
        "changed_while_read": manifest.changed_while_read,
    }


def contents(manifest: Manifest) -> list[str]:
    """The same in words."""
    rows, tables = sum(manifest.counts.values()), len(manifest.counts)
    size = f"{manifest.files:,} files ({manifest.files_bytes / 1e6:,.1f} MB)"
    keys = (
        "The keys are in it."
        if manifest.has_keys
        else "The keys are not in it: keep secret_key and vault_key safe."
    )
    lines = [
        f"{rows:,} rows in {tables} tables, {size}, as of {manifest.made_at} (Amity {manifest.version})",
        keys,
    ]
    if manifest.audit:
        lines.append(f"Audit chain: {manifest.audit['position']} entries, head {manifest.audit['hash']}")
    if manifest.changed_while_read:
        lines.append(
            f"{len(manifest.changed_while_read)} files changed while they were read: try again later."
        )
    return lines


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@PASSPHRASE_FILE
@KEY_FILE
@click.option("--quick", is_flag=True, help="Read every byte and compare digests, but restore nothing.")
@click.option("--json", "as_json", is_flag=True, help="For a machine.")
def verify(file: Path, passphrase_file: Any, key_file: Path | None, quick: bool, as_json: bool) -> int:
    """Prove that a backup is good: restore it into a server that is thrown away, and compare every count.

    Your Amity is not touched, and may run. Of its last backup Settings, Backup then says what came of this. Exit code
    0 when all is well, 1 with the reason when it is not.
    """
    from amity.site.cli.database import django

    secret = secret_for(file, passphrase_file, key_file)
    words: list[str] = []
    with django():
        from amity.site.backup import reading, restoring
        from amity.site.backup.errors import BadBackup
        from amity.site.backup.here import this_amity

        progress = Progress("  Trial")
        try:
            if quick:
                manifest = reading.verify(file, secret)
            else:
                tried = restoring.try_out(
                    file, this_amity(), secret=secret,
                    told=lambda step, done: show_bytes(progress, step, done, None),
                )  # fmt: skip
                manifest, words = tried.manifest, tried.words
        except BadBackup as error:  # a wrong passphrase says nothing about the file
            _note_read(file, doubt=error.message)
            raise
        _note_read(file)
    if as_json:
        say_json({"good": True, "restored": not quick, "words": words} | facts(manifest))
        return DONE
    say(
        "The backup is good: "
        + ("every byte is as it was written." if quick else "it was restored and compared.")
    )
    for line in [*contents(manifest), *words]:
        say(f"  {line}")
    return DONE


def _note_read(file: Path, doubt: str = "") -> None:
    """Tell the screens of this Amity, if it has tables at all: a backup is also verified on another machine."""
    from django.db import connection

    from amity.kernel.acting import acting
    from amity.kernel.actor import SYSTEM
    from amity.kernel.models import WorkspaceSetting
    from amity.site.backup import schedule

    if WorkspaceSetting._meta.db_table in connection.introspection.table_names():
        with acting(SYSTEM, via="command"):
            schedule.note_read(file, at=datetime.now(UTC), doubt=doubt)


@command.command()
@click.option("--at", "time_of_day", type=click.DateTime(["%H:%M"]), help="Time of day, in UTC: 02:30.")
@click.option(
    "--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Folder, with its whole path."
)
@click.option("--keep", type=click.IntRange(1), default=14, show_default=True, help="How many stay there.")
@KEY_FILE
@click.option("--off", is_flag=True, help="Make no more by themselves.")
def schedule(
    time_of_day: datetime | None, folder: Path | None, keep: int, key_file: Path | None, off: bool
) -> int:
    """Have a backup made each day by the worker of `amity run`; without options: say how it stands.

    The key file is read each time, so the account that runs Amity must be able to read it. The Status screen says what
    came of the last one.

    \b
    Example
      amity backup schedule --at 02:30 --to /mnt/backups --keep 14 --key-file /etc/amity/backup.key
    """
    from amity.site.cli.database import filled

    with filled():
        from amity.site.backup import schedule as plans

        if time_of_day is not None and folder is not None:
            key = str(key_file.resolve()) if key_file else ""
            wanted = plans.Plan(time_of_day.hour, time_of_day.minute, str(folder), keep, key)
            plans.set_plan(wanted, at=datetime.now(UTC))
        elif off:
            plans.set_plan(None, at=datetime.now(UTC))
        elif time_of_day is not None or folder is not None:
            raise click.UsageError("Name both the time (--at 02:30) and the folder (--to /mnt/backups).")
        for line in _schedule_in_words(plans.kept_plan(), plans.last()):
            say(line)
    return DONE


def _schedule_in_words(plan: Plan | None, last: Last | None) -> list[str]:
    if plan is None:
        lines = ["No backup is made by itself: amity backup schedule --at 02:30 --to /mnt/backups"]
    elif not plan.is_on:
        lines = [
            f"Switched off in Settings, Backup. Set up: at {plan.hour:02}:{plan.minute:02} UTC into {plan.folder}."
        ]
    else:
        sealed = "sealed" if plan.key_file else "not sealed"
        lines = [
            f"Each day at {plan.hour:02}:{plan.minute:02} UTC into {plan.folder}, {sealed}; {plan.keep} are kept."
        ]
    if last is not None and last.made_at:
        lines.append(f"The last one: {last.file}, {last.size_bytes / 1e6:,.1f} MB, at {last.made_at}.")
    if last is not None and last.why:
        lines.append(f"The last attempt failed at {last.tried_at}: {last.why}")
    return lines
