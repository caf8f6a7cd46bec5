"""What the stream holds of people."""

from __future__ import annotations

from amity.kernel.register import Fate, Holds, table

table(
    "activity_activity", Fate.REMOVED,
    "id recorded_at source_id run_id thread_id direction channel verb object_type is_public currency confidence",
    occurred_at=Holds.TIME, item_id=Holds.LINK, external_id=Holds.MAYBE, actor_id=Holds.LINK, about_id=Holds.LINK,
    staff_id=Holds.COLLEAGUE, object_id=Holds.LINK, subject=Holds.WORDS, text=Holds.WORDS, full_text=Holds.WORDS,
    html=Holds.WORDS, in_reply_to=Holds.MAYBE, amount=Holds.PURCHASE, language=Holds.JUDGED, sentiment=Holds.JUDGED,
    payload=Holds.WORDS,
)  # fmt: skip
table(
    "activity_activitykey", Fate.REMOVED, "source_id",
    external_id=Holds.MAYBE, activity_id=Holds.LINK, occurred_at=Holds.TIME,
)  # fmt: skip
table(
    "activity_attachment", Fate.REMOVED, "id source_id content_type size_bytes sniffed_type content_id",
    activity_id=Holds.LINK, filename=Holds.FILE, digest=Holds.FILE,
)  # fmt: skip
table(
    "activity_upload", Fate.REMOVED, "id source_id media_type size_bytes created_at",
    conversation_id=Holds.LINK, filename=Holds.FILE, digest=Holds.FILE, staff_id=Holds.COLLEAGUE,
)  # fmt: skip
table("activity_retold", Fate.REMOVED, "source_id", external_id=Holds.MAYBE, item_id=Holds.LINK)
table("activity_threadref", Fate.REMOVED, "source_id thread_id", ref=Holds.MAYBE)
table("activity_threadwanted", Fate.REMOVED, "source_id thread_id", ref=Holds.MAYBE)
table("activity_dailycount", Fate.KEPT, "day source_id channel direction mood count")
