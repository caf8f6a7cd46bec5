"""`amity migrate`: the tables, and nothing else."""

from __future__ import annotations

import click

from amity.site.cli import DONE


@click.command()
def command() -> int:
    """Bring the tables to this version. `amity run` does it at each start.

    Steps are safe to take while an older Amity still runs. Taking them again does nothing.

    \b
    Example
      amity migrate
    """
    from amity.site.cli.database import django
    from amity.site.cli.words import phase

    with django(), phase("Tables") as notes:
        from amity.site.cli.preparation import bring_tables_up_to_date

        notes.extend(bring_tables_up_to_date() or ["up to date"])
    return DONE
