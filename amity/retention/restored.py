"""After a restore no rule works until somebody looked: who was held or kept since the backup was made is not there."""

from __future__ import annotations

from amity.kernel.actor import SYSTEM
from amity.kernel.restored import Moment, after_restore
from amity.retention.models import Rule
from amity.retention.rules import turn_off


@after_restore("retention")
def stand_still(moment: Moment) -> str:
    """Turn every rule off; whom one announced is announced anew, with the whole notice, once it is on again."""
    working = list(Rule.objects.working().values_list("pk", flat=True))
    for rule_id in working:
        turn_off(rule_id, actor=SYSTEM, at=moment.at)
    if not working:
        return ""
    return (
        f"{len(working):,} retention rules are off: look whether legal holds and whom colleagues kept are "
        "there, and turn them on again."
    )
