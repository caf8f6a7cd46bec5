"""What conversations hold of people."""

from __future__ import annotations

from amity.kernel.register import Fate, Holds, table

table(
    "conversations_conversation", Fate.REMOVED,
    "id channel channels_count state snoozed_until due_at closed_at messages confidence worked_at source_id "
    "first_answer_at last_outbound_at",
    subject=Holds.WORDS, preview=Holds.WORDS, customer_id=Holds.LINK, opened_at=Holds.TIME,
    last_activity_at=Holds.TIME, last_inbound_at=Holds.TIME, first_inbound_at=Holds.TIME, waiting_since=Holds.TIME,
    sentiment=Holds.JUDGED, language=Holds.JUDGED, assignee_id=Holds.COLLEAGUE,
)  # fmt: skip
table("conversations_conversationthread", Fate.REMOVED, "thread_id", conversation_id=Holds.LINK)
table(
    "conversations_beforereply", Fate.REMOVED,
    "id message_id state_before state_after closed_at snoozed_until worked_at is_assigned",
    conversation_id=Holds.LINK, last_inbound_at=Holds.TIME,
)  # fmt: skip
table("conversations_picturesshown", Fate.REMOVED, "at", subject_id=Holds.LINK, staff_id=Holds.COLLEAGUE)
table("conversations_readmark", Fate.REMOVED, "read_at", conversation_id=Holds.LINK, staff_id=Holds.COLLEAGUE)
