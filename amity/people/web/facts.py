"""The facts of a person in words: what is shown, where it is from, and what else was said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from amity.people.domain.survivorship import CHOOSABLE
from amity.people.queries import FactShown, PersonRecord
from amity.people.queries.decided import Choice
from amity.people.web import words

PLACE = ("city", "country")
FIRST_FACTS = ("organisation", "job_title", "language")
LAST_FACTS = ("given_name", "family_name", "name")


@dataclass(frozen=True, slots=True)
class Other:
    """Another value that was said. `field` and `value` are what is sent to have it shown; `field` is "" where it
    cannot be."""

    words: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """That a colleague chose the value of a field."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact in words: the shown value, where it is from, what else was said, and who chose what is shown."""

    key: str
    label: str
    value: str
    source: str
    others: tuple[Other, ...] = ()
    chosen: tuple[Chosen, ...] = ()


def facts_of(record: PersonRecord, choices: Iterable[Choice], now: datetime) -> list[FactLine]:
    """All facts: place first, then what they do, then what the sources call by other names, names last."""
    chosen = {one.field: Chosen(one.field, _chosen_words(one, now)) for one in choices}
    named = {*PLACE, *FIRST_FACTS, *LAST_FACTS}
    email = _email(record, chosen)
    if email:
        named.add("email")
    rest = sorted(fact.field for fact in record.facts if fact.field not in named)
    lines = [_place(record, chosen)]
    lines += [_line(record, name, chosen) for name in (*FIRST_FACTS, *rest, *LAST_FACTS)]
    lines.append(email)
    return [line for line in lines if line]


def _chosen_words(choice: Choice, now: datetime) -> str:
    day = words.day_of_year(choice.at, now)
    if not choice.by:
        return _("chosen %(day)s") % {"day": day}
    return _("chosen by %(who)s, %(day)s") % {"who": choice.by, "day": day}


def _line(record: PersonRecord, name: str, chosen: dict[str, Chosen]) -> FactLine | None:
    fact = record.fact(name)
    if fact is None or (name in LAST_FACTS[:2] and not fact.others):
        return None
    if name == "name" and not fact.others and fact.shown.value == record.golden.name:
        return None  # it stands above in 28 px
    shown = record.golden.name if name == "name" else fact.shown.value
    others = _others(fact, shown)
    source = words.source_and_day(fact.shown) if shown == fact.shown.value else ""
    mine = (chosen[name],) if name in chosen else ()
    return FactLine(
        name, words.fact_label(name), words.fact_value(name, shown), source, others, mine
    )  # fmt: skip


def _others(fact: FactShown, shown: str) -> tuple[Other, ...]:
    field = fact.field if fact.field in CHOOSABLE and fact.field != "email" else ""
    return tuple(
        Other(
            _("%(value)s (%(source)s)")
            % {"value": words.fact_value(fact.field, one.value), "source": words.source_and_day(one)},
            field,
            one.value,
        )
        for one in (fact.shown, *fact.others)
        if one.value != shown
    )


def _place(record: PersonRecord, chosen: dict[str, Chosen]) -> FactLine | None:
    facts = [fact for fact in (record.fact(name) for name in PLACE) if fact]
    if not facts:
        return None
    value = ", ".join(words.fact_value(fact.field, fact.shown.value) for fact in facts)
    others = tuple(other for fact in facts for other in _others(fact, fact.shown.value))
    mine = tuple(chosen[fact.field] for fact in facts if fact.field in chosen)
    source = words.source_and_day(facts[0].shown)
    return FactLine("city", words.fact_label("city"), value, source, others, mine)


def _email(record: PersonRecord, chosen: dict[str, Chosen]) -> FactLine | None:
    """Which of several addresses is the one that lists show."""
    addresses = _addresses(record)
    shown = record.golden.email
    if not shown or len(addresses) < 2:
        return None
    others = tuple(Other(address, "email", address) for address in addresses if address != shown)
    mine = (chosen["email"],) if "email" in chosen else ()
    return FactLine("email", words.fact_label("email"), shown, "", others, mine)


def _addresses(record: PersonRecord) -> Sequence[str]:
    return [one.address for one in record.identities if one.network == "email" and one.address]
