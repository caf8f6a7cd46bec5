"""From a parsed mail to the message that it is, for every adapter that takes in mails."""

from __future__ import annotations

from datetime import datetime

from amity.channels.machine_mail import as_written
from amity.channels.mime import ParsedMail, sanitise_html, split_reply
from amity.channels.records import Direction, MessageRecord


def record_of_mail(
    mail: ParsedMail, *, direction: Direction, otherwise_at: datetime, channel: str = "email",
    is_public: bool = False, also_answers: tuple[str, ...] = (), extra: dict[str, object] | None = None,
) -> MessageRecord:  # fmt: skip
    """A mail as a message: quotes and signature folded, HTML sanitised, what it answers nearest first.

    A mail without any date is placed at `otherwise_at`, with `extra["date_is_unknown"]`. `also_answers` are ids that it
    answers although it does not name them.
    """
    visible = split_reply(mail.text).visible or mail.text
    known: dict[str, object] = dict(extra or {})
    if mail.date is None:
        known["date_is_unknown"] = True
    if mail.auto_submitted:
        known["auto_submitted"] = True
    if mail.list_id:
        known["list_id"] = mail.list_id
    if mail.problems:
        known["problems"] = list(mail.problems)
    message = MessageRecord(
        external_id=mail.message_id,
        occurred_at=mail.date or otherwise_at,
        author=mail.sender,
        direction=direction,
        channel=channel,
        text=visible,
        full_text="" if visible == mail.text else mail.text,
        html=sanitise_html(mail.html) if mail.html else "",
        subject=mail.subject,
        in_reply_to=tuple(dict.fromkeys((*_ancestors(mail), *also_answers))),
        recipients=(*mail.to, *mail.cc),
        is_public=is_public,
        attachments=mail.attachments,
        extra=known,
        ids_repeat=mail.date is not None,
    )
    return as_written(message, mail)


def _ancestors(mail: ParsedMail) -> tuple[str, ...]:
    """Ids that the mail names, nearest first: what it answers, then the thread backwards (RFC 5322, 3.6.4)."""
    named = (*mail.in_reply_to, *reversed(mail.references))
    return tuple(dict.fromkeys(name for name in named if name != mail.message_id))
