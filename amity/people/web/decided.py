"""What was decided about who a person is, in sentences, with the way back of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from amity.people.queries.decided import Decided, MergeShown, Said, SplitShown
from amity.people.web import words

SHOWN_ADDRESSES = 3


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """`words` says who did what of whom; `url` is the page (merge) or the post (split) that takes it back."""

    name: str
    words: str
    note: str
    url: str
    is_merge: bool
    person_url: str


@dataclass(frozen=True, slots=True)
class DecidedLines:
    """What holds, and what was taken back."""

    holding: Sequence[DecidedLine]
    over: Sequence[DecidedLine]


def lines_of(decided: Decided, now: datetime) -> DecidedLines:
    """Everything that was decided, newest first."""
    told = [(one.said, _merge(one, now)) for one in decided.merges]
    told += [(one.said, _split(one, now)) for one in decided.splits]
    told.sort(key=lambda pair: pair[0].at, reverse=True)
    return DecidedLines(
        [line for said, line in told if said.holds], [line for said, line in told if not said.holds]
    )


def _merge(one: MergeShown, now: datetime) -> DecidedLine:
    who = {"who": one.said.by, "day": words.day_of_year(one.said.at, now)}
    said = _("was merged in by %(who)s, %(day)s") if one.said.by else _("was merged in by itself, %(day)s")
    addresses = [address for _network, address in one.addresses]
    more = len(addresses) - SHOWN_ADDRESSES
    note = ", ".join(addresses[:SHOWN_ADDRESSES]) + (f" +{more}" if more > 0 else "")
    return DecidedLine(
        one.name or _("Unknown"), said % who, _taken_back(one.said, now) or note,
        reverse("merge-withdrawal", args=[one.id]), True,
        "" if one.said.holds else reverse("person", args=[one.person_id]),
    )  # fmt: skip


def _split(one: SplitShown, now: datetime) -> DecidedLine:
    who = {"who": one.said.by, "day": words.day_of_year(one.said.at, now)}
    said = _("was split off by %(who)s, %(day)s") if one.said.by else _("was split off, %(day)s")
    return DecidedLine(
        one.name or _("Unknown"), said % who, _taken_back(one.said, now),
        reverse("split-withdrawal", args=[one.id]), False,
        reverse("person", args=[one.into_id]) if one.said.holds else "",
    )  # fmt: skip


def _taken_back(said: Said, now: datetime) -> str:
    if said.taken_back_at is None:
        return ""
    who = {"who": said.taken_back_by, "day": words.day_of_year(said.taken_back_at, now)}
    return (_("taken back by %(who)s, %(day)s") if said.taken_back_by else _("taken back, %(day)s")) % who
