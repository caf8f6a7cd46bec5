"""The files of a draft as templates draw them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from amity.activity.domain.filekinds import risk_of
from amity.activity.uploads import LARGEST_FILE_BYTES
from amity.channels import accounts
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.conversations.web import words
from amity.conversations.web.requests import ActingRequest, asked
from amity.kernel.errors import DomainError


@dataclass(frozen=True, slots=True)
class WaitingFile:
    id: UUID
    name: str
    size: str
    warning: str  # why it may not be taken


def attached(
    request: ActingRequest, conversation: Conversation, problems: Sequence[DomainError] = ()
) -> dict[str, Any]:
    """What waits to be sent with the reply, and what is wrong with what should have."""
    found = services.waiting_in(conversation.id, actor=request.actor)
    return {
        "asked": asked(request),
        "conversation": conversation,
        "waiting": [
            WaitingFile(
                one.id,
                one.filename,
                words.size(one.size_bytes),
                _("Many mail servers refuse such a file.") if risk_of(one.filename, one.media_type) else "",
            )
            for one in found
        ],
        "waiting_size": words.size(sum(one.size_bytes for one in found)),
        "file_problems": [one.message for one in problems],
        "may_attach": not request.actor.is_visited,
        "largest_file_bytes": LARGEST_FILE_BYTES,
    }


def carries_files(conversation: Conversation, networks: Iterable[str]) -> bool:
    """Whether files can leave with a reply to one of these networks."""
    wanted = set(networks)
    if any(accounts.carries_files(conversation.source, network) for network in wanted):
        return True
    return "email" in wanted and bool(accounts.sending_accounts(conversation.source))
