"""`amity status`: what runs, where, and how much is waiting. Looks only; starts nothing."""

from __future__ import annotations

from typing import Any

import click

from amity.site.cli import DONE, UNHEALTHY
from amity.site.cli.words import say, say_json


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For a machine.")
def command(as_json: bool) -> int:
    """Say what runs, where, and how much is waiting. Starts nothing.

    Exit code 0 when Amity runs, 3 when it does not.

    \b
    Examples
      amity status
      amity status --json | jq .work.todo
    """
    found = status()
    if as_json:
        say_json(found)
    else:
        for line in lines(found):
            say(line)
    return DONE if found["running"] else UNHEALTHY


def status() -> dict[str, Any]:
    """Everything that `amity status --json` prints."""
    from amity import __version__
    from amity.site.cli import facts
    from amity.site.cli.home import amity_home, running

    home = amity_home()
    run = running(home)
    database = facts.database(home)
    rows = facts.work(database["url"]) if database["answers"] else {}
    return {
        "version": __version__,
        "home": str(home),
        "running": run is not None,
        "url": run.url if run else None,
        "since": run.since if run else None,
        "processes": run.processes if run else {},
        "not_ready": _not_ready(run.url) if run else [],
        "database": {key: value for key, value in database.items() if key != "url"},
        "work": rows,
    }


def _not_ready(url: str) -> list[str]:
    from urllib.parse import urlsplit

    from amity.site.cli.ports import not_ready

    place = urlsplit(url)
    return not_ready(place.hostname or "", place.port or 80)


def lines(found: dict[str, Any]) -> list[str]:
    """The same for a person."""
    database, work = found["database"], found["work"]
    where = (
        f"runs at {found['url']} since {found['since']}"
        if found["running"]
        else "does not run. Start it: amity run"
    )
    shown = [f"Amity {found['version']} {where}", f"  {'Data':<14}{found['home']}"]
    size = f", {database['size_bytes'] / 1e6:,.0f} MB" if database["size_bytes"] else ""
    state = f"PostgreSQL {database['version']}{size}" if database["answers"] else f"is {database['phase']}"
    shown.append(f"  {'Database':<14}{state}{'' if database['embedded'] else ', yours'}")
    shown += [f"  {name.capitalize():<14}process {pid}" for name, pid in found["processes"].items()]
    if found["running"]:
        wrong = "; ".join(found["not_ready"])
        shown.append(f"  {'Ready':<14}{f'no: {wrong}. See: amity doctor' if wrong else 'yes'}")
    if work:
        beat = f"{work['worker_seen_s']:.0f} s ago" if work["worker_seen_s"] is not None else "never"
        shown.append(f"  {'Worker seen':<14}{beat}")
        shown.append(
            f"  {'Waiting':<14}{work['todo']:,} jobs, {work['doing']:,} at work, {work['failed']:,} failed"
        )
        shown.append(
            f"  {'To be sent':<14}{work['outbox']:,} messages, {work['outbox_unknown']:,} of unknown fate"
        )
    return shown
