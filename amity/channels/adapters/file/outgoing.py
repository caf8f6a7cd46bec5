"""How the file channel sends: one file per message, taken from `<folder>/new/` by whoever delivers it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from uuid import uuid4

from amity.channels.records import Handle
from amity.kernel.durable import sync_folder

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_BREAKS = re.compile(r"[\r\n\x00]+")
_PRINTABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class FilePart:
    """A file within a mail."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message on its way out. `at` is aware; ids are as the channel writes them (mail: in angle brackets)."""

    message_id: str
    at: datetime
    sender: Handle
    recipients: tuple[Handle, ...]
    text: str
    subject: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()  # oldest first
    reply_to: str = ""
    files: tuple[FilePart, ...] = ()  # of mails alone


class NotWritten(OSError):
    """The file does not stand in `new/`, and nobody has begun to put it there whom the next call would not follow."""


def write_outgoing(folder: Path, key: str, message: OutgoingMessage) -> Path:
    """Send `message` as the file `<folder>/new/<key>.eml` (mail) or `.json` (any other network).

    `key` is the message's own, at most 120 letters, digits, dots, hyphens and underscores. The file appears
    whole, and at most once for a key: a second call raises FileExistsError (already sent), also after the
    file was taken away. A call that a crash cut short is brought to its end by the next one. On disk when it returns.
    Raises `NotWritten` where it certainly did not leave; of another OSError nobody knows.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a key for a file: {key!r}")
    is_mail = message.sender.network == "email"
    content = as_mail(message) if is_mail else as_json(message)
    places = {name: folder / name for name in ("tmp", "claimed", "new")}
    waiting = places["tmp"] / f"{key}.{uuid4().hex}"
    try:
        for place in places.values():
            place.mkdir(parents=True, exist_ok=True)
        _write_new(waiting, content)
    except OSError as error:
        raise NotWritten(*error.args) from error
    target = places["new"] / f"{key}{'.eml' if is_mail else '.json'}"
    try:
        # The claim outlives the file in new/, so a reader may take that away.
        _claim(places["claimed"] / key, waiting)
    except FileExistsError:
        waiting.unlink()
        waiting = places["tmp"] / (places["claimed"] / key).read_text("utf-8")
        if waiting.name in {"", "tmp"} or not waiting.exists():
            raise  # the file of whoever claimed it has left
    except OSError as error:
        if not (places["claimed"] / key).exists():
            waiting.unlink(missing_ok=True)
        raise NotWritten(*error.args) from error
    return _release(waiting, target)


def _claim(claim: Path, waiting: Path) -> None:
    """Only one file may leave for a key: say which, whole or not at all, or raise FileExistsError."""
    written = waiting.with_name(f"{waiting.name}.claim")
    _write_new(written, waiting.name.encode())
    try:
        os.link(written, claim)
    finally:
        written.unlink()
    sync_folder(claim.parent)


def _release(waiting: Path, target: Path) -> Path:
    """A rename happens once, whoever does it: the one who claimed, or the next one after a crash."""
    try:
        waiting.rename(target)
    except OSError as error:
        if waiting.exists():
            raise NotWritten(*error.args) from error
        if isinstance(error, FileNotFoundError):
            raise FileExistsError(target) from error
        raise
    sync_folder(target.parent)
    return target


def as_mail(message: OutgoingMessage) -> bytes:
    """The message in the format of RFC 5322, with the fields that keep it in its thread."""
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = _id(message.message_id)
    mail["Date"] = format_datetime(message.at)
    mail["From"] = _mailbox(message.sender)
    mail["To"] = ", ".join(_mailbox(handle) for handle in message.recipients)
    if message.reply_to:
        mail["Reply-To"] = _mailbox(Handle("email", message.reply_to))
    mail["Subject"] = _BREAKS.sub(" ", message.subject)
    # Messages of other systems have ids that no header can hold; the answer leaves without them.
    ancestors = dict.fromkeys(filter(_is_id, (*message.references, message.in_reply_to)))
    if _is_id(message.in_reply_to):
        mail["In-Reply-To"] = _id(message.in_reply_to)
    if ancestors:
        mail["References"] = " ".join(_id(name) for name in ancestors)
    mail.set_content(message.text, cte="quoted-printable")
    for file in message.files:  # names beyond ASCII as RFC 2231 has them
        kind, _slash, subtype = file.media_type.partition("/")
        mail.add_attachment(file.content, maintype=kind, subtype=subtype, filename=file.name)
    return mail.as_bytes()


def as_json(message: OutgoingMessage) -> bytes:
    """The message as one line of native JSON Lines."""
    plain = {
        "type": "message",
        "id": message.message_id,
        "at": message.at.isoformat(),
        "direction": "out",
        "from": _plain_handle(message.sender),
        "to": [_plain_handle(handle) for handle in message.recipients],
        "subject": message.subject,
        "text": message.text,
        "in_reply_to": [message.in_reply_to] if message.in_reply_to else [],
    }
    return json.dumps(plain, ensure_ascii=False).encode() + b"\n"


def _plain_handle(handle: Handle) -> dict[str, str]:
    return {"network": handle.network, "address": handle.address, "name": handle.name}


def _mailbox(handle: Handle) -> str:
    if not _PRINTABLE.fullmatch(handle.address) or "@" not in handle.address:
        raise ValueError("not an address that mail can be sent to")
    name = _BREAKS.sub(" ", handle.name).replace("\\", " ").replace('"', "'")
    return f'"{name}" <{handle.address}>' if name else handle.address


def _is_id(text: str) -> bool:
    return _PRINTABLE.fullmatch(text.strip("<>")) is not None


def _id(text: str) -> str:
    """A message id in angle brackets, with nothing in it that could start another header field."""
    if not _is_id(text):
        raise ValueError("not a message id")
    return f"<{text.strip('<>')}>"


def _write_new(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
