"""Our message as a mail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from amity.channels.adapters import Outgoing
from amity.channels.adapters.email.addresses import answer_address
from amity.channels.adapters.email.servers import MailSettings
from amity.channels.adapters.file.adapter import parts_of
from amity.channels.adapters.file.outgoing import OutgoingMessage, as_mail
from amity.channels.records import Handle


def letter_of(message: Outgoing, settings: MailSettings, address: str, key: bytes) -> bytes:
    """The mail that leaves, in the format of RFC 5322. Raises ValueError where an address is none, `NotSent` where a
    file of it is lost."""
    answers_to = answer_address(address, UUID(message.key), key) if settings.thread_by_address else ""
    return as_mail(
        OutgoingMessage(
            message_id=message.message_id,
            at=datetime.fromisoformat(message.sent_at),
            sender=Handle("email", address, _name(message.sender_name, settings.name)),
            recipients=(Handle("email", message.address, message.recipient_name),),
            text=message.text,
            subject=_subject(message),
            in_reply_to=message.in_reply_to,
            references=message.references,
            reply_to=answers_to or message.reply_to,
            files=parts_of(message),
        )
    )


def _name(colleague: str, house: str) -> str:
    return f"{colleague} ({house})" if colleague and house and colleague != house else colleague or house


def _subject(message: Outgoing) -> str:
    subject = " ".join(message.subject.split())
    is_answer = bool(message.in_reply_to) and not subject.lower().startswith(("re:", "aw:", "sv:", "antw:"))
    return f"Re: {subject}".strip() if is_answer else subject
