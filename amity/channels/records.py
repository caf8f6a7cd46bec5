"""What an adapter reads out of a raw item, in one shape for every channel.

An adapter turns an item into records; everything downstream sees only these. The words are those of
W3C Activity Streams 2.0 (actor, verb, object, target, published) where it has one. All instants are
aware UTC `datetime`s; amounts are `Decimal` in major units of an ISO 4217 currency.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

NOBODY = "no-sender.invalid"
"""Domain of the addresses made for mails without a sender; RFC 2606 keeps it free of mailboxes."""


class Direction(StrEnum):
    """Who speaks: the customer to us, we to the customer, we among ourselves, or nobody: a program answered us."""

    IN = "in"
    OUT = "out"
    INTERNAL = "internal"
    AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Handle:
    """An account, address or number at one network, before it is an identity.

    `network` is a lower-case word: `email`, `phone`, `twitter`, `mastodon`, or `customer:<source key>` for a
    number that only that source knows. `address` is normalised by the adapter (e-mail lower-cased, phone in
    E.164 where possible, handle without `@`).
    """

    network: str
    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message. `content` is None where only its description is known."""

    filename: str
    content_type: str
    size_bytes: int
    content: bytes | None = None
    content_id: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A value of a row that is none, so that the row comes in without it.

    `code` says what is wrong: `email`, `phone`, `account`, `day`, `consent`, `consent_day`. `field` is the network, the
    fact or the name in `extra` that it would have been, `column` where it stands, `text` its beginning.
    """

    code: str
    field: str
    column: str
    text: str


LEFT_OUT_TEXT = 80
"""How many characters of a value that was left out are told."""


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """Somebody said something: a post, a mail, a chat line, a review."""

    external_id: str
    occurred_at: datetime
    author: Handle
    direction: Direction = Direction.IN
    channel: str = "message"  # what people call it: email, tweet, chat, review, call, post
    text: str = ""  # plain text, quoted text and signature folded away
    full_text: str = ""  # plain text as it came, empty when equal to `text`
    html: str = ""  # sanitised, empty when there was none
    subject: str = ""
    in_reply_to: tuple[str, ...] = ()  # external ids that this names, nearest first
    recipients: tuple[Handle, ...] = ()
    language: str = ""  # BCP 47, only if the source knows it
    is_public: bool = False
    verb: str = "create"
    object_type: str = "note"
    attachments: tuple[Attachment, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    ids_repeat: bool = (
        False  # a careless sender gives one id to different messages: time and text tell them apart
    )
    left_out: tuple[LeftOut, ...] = field(
        default=(), compare=False
    )  # what of a row is no value, and is not in here


@dataclass(frozen=True, slots=True)
class OrderLineRecord:
    sku: str
    name: str
    quantity: Decimal
    amount: Decimal  # of the whole line


@dataclass(frozen=True, slots=True)
class OrderRecord:
    """Somebody bought something. `buyer` holds every handle that the order names, strongest first."""

    external_id: str
    ordered_at: datetime
    buyer: tuple[Handle, ...]
    amount: Decimal
    currency: str
    status: str = "paid"  # placed, paid, shipped, cancelled, refunded
    number: str = ""  # as printed on the invoice; the external id when empty
    items: int = 0
    lines: tuple[OrderLineRecord, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)  # of the buyer, see PersonRecord.facts
    extra: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = field(
        default=(), compare=False
    )  # what of a row is no value, and is not in here


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """A row of an address book: handles that belong to one person, and what it says of them.

    `facts` keys: name, given_name, family_name, organisation, job_title, city, country, language, birthday,
    website, or any further key of the source, kept as it is.
    """

    external_id: str
    observed_at: datetime
    handles: tuple[Handle, ...]
    facts: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()  # what of the row is no value, and is not in here


OF_KNOWN = "of_known"
"""In `extra` of a person: it only adds to somebody who is there, of whom nothing has to be said again."""

Record = MessageRecord | OrderRecord | PersonRecord


def left_out_of(records: Iterable[Record]) -> tuple[LeftOut, ...]:
    """What of a row was no value, so that the row came in without it."""
    return tuple(one for record in records for one in record.left_out)


class Unreadable(Exception):
    """An item cannot become a record. `code` is stable, `reason` says in words what is wrong and what to do."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
