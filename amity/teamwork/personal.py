"""What promises hold of people."""

from __future__ import annotations

from amity.kernel.register import Fate, Holds, table

table(
    "teamwork_promise", Fate.REMOVED, "id source_id made_at due_at state settled_at",
    thread_id=Holds.LINK, activity_id=Holds.LINK, about_id=Holds.LINK, what=Holds.WORDS, made_by_id=Holds.COLLEAGUE,
    owner_id=Holds.COLLEAGUE,
)  # fmt: skip
