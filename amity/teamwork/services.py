"""The verbs of teamwork: promises made, kept, withdrawn; a promise whose time passes is broken."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amity.activity.services import Deed, record_deed
from amity.channels.records import Direction
from amity.kernel import policy
from amity.kernel.actor import SYSTEM, Actor
from amity.kernel.errors import Invalid, NotFound
from amity.kernel.live import announce
from amity.kernel.models import Staff, Transition
from amity.kernel.timers import clear_timer, set_timer
from amity.teamwork.models import PROMISE_LIFE, Promise, PromiseState

DUE = "promise.due"
LONGEST = 200


@transaction.atomic
def make_promise(
    *,
    actor: Actor,
    at: datetime,
    about_id: UUID,
    source_id: UUID,
    what: str,
    due_at: datetime,
    owner_id: UUID,
    thread_id: UUID | None = None,
    channel: str = "promise",
) -> Promise:
    """Promise something to a customer. It stands on their timeline and is broken when `due_at` passes unkept."""
    policy.require(actor, "write", "promise")
    if not what.strip():
        raise Invalid(_("Say what was promised."), fields={"what": _("Say what was promised.")})
    if due_at <= at:
        raise Invalid(_("Choose a time in the future."), fields={"due_at": _("Choose a time in the future.")})
    if not Staff.objects.active().filter(pk=owner_id).exists():
        raise Invalid(_("Choose a colleague."), fields={"owner": _("Choose a colleague.")})
    assert actor.staff_id is not None
    promise = Promise(
        about_id=about_id, source_id=source_id, thread_id=thread_id, what=what.strip()[:LONGEST], due_at=due_at,
        owner_id=owner_id, made_by_id=actor.staff_id, made_at=at,
    )  # fmt: skip
    deed = record_deed(Deed(
        source_id=source_id, thread_id=thread_id, about_id=about_id, direction=Direction.INTERNAL,
        channel=channel, verb="promise", object_type="promise", object_id=promise.id, text=promise.what,
        payload={"due_at": due_at.isoformat(), "owner": str(owner_id)},
    ), actor=actor, at=at)  # fmt: skip
    promise.activity_id = deed.id
    promise.save(force_insert=True)
    set_timer(DUE, promise.id, due_at)
    announce("promise", promise.id, source_id=source_id)
    return promise


def _locked(promise_id: UUID, actor: Actor) -> Promise:
    promise = Promise.objects.visible_to(actor).filter(pk=promise_id).select_for_update().first()
    if promise is None:
        raise NotFound(_("This promise does not exist."))
    return promise


def _move(promise: Promise, to: PromiseState, *, actor: Actor, at: datetime) -> Promise:
    PROMISE_LIFE.check(promise.state, to)
    Transition.objects.create(
        subject="promise",
        subject_id=promise.id,
        before=promise.state,
        after=to,
        staff_id=actor.staff_id,
        at=at,
    )
    promise.state = to
    promise.settled_at = None if to is PromiseState.OPEN else at
    promise.save(update_fields=["state", "settled_at"])
    announce("promise", promise.id, source_id=promise.source_id)
    return promise


@transaction.atomic
def settle_promise(promise_id: UUID, to: PromiseState, *, actor: Actor, at: datetime) -> Promise:
    """Keep, withdraw or reopen a promise. Kept after its time it counts as broken: `settled_at` tells."""
    policy.require(actor, "write", "promise")
    promise = _move(_locked(promise_id, actor), to, actor=actor, at=at)
    if to is PromiseState.OPEN and promise.due_at > at:
        set_timer(DUE, promise.id, promise.due_at)
    elif to is PromiseState.OPEN:  # its time passed meanwhile
        promise = _move(promise, PromiseState.BROKEN, actor=SYSTEM, at=at)
    else:
        clear_timer(DUE, promise.id)
    return promise


def break_if_open(promise_id: UUID, *, at: datetime) -> None:
    """Its time has come: an open promise is broken now."""
    promise = Promise.objects.select_for_update().filter(pk=promise_id, state=PromiseState.OPEN).first()
    if promise is not None and promise.due_at <= at:
        _move(promise, PromiseState.BROKEN, actor=SYSTEM, at=at)
        clear_timer(DUE, promise.id)
