"""Legal holds: placed on a person, who then stays whole, and released again."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from amity.channels.inlet import take_turn_now
from amity.kernel import audit, policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.ids import uuid7
from amity.kernel.live import announce
from amity.people.models import HeldAccount, LegalHold, Link
from amity.people.queries.grouped import known_root
from amity.people.queries.held import holds_on

LONGEST = 500
_TURN = 4_171_031  # any number, the same for everybody


class Held(Conflict):
    """A legal hold keeps this person: nothing of them may go."""

    code = "person.held"

    def __init__(self) -> None:
        super().__init__(
            _(
                "This person is under a legal hold: nothing of them may go until it is released. "
                "Settings, Retention shows who placed it, and why."
            )
        )


def place(person_id: UUID, *, reason: str, actor: Actor, at: datetime) -> LegalHold:
    """From now on nothing of this person goes. An erasure that waits is stopped when its time is over.

    It waits for its turn to write: what an erasure removes at this moment is removed, or it is held.
    Raises `NotFound`, `Forbidden`, and `Invalid` without a reason.
    """
    policy.require(actor, "write", "erasure")
    reason = said(reason, "reason")
    with transaction.atomic(), connection.cursor() as cursor:
        # First: whoever keeps it waits for nobody who writes.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])
        take_turn_now()
        root = known_root(actor, person_id)
        made = LegalHold.objects.create(
            id=uuid7(at), reason=reason, placed_by_id=actor.staff_id, placed_at=at
        )
        links = Link.objects.filter(person_id=root, revoked_at__isnull=True)
        identities = sorted(set(links.values_list("identity_id", flat=True)), key=str)
        HeldAccount.objects.bulk_create(HeldAccount(hold=made, identity_id=one) for one in identities)
        audit.record(
            "hold.placed", actor=actor, at=at, subject="person", subject_id=root,
            after={"hold": str(made.pk), "reason": reason},  # values go with the person, `why` of an entry never does
        )  # fmt: skip
        announce("erasure", made.pk)
    return made


def none_is_placed() -> None:
    """Until the current transaction ends nobody places a hold: what it sees of them is so to its end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_TURN])


def release(hold_id: UUID, *, why: str, actor: Actor, at: datetime) -> LegalHold:
    """It holds no longer. Raises `NotFound`, `Invalid` without a reason, `Conflict` where it was released before."""
    policy.require(actor, "write", "erasure")
    why = said(why, "why")
    with transaction.atomic():
        found = LegalHold.objects.visible_to(actor).select_for_update().filter(pk=hold_id).first()
        if found is None:
            raise NotFound(_("This hold does not exist."))
        if found.released_at is not None:
            raise Conflict(_("This hold was released already."))
        found.released_by_id, found.released_at, found.released_why = actor.staff_id, at, why
        found.save(update_fields=["released_by", "released_at", "released_why"])
        accounts = HeldAccount.objects.filter(hold=found).values_list("identity_id", flat=True)
        links = Link.objects.filter(identity_id__in=list(accounts), revoked_at__isnull=True)
        for person_id in sorted(set(links.values_list("person_id", flat=True)), key=str):
            audit.record(
                "hold.released", actor=actor, at=at, subject="person", subject_id=person_id,
                after={"hold": str(found.pk), "reason": why},
            )  # fmt: skip
        announce("erasure", found.pk)
    return found


def refuse_held(person_id: UUID) -> None:
    """Raises `Held` where a hold keeps this person."""
    if holds_on(person_id):
        raise Held


def said(words: str, field: str) -> str:
    """A reason as it is kept. Raises `Invalid` where nothing is said, or a book."""
    words = " ".join(words.replace("\x00", "").split())
    if not words:
        told = _("Say why, so that others understand it.")
        raise Invalid(told, fields={field: told})
    if len(words) > LONGEST:
        told = _("Use at most %(most)s characters.") % {"most": LONGEST}
        raise Invalid(told, fields={field: told})
    return words
