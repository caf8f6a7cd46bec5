"""The last steps of a restore, in a process whose settings are those of the restored copy: its tables are brought to
this version, its audit chain is verified, and what the backup could not know is put right.

    python -m amity.site.backup.settle < {"saved_at": …, "head": …, "erasures": [[kind, id, at], …],
        "erasure_keys": [hex, …]}

Writes {"words": […]} to stdout. Exit code 1 and one line on stderr if something is not as it should be.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from amity.kernel.errors import DomainError
from amity.site.cli import DONE, REFUSED
from amity.site.cli.database import django

BROKEN_CHAIN = "The audit chain was broken already when the backup was made:"


def settle(
    saved_at: datetime,
    head: str,
    erasures: list[tuple[str, UUID, datetime]],
    *,
    at: datetime,
    erasure_keys: Sequence[bytes] = (),
) -> list[str]:
    """Do all of it; returns what was done, in words. Django must be set up, on the restored copy."""
    from amity.kernel import audit
    from amity.kernel.acting import acting
    from amity.kernel.actor import SYSTEM
    from amity.kernel.erasing import take_over_keys
    from amity.kernel.restored import Moment, put_right, take_over_erasures
    from amity.site.cli.preparation import bring_tables_up_to_date

    steps = bring_tables_up_to_date()
    told = [f"Tables were brought to this version: {steps[0]}."] if steps else []
    told.append(about_chain(head))
    with acting(SYSTEM, via="command"):
        take_over_keys(erasure_keys)
        take_over_erasures(erasures)
        told += put_right(Moment(saved_at, at))
        audit.record("backup.restored", actor=SYSTEM, at=at, after={"saved_at": saved_at.isoformat()})
    return told


def about_chain(head: str) -> str:
    """Whether the audit trail holds, up to the head that the backup noted. Data are given back also where it does not:
    the file is as it was written, so whatever is wrong with the trail was wrong before."""
    from amity.kernel import sealing

    found = sealing.verify(head)
    if found.is_sound:
        return f"The audit chain holds: {found.sealed:,} entries are sealed, {found.waiting:,} wait for it."
    faults = ", ".join(f"{count:,} {fault}" for fault, count in found.counts.items() if count)
    return f"{BROKEN_CHAIN} {faults or 'its head is not that of the backup'}. See amity audit verify."


def main() -> int:
    asked = json.load(sys.stdin)
    erasures = [(kind, UUID(subject), datetime.fromisoformat(at)) for kind, subject, at in asked["erasures"]]
    try:
        with django():
            saved_at = datetime.fromisoformat(asked["saved_at"])
            keys = [bytes.fromhex(one) for one in asked.get("erasure_keys", ())]
            words = settle(saved_at, asked["head"], erasures, at=datetime.now(UTC), erasure_keys=keys)
    except DomainError as error:
        sys.stderr.write(f"{error.message}\n")
        return REFUSED
    sys.stdout.write(json.dumps({"words": words}) + "\n")
    return DONE


if __name__ == "__main__":
    raise SystemExit(main())
