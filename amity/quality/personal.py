"""What data quality holds of people."""

from __future__ import annotations

from amity.kernel.register import Fate, Holds, table

table("quality_finding", Fate.KEPT, "id scope scope_id field problem")
table("quality_verdict", Fate.REMOVED, "findings judged_at", person_id=Holds.LINK)
table("quality_tally", Fate.KEPT, "id finding_id change")
table("quality_shared", Fate.REMOVED, "id field source_id", digest=Holds.PROFILE, person_id=Holds.LINK)
table("quality_day", Fate.KEPT, "on sight finding_id count")
table(
    "quality_flag", Fate.REMOVED, "id source_id run_id position field rule flagged_at", identity_id=Holds.LINK
)
table("quality_repair", Fate.KEPT, "id field people at withdrawn_at", by_id=Holds.COLLEAGUE)
