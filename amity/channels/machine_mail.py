"""Mails that nobody wrote, as messages: reports and automatic answers to mails of ours.

They are kept and shown where they belong, and are no word of a customer: `Direction.AUTO` keeps them out of every wait,
mood and figure. What they say stands in `extra["automatic"]`, see `Automatic`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amity.channels.mime import NOBODYS_WORDS, Failure, MailKind, Outcome, ParsedMail, Reason
from amity.channels.records import Direction, Handle, MessageRecord

MOST_KEPT = 20
_FROM_SERVERS = frozenset({MailKind.BOUNCE, MailKind.DELAY})

REASONS: Mapping[str, str | Promise] = {
    Reason.NO_SUCH_MAILBOX: _("There is no mailbox with this address."),
    Reason.NO_SUCH_DOMAIN: _("There is no mail server for this address."),
    Reason.MAILBOX_CLOSED: _("This mailbox is closed."),
    Reason.MAILBOX_FULL: _("The mailbox is full."),
    Reason.TOO_LARGE: _("The message is too large for the other side."),
    Reason.REFUSED: _("The other side refuses messages like this one."),
    Reason.UNREACHABLE: _("The other side could not be reached in time."),
    Reason.OTHER: _("The other side did not take it."),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a mail on its way to one address."""

    address: str
    outcome: str  # a value of `Outcome`
    reason: str  # a value of `Reason`
    said: str
    is_address_dead: bool


@dataclass(frozen=True, slots=True)
class Automatic:
    """What a mail of a program says. `kind` is a value of `MailKind`; `of` are Message-IDs of ours that it names."""

    kind: str
    sender: str
    of: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()

    @property
    def reason(self) -> str:
        """Why, in words; empty where nothing failed."""
        return str(REASONS.get(self.told[0].reason, "")) if self.told else ""


def as_written(record: MessageRecord, mail: ParsedMail) -> MessageRecord:
    """The record of a mail to us, as nobody's word where a program wrote it; a report answers what it returns."""
    if record.direction is not Direction.IN or mail.kind not in NOBODYS_WORDS:
        return record
    failures = mail.report.failures[:MOST_KEPT] if mail.report else ()
    of = mail.report.of[:MOST_KEPT] if mail.report else ()
    named = tuple(Handle("email", failure.address) for failure in failures if failure.address)
    is_from_server = mail.kind in _FROM_SERVERS or any(one.outcome is Outcome.ARRIVED for one in failures)
    automatic = {
        "kind": str(mail.kind),
        "sender": mail.sender.address,
        "of": list(of),
        "told": [_plain(failure) for failure in failures],
    }
    return replace(
        record,
        direction=Direction.AUTO,
        author=Handle("email", "", mail.sender.name) if is_from_server else record.author,
        recipients=named if is_from_server else record.recipients,
        in_reply_to=tuple(dict.fromkeys((*of, *record.in_reply_to))),
        extra={**record.extra, "automatic": automatic},
    )


def _plain(failure: Failure) -> dict[str, Any]:
    return {
        "address": failure.address,
        "outcome": str(failure.outcome),
        "reason": str(failure.reason),
        "said": failure.said,
        "dead": failure.is_address_dead,
    }


def automatic_of(payload: Mapping[str, Any] | None) -> Automatic | None:
    """What `as_written` kept with an activity; None where it kept nothing."""
    kept = (payload or {}).get("automatic")
    if not isinstance(kept, dict):
        return None
    told = [one for one in kept.get("told", []) if isinstance(one, dict)]
    return Automatic(
        kind=str(kept.get("kind", "")),
        sender=str(kept.get("sender", "")),
        of=tuple(str(one) for one in kept.get("of", [])),
        told=tuple(
            Told(
                str(one.get("address", "")),
                str(one.get("outcome", "")),
                str(one.get("reason", "")),
                str(one.get("said", "")),
                bool(one.get("dead")),
            )
            for one in told
        ),
    )
