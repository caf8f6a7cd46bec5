"""The place of consent in the list of people: filters, and columns of exports.

`?is=consent:newsletter:email:yes` are those who may be contacted, `…:no` those who refused, `consent:nothing` those who
want to be left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.channels.own_fields import CONSENT
from amity.consent.domain.answering import Verdict
from amity.consent.domain.channels import Channel
from amity.consent.models import Purpose
from amity.consent.queries.answers import Answered, answers_of_people
from amity.consent.queries.contactable import have_refused, may_be_contacted, want_nothing
from amity.consent.queries.purposes import purposes_in_use
from amity.consent.words import BY_CHANNEL, name_of
from amity.kernel.actor import Actor
from amity.people import columns
from amity.people.columns import ExportColumns, Flag
from amity.people.models import Person

ORDER = 70
_REFUSED = frozenset({Verdict.OBJECTED, Verdict.WITHDRAWN})
Narrow: TypeAlias = Callable[[Actor, QuerySet[Person]], QuerySet[Person]]
Restrict: TypeAlias = Callable[[Actor, QuerySet[Person], Purpose, Channel, datetime], QuerySet[Person]]


def register() -> None:
    """Called once at start."""
    columns.register_flags(flags)
    columns.register_export_columns(export_columns)


def flags(_actor: Actor) -> Iterable[Flag]:
    """Two filters for each purpose and channel, and one for who refused everything."""
    yield Flag(
        f"{CONSENT}nothing", gettext_lazy("Wants to be left alone"), ORDER, "consent", _nothing, _group()
    )
    for purpose in purposes_in_use():
        for channel in _channels(purpose):
            yield from _pair(purpose, channel)


def _group() -> str:
    return _("Consent")


def _channels(purpose: Purpose) -> Iterable[Channel]:
    return (one for one in Channel if one in purpose.channels)


def _pair(purpose: Purpose, channel: Channel) -> Iterable[Flag]:
    named = {"purpose": name_of(purpose), "by": BY_CHANNEL[channel]}
    key, group = f"{CONSENT}{purpose.key}:{channel.value}", _group()
    yes, no = _("%(purpose)s %(by)s: may be contacted"), _("%(purpose)s %(by)s: refused")
    may, refused = (_narrowing(one, purpose, channel) for one in (may_be_contacted, have_refused))
    yield Flag(f"{key}:yes", yes % named, ORDER + 1, "consent", may, group)
    yield Flag(f"{key}:no", no % named, ORDER + 1, "consent", refused, group)


def _narrowing(restrict: Restrict, purpose: Purpose, channel: Channel) -> Narrow:
    return lambda actor, people: restrict(actor, people, purpose, channel, timezone.now())


def _nothing(actor: Actor, people: QuerySet[Person]) -> QuerySet[Person]:
    return want_nothing(actor, people, timezone.now())


def export_columns(_actor: Actor) -> ExportColumns:
    """A column for each purpose in use by each of its channels."""
    places = [(purpose, channel) for purpose in purposes_in_use() for channel in _channels(purpose)]
    titles = tuple(f"{CONSENT}{purpose.key}:{channel.value}" for purpose, channel in places)
    return ExportColumns(titles, "consent", _texts, frozenset(Verdict) - _REFUSED)


def _texts(actor: Actor, person_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[str]]:
    answers = answers_of_people(actor, person_ids, timezone.now())
    return {person: [_text(one) for one in those] for person, those in answers.items()}


def _text(one: Answered) -> str:
    """The answer of the person. It is never "given": read again, that would open addresses that nobody asked for."""
    return "" if one.answer.verdict is Verdict.NO_ACCOUNT else one.answer.verdict.value
