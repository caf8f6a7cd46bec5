"""The list of commands, and the one place where an error becomes a line of text and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from typing import NamedTuple

import click

from amity import __version__
from amity.kernel.errors import DomainError
from amity.site.cli import DONE, INTERRUPTED, REFUSED


class Place(NamedTuple):
    """Where a command is written, and what the list of commands says about it without importing it."""

    module: str
    meaning: str


COMMANDS = {
    "run": Place("run", "Start Amity: database, web, live updates and background work."),
    "import": Place("imports", "Bring messages, people and orders in from files."),
    "user": Place("users", "Add colleagues, list them, set their passwords."),
    "backup": Place("backup", "Save everything in one file, and prove that it can be restored."),
    "restore": Place("restore", "Put a backup in place."),
    "status": Place("status", "Say what runs, where, and how much is waiting."),
    "doctor": Place("doctor", "Check this installation and say how to mend what is wrong."),
    "duplicates": Place("duplicates", "Find records that are of one person."),
    "erasures": Place("erasures", "Erase people, and prove that nothing of them is left."),
    "quality": Place("quality", "Judge the data about everybody."),
    "audit": Place("audit", "Prove that the record of who did what is whole."),
    "bench": Place("bench", "Measure speed, memory and quality on this machine."),
    "mcp": Place("mcp", "Let an assistant work in Amity as a colleague."),
    "migrate": Place("migrate", "Bring the tables to this version."),
    "manage": Place("manage", "Pass a command on to Django, for example `amity manage shell`."),
}


class Commands(click.Group):
    """Imports a command only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        command: click.Command = importlib.import_module(f"amity.site.cli.{place.module}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.meaning) for name, place in COMMANDS.items()])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `amity run`, then open http://127.0.0.1:8000. Settings are environment variables; "
    "they stand in docs/reference/settings.md. `amity COMMAND --help` shows examples.",
)
@click.version_option(__version__, prog_name="amity")
def amity() -> None:
    """Amity keeps what customers say and buy in one place, and helps you to answer them.

    \b
    Examples
      amity run                       start everything, with a demo company
      amity import mail.mbox          bring messages in
      amity backup --encrypt          save everything in one file
      amity user add                  give a colleague an account
      amity doctor                    see whether all is well
    """


def run_command(arguments: list[str]) -> int:
    """Run `amity` with these arguments; errors that a person can act on are one line on stderr."""
    try:
        code = amity.main(args=arguments, prog_name="amity", standalone_mode=False)
        return code if isinstance(code, int) else DONE
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except DomainError as error:
        click.echo(error.message, err=True)
        return REFUSED
    except BrokenPipeError:
        # the reader of our output left (`amity status | head`): not an error, and nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return REFUSED
