"""Inlets: add, change, remove; and let in what is verified."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from amity.channels.models import Source
from amity.channels.records import Unreadable
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.audit import record
from amity.kernel.errors import DomainError, Invalid, NotFound
from amity.kernel.ids import uuid7
from amity.kernel.vault import seal, unseal
from amity.webhooks import reading
from amity.webhooks.domain import signing
from amity.webhooks.models import Inlet, Received
from amity.webhooks.services.endpoints import BOTH_KEYS_FOR

PURPOSE = "webhook inlet"
KEPT_FOR = timedelta(days=30)


class NotLetIn(DomainError):
    """What was sent to an inlet is not signed as it should be. Nothing of it was stored."""

    code = "webhook.not_verified"
    status = 401


@dataclass(frozen=True, slots=True)
class Opened:
    """An inlet with the secret that the sender needs, shown this one time; empty where the sender's key was given."""

    inlet: Inlet
    secret: str


@transaction.atomic
def add_inlet(
    *, name: str, mapping: dict[str, Any] | None = None, key: str = "", actor: Actor, at: datetime
) -> Opened:
    """An address that a system outside may send to, as a source of its own.

    `key` is the sender's secret (`whsec_`) or public key (`whpk_`); without one a secret is made. `mapping` says how
    its JSON is read, as for a file; without one it speaks Amity's own format. Raises `Invalid`.
    """
    policy.require(actor, "write", "webhook")
    if actor.staff_id is None:
        raise Invalid(_("A webhook belongs to a colleague."))
    name = name.strip()[:120]
    if not name:
        raise Invalid(_("Give it a name."), fields={"name": _("Which system will send here?")})
    given = checked_key(key.strip())
    inlet_id = uuid7(at)
    source_key = _source_key(name, inlet_id)
    read_by = checked_mapping(mapping or reading.NATIVE, source_key)
    try:
        with transaction.atomic():
            source = Source.objects.create(key=source_key, name=name, adapter="webhook", created_at=at)
    except IntegrityError as error:
        raise Invalid(_("Choose another name."), fields={"name": _("This name is taken.")}) from error
    inlet = Inlet.objects.create(
        id=inlet_id,
        name=name,
        source=source,
        mapping=read_by,
        key_sealed=seal(given or (made := signing.new_secret()), purpose=PURPOSE),
        created_by_id=actor.staff_id,
        created_at=at,
    )
    _shown(inlet, actor, at)
    return Opened(inlet, "" if given else made)


@transaction.atomic
def change_inlet(
    inlet_id: UUID,
    *,
    is_on: bool | None = None,
    mapping: dict[str, Any] | None = None,
    actor: Actor,
    unchanged: Callable[[Inlet], None] | None = None,
) -> Inlet:
    """Read what comes from now on in another way, or let nothing in; None leaves it as it is. What came stays as it
    was read. `unchanged` may refuse: it sees the inlet while it is locked for this change."""
    inlet = locked_inlet(inlet_id, actor)
    if unchanged is not None:
        unchanged(inlet)
    if mapping is not None:
        inlet.mapping = checked_mapping(mapping, inlet.source.key)
    if is_on is not None:
        inlet.is_on = is_on
    inlet.save(update_fields=["mapping", "is_on"])
    return inlet


@transaction.atomic
def change_key(inlet_id: UUID, *, key: str = "", actor: Actor, at: datetime) -> Opened:
    """Another secret; for a day the one before is good too."""
    inlet = locked_inlet(inlet_id, actor)
    given = checked_key(key.strip())
    made = "" if given else signing.new_secret()
    inlet.previous_sealed, inlet.previous_until = inlet.key_sealed, at + BOTH_KEYS_FOR
    inlet.key_sealed = seal(given or made, purpose=PURPOSE)
    inlet.save(update_fields=["key_sealed", "previous_sealed", "previous_until"])
    _shown(inlet, actor, at)
    return Opened(inlet, made)


@transaction.atomic
def remove_inlet(inlet_id: UUID, *, actor: Actor) -> None:
    """Let nothing in there any more. What came through it stays, and so does its source."""
    policy.require(actor, "delete", "webhook")
    locked_inlet(inlet_id, actor).delete()


