"""What became of the conversations: who has them, which are closed, and what we promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from amity.site.demo.clock import DAY, HOUR, MINUTE, ZONE, Office, text
from amity.site.demo.company import BY_KEY
from amity.site.demo.dice import dice
from amity.site.demo.people import handle
from amity.site.demo.threads import Line, Thread, speaks_with

_SNOOZED = 9
_OPEN_PROMISES = 9
_PROMISE_SHARE = 0.45
_WHAT = {
    "late": ("A second parcel leaves", "News from the carrier"),
    "refund": ("Refund is released", "Bank transfer leaves"),
    "lid": ("Hopper lid leaves",),
    "damaged": ("Replacement leaves", "New hopper leaves"),
    "warranty": ("Repair is finished", "Loan grinder leaves"),
    "shavings": ("New burrs leave", "Call back about the burrs"),
    "serial": ("Serial number is checked",),
    "address": ("Address is corrected",),
    "invoice": ("Corrected invoice is sent",),
    "noise": ("Rubber feet leave",),
    "tablets": ("Next bag leaves",),
    "slow": ("Call back", "Answer with a decision"),
    "wholesale": ("Offer is sent", "Visit is arranged"),
    "cafe": ("Visit is arranged",),
    "alignment": ("Alignment is done",),
    "return": ("Refund follows the return",),
}


@dataclass(frozen=True, slots=True)
class Assignment:
    """The state of one conversation at `now`; `staff` and `approver` are e-mail addresses."""

    staff: str | None
    is_closed: bool
    is_waiting: bool  # the customer waits for us
    snoozed_until: datetime | None = None
    draft: str = ""  # an answer that is written and not sent
    approver: str | None = None  # who must approve the draft, or the note that it is about


def _email(key: str) -> str | None:
    return BY_KEY[key].email if key else None


def assignments(office: Office, seed: int, threads: list[Thread]) -> dict[str, Assignment]:
    """By the id of a conversation's first message. Nine that we answered sleep until a later day."""
    rng = dice(seed, "snooze")
    answered = [t for t in threads if t.state == "answered" and not t.key]
    asleep = {id(t) for t in rng.sample(answered, min(_SNOOZED, len(answered)))}
    found = {}
    for thread in threads:
        wakes = None
        if id(thread) in asleep:
            wakes = datetime.fromtimestamp(office.clock(-rng.randint(1, 4), "09:00"), ZONE)
        found[thread.lines[0].code] = Assignment(
            _email(thread.assignee),
            thread.state == "closed",
            thread.state == "waiting",
            wakes,
            thread.draft,
            _email(thread.approver),
        )
    return found


def _promise(thread: Thread, line: Line, staff: str, what: str, due: int, kept: int | None) -> dict[str, Any]:
    kind = speaks_with(thread.customer, line.channel) or next(iter(thread.customer.handles))
    return {
        "staff": BY_KEY[staff].email,
        "handle": handle(thread.customer, kind),
        "thread": thread.lines[0].code,
        "message": line.code,
        "what": what,
        "made_at": text(line.at),
        "due_at": text(due),
        "kept_at": text(kept) if kept is not None else None,
    }


def _kept_at(rng: Random, made: int, due: int, share: float) -> int | None:
    """In time with the given probability, otherwise late or never."""
    if rng.random() < share:
        return due - int((due - made) * rng.uniform(0.02, 0.7))
    return due + rng.randint(2, 90) * HOUR if rng.random() < 0.6 else None


def _usual(office: Office, seed: int, threads: list[Thread]) -> list[dict[str, Any]]:
    """Promises in ordinary answers: more are kept every month, fewer in the last one."""
    rng = dice(seed, "promises")
    found, still_open = [], 0
    for thread in threads:
        if thread.topic not in _WHAT or thread.key or thread.customer.key == "hannah":
            continue
        for line in thread.lines:
            if line.staff is None or line.is_note or rng.random() > _PROMISE_SHARE:
                continue
            days_ago = office.days_ago(line.at)
            due = office.clock(days_ago - rng.randint(1, 5), rng.choice(("10:00", "12:00", "17:00")))
            share = 0.88 if days_ago < 30 else 0.78 + 0.15 * (1 - days_ago / 730)
            kept = _kept_at(rng, line.at, due, share)
            if due > office.now:
                still_open += 1
                if still_open > _OPEN_PROMISES:
                    continue
                kept = None
            kept = kept if kept is None or kept <= office.now else None
            what = rng.choice(_WHAT[thread.topic])
            found.append(_promise(thread, line, line.staff.key, what, due, kept))
    return found


def _hannah(threads: list[Thread]) -> list[dict[str, Any]]:
    """Seven of eight kept, the last known one a call back."""
    mine = [t for t in threads if t.customer.key == "hannah" and not t.key]
    lines = [(t, line) for t in mine for line in t.lines if line.staff and not line.is_note]
    found = []
    for place, (thread, line) in enumerate(sorted(lines, key=lambda pair: pair[1].at)[-7:]):
        kept = None if place == 2 else line.at + 5 * HOUR
        found.append(_promise(thread, line, "maite", "Answer with a drawing", line.at + DAY, kept))
    called = next(t for t in threads if t.key == "hannah-chat")
    answer = called.lines[1]
    kept = next(t for t in threads if t.key == "hannah-callback").lines[1].at
    found.append(_promise(called, answer, "owen", "Call back on setting 7", kept + 6 * HOUR, kept))
    return found


def _scripted(office: Office, threads: list[Thread]) -> list[dict[str, Any]]:
    """Those of the pictures: due within the hour, this evening, tomorrow, in four days."""
    by_key = {thread.key: thread for thread in threads if thread.key}
    now = office.now
    rows = (
        ("hannah", 8, "priya", "Refund decision", now + 48 * MINUTE),
        ("lindero", 1, "jonas", "Loan grinder reaches Café Lindero", now + 98 * MINUTE),
        ("jorn", 1, "maite", "Public statement on batch 2241", now + 188 * MINUTE),
        ("hannah", 8, "jonas", "New burrs leave", office.clock(-1, "12:00")),
        ("priscilla", 1, "owen", "Visit offer", office.clock(-4, "10:00")),
    )
    return [
        _promise(by_key[key], by_key[key].lines[place], staff, what, due, None)
        for key, place, staff, what, due in rows
    ]


def promises(office: Office, seed: int, threads: list[Thread]) -> list[dict[str, Any]]:
    """All promises in the order in which they were made."""
    found = _usual(office, seed, threads) + _hannah(threads) + _scripted(office, threads)
    return sorted(
        found, key=lambda row: (datetime.fromisoformat(row["made_at"]), row["message"], row["what"])
    )
