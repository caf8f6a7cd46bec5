"""Which tables the audit trail watches: `audited: ClassVar = Audited(secret=(…), quiet=(…))` in the model.

A table of somebody else's package is declared with `watch("mfa.authenticator", Audited(secret=("data",)))` in the
`ready` of an app. The triggers follow from these declarations whenever the tables are brought up to date.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Audited:
    """What the trail keeps of a changed row.

    `secret`: columns whose value never enters it, only that it changed (passwords, hashes of tokens, sealed secrets).
    `quiet`: columns that are derived or only count; a change of nothing else writes no entry, and they are left out.
    `subject`, `subject_id`: what the entry is about, by default the model's name and its primary key. A row that says
    something about another record names that one (`Audited(subject="staff", subject_id="staff_id")`).
    """

    secret: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()
    subject: str = ""
    subject_id: str = ""


_watched: dict[str, Audited] = {}


def watch(label: str, audited: Audited) -> None:
    """Have the trail watch the table of `label` (`app.model`), which cannot declare it itself."""
    _watched[label.lower()] = audited


def watched() -> dict[str, Audited]:
    """What was declared with `watch`, by label."""
    return dict(_watched)
