"""The verbs of the inbox: answer, note, assign, close, reopen, snooze, promise. The only writer of its tables."""

from __future__ import annotations

from amity.conversations.services.answers import (
    Answer,
    AnsweredMeanwhile,
    confirm_sent,
    note,
    reply,
    send_again,
    withdraw_reply,
)
from amity.conversations.services.attaching import (
    NotYourDraft,
    attach,
    detach,
    require_may_attach,
    waiting_in,
)
from amity.conversations.services.held import LONGEST_TEXT, WAKE, thread_ids
from amity.conversations.services.pictures import hide_pictures, show_pictures, shows_pictures
from amity.conversations.services.steps import (
    assign,
    close,
    mark_read,
    promise,
    reopen,
    snooze,
    wake,
)

__all__ = [
    "LONGEST_TEXT",
    "WAKE",
    "Answer",
    "AnsweredMeanwhile",
    "NotYourDraft",
    "assign",
    "attach",
    "close",
    "confirm_sent",
    "detach",
    "hide_pictures",
    "mark_read",
    "note",
    "promise",
    "reopen",
    "reply",
    "require_may_attach",
    "send_again",
    "show_pictures",
    "shows_pictures",
    "snooze",
    "thread_ids",
    "waiting_in",
    "wake",
    "withdraw_reply",
]
