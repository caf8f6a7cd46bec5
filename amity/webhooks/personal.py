"""What was told to others, and what they answered."""

from __future__ import annotations

from amity.kernel.register import Fate, Holds, table

table(
    "webhooks_event", Fate.REMOVED, "id type happened_at told_at", subject_id=Holds.LINK, data=Holds.PROFILE
)
table(
    "webhooks_delivery", Fate.REMOVED, "id state attempts created_at next_at settled_at endpoint_id event_id"
)
table(
    "webhooks_attempt", Fate.REMOVED, "id at duration_ms outcome status delivery_id",
    error=Holds.MAYBE, response=Holds.MAYBE,
)  # fmt: skip
table(
    "webhooks_endpoint", Fate.COLLEAGUES,
    "id url description types state off_why secret_sealed is_asymmetric previous_sealed previous_until created_at "
    "failures failing_since resting_until arrived_at",
    owner_id=Holds.COLLEAGUE,
)  # fmt: skip
table(
    "webhooks_inlet", Fate.COLLEAGUES,
    "id name mapping is_on key_sealed previous_sealed previous_until created_at received_at source_id",
    created_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table("webhooks_received", Fate.EXPIRES, "at inlet_id", message_id=Holds.MAYBE)
