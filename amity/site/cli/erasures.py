"""`amity erasures`: erase people, and prove that nothing of them is left."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from amity.site.cli import DONE, REFUSED, UNHEALTHY
from amity.site.cli.words import say, say_json

if TYPE_CHECKING:
    from amity.site.scanning import Trace

GROUNDS = ("request", "objection", "consent", "purpose", "unlawful", "duty")


@click.group()
def command() -> None:
    """Erase people, and prove that nothing of them is left.

    \b
    Examples
      amity erasures list
      amity erasures check --values-file values.txt
      amity erasures purge
    """


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="For a machine.")
def list_them(as_json: bool) -> int:
    """Say which erasures wait, are under way, and were done.

    \b
    Examples
      amity erasures list
      amity erasures list --json | jq '.[].state'
    """
    from amity.site.cli.database import django

    with django():
        from amity.kernel.actor import SYSTEM
        from amity.people.queries.erased import list_erasures

        rows = [
            {"id": one.pk, "state": str(one.state), "ground": one.ground, "asked_at": one.asked_at,
             "begins_at": one.due_at, "done_at": one.done_at, "sha256": one.digest}
            for one in list_erasures(SYSTEM)
        ]  # fmt: skip
    if as_json:
        say_json(rows)
        return DONE
    for row in rows:
        say(f"{row['asked_at']:%Y-%m-%d %H:%M}  {row['state']:<8}  {row['ground']:<10}  {row['id']}")
    if not rows:
        say("Nobody was erased.")
    return DONE


@command.command()
@click.argument("person_id", type=click.UUID)
@click.option("--ground", type=click.Choice(GROUNDS), required=True, help="Why.")
@click.option("--now", is_flag=True, help="At once, without the day in which it can be stopped.")
@click.option("--yes", is_flag=True, help="Do not ask: there is no way back.")
def ask(person_id: UUID, ground: str, now: bool, yes: bool) -> int:
    """Have a person erased: in a day, or with --now while you wait.

    \b
    Examples
      amity erasures ask 019cfb21-75c0-7678-aaad-bf6b20fbf1d3 --ground request
      amity erasures ask 019cfb21-75c0-7678-aaad-bf6b20fbf1d3 --ground request --now --yes
    """
    from amity.site.cli.database import django

    if not yes:
        click.confirm("There is no way back from this, also not with a backup. Erase them?", abort=True)
    with django():
        from django.utils import timezone

        from amity.kernel.acting import acting
        from amity.kernel.actor import SYSTEM
        from amity.people import erasures

        with acting(SYSTEM, via="command"):
            made = erasures.ask(person_id, ground=ground, actor=SYSTEM, at=timezone.now(), now=now)
            if now:
                made = erasures.work_on(made.pk, clock=timezone.now)
    say(
        f"Done. Certificate: {made.digest}"
        if now
        else f"It begins at {made.due_at:%Y-%m-%d %H:%M} UTC: {made.pk}"
    )
    return DONE


@command.command()
@click.option(
    "--values-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True,
    help="Names, addresses, words: one a line. Nothing in Amity knows them any more.",
)  # fmt: skip
@click.option("--server-files", is_flag=True, help="Also the files of the embedded database, byte by byte.")
@click.option("--json", "as_json", is_flag=True, help="For a machine.")
def check(values_file: Path, server_files: bool, as_json: bool) -> int:
    """Look for values in every column of every table and in all files below AMITY_HOME.

    Exit code 0 where none is found, 3 where some is. With --server-files the pages of the database are read too: what
    was removed can stand in them until they are written anew (`amity erasures purge`).

    \b
    Examples
      amity erasures check --values-file values.txt
      amity erasures check --values-file values.txt --server-files --json
    """
    from amity.site.cli.database import django

    values = [line.strip() for line in values_file.read_text(encoding="utf-8").splitlines() if line.strip()]
    with django():
        from django.conf import settings

        from amity.site.purging import write_down
        from amity.site.scanning import in_database, in_files

        try:
            found = in_database(values)
        except ValueError as error:
            click.echo(f"{error}".capitalize(), err=True)
            return REFUSED
        if server_files:
            write_down()
        found += in_files(
            Path(settings.HOME), values, leave_out=() if server_files else ("postgres", "static")
        )
    _tell(found, as_json=as_json, values=len(values))
    return UNHEALTHY if found else DONE


def _tell(found: list[Trace], *, as_json: bool, values: int) -> None:
    if as_json:
        say_json({"values": values, "found": [dataclasses.asdict(one) for one in found]})
        return
    for one in found:
        say(f"{one.place}: {one.value} ({one.count:,})")
    say(
        f"{values:,} values: {len(found):,} places."
        if found
        else f"None of {values:,} values was found anywhere."
    )


@command.command()
@click.option("--yes", is_flag=True, help="Do not ask. Each table is locked while it is written anew.")
def purge(yes: bool) -> int:
    """Write the tables anew in which erasures removed rows, and let go of the old log of the database.

    A removed row stays in the pages of the database, out of everybody's reach, until something else is written there.
    This leaves nothing of it, in the embedded database. Amity should stand still meanwhile: each table is locked.

    \b
    Examples
      amity erasures purge
      amity erasures purge --yes
    """
    from amity.site.cli.database import django

    if not yes:
        click.confirm("Each table is locked while it is written anew. Go on?", abort=True)
    with django():
        from amity.site.purging import purge as write_anew

        told = write_anew()
    say(f"{told.tables:,} tables were written anew in {told.seconds:.1f} s.")
    say(told.about_log)
    return DONE
