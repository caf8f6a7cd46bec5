"""What waited to be told when a backup was made may have been told since, and may be weeks old: a person decides."""

from __future__ import annotations

from amity.kernel.restored import Moment, after_restore
from amity.webhooks.services import hold_waiting


@after_restore("webhooks")
def hold_deliveries(moment: Moment) -> str:
    """Also a copy that is restored elsewhere, to try it, tells nobody of what is past."""
    held = hold_waiting(moment.at)
    return (
        f"{held:,} webhooks that waited to be delivered are held: send them again from their log if they are missed."
        if held
        else ""
    )
