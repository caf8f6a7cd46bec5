"""Mails, alone or out of an mbox, as messages."""

from __future__ import annotations

from collections.abc import Callable

from amity.channels.adapters.file.cells import refuse_broken
from amity.channels.adapters.file.mapping import Mapping
from amity.channels.adapters.file.shape import MAIL_ITEM, RawItem, Shape
from amity.channels.machine_mail import as_written
from amity.channels.mime import ParsedMail, parse_mail, sanitise_html, split_reply
from amity.channels.records import Direction, MessageRecord, Record


def mail_reader(mapping: Mapping, shape: Shape) -> Callable[[RawItem], list[Record]]:
    """A function from a raw mail to its message; mail from one of our own addresses is outgoing.

    A mail without any date is placed at the time of the file, with `extra["date_is_unknown"]`.
    """
    ours = {address.strip().lower() for address in mapping.own_addresses}

    def read_item(item: RawItem) -> list[Record]:
        if item.content_type != MAIL_ITEM:
            refuse_broken(item)
        mail = parse_mail(item.raw)
        direction = Direction.OUT if mail.sender.address in ours else Direction(mapping.direction.otherwise)
        visible = split_reply(mail.text).visible or mail.text
        extra: dict[str, object] = {}
        if mail.date is None:
            extra["date_is_unknown"] = True
        if mail.auto_submitted:
            extra["auto_submitted"] = True
        if mail.list_id:
            extra["list_id"] = mail.list_id
        if mail.problems:
            extra["problems"] = list(mail.problems)
        message = MessageRecord(
            external_id=mail.message_id,
            occurred_at=mail.date or shape.modified_at,
            author=mail.sender,
            direction=direction,
            channel=mapping.channel,
            text=visible,
            full_text="" if visible == mail.text else mail.text,
            html=sanitise_html(mail.html) if mail.html else "",
            subject=mail.subject,
            in_reply_to=_ancestors(mail),
            recipients=(*mail.to, *mail.cc),
            is_public=mapping.is_public,
            attachments=mail.attachments,
            extra=extra,
        )
        return [as_written(message, mail)]

    return read_item


def _ancestors(mail: ParsedMail) -> tuple[str, ...]:
    """Ids that the mail names, nearest first: what it answers, then the thread backwards (RFC 5322, 3.6.4)."""
    named = (*mail.in_reply_to, *reversed(mail.references))
    return tuple(dict.fromkeys(name for name in named if name != mail.message_id))