def locked_inlet(inlet_id: UUID, actor: Actor) -> Inlet:
    policy.require(actor, "write", "webhook")
    found = Inlet.objects.visible_to(actor).select_for_update(of=("self",)).select_related("source")
    inlet: Inlet | None = found.filter(pk=inlet_id).first()
    if inlet is None:
        raise NotFound(_("This webhook does not exist."))
    return inlet


@dataclass(frozen=True, slots=True)
class LetIn:
    """A verified message and where it belongs."""

    inlet: Inlet
    message_id: str


def let_in(inlet_id: UUID, *, headers: Mapping[str, str], body: bytes, at: datetime) -> LetIn:
    """Who sent this, and that it is from them. Raises `NotFound` or `NotLetIn`; nothing is written by either."""
    inlet = Inlet.objects.filter(pk=inlet_id, is_on=True).select_related("source").first()
    if inlet is None:
        raise NotFound(_("Nothing is let in here."))
    keys = [unseal(inlet.key_sealed, purpose=PURPOSE)]
    if inlet.previous_sealed and inlet.previous_until and at < inlet.previous_until:
        keys.append(unseal(inlet.previous_sealed, purpose=PURPOSE))
    try:
        verified = signing.verify(keys, headers, body, at)
    except signing.NotVerified as error:
        raise NotLetIn(_WHY[error.reason] % {"reason": error.reason}, reason=error.reason) from error
    return LetIn(inlet, verified.message_id)


_WHY = {
    "missing": "The headers webhook-id, webhook-timestamp and webhook-signature are needed.",
    "malformed": "The headers webhook-id and webhook-timestamp cannot be read.",
    "too_old": "The timestamp is more than five minutes old. Sign each attempt anew, and set the clock.",
    "too_new": "The timestamp is more than five minutes ahead. Set the clock.",
    "wrong": "No signature fits. Sign id.timestamp.body with the secret of this webhook.",
}


def is_first(let: LetIn, at: datetime) -> bool:
    """Note the message id, in the transaction that takes the message in; False when it was taken in before."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO webhooks_received (inlet_id, message_id, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            [let.inlet.id, let.message_id, at],
        )
        is_new: bool = cursor.rowcount == 1
    if is_new:
        Inlet.objects.filter(pk=let.inlet.id).update(received_at=at)
    return is_new


def forget_received(at: datetime) -> None:
    """Ids that are older than any signature that would still be believed."""
    Received.objects.filter(at__lt=at - KEPT_FOR).delete()


def checked_key(key: str) -> str:
    """A secret or public key of the specification, or nothing. Raises `Invalid`."""
    if not key:
        return ""
    try:
        (signing.public_bytes if key.startswith(signing.PUBLIC) else signing.secret_bytes)(key)
    except signing.BadSecret as error:
        message = _(
            "This is no secret (whsec_…) and no public key (whpk_…). Leave it empty to have one made."
        )
        raise Invalid(message, fields={"key": message}) from error
    return key


def checked_mapping(mapping: dict[str, Any], source_key: str) -> dict[str, Any]:
    """A mapping that can be used. Raises `Invalid` with what is wrong."""
    try:
        whole = reading.complete(mapping, source_key)
        found = reading.problems(whole)
    except Unreadable as error:
        raise Invalid(error.reason, fields={"mapping": error.reason}) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        words = _("This is no mapping. Take one of an import as an example.")
        raise Invalid(words, fields={"mapping": words}) from error
    if not found and (whole.get("options") or {}).get("lines"):
        found = [_("Each message holds a whole order: several rows for one are for files.")]
    if found:
        raise Invalid(found[0], fields={"mapping": " ".join(found)})
    return whole


def _shown(inlet: Inlet, actor: Actor, at: datetime) -> None:
    record("webhook.secret_shown", actor=actor, at=at, subject="inlet", subject_id=inlet.id)


def _source_key(name: str, inlet_id: UUID) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "webhook"
    return f"{slug}-{inlet_id.hex[-6:]}"
