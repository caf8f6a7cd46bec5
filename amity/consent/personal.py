"""What is kept of what people agreed to and refused."""

from __future__ import annotations

from amity.kernel.register import Fate, Holds, table

table(
    "consent_purpose", Fate.KEPT, "id key name words basis channels months position hidden_at created_at",
    created_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table("consent_wording", Fate.KEPT, "id purpose_id version text made_at", made_by_id=Holds.COLLEAGUE)
table(
    "consent_statement", Fate.REMOVED,
    "id act_id purpose_id channel said is_dated recorded_at wording_id how source_id run_id revoked_at",
    identity_id=Holds.LINK, said_at=Holds.TIME, proof=Holds.WORDS, url=Holds.WORDS, ip=Holds.ACCOUNT,
    activity_id=Holds.LINK, item_id=Holds.LINK, revoked_why=Holds.MAYBE, said_by_id=Holds.COLLEAGUE,
    revoked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
