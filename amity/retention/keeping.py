"""Somebody whom a rule is to erase is kept, with a reason; and that is taken back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amity.kernel import audit, policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, NotFound
from amity.kernel.ids import uuid7
from amity.kernel.live import announce
from amity.people import erasures
from amity.people.holds import said
from amity.people.models import ErasureState, Link, PersonErasure
from amity.people.queries.visibility import known_people
from amity.retention.announcing import move
from amity.retention.domain.verdicts import Verdict
from amity.retention.limits import limits_in_force
from amity.retention.models import Due, DueState, Keep, KeptAccount


@transaction.atomic
def keep(due_id: UUID, *, reason: str, actor: Actor, at: datetime) -> Keep:
    """This rule leaves them alone from now on; an erasure that it asked for and that still waits is stopped.

    Raises `NotFound` for somebody whom the actor does not know, `Invalid` without a reason, `Conflict` where it is
    too late.
    """
    policy.require(actor, "write", "erasure")
    due = _locked(due_id, actor)
    reason = said(reason, "reason")
    if due.state == DueState.ASKED:
        asked = PersonErasure.objects.filter(pk__in=[due.erasure_id], state=ErasureState.WAITING).first()
        if asked is None:
            raise Conflict(_("Their erasure has begun. It cannot be stopped."))
        erasures.stop(asked.pk, actor=actor, at=at)
        move(due, DueState.DROPPED, Verdict.KEPT, at, staff_id=actor.staff_id)
    elif due.state == DueState.ANNOUNCED:
        move(due, DueState.KEPT, Verdict.KEPT, at, staff_id=actor.staff_id)
    else:
        raise Conflict(_("They are not to be erased any more."))
    made = Keep.objects.create(
        id=uuid7(at), rule_id=due.rule_id, reason=reason, kept_by_id=actor.staff_id, kept_at=at
    )
    links = Link.objects.filter(person_id=due.person_id, revoked_at__isnull=True)
    KeptAccount.objects.bulk_create(
        KeptAccount(keep=made, identity_id=one)
        for one in sorted(set(links.values_list("identity_id", flat=True)), key=str)
    )
    audit.record(
        "retention.kept", actor=actor, at=at, subject="person", subject_id=due.person_id,
        after={"keep": str(made.pk), "rule": str(due.rule_id), "reason": reason},
    )  # fmt: skip
    announce("erasure", due.pk)
    return made


@transaction.atomic
def take_back_keep(keep_id: UUID, *, actor: Actor, at: datetime) -> Keep:
    """The rule counts for them again: they are announced anew, with the whole notice. Doing it twice is once.

    Whom another rule announced meanwhile stays announced by that one.
    """
    policy.require(actor, "write", "erasure")
    found = Keep.objects.visible_to(actor).select_for_update().filter(pk=keep_id).first()
    if found is None:
        raise NotFound(_("This does not exist."))
    if found.revoked_at is not None:
        return found
    found.revoked_by_id, found.revoked_at = actor.staff_id, at
    found.save(update_fields=["revoked_by", "revoked_at"])
    links = Link.objects.filter(
        identity_id__in=list(found.accounts.values_list("identity_id", flat=True)), revoked_at__isnull=True
    )
    people = set(links.values_list("person_id", flat=True))
    people -= set(
        Due.objects.filter(person_id__in=people, state=DueState.ANNOUNCED).values_list("person_id", flat=True)
    )
    due_on = timezone.localtime(at).date() + limits_in_force().notice
    for due in Due.objects.select_for_update().filter(
        rule_id=found.rule_id, rule__is_on=True, person_id__in=people, state=DueState.KEPT,
        decided_at=found.kept_at,
    ):  # fmt: skip
        due.due_on = due_on
        move(due, DueState.ANNOUNCED, Verdict.GOES, at, staff_id=actor.staff_id)
    announce("erasure", found.pk)
    return found


def _locked(due_id: UUID, actor: Actor) -> Due:
    asked = Due.objects.visible_to(actor).filter(pk=due_id).values("erasure_id")
    # First the erasure, then the due: so does the timer that ends its time.
    PersonErasure.objects.select_for_update().filter(pk__in=asked).first()
    due = Due.objects.visible_to(actor).select_for_update().filter(pk=due_id).first()
    if due is None or not known_people(actor).filter(pk=due.person_id).exists():
        raise NotFound(_("Nobody is to be erased under this."))
    return due
