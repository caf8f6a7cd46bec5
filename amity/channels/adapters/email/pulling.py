"""What of a folder comes next: new mails at once and in order, then older ones, the newest first.

The cursor holds `validity` (the server's count of ids), `top` (everything above it is new), `taken` (ids that were
read, as ranges) and `complete` (the first reading came to its end). A mail below `top` that is on the server and not in
`taken`, after that end, is a gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from amity.channels.adapters import Portion, RawItem
from amity.channels.adapters.email.imap import Mailbox
from amity.channels.adapters.email.ranges import Ranges
from amity.channels.adapters.email.reader import MAIL_ITEM, TOO_LONG
from amity.channels.mime.mail import MAX_MAIL_BYTES

MOST_MAILS, MOST_BYTES = 50, 8_000_000


class Folder:
    """One folder during one connection: it remembers which older mails wait, so that they are listed once."""

    def __init__(self, box: Mailbox, name: str, days: int | None) -> None:
        self._box = box
        self._name = name
        self._days = days
        self._older: list[int] | None = None  # ascending; None until it was listed
        self._listed: list[int] = []
        self._gaps: set[int] = set()
        self.seen_below = 0
        """What has this id or a higher one came after the last look."""

    def pull(self, cursor: dict[str, Any], *, at: datetime, sweep: bool) -> Portion:
        """The next portion of at most `MOST_MAILS` mails and about `MOST_BYTES`."""
        box = self._box
        box.open(self._name)
        is_new = cursor.get("validity") != box.uid_validity
        if is_new:
            cursor = {
                "validity": box.uid_validity,
                "top": max(0, box.uid_next - 1),
                "taken": [],
                "complete": False,
            }
        top, taken = int(cursor["top"]), Ranges(cursor["taken"])
        found = 0
        if sweep or is_new or self._older is None:
            found = self._list(top, taken, at, is_complete=bool(cursor["complete"]))
        new = box.uids(above=top)
        self.seen_below = max([box.uid_next, *(uid + 1 for uid in new[-1:])])
        older = self._older or []
        is_forward = bool(new)
        batch = self._batch(new if is_forward else older[::-1])
        items, gone = self._read(batch)
        taken = taken.with_all([item.position for item in items] + gone)
        if is_forward:
            top = batch[-1]
        else:
            self._older = [uid for uid in older if uid not in set(batch)]
        refilled = len(self._gaps & {item.position for item in items})
        self._gaps -= set(batch)
        waiting = len(new) - len(batch) + len(older) if is_forward else len(older) - len(batch)
        is_complete = bool(cursor["complete"]) or not self._older
        if not self._older and self._listed:
            taken, self._listed = taken.closed_over(self._listed), []
        after = {
            "validity": box.uid_validity, "top": top, "taken": taken.to_json(), "complete": is_complete,
        }  # fmt: skip
        return Portion(items, after, waiting, found, refilled, is_new)

    def _list(self, top: int, taken: Ranges, at: datetime, *, is_complete: bool) -> int:
        """List what should have come and see what has not; returns how many gaps that are."""
        since = None if self._days is None else at - timedelta(days=self._days)
        self._listed = [uid for uid in self._box.uids(since=since) if uid <= top]
        self._older = [uid for uid in self._listed if uid not in taken]
        fresh = set(self._older) - self._gaps if is_complete else set()
        self._gaps |= fresh
        return len(fresh)

    def _batch(self, wanted: Sequence[int]) -> list[int]:
        """The first of `wanted` that go together; those that vanished are among them."""
        first = list(wanted[:MOST_MAILS])
        self._sizes = self._box.sizes(first)
        chosen: list[int] = []
        weight = 0
        for uid in first:
            weight += min(self._sizes.get(uid, 0), MAX_MAIL_BYTES)
            if chosen and weight > MOST_BYTES:
                break
            chosen.append(uid)
        return chosen

    def _read(self, batch: Sequence[int]) -> tuple[list[RawItem], list[int]]:
        """Their bytes in order of arrival; and the ids of those that are not there any more."""
        gone = [uid for uid in batch if uid not in self._sizes]
        long = [uid for uid in batch if self._sizes.get(uid, 0) > MAX_MAIL_BYTES]
        whole = [uid for uid in batch if uid in self._sizes and uid not in long]
        heads = self._box.mails(long, head_only=True)
        found = self._box.mails(whole)
        items = [
            *(RawItem(uid, raw, MAIL_ITEM) for uid, raw in found.items()),
            *(RawItem(uid, raw, TOO_LONG) for uid, raw in heads.items()),
        ]
        return sorted(items), gone
