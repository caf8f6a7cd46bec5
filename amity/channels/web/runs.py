"""`/imports/<id>/`: how far a run is, what became of its rows, and what can be done with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.channels import drafts, imports
from amity.channels.checking import flagged_of
from amity.channels.field_words import changed_words, left_out_words
from amity.channels.kept_runs import what_keeps
from amity.channels.models import ImportRun, RunState
from amity.channels.outcomes import Fate, Outcome
from amity.channels.outlook import outlook
from amity.channels.own_fields import closed_words
from amity.channels.queries import (
    UNDER_WAY,
    Row,
    RowFilter,
    history_of,
    progress_of,
    reasons_of,
    row_counts,
    rows_of,
    run_of,
)
from amity.channels.web import words
from amity.channels.web.listing import may_look
from amity.kernel import policy

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

OUTCOMES = frozenset({"taken", "not-taken", "left-out", "same"})


@require_safe
def run_page(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """Progress, reasons, rows and history of a run; htmx asks for its live part alone."""
    may_look(request)
    run = run_of(request.actor, run_id)
    if run.state == RunState.DRAFT:
        return redirect("import-mapping", run_id=run.id)
    target = request.headers.get("HX-Target", "")
    shown = _head(request, run) | {"history": _history(run)}
    is_part = target.endswith("import-live")
    if not (is_part and shown["is_live"]):
        shown |= _rows(request, run)
    return render(request, "channels/run_live.html" if is_part else "channels/run.html", shown)


def _head(request: ActingRequest, run: ImportRun) -> dict[str, Any]:
    """What changes while a run is under way."""
    progress = progress_of(run, request.now)
    reasons = reasons_of(run) if run.rows_quarantined else []
    replay = run.options.get("replay") or {}
    may_write = policy.may(request.actor, "write", "import")
    if not may_write:
        closed = closed_words(request.actor)
        reasons = [replace(one, column="") if one.column in closed else one for one in reasons]
    return {
        "run": run,
        "state": words.state_of(run),
        "progress": progress,
        "title": _title(run),
        "figures": _figures(run, progress),
        "is_live": run.state in UNDER_WAY or replay.get("state") == "waiting",
        "may_write": may_write,
        "may_undo": policy.may(request.actor, "delete", "import")
        and run.state in {RunState.DONE, RunState.STOPPED, RunState.FAILED},
        "may_stop": run.state in {RunState.RUNNING, RunState.QUEUED},
        "may_go_on": run.state in {RunState.STOPPED, RunState.FAILED},
        "may_replay": run.state in drafts.CHANGEABLE and run.rows_quarantined > 0,
        "undo": _undo_of(run),
        "kept": what_keeps(run.id) if run.state == RunState.UNDOING else "",
        "replay": replay,
        "replay_words": _replay_words(replay),
        "flagged": flagged_of(run.id, request.actor) if policy.may(request.actor, "read", "person") else [],
        "reasons": [
            {
                "title": words.reason_title(reason.code, reason.column),
                "count": reason.count,
                "position": reason.position,
                "reason": reason.reason if may_write else "",  # it quotes the row
                "url": "?"
                + urlencode({"outcome": "not-taken", "code": reason.code, "column": reason.column})
                + "#import-rows",
            }
            for reason in reasons
        ],
    }


def _undo_of(run: ImportRun) -> dict[str, Any]:
    """How far an undo is that goes on in portions; empty for any other."""
    told = run.options.get("undo") or {}
    done, total = int(told.get("done", 0)), int(told.get("total", 0))
    if not total:
        return {}
    words = {"done_words": f"{done:,}", "total_words": f"{total:,}"}
    return {"total": total, "shares": [(done / total, "ink")], **words}


def _title(run: ImportRun) -> str:
    name = {"name": run.filename}
    return {
        RunState.QUEUED: _("Waiting to import %(name)s"),
        RunState.RUNNING: _("Importing %(name)s"),
        RunState.STOPPED: _("Stopped: %(name)s"),
        RunState.FAILED: _("Failed: %(name)s"),
        RunState.DONE: _("Imported %(name)s"),
        RunState.UNDOING: _("Taking back %(name)s"),
        RunState.UNDONE: _("Taken back: %(name)s"),
    }[RunState(run.state)] % name


def _figures(run: ImportRun, progress: Any) -> list[tuple[str, str, str | None]]:
    """Count, word, and which rows it opens."""
    is_over = run.state in {RunState.DONE, RunState.UNDOING, RunState.UNDONE}
    total = progress.total if progress.total and not is_over else None
    read = _("read of %(total)s") % {"total": f"{total:,}"} if total else _("read")
    return [
        (f"{progress.read:,}", read, "" if is_over else None),
        (f"{progress.new:,}", _("taken"), "taken"),
        (f"{progress.same:,}", _("same as before"), "same"),
        (f"{progress.not_taken:,}", _("not taken"), "not-taken"),
        *([(f"{run.rows_refused:,}", _("of people who were erased"), None)] if run.rows_refused else []),
    ]


def _replay_words(replay: dict[str, Any]) -> str:
    if replay.get("state") == "waiting":
        n = int(replay.get("rows", 0))
        return ngettext("%(n)s row is read again.", "%(n)s rows are read again.", n) % {"n": f"{n:,}"}
    if replay.get("state") == "failed":
        return str(replay.get("why", ""))
    if replay.get("state") == "done":
        return _("Read again: %(new)s new, %(same)s the same as before, %(left)s still not taken.") % {
            "new": f"{replay.get('new', 0):,}",
            "same": f"{replay.get('same', 0):,}",
            "left": f"{replay.get('quarantined', 0):,}",
        }
    return ""


def _rows(request: ActingRequest, run: ImportRun) -> dict[str, Any]:
    outcome = request.GET.get("outcome", "")
    column = request.GET.get("column", "")[:200]
    chosen = RowFilter(
        outcome if outcome in OUTCOMES else "",
        request.GET.get("code", "")[:60],
        column if column not in closed_words(request.actor) else "",
    )
    after, counts = request.GET.get("after", ""), row_counts(run)
    rows, more = rows_of(
        run, request.actor, chosen, int(after) if after.isdecimal() and len(after) < 18 else 0
    )
    query = {"outcome": chosen.outcome, "code": chosen.code, "column": chosen.column}
    kept = {key: value for key, value in query.items() if value}
    address = reverse("import", args=[run.id])
    return {
        "rows": _row_words(rows),
        "chosen": chosen,
        "chosen_reason": words.reason_title(chosen.code, chosen.column) if chosen.code else "",
        "older_url": f"{address}?{urlencode({**kept, 'after': more})}#import-rows" if more else "",
        "first_url": f"{address}?{urlencode(kept)}#import-rows" if after else "",
        "tabs": [
            _tab(address, "", _("All rows"), counts.all, chosen),
            _tab(address, "taken", _("Taken"), counts.taken, chosen),
            *(
                [_tab(address, "left-out", _("Values left out"), counts.left_out, chosen)]
                if counts.left_out
                else []
            ),
            _tab(address, "same", _("Same as before"), counts.same, chosen),
            _tab(address, "not-taken", _("Not taken"), counts.not_taken, chosen),
        ],
    }


def _row_words(rows: list[Row]) -> list[dict[str, Any]]:
    """Rows with what is told of each: why it was not taken, what changed, what was left out."""
    outcomes = [row.outcome or Outcome(Fate.OTHER) for row in rows]
    return [
        {
            "row": row,
            "title": words.reason_title(row.code, ""),
            "changed": ", ".join(changed),
            "left_out": left_out_words(outcome.left_out),
        }
        for row, outcome, changed in zip(rows, outcomes, changed_words(outcomes), strict=True)
    ]


def _tab(address: str, outcome: str, label: str, count: int, chosen: RowFilter) -> dict[str, Any]:
    query = f"?{urlencode({'outcome': outcome})}" if outcome else ""
    return {
        "url": f"{address}{query}#import-rows",
        "label": label,
        "count": count,
        "is_current": chosen.outcome == outcome,
    }


def _history(run: ImportRun) -> list[dict[str, Any]]:
    first = {
        "words": _("File stored"),
        "who": run.created_by.name if run.created_by else "Amity",
        "at": run.created_at,
    }
    return [
        first,
        *(
            {
                "words": str(words.TURNED.get(RunState(step.after), step.after)),
                "who": step.staff.name if step.staff else "Amity",
                "at": step.at,
                "why": step.why,
            }
            for step in history_of(run)
        ),
    ]


def _changing(request: ActingRequest, run_id: UUID, action: str = "write") -> ImportRun:
    may_look(request)
    run = run_of(request.actor, run_id)
    policy.require(request.actor, action, "import")
    return run


@require_POST
def stop(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """Stop after the current batch. What is in stays in."""
    run = imports.stop_run(_changing(request, run_id).id, actor=request.actor, at=request.now)
    words.say(
        request,
        _("Stopped. What is in stays in."),
        undo_url=reverse("import-continuation", args=[run.id]),
    )
    return redirect("import", run_id=run.id)


@require_POST
def continuation(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """Go on where it stopped or failed."""
    run = drafts.go_on(_changing(request, run_id).id, actor=request.actor, at=request.now)
    return redirect("import", run_id=run.id)


@require_POST
def replay(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """Read the rows once more that were not taken."""
    run = drafts.replay(_changing(request, run_id).id, actor=request.actor, at=request.now)
    return redirect("import", run_id=run.id)


@require_POST
def removal(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """Remove a draft with its file."""
    run = _changing(request, run_id, "delete")
    drafts.discard(run.id, actor=request.actor)
    words.say(request, _("“%(name)s” is removed. Nothing of it had been taken in.") % {"name": run.filename})
    return redirect("imports")


@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: ActingRequest, run_id: UUID) -> HttpResponse:
    """What an undo would take away and what stays; POST takes it away."""
    run = _changing(request, run_id, "delete")
    if request.method == "POST":
        drafts.undo(run.id, actor=request.actor, at=request.now)
        return redirect("import", run_id=run.id)
    shown = {
        "outlook": outlook(run),
        "kept": what_keeps(run.id),
        "has_file": imports.stored_file(run).exists(),
    }
    return render(request, "channels/undo.html", {"run": run, "state": words.state_of(run), **shown})
