"""What waited to be sent when a backup was made may have been sent since: after a restore a person decides."""

from __future__ import annotations

from django.utils.translation import gettext as _

from amity.channels.models import OutboundMessage, OutboundState
from amity.channels.outbox import move
from amity.kernel.actor import SYSTEM
from amity.kernel.restored import Moment, after_restore


@after_restore("outbox")
def hold_outbox(moment: Moment) -> str:
    """A message leaves at most once (decision 0008), also over a restore: none is sent that was not settled."""
    why = _("It was waiting when the backup was made. Look whether it was sent after that.")
    held = 0
    for message in OutboundMessage.objects.filter(state__in=[OutboundState.QUEUED, OutboundState.SENDING]):
        if message.state == OutboundState.QUEUED:
            move(message, OutboundState.SENDING, actor=SYSTEM, at=moment.at)
        move(message, OutboundState.UNKNOWN, actor=SYSTEM, at=moment.at, why=why)
        held += 1
    return f"{held:,} messages that waited to be sent are held: look whether they left." if held else ""
