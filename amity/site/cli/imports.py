"""`amity import`: files in, with a line of progress. It calls the same services as the screen Import."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.site.cli import DONE, INTERRUPTED, REFUSED
from amity.site.cli.preview import Choice, require_currency
from amity.site.cli.words import Progress, say, say_json
from amity.site.cli.zone import require_zone, system_zone

if TYPE_CHECKING:
    from amity.channels.models import ImportRun

EXISTING = click.Path(exists=True, path_type=Path)
MOST_REASONS = 5


@click.command()
@click.argument("paths", nargs=-1, type=EXISTING)
@click.option(
    "--source",
    help="Key of the system that it comes from, such as shop. Exports of one system need the same.",
)
@click.option(
    "--mapping", type=EXISTING, help="JSON file that says which column means what, instead of the guess."
)
@click.option(
    "--time-zone",
    metavar="ZONE",
    help="Where the times were written that do not say it themselves, such as Europe/Berlin. "
    "Without it: the zone of this machine for a guessed mapping, its own for any other.",
)
@click.option(
    "--currency",
    metavar="CODE",
    help="Currency of orders whose rows do not say it, such as EUR. Without it: that of the workspace.",
)
@click.option(
    "--open-days",
    default=30,
    show_default=True,
    help="Conversations that are silent for longer come in closed.",
)
@click.option(
    "--dry-run", is_flag=True, help="Say what was understood and show the first rows. Takes nothing in."
)
@click.option("--runs", is_flag=True, help="List the last imports with their ids.")
@click.option("--resume", metavar="RUN", type=click.UUID, help="Go on with an import that was stopped.")
@click.option("--undo", metavar="RUN", type=click.UUID, help="Take back all that one import brought.")
@click.option("--json", "as_json", is_flag=True, help="The result for a machine. Progress goes to stderr.")
def command(
    paths: tuple[Path, ...],
    source: str | None,
    mapping: Path | None,
    time_zone: str | None,
    currency: str | None,
    open_days: int,
    dry_run: bool,
    runs: bool,
    resume: UUID | None,
    undo: UUID | None,
    as_json: bool,
) -> int:
    """Bring messages, people and orders in from CSV, JSON Lines, mbox and mail files.

    Each file is looked at first: what it is, which column means what. Importing it again changes nothing. What cannot
    be read waits in quarantine with its reason. Ctrl-C stops after the current batch.

    \b
    Examples
      amity import --dry-run tickets.csv         what was understood, and the first rows
      amity import tickets.csv                   take it in
      amity import orders.csv --currency USD     amounts without a currency are dollars
      amity import *.mbox orders.csv --json      several, with a result for a machine
      amity import --runs                        what came in before
      amity import --undo 0b0c…                  take one import back

    What happens next: look at the inbox, or at Import for rows in quarantine.
    """
    from amity.site.cli.database import commanded

    if not (paths or runs or resume or undo):
        raise click.UsageError("Name a file, or see: amity import --help")
    here = system_zone()
    zone = require_zone(time_zone) if time_zone else None
    code = require_currency(currency) if currency else None
    with commanded():
        if runs:
            return _list_runs(as_json)
        if undo:
            return _report([_undone(undo)], as_json)
        if resume:
            return _report([_resumed(resume)], as_json)
        choice = Choice(source, _read_mapping(mapping), zone, here, code)
        if dry_run:
            return _show([_looked_at(path, choice) for path in paths], as_json)
        return _report([_imported(path, choice, open_days) for path in paths], as_json)


def _imported(path: Path, choice: Choice, open_days: int) -> dict[str, Any]:
    """Store, describe, queue and run one file; what came of it."""
    from amity.channels import imports
    from amity.channels.reading import describe_run, source_name
    from amity.channels.records import Unreadable
    from amity.kernel.actor import SYSTEM

    run = imports.store_file(path, actor=SYSTEM, at=_now())
    try:
        describe_run(run, time_zone=choice.here)
    except Unreadable as error:
        return {"file": str(path), "run": str(run.id), "state": "refused", "reason": error.reason}
    chosen = choice.of(run.mapping)
    if not chosen:
        reason = "Nobody can tell which column means what. Choose the columns on the screen Import, or give --mapping."
        return {"file": str(path), "run": str(run.id), "state": "refused", "reason": reason}
    key = str(chosen["source"])
    origin = imports.ensure_source(key, name=source_name(chosen), adapter="file", at=_now())
    options = {"open_days": open_days}
    note = choice.note_on(run.mapping)
    imports.queue_run(run.id, source=origin, mapping=chosen, options=options, actor=SYSTEM, at=_now())
    return {**_worked(run.id, str(path)), "note": note}


def _resumed(run_id: UUID) -> dict[str, Any]:
    from amity.channels import imports
    from amity.kernel.actor import SYSTEM

    run = _run(run_id)
    imports.requeue_run(run_id, actor=SYSTEM, at=_now())
    return _worked(run_id, run.filename)


def _worked(run_id: UUID, name: str) -> dict[str, Any]:
    """Run a queued import to its end, or until Ctrl-C, with progress on stderr."""
    from amity.channels import imports
    from amity.kernel.actor import SYSTEM
    from amity.site import ingest

    progress, started = Progress(Path(name).name), time.monotonic()

    def show(run: ImportRun) -> None:
        counts = {"new": run.rows_new, "same": run.rows_same, "not_taken": run.rows_quarantined}
        progress.show(run.rows_read, run.rows_total, **counts)

    try:
        with ingest.on_the_record(run_id, "import.worked_on", via="command"):
            run = ingest.work_on(run_id, on_progress=show)
    except KeyboardInterrupt:
        run = imports.stop_run(run_id, actor=SYSTEM, at=_now())
    progress.finish(
        f"{run.rows_read:,} read, {run.rows_new:,} new, {run.rows_same:,} same, {run.rows_quarantined:,} not taken"
        + (f", {run.rows_refused:,} of people who were erased" if run.rows_refused else "")
    )
    return {
        "file": name,
        "run": str(run.id),
        "state": str(run.state),
        "reason": run.error,
        "read": run.rows_read,
        "new": run.rows_new,
        "same": run.rows_same,
        "quarantined": run.rows_quarantined,
        "refused": run.rows_refused,
        "quarantine_reasons": _reasons(run) if run.rows_quarantined else {},
        "seconds": round(time.monotonic() - started, 2),
    }


def _reasons(run: ImportRun) -> dict[str, int]:
    """Why rows were not taken, the most frequent reasons first."""
    from django.db.models import Count

    from amity.channels.models import Item, ItemState

    waiting = (
        Item.objects.filter(run=run, state=ItemState.QUARANTINED)
        .values("error_reason")
        .annotate(rows=Count("id"))
    )
    return {
        row["error_reason"]: row["rows"] for row in waiting.order_by("-rows", "error_reason")[:MOST_REASONS]
    }


def _undone(run_id: UUID) -> dict[str, Any]:
    from amity.kernel.actor import SYSTEM
    from amity.site import ingest

    run, started = _run(run_id), time.monotonic()
    if run.state == "undone":
        raise Conflict("This import was undone already.")
    with ingest.on_the_record(run.id, "import.undone", via="command"):
        run = ingest.undo(run.id, actor=SYSTEM)
    return {
        "file": run.filename,
        "run": str(run.id),
        "state": str(run.state),
        "seconds": round(time.monotonic() - started, 2),
    }


def _run(run_id: UUID) -> ImportRun:
    from amity.channels.models import ImportRun

    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None:
        raise NotFound(f"There is no import {run_id}. See: amity import --runs")
    return run


def _list_runs(as_json: bool) -> int:
    from amity.channels.models import ImportRun, counts_of

    rows = [
        {
            "run": str(run.id),
            "file": run.filename,
            "state": str(run.state),
            "at": run.created_at,
            **counts_of(run),
        }
        for run in ImportRun.objects.order_by("-created_at")[:20]
    ]
    if as_json:
        say_json({"imports": rows})
        return DONE
    for row in rows:
        say(f"{row['run']}  {row['at']:%Y-%m-%d %H:%M}  {row['state']:<9}{row['new']:>9,} new  {row['file']}")
    if not rows:
        say("Nothing was imported yet.")
    return DONE


def _report(results: list[dict[str, Any]], as_json: bool) -> int:
    """What came of each file; 1 if one of them was not read, 130 after Ctrl-C."""
    if as_json:
        say_json({"imports": results})
    else:
        for result in results:
            for line in _told(result):
                say(line)
    states = {result["state"] for result in results}
    if "stopped" in states:
        return INTERRUPTED
    return REFUSED if states & {"refused", "failed"} else DONE


def _told(result: dict[str, Any]) -> list[str]:
    state, run = result["state"], result["run"]
    if state in ("refused", "failed"):
        return [f"{result['file']} was not taken in: {result['reason']}"]
    if state == "undone":
        return [f"All that {result['file']} brought is taken back."]
    if state == "stopped":
        return [
            f"Stopped. What is in stays in. Go on: amity import --resume {run}. Take it back: amity import --undo {run}"
        ]
    lines = [
        f"{rows:>9,} not taken: {reason}" for reason, rows in result.get("quarantine_reasons", {}).items()
    ]
    lines += [result["note"]] if result.get("note") else []
    return [*lines, f"{result['file']} is in. Take it back: amity import --undo {run}"]


def _read_mapping(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except (ValueError, OSError) as error:
        raise Invalid(f"{path} is not a mapping: {error}") from None
    return found


def _looked_at(path: Path, choice: Choice) -> dict[str, Any]:
    from amity.site.cli.preview import preview

    return preview(path, choice)


def _show(looks: list[dict[str, Any]], as_json: bool) -> int:
    if as_json:
        say_json({"files": looks})
    else:
        from amity.site.cli.preview import told

        for look in looks:
            for line in told(look):
                say(line)
    return REFUSED if any(look["reason"] for look in looks) else DONE


def _now() -> datetime:
    return datetime.now(UTC)
