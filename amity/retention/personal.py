"""What retention keeps of people."""

from __future__ import annotations

from amity.kernel.register import Fate, Holds, table

table(
    "retention_rule", Fate.KEPT,
    "id kind name reason segment_id for_days source_id months is_on seen before created_at updated_at turned_on_at "
    "deleted_at",
    owner_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "retention_due", Fate.REMOVED, "id rule_id state announced_at due_on decided_at why erasure_id",
    person_id=Holds.LINK,
)  # fmt: skip
table(
    "retention_keep", Fate.REMOVED, "id rule_id kept_at revoked_at",
    reason=Holds.WORDS, kept_by_id=Holds.COLLEAGUE, revoked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table("retention_keptaccount", Fate.REMOVED, "keep_id", identity_id=Holds.LINK)
table(
    "retention_run",
    Fate.KEPT,
    "id rule_id on started_at finished_at announced asked dropped emptied removed files stood_still cursor",
)
