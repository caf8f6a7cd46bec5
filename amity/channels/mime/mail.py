"""One mail, read whatever its state: from bytes to a `ParsedMail`."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message

from amity.channels.mime.charset import decode_text
from amity.channels.mime.flowed import enriched_to_text, unflow
from amity.channels.mime.headers import addresses, header_text, instant, message_ids
from amity.channels.mime.html_text import html_to_text
from amity.channels.mime.kinds import NEVER_ANSWER, MailKind, kind_of
from amity.channels.mime.reports import Report, report_of
from amity.channels.mime.structure import Part, leaf_parts, split_headers
from amity.channels.records import NOBODY, Attachment, Handle, Unreadable

MAX_MAIL_BYTES = 64 * 1024 * 1024
MAX_TEXT_CHARS = 2_000_000
_SENDER_FIELDS = ("From", "Sender", "Reply-To", "Return-Path", "X-Original-From")
_MAIL_FIELDS = (
    "From",
    "Sender",
    "To",
    "Cc",
    "Date",
    "Subject",
    "Message-ID",
    "Received",
    "Return-Path",
    "Reply-To",
    "In-Reply-To",
    "References",
    "List-Id",
)
_TEXT_TYPES = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext", "text"})
_SEAL_TYPES = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
_REFUTED = re.compile(
    r"(^|[;\s])dmarc\s*=\s*fail\b", re.IGNORECASE
)  # the first such field is our own server's
_FUTURE = timedelta(days=2)
_SOFT_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """What a mail says. Ids are in angle brackets, instants aware UTC, addresses lower-cased, text without NUL."""

    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]  # oldest first, as in the field
    date: datetime | None
    subject: str
    sender: Handle
    to: tuple[Handle, ...]
    cc: tuple[Handle, ...]
    reply_to: tuple[Handle, ...]
    text: str  # lines end with \n; made from the HTML where there is no plain text
    html: str  # as it came, decoded; never show it without `sanitise_html`
    attachments: tuple[Attachment, ...]
    kind: MailKind  # who wrote it: a person, a list, a program
    report: Report | None  # of a mail of ours: not delivered, delayed, delivered, read
    list_id: str
    problems: tuple[str, ...]  # defects that were survived, in words
    is_refuted: bool = False  # the server that took it in found that it is not from where it says (DMARC)

    @property
    def auto_submitted(self) -> bool:
        """Whether a program wrote it: never answer it automatically."""
        return self.kind in NEVER_ANSWER


def parse_mail(raw: bytes) -> ParsedMail:
    """Read one RFC 5322 message with MIME parts. Defects are survived and named in `problems`.

    A mail that names no sender comes from an address of its own under `NOBODY`, so that two of them are not taken
    for one person. Raises `Unreadable` only: `mail.empty`, `mail.too_large` (over 64 MiB) and `mail.not_mail` (no
    header field of a mail).
    """
    _refuse_hopeless(raw)
    envelope, raw = _without_envelope(raw)
    headers, _ = split_headers(raw)
    if not any(name in headers for name in _MAIL_FIELDS):
        raise Unreadable(
            "mail.not_mail", "No header of a mail was found (From, To, Date, Subject). Check the file."
        )
    problems: list[str] = []
    sender = _sender(headers, envelope, raw, problems)
    parts = leaf_parts(raw, problems)
    text, html = _bodies(parts, problems)
    subject = header_text(_field(headers, "Subject"))
    report = report_of(headers, parts, text)
    return ParsedMail(
        message_id=_message_id(headers, raw, problems),
        in_reply_to=message_ids(_field(headers, "In-Reply-To")),
        references=message_ids(_field(headers, "References")),
        date=_date(headers, problems),
        subject=subject,
        sender=sender,
        to=_people(headers, "To"),
        cc=_people(headers, "Cc"),
        reply_to=_people(headers, "Reply-To"),
        text=text,
        html=html,
        attachments=tuple(_attachment(part) for part in parts if not _is_body(part) and not _is_seal(part)),
        kind=kind_of(headers, sender=sender.address, subject=subject, report=report),
        report=report,
        list_id=_list_id(_field(headers, "List-Id")),
        problems=tuple(dict.fromkeys(problems)),
        is_refuted=_REFUTED.search(header_text(_field(headers, "Authentication-Results"))) is not None,
    )


def _refuse_hopeless(raw: bytes) -> None:
    if not raw.strip(b"\x00 \t\r\n"):
        raise Unreadable("mail.empty", "The message is empty. There is nothing to import.")
    if len(raw) > MAX_MAIL_BYTES:
        raise Unreadable(
            "mail.too_large", "The message is larger than 64 MiB. Import it without its attachments."
        )


def _without_envelope(raw: bytes) -> tuple[str, bytes]:
    """Split off leading blank lines and the `From address date` line of an mbox."""
    raw = raw.lstrip(b"\x00\r\n") if raw[:1] in (b"\x00", b"\r", b"\n") else raw
    if not raw.startswith((b"From ", b">From ")):
        return "", raw
    line, _, rest = raw.partition(b"\n")
    return line.decode("ascii", "surrogateescape"), rest


def _field(headers: Message, name: str) -> str:
    """The first field of that name that is not empty, as the parser gave it."""
    return next((str(value) for value in headers.get_all(name, []) if str(value).strip()), "")


def _people(headers: Message, name: str) -> tuple[Handle, ...]:
    found = {
        person.address: person for value in headers.get_all(name, []) for person in addresses(str(value))
    }
    return tuple(found.values())


def _sender(headers: Message, envelope: str, raw: bytes, problems: list[str]) -> Handle:
    if len(headers.get_all("From", [])) > 1:
        problems.append("more than one From field, the first is taken")
    for name in _SENDER_FIELDS:
        for value in headers.get_all(name, []):
            people = addresses(str(value))
            if people and name != "From":
                problems.append(f"no address in From, the sender is taken from {name}")
            if people:
                return people[0]
    people = addresses(envelope.removeprefix(">").removeprefix("From ").split(" ")[0])
    if people:
        problems.append("no address in From, the sender is taken from the envelope")
        return people[0]
    problems.append("no sender in From, Sender, Reply-To or Return-Path: the mail cannot be answered")
    called = header_text(_field(headers, "From"))  # a name alone, perhaps
    return Handle("email", f"unknown-{hashlib.sha256(raw).hexdigest()[:12]}@{NOBODY}", called)


def _message_id(headers: Message, raw: bytes, problems: list[str]) -> str:
    found = message_ids(_field(headers, "Message-ID"))
    if found:
        return found[0]
    problems.append("no Message-ID, one was made from the bytes")
    return f"<{hashlib.sha256(raw).hexdigest()[:40]}@no-message-id.invalid>"


def _date(headers: Message, problems: list[str]) -> datetime | None:
    """The Date field; the oldest Received stamp where it is missing, broken or two days ahead of all stamps."""
    said = instant(_field(headers, "Date"))
    stamps = [instant(str(value).rpartition(";")[2].strip()) for value in headers.get_all("Received", [])]
    known = [stamp for stamp in stamps if stamp is not None]
    if said is not None and not (known and said > max(known) + _FUTURE):
        return said
    problems.append("no usable Date" + (", taken from Received" if known else ""))
    return min(known, default=said)


def _is_body(part: Part) -> bool:
    return part.content_type in _TEXT_TYPES and part.disposition != "attachment" and not part.filename


def _is_seal(part: Part) -> bool:
    """A nameless cryptographic signature: it belongs to the mail, nobody sent it as a file."""
    return part.content_type in _SEAL_TYPES and not part.filename


def _bodies(parts: list[Part], problems: list[str]) -> tuple[str, str]:
    """Plain text and HTML of the parts that are the letter itself."""
    bodies = [part for part in parts if _is_body(part)]
    html = "\n".join(_part_text(part) for part in bodies if part.content_type == "text/html")
    with_plain = {
        part.alternative for part in bodies if part.content_type != "text/html" and part.content.strip()
    }
    pieces = []
    for part in bodies:
        if part.content_type != "text/html":
            pieces.append(_plain(part))
        elif not (part.alternative and part.alternative in with_plain):
            pieces.append(html_to_text(_part_text(part)))
    text = "\n\n".join(piece.strip("\n") for piece in pieces if piece.strip())
    if len(text) > MAX_TEXT_CHARS or len(html) > MAX_TEXT_CHARS:
        problems.append("a body of more than two million characters was cut")
    return text[:MAX_TEXT_CHARS], html[:MAX_TEXT_CHARS]


def _plain(part: Part) -> str:
    text = _SOFT_BREAKS.sub("\n", _part_text(part))
    if part.content_type in ("text/enriched", "text/richtext"):
        return enriched_to_text(text)
    if part.parameters.get("format", "").lower() == "flowed":
        return unflow(text, joined=part.parameters.get("delsp", "").lower() == "yes")
    return text


def _part_text(part: Part) -> str:
    return decode_text(part.content, part.parameters.get("charset"))


def _attachment(part: Part) -> Attachment:
    return Attachment(
        filename=part.filename,
        content_type=part.content_type,
        size_bytes=len(part.content),
        content=part.content,
        content_id=header_text(part.content_id),
    )


def _list_id(value: str) -> str:
    text = header_text(value)
    inside = re.search(r"<([^<>]*)>", text)
    return (inside[1] if inside else text).strip().lower()
