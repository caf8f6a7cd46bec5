"""Mails of an account as messages: from customers, from us, among us."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from amity.channels.adapters import RawItem
from amity.channels.adapters.email.addresses import OurAddresses, message_of
from amity.channels.mail_records import record_of_mail
from amity.channels.mime import ParsedMail, parse_mail
from amity.channels.records import Direction, Record, Unreadable

MAIL_ITEM = "message/rfc822"
TOO_LONG = f"{MAIL_ITEM}; broken=too-long"


def mail_reader(
    *, own: OurAddresses, domain: str, key: bytes, received_at: datetime
) -> Callable[[RawItem], list[Record]]:
    """A function from a raw mail to its message.

    Mail from an address of ours is outgoing, or internal where nobody else gets it: our own mail is never a customer.
    Where the server found that it is not from us, it answers nobody and is no colleague's.
    `key` made the answer addresses of our messages; `received_at` stands in for a date that is missing.
    """

    def read_item(item: RawItem) -> list[Record]:
        if item.content_type == TOO_LONG:
            raise Unreadable(
                "mail.too_large",
                "The mail is larger than 64 MiB. Only its beginning is kept; read it in the mailbox.",
            )
        mail = _of_a_form(parse_mail(item.raw), own)
        tags = [tag for person in (*mail.to, *mail.cc) if (tag := own.tag_of(person.address))]
        answered = [found for tag in tags if (found := message_of(tag, key))]
        record = record_of_mail(
            mail,
            direction=_direction(mail, own),
            otherwise_at=received_at,
            also_answers=tuple(f"<{one}@{domain}>" for one in answered),
            extra=_extra(mail, own, [tag for tag in tags if not message_of(tag, key)]),
        )
        if record.direction not in {Direction.OUT, Direction.INTERNAL}:
            return [record]
        customers = tuple(one for one in record.recipients if not own.holds(one.address))
        return [replace(record, recipients=customers)]

    return read_item


def _of_a_form(mail: ParsedMail, own: OurAddresses) -> ParsedMail:
    """A form on a web site writes to us from an address of ours and names the customer in Reply-To."""
    others = [one for one in mail.reply_to if not own.holds(one.address)]
    to_us = all(own.holds(one.address) for one in (*mail.to, *mail.cc))
    return replace(mail, sender=others[0]) if others and to_us and own.holds(mail.sender.address) else mail


def _direction(mail: ParsedMail, own: OurAddresses) -> Direction:
    if not own.holds(mail.sender.address):
        return Direction.IN
    people = (*mail.to, *mail.cc)
    if mail.is_refuted:
        return Direction.INTERNAL
    return Direction.INTERNAL if people and all(own.holds(one.address) for one in people) else Direction.OUT


def _extra(mail: ParsedMail, own: OurAddresses, tags: list[str]) -> dict[str, object]:
    extra: dict[str, object] = {}
    if tags:
        extra["tags"] = tags
    if own.holds(mail.sender.address) and not mail.is_refuted:
        extra["staff"] = mail.sender.address  # where it is a colleague's, it is theirs
    answers_to = [one.address for one in mail.reply_to if one.address != mail.sender.address]
    if answers_to and not own.holds(mail.sender.address):
        extra["reply_to"] = answers_to
    return extra
