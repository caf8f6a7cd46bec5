"""The corridor: the whole way of what comes in, from the raw item to the inbox, in one place.

Each stage takes a batch and gives it back, is owned by its package, and is timed under `package.stage`
(`amity bench ingest` prints the shares). A batch is one transaction: all of it happens, or nothing did.
"""

from __future__ import annotations

import amity.activity.stages as activity
import amity.channels.stages as channels
import amity.commerce.stages as commerce
import amity.consent.stages as consent
import amity.conversations.returning as returning
import amity.conversations.stages as conversations
import amity.listening.stages as listening
import amity.people.refusing as refusing
import amity.people.stages as people
import amity.quality.stages as quality
import amity.webhooks.stages as webhooks
from amity.kernel.pipeline import Stage

CORRIDOR: tuple[Stage, ...] = (
    channels.skip_known,  # what came before is left as it is
    channels.read,  # raw item → records; the unreadable waits in quarantine
    activity.shape,  # record → who did what, when
    listening.understand,  # what it means: language, sentiment
    channels.take_turn,  # reading runs in parallel, writing one by one
    refusing.refuse_erased,  # who was erased does not come back by an old item
    activity.make_room,  # the months that come in, before anything is locked
    channels.keep_items,  # the raw item, lossless
    activity.claim_keys,  # once is once
    people.resolve,  # who it is
    consent.note_consent,  # what they agreed to and refused
    quality.note_flags,  # what breaks a rule that only flags
    commerce.take_orders,  # what they bought
    activity.join_threads,  # what answers what
    conversations.hold,  # a colleague who is writing in one of them finishes first
    activity.record,  # onto the stream
    conversations.file_in,  # into the inbox
    returning.hear_reports,  # what of ours came back, and what only answers itself
    webhooks.tell,  # to those outside who want to hear it
)
