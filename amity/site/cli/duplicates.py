"""`amity duplicates`: which records are of one person."""

from __future__ import annotations

import click

from amity.site.cli import DONE
from amity.site.cli.words import say, say_json


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a machine.")
def command(as_json: bool) -> int:
    """Compare all people, learn what counts from your own records, and propose who may be one person.

    It is done every night by itself. Nobody is merged by it unless the company allows that in its settings; what it
    proposes stands under Duplicates.

    \b
    Examples
      amity duplicates
      amity duplicates --json | jq .proposed
    """
    from amity.site.cli.database import django

    with django():
        from django.utils import timezone

        from amity.kernel.acting import acting
        from amity.kernel.actor import SYSTEM
        from amity.people.proposing import look_for_duplicates

        with acting(SYSTEM, via="command"):
            told = look_for_duplicates(at=timezone.now())
    if as_json:
        say_json(told)
    else:
        say(
            f"{told['people']:,} people compared in {told['took_s']} s: {told['proposed']:,} pairs wait, "
            f"{told['linked']:,} were merged by rule."
        )
    return DONE
