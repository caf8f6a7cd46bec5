"""Reports about mails of ours: not delivered, delayed, delivered, read.

Most are multipart/report (RFC 3464, RFC 8098); the others are letters of mail servers in the words of their makers.
Of those only what says both that something was not delivered and to whom counts as a report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum

from amity.channels.mime.charset import decode_text
from amity.channels.mime.headers import addresses, header_text, message_ids
from amity.channels.mime.report_letters import Found, read_letter
from amity.channels.mime.report_words import Reason, is_of_address, reason_of, status_in
from amity.channels.mime.structure import Part, split_headers

MOST_FAILURES = 100
MOST_SAID_CHARS = 500
_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_READ_PARTS = frozenset({"message/disposition-notification", "message/global-disposition-notification"})
_ORIGINAL_PARTS = frozenset(
    {
        "message/rfc822",
        "text/rfc822-headers",
        "message/rfc822-headers",
        "message/global",
        "message/global-headers",
    }
)
_BLANK = re.compile(r"\n[ \t]*\n")
_NOTHING = re.compile(r"(unknown|none|null)?$", re.IGNORECASE)


class Outcome(StrEnum):
    """What became of a mail on its way to one address."""

    FAILED = "failed"
    DELAYED = "delayed"
    ARRIVED = "arrived"
    READ = "read"
    DELETED = "deleted"  # without having been read


@dataclass(frozen=True, slots=True)
class Failure:
    """One address and what became of the mail to it. `status` is an enhanced code (RFC 3463) or ""."""

    address: str  # lower-case; "" where the report does not say
    outcome: Outcome
    reason: Reason
    status: str
    said: str  # what the other server said, one line

    @property
    def is_address_dead(self) -> bool:
        """Whether the next mail to this address would not arrive either."""
        return self.outcome is Outcome.FAILED and is_of_address(self.reason)


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says, and of which mails: `of` holds the Message-IDs that it returns, the surest first."""

    failures: tuple[Failure, ...]
    of: tuple[str, ...]


def report_of(headers: Message, parts: list[Part], text: str) -> Report | None:
    """The report in a mail; None where it is none. `text` is the plain text of the mail."""
    of = _originals(headers, parts)
    for part in parts:
        if part.content_type in _STATUS_PARTS and (failures := _delivery(part)):
            return Report(failures, of)
        if part.content_type in _READ_PARTS:
            failure, name = _disposition(part)
            return Report((failure,), tuple(dict.fromkeys((*name, *of))))
    letter = read_letter(headers, text)
    if letter is None:
        return None
    named = dict.fromkeys((*of, *letter.of))
    return Report(tuple(_failure_of(one) for one in letter.found), tuple(named))


def _originals(headers: Message, parts: list[Part]) -> tuple[str, ...]:
    """Message-IDs of what is returned: of the returned mail or its headers, then those that the report answers."""
    found: list[str] = []
    for part in parts:
        if part.content_type in _ORIGINAL_PARTS:
            returned, _ = split_headers(part.content)
            found += message_ids(str(returned.get("Message-ID", "")))
    for name in ("X-Original-Message-ID", "Original-Message-ID", "In-Reply-To"):
        found += message_ids(str(headers.get(name, "")))
    return tuple(dict.fromkeys(found))


def _blocks(part: Part) -> list[Message]:
    """The groups of fields in a status part."""
    text = decode_text(part.content, part.parameters.get("charset")).replace("\r\n", "\n").replace("\r", "\n")
    return [split_headers(block.strip("\n").encode())[0] for block in _BLANK.split(text) if block.strip()]


def _delivery(part: Part) -> tuple[Failure, ...]:
    found: dict[str, Failure] = {}
    for block in _blocks(part):
        if "Action" not in block and "Final-Recipient" not in block and "Status" not in block:
            continue  # about the message as a whole
        failure = _of_recipient(block)
        found.setdefault(failure.address, failure)
        if len(found) >= MOST_FAILURES:
            break
    return tuple(found.values())


_OUTCOMES = {
    "failed": Outcome.FAILED,
    "delayed": Outcome.DELAYED,
    "delivered": Outcome.ARRIVED,
    "relayed": Outcome.ARRIVED,
    "expanded": Outcome.ARRIVED,
}


def _of_recipient(block: Message) -> Failure:
    said = _typed(block, "Diagnostic-Code")
    status = status_in(header_text(str(block.get("Status", "")))) or status_in(said)
    more = status_in(said)
    if status.endswith(".0.0") and more:  # Status says only that it failed; the other server said why
        status = more
    action = header_text(str(block.get("Action", ""))).lower().split("(")[0].strip()
    by_status = {"4": Outcome.DELAYED, "2": Outcome.ARRIVED}.get(status[:1], Outcome.FAILED)
    return Failure(
        address=_address(block),
        outcome=_OUTCOMES.get(action, by_status),
        reason=reason_of(status, said),
        status=status,
        said=said[:MOST_SAID_CHARS],
    )


def _address(block: Message) -> str:
    """The address as we wrote it, where the report knows that; else as the other side knows it."""
    for name in ("Original-Recipient", "Final-Recipient"):
        value = _typed(block, name)
        found = addresses(value)
        if found:
            return found[0].address
    return ""


def _typed(block: Message, name: str) -> str:
    """A field of the form `type; value`."""
    value = header_text(str(block.get(name, "")))
    kind, semicolon, rest = value.partition(";")
    rest = rest if semicolon and len(kind) < 30 else value
    return "" if _NOTHING.match(rest.strip()) else rest.strip()


def _disposition(part: Part) -> tuple[Failure, tuple[str, ...]]:
    """A receipt: who read it, or deleted it unread, and which mail that was."""
    fields = _blocks(part)
    block = fields[0] if fields else split_headers(b"")[0]
    words = header_text(str(block.get("Disposition", ""))).lower()
    outcome = Outcome.DELETED if "deleted" in words.partition(";")[2] else Outcome.READ
    name = message_ids(str(block.get("Original-Message-ID", "")))
    return Failure(_address(block), outcome, Reason.NONE, "", ""), name


def _failure_of(found: Found) -> Failure:
    return Failure(
        address=found.address,
        outcome=Outcome.DELAYED if found.is_delay else Outcome.FAILED,
        reason=reason_of(found.status, found.said),
        status=found.status,
        said=found.said[:MOST_SAID_CHARS],
    )
