"""`amity migrate`: the tables, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from amity.site.cli import DONE
from amity.site.cli.words import say

if TYPE_CHECKING:
    from amity.site.upgrading import Step


@click.command()
@click.option("--plan", is_flag=True, help="Say what would be done, and do nothing.")
def command(plan: bool) -> int:
    """Bring the tables to this version. `amity run` does it at each start.

    Steps are safe to take while an older Amity still runs: none waits long for a table that is in use, but is tried
    again. Taking them again does nothing.

    \b
    Examples
      amity migrate --plan
      amity migrate
    """
    from amity.site.cli.database import django
    from amity.site.cli.words import phase

    with django():
        from amity.site import upgrading

        if plan:
            return _show(upgrading.missing_steps())
        with phase("Tables") as notes:
            taken = upgrading.upgrade()
            notes.append(f"{taken} steps" if taken else "up to date")
    return DONE


def _show(steps: list[Step]) -> int:
    for step in steps:
        say(step.name)
        for what in step.does:
            say(f"    {what}")
    say(f"{len(steps)} steps are to be taken: amity migrate" if steps else "The tables are up to date.")
    return DONE
