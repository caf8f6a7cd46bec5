"""What somebody said is written down, with its proof; what was noted by mistake is marked so, and stays."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from amity.activity.models import Activity
from amity.channels.inlet import take_turn_now
from amity.consent.domain.answering import Account, Said, Verdict, bearers, verdicts
from amity.consent.domain.channels import Channel
from amity.consent.models import LONGEST_PROOF, LONGEST_URL, How, Purpose, Statement, Wording
from amity.consent.queries.answers import statements_of
from amity.consent.queries.purposes import purposes_by_key, purposes_in_use, wording_of, wordings_of
from amity.consent.words import NO_ACCOUNT
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.ids import uuid7
from amity.people.by_hand import hand_source
from amity.people.queries import PersonRecord, person_record

ALL = ""
"""In the place of a purpose or a channel: all of them."""
AHEAD = timedelta(minutes=5)
"""A clock may be so much ahead of ours."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How we know. `version`: of the wording, else the one in force; `activity_id`: the entry that shows it."""

    how: How = How.STAFF
    proof: str = ""
    url: str = ""
    ip: str = ""
    activity_id: UUID | None = None
    version: int | None = None


def say_consent(
    person_id: UUID,
    said: Said,
    *,
    purpose: str,
    channel: str,
    actor: Actor,
    at: datetime,
    said_at: datetime | None = None,
    evidence: Evidence = Evidence(),
    only: UUID | None = None,
) -> UUID:
    """Write down what a person said of a purpose (its key, or `ALL`) and a channel (or `ALL`); gives the act by which
    it is found again. `only`: of this account of theirs alone; else it stands on each of them that it is about.

    Raises `NotFound` for whom the actor does not know, `Invalid` for what cannot be said, `Forbidden`.
    """
    policy.require(actor, "write", "consent")
    known = _purpose(purpose, said)
    _check(said, known, channel, evidence)
    when = said_at or at
    if when > at + AHEAD:
        raise _invalid("said_at", _("That is not yet."))
    with transaction.atomic():
        take_turn_now()
        record = person_record(actor, person_id)
        activity = _shown_by(evidence.activity_id, record, actor)
        on = _accounts(record, said, known, channel, only=only, actor=actor, when=when)
        wording = _wording(known, evidence.version)
        act = uuid7(at)
        Statement.objects.bulk_create(
            Statement(
                id=uuid5(act, str(identity)), act_id=act, identity_id=identity, purpose=known, channel=channel,
                said=said.value, said_at=when, recorded_at=at, wording=wording, how=evidence.how.value,
                proof=_tidy(evidence.proof), url=_tidy(evidence.url), ip=evidence.ip or None,
                activity_id=activity, source_id=hand_source(identity, actor=actor, at=at).id,
                said_by_id=actor.staff_id,
            )
            for identity in on
        )  # fmt: skip
    return act


def mark_mistake(person_id: UUID, act_id: UUID, *, why: str, actor: Actor, at: datetime) -> None:
    """It was never said: the rows of the act that are of this person count no more, and stay with who, when and why.

    Raises `NotFound` where there is no such act, `Conflict` where it is marked already, `Invalid` without a reason.
    """
    policy.require(actor, "write", "consent")
    reason = " ".join(why.replace("\x00", "").split())[:300]
    if not reason:
        raise _invalid("why", _("Say why, for those who read it later."))
    with transaction.atomic():
        rows = _of_act(person_id, act_id, actor)
        standing = [one for one in rows if one.revoked_at is None]
        if not standing:
            raise Conflict(_("This is marked as a mistake already."))
        for one in standing:
            one.revoked_at, one.revoked_by_id, one.revoked_why = at, actor.staff_id, reason
            one.save(update_fields=["revoked_at", "revoked_by", "revoked_why"])


def unmark_mistake(person_id: UUID, act_id: UUID, *, actor: Actor) -> None:
    """It was said after all, and counts again. Raises `NotFound`."""
    with transaction.atomic():
        for one in _of_act(person_id, act_id, actor):
            one.revoked_at, one.revoked_by_id, one.revoked_why = None, None, ""
            one.save(update_fields=["revoked_at", "revoked_by", "revoked_why"])


