"""What the kernel keeps: colleagues, the audit trail, histories, timers."""

from __future__ import annotations

from amity.kernel.register import Fate, Holds, table

table(
    "kernel_staff", Fate.COLLEAGUES, "id password role language time_zone theme is_active second_factor_due",
    email=Holds.COLLEAGUE, name=Holds.COLLEAGUE, job_title=Holds.COLLEAGUE, joined_at=Holds.COLLEAGUE,
    last_login=Holds.COLLEAGUE, last_seen_at=Holds.COLLEAGUE,
)  # fmt: skip
table("kernel_staff_teams", Fate.COLLEAGUES, "id team_id", staff_id=Holds.COLLEAGUE)
table("kernel_team", Fate.KEPT, "id name")
table(
    "kernel_apitoken", Fate.COLLEAGUES, "id name digest ending scopes created_at expires_at last_used_at revoked_at",
    staff_id=Holds.COLLEAGUE, revoked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
# The id of the record stays in the chain of hashes; its values go.
table(
    "kernel_audit_entry", Fate.EMPTIED, "id at role via token_id action subject salt why",
    subject_id=Holds.LINK, before=Holds.PROFILE, after=Holds.PROFILE, actor_id=Holds.COLLEAGUE,
    actor_name=Holds.COLLEAGUE, address=Holds.COLLEAGUE, on_behalf_of=Holds.COLLEAGUE,
)  # fmt: skip
table("kernel_audit_seal", Fate.KEPT, "position entry_id contents hash")
table("kernel_audit_unsealed", Fate.KEPT, "entry_id")
table("kernel_erasure", Fate.KEPT, "id kind erased_at subject_id")
table("kernel_erasurekey", Fate.KEPT, "id secret")
table(
    "kernel_keptanswer", Fate.EMPTIED, "key request_digest status headers created_at",
    holder=Holds.COLLEAGUE, body=Holds.PROFILE,
)  # fmt: skip
table("kernel_timer", Fate.REMOVED, "id kind wake_at", subject_id=Holds.LINK, payload=Holds.MAYBE)
table(
    "kernel_transition", Fate.EMPTIED, "id subject before after at",
    subject_id=Holds.LINK, why=Holds.MAYBE, staff_id=Holds.COLLEAGUE,
)  # fmt: skip
table("kernel_workspacesetting", Fate.COLLEAGUES, "key value changed_at", changed_by_id=Holds.COLLEAGUE)
