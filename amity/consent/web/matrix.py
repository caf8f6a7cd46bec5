"""The answers of a person as a table: purposes by channels, each cell with an icon, a word and its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from amity.consent.domain.answering import Basis, Verdict
from amity.consent.domain.channels import Channel
from amity.consent.models import Purpose
from amity.consent.queries.answers import Answered
from amity.consent.words import BASES, CHANNEL_ICONS, CHANNELS, name_of, words_of

_LOOKS: dict[Verdict, tuple[str, str, str | Promise]] = {
    Verdict.ALLOWED: ("circle-check", "good", pgettext_lazy("answer", "Yes")),
    Verdict.OBJECTED: ("ban", "bad", pgettext_lazy("answer", "No")),
    Verdict.WITHDRAWN: ("circle-x", "bad", pgettext_lazy("answer", "No")),
    Verdict.EXPIRED: ("clock-alert", "caution", pgettext_lazy("answer", "Expired")),
    Verdict.PENDING: ("hourglass", "caution", pgettext_lazy("answer", "Not confirmed")),
    Verdict.NOT_ASKED: ("circle-dashed", "quiet", pgettext_lazy("answer", "Not asked")),
    Verdict.NO_ACCOUNT: ("minus", "quiet", pgettext_lazy("answer", "Not reachable")),
    Verdict.NOT_USED: ("", "quiet", gettext_lazy("Not used")),
}
"""Icon, tone and word. The icon and the word say it; the colour only underlines."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer. `query` opens its history; an empty `icon` is a channel that the purpose does not use."""

    icon: str = ""
    tone: str = "quiet"
    word: str = ""
    reason: str = ""
    label: str = ""
    query: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A purpose with its answers, one for each column. `query` opens the form that notes what they say of it."""

    key: str
    name: str
    words: str
    basis: str
    cells: tuple[Cell, ...]
    query: str = ""


@dataclass(frozen=True, slots=True)
class Matrix:
    """`channels` are (icon, word) of the columns; `allowed` how many of the `asked` answers are yes."""

    channels: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    allowed: int
    asked: int


def matrix_of(answers: Sequence[Answered], opened: tuple[str, str] = ("", "")) -> Matrix:
    """The table; `opened`: the purpose and channel whose history is shown."""
    used = [one for one in Channel if any(answered.channel is one for answered in answers)]
    by_purpose: dict[str, list[Answered]] = {}
    for answered in answers:
        by_purpose.setdefault(answered.purpose.key, []).append(answered)
    rows = tuple(_row(those[0].purpose, those, used, opened) for those in by_purpose.values())
    return Matrix(
        tuple((CHANNEL_ICONS[one], str(CHANNELS[one])) for one in used),
        rows,
        sum(one.is_allowed for one in answers),
        len(answers),
    )


def _row(
    purpose: Purpose, those: Iterable[Answered], used: Sequence[Channel], opened: tuple[str, str]
) -> Row:
    by_channel = {one.channel: one for one in those}
    cells = tuple(_cell(by_channel[one], opened) if one in by_channel else Cell() for one in used)
    basis, query = str(BASES[Basis(purpose.basis)]), urlencode({"purpose": purpose.key})
    return Row(purpose.key, name_of(purpose), words_of(purpose), basis, cells, query)


def _cell(one: Answered, opened: tuple[str, str]) -> Cell:
    icon, tone, word = _LOOKS[one.answer.verdict]
    place = (one.purpose.key, one.channel.value)
    return Cell(
        icon, tone, str(word), one.reason, one.label,
        urlencode({"purpose": place[0], "channel": place[1]}), opened == place,
    )  # fmt: skip