def _of_act(person_id: UUID, act_id: UUID, actor: Actor) -> list[Statement]:
    policy.require(actor, "write", "consent")
    take_turn_now()
    record = person_record(actor, person_id)
    rows = [one for one in statements_of(actor, record.identity_ids, revoked=True) if one.act_id == act_id]
    if not rows:
        raise NotFound(_("This statement does not exist."))
    return rows


def _purpose(key: str, said: Said) -> Purpose | None:
    if key == ALL:
        if not said.is_refusal:
            raise _invalid("purpose", _("Consent is given for one purpose. Choose which."))
        return None
    found = purposes_by_key().get(key)
    if found is None:
        raise _invalid("purpose", _("There is no such purpose."))
    return found


def _check(said: Said, purpose: Purpose | None, channel: str, evidence: Evidence) -> None:
    if channel != ALL and channel not in set(Channel):
        raise _invalid("channel", _("There is no such channel."))
    if purpose is not None and channel != ALL and channel not in purpose.channels:
        raise _invalid("channel", _("This purpose does not use that channel."))
    if said is Said.PENDING and channel == ALL:
        raise _invalid("channel", _("Choose the channel that waits to be confirmed."))
    if len(evidence.proof) > LONGEST_PROOF:
        raise _invalid("proof", _("Up to %(most)s characters.") % {"most": LONGEST_PROOF})
    url = _tidy(evidence.url)
    if url and not (url.startswith(("https://", "http://")) and len(url) <= LONGEST_URL):
        raise _invalid("url", _("Give an address that begins with https://."))
    if evidence.ip:
        try:
            ip_address("" if "%" in evidence.ip else evidence.ip)  # one of an interface is nobody's address
        except ValueError:
            raise _invalid("ip", _("This is no IP address.")) from None


def _accounts(
    record: PersonRecord,
    said: Said,
    purpose: Purpose | None,
    channel: str,
    *,
    only: UUID | None,
    actor: Actor,
    when: datetime,
) -> Sequence[UUID]:
    """On which of their accounts it stands."""
    if only is not None:
        if only not in record.identity_ids:
            raise _invalid("identity_id", _("This is no account of theirs."))
        return [only]
    accounts = [Account(one.id, one.network) for one in record.identities]
    refused = _refused(accounts, purpose, channel, actor, when)
    found = bearers(said, channel, accounts, refused)
    if not found:
        raise _invalid(
            "channel", str(NO_ACCOUNT[Channel(channel)]) if channel else _("They have no account.")
        )
    return found


def _refused(
    accounts: Sequence[Account], purpose: Purpose | None, channel: str, actor: Actor, when: datetime
) -> Collection[UUID]:
    """The accounts that are refused now for any of what is about to be said."""
    told = [one.told() for one in statements_of(actor, [one.id for one in accounts])]
    purposes = [purpose] if purpose else list(purposes_in_use())
    found = set()
    for each in purposes:
        for one in Channel if channel == ALL else (Channel(channel),):
            of_each = verdicts(each.terms(), one, accounts, told, when)
            found |= {
                id for id, (verdict, _by) in of_each.items()
                if verdict in (Verdict.OBJECTED, Verdict.WITHDRAWN)
            }  # fmt: skip
    return found


def _wording(purpose: Purpose | None, version: int | None) -> Wording | None:
    if purpose is None:
        return None
    if version is None:
        now = wording_of(purpose)
        return now if now and now.text else None
    found = next((one for one in wordings_of(purpose) if one.version == version), None)
    if found is None:
        raise _invalid("version", _("There is no such version of the wording."))
    return found


def _shown_by(activity_id: UUID | None, record: PersonRecord, actor: Actor) -> UUID | None:
    """An entry of their timeline that the actor may see. Raises `Invalid` for any other."""
    if activity_id is None:
        return None
    theirs = policy.visible(Activity.objects.all(), actor).filter(
        about_id__in=record.identity_ids, id=activity_id
    )
    if not theirs.exists():
        raise _invalid("activity_id", _("This is no entry of their timeline."))
    return activity_id


def _tidy(text: str) -> str:
    return text.replace("\x00", "").replace("\r\n", "\n").strip()


def _invalid(field: str, words: str) -> Invalid:
    return Invalid(words, fields={field: words})
