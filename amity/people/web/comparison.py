"""Records side by side in the reader's words: a dot is the value that will be shown, a tick is kept as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amity.activity import queries as stream
from amity.activity.queries import LaneCounts
from amity.kernel.actor import Actor
from amity.people.domain.survivorship import CHOOSABLE
from amity.people.queries import PersonRecord
from amity.people.queries.comparing import Comparison, FieldCompared, Sign, sign_of
from amity.people.web import words
from amity.people.web.custom import people_meant, value_in_words

PARTS_OF_NAMES = ("given_name", "family_name")
SHOWN_ACCOUNTS = 6
SIGNS = {
    Sign.SAME: ("=", "good", gettext_lazy("the same")),
    Sign.ALIKE: ("≈", "caution", gettext_lazy("alike")),
    Sign.DIFFERS: ("≠", "bad", gettext_lazy("different")),
    Sign.ADDS: ("+", "quiet", gettext_lazy("adds to it")),
}


@dataclass(frozen=True, slots=True)
class Side:
    """A record that is compared. The first one stays."""

    id: UUID
    name: str
    url: str
    since: datetime
    stays: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """What one side knows of a field. `value` is what is sent when it is chosen, "" where there is no choice."""

    lines: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    note: str = ""
    value: str = ""
    is_shown: bool = True
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """One field of all sides. `name` is that of the input where there is a choice; `otherwise` what is shown
    without one, where that is the value of no side, and `why` it is shown."""

    key: str
    label: str
    sign: str
    tone: str
    sign_words: str
    cells: tuple[Cell, ...]
    name: str = ""
    otherwise: str = ""
    why: str = ""  # without a choice it is the one that is marked


def sides_of(comparison: Comparison) -> list[Side]:
    """Who is compared, the one who stays first."""
    return [
        Side(
            one.id,
            one.golden.name or _("Unknown"),
            reverse("person", args=[one.id]),
            one.first_seen_at,
            number == 0,
        )
        for number, one in enumerate(comparison.sides)
    ]


def lines_of(actor: Actor, comparison: Comparison, chosen: Mapping[str, str]) -> list[Line]:
    """All rows: fields of which one value is shown, other facts, accounts, what they said and bought."""
    sides = comparison.sides
    own = _Own(actor, sides)
    counts = stream.counts_by_identity(actor, [identity for one in sides for identity in one.identity_ids])
    lines = [_field(field, sides, chosen, own) for field in comparison.fields]
    lines += [_fact(field, sides) for field in _other_facts(sides)]
    lines.append(_accounts(sides))
    lines.append(_life(sides, counts))
    return [line for line in lines if any(cell.lines for cell in line.cells)]


def _line(key: str, label: str, sign: Sign, cells: Iterable[Cell], **more: Any) -> Line:
    mark, tone, said = SIGNS[sign]
    return Line(key, label, mark, tone, str(said), tuple(cells), **more)


class _Own:
    """Labels and values of the company's own fields in words; of the others those that they always have."""

    def __init__(self, actor: Actor, sides: Sequence[PersonRecord]) -> None:
        self._known = {one.fact: one for one in sides[0].definitions}
        rows = [{**side.custom} for side in sides]
        self._meant = people_meant(actor, list(self._known.values()), rows)

    def label(self, field: str) -> str:
        return self._known[field].label if field in self._known else words.fact_label(field)

    def value(self, field: str, value: str) -> str:
        if field in self._known:
            return value_in_words(self._known[field], value, self._meant).words
        return words.fact_value(field, value)


def _field(field: FieldCompared, sides: Sequence[PersonRecord], chosen: Mapping[str, str], own: _Own) -> Line:
    """A field of which one value is shown: a choice where the sides know several."""
    known = [value for value in field.values if value]
    is_choice = len(set(known)) > 1
    picked = chosen.get(field.field) or field.after
    cells, seen = [], set()
    for value, side in zip(field.values, sides, strict=True):
        offered = is_choice and bool(value) and value not in seen
        seen.add(value)
        cells.append(
            Cell(
                lines=(own.value(field.field, value),) if value else (),
                note=_note(field.field, value, side),
                value=value if offered else "",
                is_shown=value == picked if is_choice else bool(value),
                is_kept=bool(value) and not offered,
            )
        )
    otherwise = field.after if is_choice and picked not in known else ""
    sign = Sign.ADDS if field.field == "email" and is_choice else field.sign  # both addresses are kept
    return _line(
        field.field,
        own.label(field.field),
        sign,
        cells,
        name=f"chosen.{field.field}" if is_choice else "",
        otherwise=own.value(field.field, otherwise),
        why=words.why_words(field.why, field.why_source) if is_choice and field.field not in chosen else "",
    )


def _note(field: str, value: str, side: PersonRecord) -> str:
    fact = side.fact(field)
    said = next((one for one in (fact.shown, *fact.others) if one.value == value), None) if fact else None
    return words.source_and_day(said) if said else ""


def _other_facts(sides: Sequence[PersonRecord]) -> list[str]:
    """Facts of which all values are kept, in the order of their labels."""
    named = {fact.field for side in sides for fact in side.facts}
    own = {one.fact for side in sides for one in side.definitions}
    return sorted(named - {*CHOOSABLE, *PARTS_OF_NAMES, *own}, key=words.fact_label)


def _fact(field: str, sides: Sequence[PersonRecord]) -> Line:
    facts = [side.fact(field) for side in sides]
    cells = [
        Cell(lines=(words.fact_value(field, fact.shown.value),), note=words.source_and_day(fact.shown))
        if fact
        else Cell(is_shown=False, is_kept=False)
        for fact in facts
    ]
    sign = sign_of([fact.shown.value if fact else "" for fact in facts])
    return _line(field, words.fact_label(field), sign, cells)


def _accounts(sides: Sequence[PersonRecord]) -> Line:
    cells = []
    for side in sides:
        shown = side.golden.email
        known = tuple(
            words.address_words(one) for one in side.identities if not shown or one.address != shown
        )
        cells.append(Cell(known[:SHOWN_ACCOUNTS], known[SHOWN_ACCOUNTS:], is_kept=bool(known)))
    return _line("accounts", _("Accounts"), Sign.ADDS, cells)


def _life(sides: Sequence[PersonRecord], counts: Mapping[UUID, LaneCounts]) -> Line:
    cells = []
    for side in sides:
        said = sum(counts[one].said for one in side.identity_ids if one in counts)
        bought = sum(counts[one].bought for one in side.identity_ids if one in counts)
        cells.append(Cell(lines=(carried(said, bought) or _("nothing yet"),), is_kept=False))
    return _line("life", _("Said, bought"), Sign.ADDS, cells)


def carried(said: int, bought: int, facts: int = 0) -> str:
    """How much was said and bought, and how many facts are known: "4 messages, 2 orders"."""
    parts = (
        (said, ngettext("%(count)s message", "%(count)s messages", said)),
        (bought, ngettext("%(count)s order", "%(count)s orders", bought)),
        (facts, ngettext("%(count)s fact", "%(count)s facts", facts)),
    )
    return ", ".join(said % {"count": count} for count, said in parts if count)
