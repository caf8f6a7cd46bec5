"""`amity manage …`: Django's own commands, with the database running."""

from __future__ import annotations

import click

from amity.site.cli import DONE


@click.command(
    context_settings={
        "ignore_unknown_options": True,
        "allow_extra_args": True,
        "help_option_names": ["--help"],
    },
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> int:
    """Pass a command on to Django, with the database running.

    \b
    Examples
      amity manage shell                 a Python prompt with everything loaded
      amity manage showmigrations        which steps the tables have taken
      amity manage help                  all of them
    """
    from amity.site.cli.database import django

    if arguments in ((), ("--help",), ("-h",)):
        click.echo(command.get_help(click.get_current_context()))
        if not arguments:
            return DONE
    with django():
        from django.core.management import execute_from_command_line

        execute_from_command_line(
            ["amity manage", *(["help"] if arguments[0] in ("--help", "-h") else arguments)]
        )
    return DONE
