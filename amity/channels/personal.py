"""What comes in and goes out, and what is kept of it; the folders of the home."""

from __future__ import annotations

from amity.kernel.register import Fate, Holds, folder, table

table(
    "channels_item", Fate.REMOVED, "id position content_type state error_code run_id source_id",
    digest=Holds.MAYBE, raw=Holds.WORDS, received_at=Holds.TIME, error_reason=Holds.MAYBE,
)  # fmt: skip
table("channels_repeat", Fate.EMPTIED, "id positions run_id", digests=Holds.MAYBE)
table(
    "channels_importrun", Fate.EMPTIED,
    "id stored_path size_bytes state cursor rows_total rows_read rows_new rows_same rows_quarantined rows_refused "
    "created_at started_at finished_at heartbeat_at source_id digest",
    filename=Holds.MAYBE, shape=Holds.PROFILE, mapping=Holds.MAYBE, options=Holds.MAYBE, error=Holds.MAYBE,
    created_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "channels_outboundmessage", Fate.REMOVED,
    "id channel state attempts created_at send_at claimed_at settled_at source_id via_id",
    activity_id=Holds.LINK, thread_id=Holds.LINK, network=Holds.ACCOUNT, address=Holds.ACCOUNT, subject=Holds.WORDS,
    text=Holds.WORDS, in_reply_to=Holds.MAYBE, references=Holds.MAYBE, external_id=Holds.MAYBE, error=Holds.MAYBE,
    files=Holds.FILE, sender_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "channels_account", Fate.EMPTIED,
    "source_id settings secret state problem problem_since attempts try_at looked_at heard_at watching created_at",
    address=Holds.COLLEAGUE, detail=Holds.MAYBE, created_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "channels_feed", Fate.KEPT,
    "id name cursor came same quarantined gaps refilled waiting looked_at account_id",
)  # fmt: skip
table(
    "channels_ledgerentry", Fate.EMPTIED, "id at kind feed figures problem account_id",
    detail=Holds.MAYBE, staff_id=Holds.COLLEAGUE,
)  # fmt: skip
table("channels_savedmapping", Fate.KEPT, "id name columns mapping created_at", created_by_id=Holds.COLLEAGUE)
table(
    "channels_source", Fate.COLLEAGUES, "id key adapter config created_at team_id",
    name=Holds.COLLEAGUE, owner_id=Holds.COLLEAGUE,
)  # fmt: skip

folder("files/", Fate.REMOVED, attachments=Holds.FILE)
folder("files/imports/", Fate.REMOVED, copies_of_imported_files=Holds.WORDS)
folder("files/disclosures/", Fate.REMOVED, what_we_know_of_one_person=Holds.PROFILE)
folder("outbox/", Fate.REMOVED, messages_handed_over_as_files=Holds.WORDS)
