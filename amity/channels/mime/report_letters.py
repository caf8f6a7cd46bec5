"""Reports that are letters: what mail servers write about a mail that did not arrive, each in its own words.

Exchange, Exim, qmail, sendmail, Postfix without its report part, Domino, GroupWise and the large providers, in the
languages in which they write. A letter must say that a mail was not delivered *and* name an address or return a mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from amity.channels.mime.headers import addresses, header_text, message_ids
from amity.channels.mime.letter_words import COPY, DELAYED, FAILED, SUBJECT
from amity.channels.mime.report_words import status_in

MOST_READ_CHARS = 60_000
MOST_FOUND = 100
_ADDRESS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.)+[A-Za-z0-9-]{2,63}"
_ANY_ADDRESS = re.compile(rf"(?<![\w.@+-]){_ADDRESS}")
_MESSAGE_ID = re.compile(r"(?im)^[ \t>|]{0,8}message-id:[ \t]*(?:\r?\n[ \t>|]+)?(<[^<>\s]{3,300}>)")
_SENDER = re.compile(
    r"(?:mailer[-_.]?daemon|post-?master|mail[-_.]?(?:delivery|system|admin)\w*|(?:mail)?-?bounces?|microsoftexchange\w*"
    r"|double-bounce|ndr|system|smtp|exchange)(?:[+=._-][^@]*)?@",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"mail(?:er)?[ -]?(?:daemon|delivery (?:sub)?system|system)|delivery subsystem|post ?master|microsoft outlook"
    r"|system ?administrator|systemadministrator|mail delivery",
    re.IGNORECASE,
)
_QUOTED_ADDRESS = re.compile(
    rf"(?m)^[ \t]*(?:to:[ \t]*)?<?(?:mailto:)?({_ADDRESS})>?[ \t]*(?:[:(;,.]|\n|\r|$|<)"
)
_WHO = re.compile(
    r"(?i)(?:recipients?|address(?:es)?|to|an|für|user|empfänger|destinataires?|destinatarios?)\b"
    rf"[^\n@]{{0,60}}?<?({_ADDRESS})"
)


@dataclass(frozen=True, slots=True)
class Found:
    address: str
    status: str
    said: str
    is_delay: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """Which addresses a letter names, and the Message-IDs of the mails that it returns."""

    found: tuple[Found, ...]
    of: tuple[str, ...]


def read_letter(headers: Message, text: str) -> Letter | None:
    """What a letter of a mail server says; None where it is no report."""
    text = text[:MOST_READ_CHARS].replace("\r\n", "\n")
    if not _is_from_server(headers):
        return None
    copy = COPY.search(text)
    told = text[: copy.start()] if copy else text
    failed = FAILED.search(told) is not None
    if not failed and not (SUBJECT.search(_subject(headers)) and status_in(told)):
        return None
    of = tuple(dict.fromkeys(_MESSAGE_ID.findall(text)))
    recipients = _recipients(headers, told)
    if not recipients and not of:
        return None
    is_delay = DELAYED.search(told) is not None
    found = tuple(Found(one, status_in(said), said, is_delay) for one, said in recipients.items())
    if not found:
        line = " ".join(told.split())
        found = (Found("", status_in(line), line, is_delay),)
    return Letter(found, tuple(name for one in of for name in message_ids(one)))


def _is_from_server(headers: Message) -> bool:
    """By its sender, by a field that only mail servers write, or by an envelope that names nobody and a subject."""
    if headers.get("X-Failed-Recipients"):
        return True
    value = str(headers.get("From", ""))
    sender = addresses(value)
    address = sender[0].address if sender else ""
    name = sender[0].name if sender else header_text(value)
    if _SENDER.match(address) or (_NAME.search(name) and not _is_answer(headers)):
        return True
    return (
        "".join(str(headers.get("Return-Path", "")).split()) == "<>"
        and SUBJECT.search(_subject(headers)) is not None
    )


def _is_answer(headers: Message) -> bool:
    """A person called Postmaster who answers quotes what the server wrote."""
    return re.match(r"(?i)(?:re|aw|sv|fwd?|wg)\s*:", _subject(headers)) is not None


def _subject(headers: Message) -> str:
    return header_text(str(headers.get("Subject", "")))


def _recipients(headers: Message, told: str) -> dict[str, str]:
    """The addresses that failed, each with the lines that stand with it."""
    declared = [one.address for one in addresses(header_text(str(headers.get("X-Failed-Recipients", ""))))]
    ours = {one.address for name in ("To", "From", "Cc") for one in addresses(str(headers.get(name, "")))}
    hits = [(hit.start(1), hit[1]) for hit in _QUOTED_ADDRESS.finditer(told)]
    if not hits:
        hits = [(hit.start(1), hit[1]) for hit in _WHO.finditer(told)]
    if not hits:
        hits = [(hit.start(), hit[0]) for hit in _ANY_ADDRESS.finditer(told)]
    named = [(at, address.strip(".'").lower()) for at, address in hits]
    named = [(at, address) for at, address in named if address not in ours and not _SENDER.match(address)]
    found: dict[str, str] = dict.fromkeys(declared, "")
    for number, (at, address) in enumerate(named):
        if len(found) >= MOST_FOUND or (declared and address not in found):
            continue
        end = next(
            (later for later, other in named[number + 1 :] if other != address), min(len(told), at + 1_500)
        )
        said = " ".join(told[at:end].split())
        found[address] = found.get(address) or said.removeprefix(address).lstrip(" >:;,()").strip()
    for address, said in found.items():
        if not status_in(said) and len(found) == 1:
            found[address] = " ".join(told.split()) if status_in(told) or not said else said
    return found
