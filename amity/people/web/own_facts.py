"""The company's own fields on the page of a person: what is known of each, who said it, what others say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from amity.kernel.actor import Actor
from amity.people.domain.fields.definition import Kind
from amity.people.queries import PersonRecord
from amity.people.queries.decided import Choice
from amity.people.queries.fields import may_write
from amity.people.web import words
from amity.people.web.custom import people_meant, value_in_words
from amity.people.web.facts import chosen_words, why_of


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A field of the company's own on the page of a person, with what is known of it."""

    key: str
    label: str
    help: str
    words: str
    url: str
    source: str
    others: tuple[tuple[str, str, str], ...]  # words, field, value: what is sent to have it shown
    chosen: str
    act_id: str
    may_write: bool
    why: str = ""


def own_lines(record: PersonRecord, choices: Iterable[Choice], actor: Actor, now: datetime) -> list[OwnLine]:
    """All fields that the actor sees, those of which nothing is known too, where they may write them."""
    held = {one.field: one for one in choices}
    facts = {fact.field: fact for fact in record.facts}
    everything = [
        {one.key: said.value}
        for one in record.definitions
        if one.kind is Kind.PERSON and one.fact in facts
        for said in (facts[one.fact].shown, *facts[one.fact].others)
    ]
    meant = people_meant(actor, record.definitions, [{**record.custom}, *everything])
    lines = []
    for one in record.definitions:
        fact, writes = facts.get(one.fact), may_write(actor, one)
        if fact is None and not writes:
            continue
        value = value_in_words(one, fact.shown.value, meant) if fact else value_in_words(one, "")
        lock = held.get(one.fact)
        others = tuple(
            (
                _("%(value)s (%(source)s)")
                % {
                    "value": value_in_words(one, said.value, meant).words,
                    "source": words.source_and_day(said),
                },
                one.fact,
                said.value,
            )
            for said in (fact.others if fact else ())
            if value_in_words(one, said.value, meant).words
        )
        lines.append(
            OwnLine(
                one.fact, one.label, one.help, value.words, value.url,
                words.source_and_day(fact.shown) if fact and value.words else "", others,
                chosen_words(lock, now) if lock else "",
                str(lock.act_id) if lock and lock.act_id and fact and fact.shown.by else "", writes,
                why_of(fact) if fact and others and not lock else "",
            )
        )  # fmt: skip
    return lines
