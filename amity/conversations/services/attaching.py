"""Files of a reply: they wait in a colleague's draft of a conversation, leave with the reply, and come back with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from amity.activity import uploads
from amity.activity.models import Upload
from amity.activity.uploads import Draft
from amity.channels import accounts
from amity.channels.adapters import OutgoingFile
from amity.channels.models import Source
from amity.conversations.models import Conversation
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.people.models import Identity


class NotYourDraft(Forbidden):
    """Somebody is signed in as a colleague whose draft it is."""

    code = "file.not_your_draft"

    def __init__(self) -> None:
        super().__init__(
            _("While you are signed in as somebody else you neither attach files nor remove any.")
        )


class CarriesNoFiles(Invalid):
    """The channel takes words alone."""

    code = "file.not_carried"


def attach(conversation_id: UUID, *, actor: Actor, at: datetime, filename: str, content: bytes) -> Upload:
    """Have a file wait in the actor's draft. It leaves with the reply that names it, or is gone after a day.

    Raises the errors of `amity.activity.uploads`; then nothing is kept.
    """
    return uploads.keep(_draft(require_may_attach(conversation_id, actor), actor), filename, content, at=at)


def require_may_attach(conversation_id: UUID, actor: Actor) -> Conversation:
    """Refuse whoever may not attach here, before a byte of a file is read."""
    policy.require(actor, "write", "conversation")
    if actor.is_visited:
        raise NotYourDraft
    found = Conversation.objects.visible_to(actor).filter(pk=conversation_id).first()
    if found is None or actor.staff_id is None:
        raise NotFound(_("This conversation does not exist."))
    return found


def detach(upload_id: UUID, *, actor: Actor) -> UUID:
    """Take a file off the actor's draft; its bytes are forgotten. Returns the conversation. Raises `FileGone`."""
    policy.require(actor, "write", "conversation")
    if actor.is_visited:
        raise NotYourDraft
    if actor.staff_id is None:
        raise uploads.FileGone(_("This file is not in your draft any more."))
    return uploads.drop(upload_id, actor.staff_id)


def waiting_in(conversation_id: UUID, *, actor: Actor) -> Sequence[Upload]:
    """The files of the actor's draft, in the order they came; a visitor sees none."""
    if actor.is_visited or actor.staff_id is None:
        return []
    rows = Upload.objects.of(actor.staff_id).filter(conversation_id=conversation_id)
    return list(policy.visible(rows, actor).order_by("created_at", "id"))


def taken(
    conversation: Conversation, ids: Sequence[UUID], *, actor: Actor, via: Source, recipient: Identity
) -> list[Upload]:
    """The files that leave with a reply. The caller has locked the conversation."""
    if not ids:
        return []
    if actor.is_visited:
        raise NotYourDraft
    if not accounts.carries_files(via, recipient.network):
        words = _("Files cannot be sent on this channel. Remove them, or write to an e-mail address.")
        raise CarriesNoFiles(words, fields={"files": words})
    return uploads.take(_draft(conversation, actor), ids)


def as_sent(files: Sequence[Upload]) -> list[OutgoingFile]:
    """The same files as the outbox sends them."""
    return [OutgoingFile(one.filename, one.media_type, one.size_bytes, one.digest) for one in files]


def give_back_files(conversation: Conversation, activity_id: UUID, *, actor: Actor, at: datetime) -> None:
    """Files of a reply that was taken back wait in the draft of whoever took it back, as its words do."""
    draft = _draft(conversation, actor) if actor.staff_id else None
    uploads.give_back(activity_id, draft, at=at)


def _draft(conversation: Conversation, actor: Actor) -> Draft:
    assert actor.staff_id is not None
    return Draft(actor.staff_id, conversation.id, conversation.source_id)
