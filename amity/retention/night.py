"""The night of the rules: each that is on does its part, a portion at a time, and says what it did.

What was done is counted in the transaction that did it. So a night that is killed goes on where it was, and never does
more than a night may.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from amity.channels.holding import holding
from amity.kernel import audit
from amity.kernel.actor import SYSTEM
from amity.kernel.errors import Conflict
from amity.kernel.ids import stable_id
from amity.kernel.live import announce
from amity.retention.announcing import announce_some, settle_some
from amity.retention.limits import limits_in_force
from amity.retention.models import Kind, Rule, Run
from amity.retention.records import empty_some, remove_some, spared
from amity.retention.segments_seen import why_still

log = structlog.get_logger(__name__)
TURN = stable_id("retention", "night")
Clock = Callable[[], datetime]


def work(clock: Clock) -> list[Run]:
    """Do what is left of this night; gives the runs of it. Raises `Conflict` while another process works.

    A rule that fails is logged and does not stop the others; it is tried again the next night, or when this is called
    again.
    """
    with holding(TURN) as mine:
        if not mine:
            raise Conflict("Another process is already working on the rules.")
        at = clock()
        return [_run(rule, at, clock) for rule in Rule.objects.working()]


def _run(rule: Rule, at: datetime, clock: Clock) -> Run:
    on = timezone.localtime(at).date()
    run, _is_new = Run.objects.get_or_create(rule=rule, on=on, defaults={"started_at": at})
    if run.finished_at is not None:
        return run
    try:
        _PARTS[Kind(rule.kind)](rule, run, clock)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # the boundary: one rule that fails must not stop the others
        log.exception("a retention rule failed", rule=str(rule.pk), kind=type(error).__name__)
        return run
    return _finish(run.pk, clock())


def _people(rule: Rule, run: Run, clock: Clock) -> None:
    if still := why_still(rule):
        Run.objects.filter(pk=run.pk).update(stood_still=still.value)
        return
    limits = limits_in_force()
    while settle_some(run.pk, limits, clock()):
        announce("erasure", rule.pk)
    while announce_some(run.pk, limits, clock()):
        announce("erasure", rule.pk)


def _words(rule: Rule, run: Run, clock: Clock) -> None:
    while empty_some(run.pk, clock()):
        announce("erasure", rule.pk)


def _items(rule: Rule, run: Run, clock: Clock) -> None:
    kept = spared(with_items=True)
    while remove_some(run.pk, kept, clock()):
        announce("erasure", rule.pk)
        if spared().accounts != kept.accounts:  # a hold was placed or released meanwhile
            kept = spared(with_items=True)


_PARTS: dict[Kind, Callable[[Rule, Run, Clock], None]] = {
    Kind.PEOPLE: _people,
    Kind.WORDS: _words,
    Kind.ITEMS: _items,
}


def _finish(run_id: UUID, at: datetime) -> Run:
    run = Run.objects.select_related("rule").get(pk=run_id)
    run.finished_at, run.cursor = at, None
    run.save(update_fields=["finished_at", "cursor"])
    done = {
        field: getattr(run, field)
        for field in ("announced", "asked", "dropped", "emptied", "removed", "files")
        if getattr(run, field)
    }
    if done:
        audit.record(
            "retention.worked", actor=SYSTEM, at=at, subject="rule", subject_id=run.rule_id, after=done
        )
    announce("erasure", run.rule_id)
    return run
