"""One portion of a rule about people: whose day has come is erased, or not after all; who is next is announced."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q, Sum

from amity.kernel.actor import SYSTEM
from amity.kernel.errors import Conflict, NotFound
from amity.kernel.ids import uuid7
from amity.kernel.models import Transition
from amity.people import erasures
from amity.people.models import Ground
from amity.retention.domain.verdicts import Verdict, room
from amity.retention.limits import Limits
from amity.retention.models import DUE_LIFE, Due, DueState, Rule, Run
from amity.retention.standing import verdicts, who_goes

ASKED_AT_ONCE, ANNOUNCED_AT_ONCE = 10, 50
_STATES = {Verdict.KEPT: DueState.KEPT}


def settle_some(run_id: UUID, limits: Limits, at: datetime) -> bool:
    """Decide about the next few whose day has come; whether there may be more tonight.

    Their erasures are asked for in the transaction that counts them, so that a night that is killed and begun again
    erases as many as one that was not.
    """
    with transaction.atomic():
        run, rule = _locked(run_id)
        left = room(limits.most_a_night, _done(run.on, "asked"), ASKED_AT_ONCE)
        if not rule.is_on or not left:
            return False
        dues = _next_due(run, left)
        decided = verdicts(rule, [one.person_id for one in dues], limits, at)
        for due in dues:
            _settle(run, due, decided.get(due.person_id, Verdict.LEFT), at)
        if dues:
            run.cursor = {"due_on": dues[-1].due_on.isoformat(), "id": str(dues[-1].pk)}
        run.save(update_fields=["asked", "dropped", "cursor"])
    return len(dues) == left


def _locked(run_id: UUID) -> tuple[Run, Rule]:
    run = Run.objects.select_for_update().get(pk=run_id)
    return run, Rule.objects.select_for_update().get(pk=run.rule_id)


def _done(on: date, what: str) -> int:
    """How many of all rules in this night: the limit is one for all of them."""
    return Run.objects.filter(on=on).aggregate(done=Sum(what))["done"] or 0


def _next_due(run: Run, most: int) -> list[Due]:
    rows = Due.objects.select_for_update().filter(
        rule_id=run.rule_id, state=DueState.ANNOUNCED, due_on__lte=run.on
    )
    if run.cursor:  # those before it were looked at tonight
        day, id = date.fromisoformat(run.cursor["due_on"]), UUID(run.cursor["id"])
        rows = rows.filter(Q(due_on__gt=day) | Q(due_on=day, pk__gt=id))
    return list(rows.select_related("rule").order_by("due_on", "id")[:most])


def _settle(run: Run, due: Due, verdict: Verdict, at: datetime) -> None:
    if verdict is Verdict.LATER:
        return
    if verdict is Verdict.GOES:
        try:
            with transaction.atomic():
                asked = erasures.ask(
                    due.person_id, ground=Ground.PURPOSE, actor=SYSTEM, at=at, why=due.rule.name
                )
        except (Conflict, NotFound):  # held, asked for or gone between the look and now
            verdict = Verdict.ASKED
        else:
            due.erasure_id = asked.pk
            move(due, DueState.ASKED, verdict, at)
            run.asked += 1
            return
    drop(due, verdict, at)
    run.dropped += 1


def drop(due: Due, verdict: Verdict, at: datetime) -> None:
    """It does not come to an erasure: why, for the list of what went and what did not."""
    move(due, _STATES.get(verdict, DueState.DROPPED), verdict, at)


def move(due: Due, to: DueState, verdict: Verdict, at: datetime, *, staff_id: UUID | None = None) -> None:
    """From one state to another, with the row that says so."""
    DUE_LIFE.check(due.state, to)
    Transition.objects.create(
        subject="retention_due", subject_id=due.pk, before=due.state, after=to, staff_id=staff_id, at=at,
        why=verdict.value,
    )  # fmt: skip
    due.state, due.decided_at, due.why = to, None if to == DueState.ANNOUNCED else at, verdict.value
    due.save(update_fields=["state", "decided_at", "why", "erasure_id", "due_on"])


def announce_some(run_id: UUID, limits: Limits, at: datetime) -> bool:
    """Put the next few on the list of those who are to be erased; whether there may be more tonight."""
    with transaction.atomic():
        run, rule = _locked(run_id)
        left = room(limits.most_a_night, _done(run.on, "announced"), ANNOUNCED_AT_ONCE)
        if not rule.is_on or not left:
            return False
        found = who_goes(rule, limits, at, most=left, fresh=True)
        Due.objects.bulk_create(
            Due(id=uuid7(at), rule=rule, person_id=id, announced_at=at, due_on=run.on + limits.notice)
            for id, _since in found
        )
        run.announced += len(found)
        run.save(update_fields=["announced"])
    return len(found) == left
