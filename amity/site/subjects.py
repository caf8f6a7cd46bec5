"""What can be open on a screen, for presence. Composed here, because packages do not know the site."""

from __future__ import annotations

from uuid import UUID

from amity.conversations.models import Conversation
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.site.presence import Subject, watches


@watches
def conversation(actor: Actor, subject_id: UUID) -> Subject | None:
    """A conversation that the actor may see."""
    visible = policy.visible(Conversation.objects.filter(pk=subject_id), actor)
    source_id = visible.values_list("source_id", flat=True).first()
    return Subject(subject_id, source_id) if source_id else None
