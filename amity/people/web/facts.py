"""The facts of a person in words: what is shown, where it is from, and what else was said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.purposes import known_as
from amity.people.domain.survivorship import SAID_ONCE, is_choosable
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
    """That a colleague chose the value of a field. `act_id` is with what it is taken back, where they typed it."""

    field: str
    words: str
    act_id: str = ""


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact in words: the shown value, where it is from, what else was said, and who chose what is shown."""

    key: str
    label: str
    value: str
    source: str
    others: tuple[Other, ...] = ()
    chosen: tuple[Chosen, ...] = ()
    edits: tuple[tuple[str, str], ...] = ()  # fields that can be typed, with their labels
    why: str = ""  # of several values it is this one, where nobody chose


EDITABLE = ("name", "job_title", "organisation", "city", "country", "language", *SAID_ONCE)


def missing_of(record: PersonRecord, actor: Actor) -> list[tuple[str, str]]:
    """The fields of the record that can be typed and of which nothing is known, with their labels."""
    return [
        (name, words.fact_label(name))
        for name in EDITABLE
        if record.fact(name) is None
        and name != "name"
        and policy.sees_field(actor, "person", known_as("person", name))
    ]


def facts_of(record: PersonRecord, choices: Iterable[Choice], now: datetime) -> list[FactLine]:
    """All facts: place first, then what they do, then what the sources call by other names, names last."""
    chosen = {one.field: Chosen(one.field, chosen_words(one, now), _act(one, record)) for one in choices}
    named = {*PLACE, *FIRST_FACTS, *LAST_FACTS, *(one.fact for one in record.definitions)}
    email = _email(record, chosen)
    if email:
        named.add("email")
    rest = sorted(fact.field for fact in record.facts if fact.field not in named)
    lines = [_place(record, chosen)]
    lines += [_line(record, name, chosen) for name in (*FIRST_FACTS, *rest, *LAST_FACTS)]
    lines.append(email)
    return [line for line in lines if line]


def _act(choice: Choice, record: PersonRecord) -> str:
    """With what a typed value is taken back; "" for one that was only chosen."""
    fact = record.fact(choice.field)
    is_typed = fact is not None and any(
        one.by and one.value == choice.value for one in (fact.shown, *fact.others)
    )
    return str(choice.act_id) if choice.act_id and is_typed else ""


def chosen_words(choice: Choice, now: datetime) -> str:
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
    edits = ((name, words.fact_label(name)),) if name in EDITABLE else ()
    return FactLine(
        name, words.fact_label(name), words.fact_value(name, shown), source, others, mine, edits,
        why_of(fact) if others and not mine else "",
    )  # fmt: skip


def why_of(fact: FactShown) -> str:
    """Why it is this value, in words."""
    return words.why_words(fact.why, fact.why_source)


def _others(fact: FactShown, shown: str) -> tuple[Other, ...]:
    field = fact.field if is_choosable(fact.field) and fact.field != "email" else ""
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
    edits = (("city", _("City")), ("country", words.fact_label("country")))  # the line is called by the first
    reasons = (why_of(fact) for fact in facts if fact.others and fact.field not in chosen)
    why = " · ".join(dict.fromkeys(filter(None, reasons)))
    return FactLine("city", words.fact_label("city"), value, source, others, mine, edits, why)


def _email(record: PersonRecord, chosen: dict[str, Chosen]) -> FactLine | None:
    """Which of several addresses is the one that lists show."""
    addresses = _addresses(record)
    shown = record.golden.email
    if not shown or len(addresses) < 2:
        return None
    others = tuple(Other(address, "email", address) for address in addresses if address != shown)
    mine = (chosen["email"],) if "email" in chosen else ()
    why = "" if mine else words.why_words(record.why_email, record.why_email_source)
    return FactLine("email", words.fact_label("email"), shown, "", others, mine, why=why)


def _addresses(record: PersonRecord) -> Sequence[str]:
    return [one.address for one in record.identities if one.network == "email" and one.address]
