"""Mails, alone or out of an mbox, as messages."""

from __future__ import annotations

from collections.abc import Callable

from amity.channels.adapters.file.cells import refuse_broken
from amity.channels.adapters.file.mapping import Mapping
from amity.channels.adapters.file.shape import MAIL_ITEM, RawItem, Shape
from amity.channels.mail_records import record_of_mail
from amity.channels.mime import parse_mail
from amity.channels.records import Direction, Record


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
        return [
            record_of_mail(
                mail,
                direction=direction,
                otherwise_at=shape.modified_at,
                channel=mapping.channel,
                is_public=mapping.is_public,
            )
        ]

    return read_item
