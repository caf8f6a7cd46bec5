"""`amity quality`: how good the data about people is."""

from __future__ import annotations

import time

import click

from amity.site.cli import DONE
from amity.site.cli.words import say, say_json


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a machine.")
def command(as_json: bool) -> int:
    """Judge the record of everybody, and keep today's figures of data quality.

    It is done every night by itself. Figures, trend and what can be put right stand under Quality.

    \b
    Examples
      amity quality
      amity quality --json | jq .score
    """
    from amity.site.cli.database import django

    with django():
        from django.utils import timezone

        from amity.kernel.acting import acting
        from amity.kernel.actor import SYSTEM
        from amity.quality.looking import look_at_all
        from amity.quality.queries.report import report_on

        started = time.monotonic()
        with acting(SYSTEM, via="command"):
            people = look_at_all(at=timezone.now())
            score = report_on(SYSTEM, timezone.now()).score
    took = round(time.monotonic() - started, 1)
    told = {"people": people, "score": None if score is None else round(score, 1), "took_s": took}
    if as_json:
        say_json(told)
    else:
        say(f"{people:,} people judged in {took} s: {'–' if score is None else round(score)} of 100.")
    return DONE
