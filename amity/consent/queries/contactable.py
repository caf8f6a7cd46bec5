"""Who may be contacted for a purpose by a channel, as a condition of SQL. It says what `domain.answering` decides."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from amity.consent.domain.answering import Basis
from amity.consent.domain.channels import Channel
from amity.consent.models import Purpose, Statement
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.models import Link, Person
from amity.people.queries.visibility import known_links

# What was said last of each account; of one instant the strictest, a consent without a date before all else.
_LAST = """
    SELECT last.identity_id FROM (
        SELECT DISTINCT ON (s.identity_id) s.identity_id, s.said, s.said_at FROM consent_statement s
        WHERE s.revoked_at IS NULL AND s.said <> 'pending' AND s.said_at <= %s AND s.channel = ANY(%s)
            AND (s.purpose_id = %s{everything}) AND s.source_id <> ALL(%s::uuid[])
        ORDER BY s.identity_id, (s.is_dated OR s.said <> 'given') DESC, s.said_at DESC,
            CASE s.said WHEN 'objected' THEN 2 WHEN 'withdrawn' THEN 1 ELSE 0 END DESC) last
    WHERE {so}
"""
_REFUSED = "last.said IN ('withdrawn', 'objected')"
_GIVEN = "last.said = 'given' AND (%s::int IS NULL OR last.said_at + make_interval(months => %s) > %s)"


def may_be_contacted(
    actor: Actor, people: QuerySet[Person], purpose: Purpose, channel: Channel, at: datetime
) -> QuerySet[Person]:
    """Those of `people` who may be, as far as this actor may know."""
    reached = _reached(known_links(actor), channel)
    if purpose.basis == Basis.CONSENT:
        given = [*_told(actor, purpose, channel, at), purpose.months, purpose.months, at]
        reached = reached.filter(identity_id__in=_last(purpose, _GIVEN, given))
    return people.filter(pk__in=reached.values("person_id")).exclude(
        pk__in=_of_refused(actor, purpose, channel, at)
    )


def have_refused(
    actor: Actor, people: QuerySet[Person], purpose: Purpose, channel: Channel, at: datetime
) -> QuerySet[Person]:
    """Those of `people` who withdrew or objected, by any account."""
    return people.filter(pk__in=_of_refused(actor, purpose, channel, at))


def want_nothing(actor: Actor, people: QuerySet[Person], at: datetime) -> QuerySet[Person]:
    """Those of `people` who refused everything by every channel."""
    said = Statement.objects.visible_to(actor).filter(
        purpose__isnull=True, channel="", revoked_at__isnull=True, said_at__lte=at
    )
    links = known_links(actor).filter(identity_id__in=said.order_by().values("identity_id"))
    return people.filter(pk__in=links.values("person_id"))


def _of_refused(actor: Actor, purpose: Purpose, channel: Channel, at: datetime) -> QuerySet[Any, Any]:
    refused = _last(purpose, _REFUSED, _told(actor, purpose, channel, at))
    return known_links(actor).filter(identity_id__in=refused).values("person_id")


def _told(actor: Actor, purpose: Purpose, channel: Channel, at: datetime) -> list[Any]:
    return [at, ["", channel.value], purpose.pk, policy.hidden_source_ids(actor)]


def _last(purpose: Purpose, so: str, parameters: list[Any]) -> RawSQL:
    everything = "" if Basis(purpose.basis).stands_above else " OR s.purpose_id IS NULL"
    return RawSQL(_LAST.format(everything=everything, so=so), parameters)  # noqa: S611  # words of code alone


def _reached(links: QuerySet[Link], channel: Channel) -> QuerySet[Link]:
    """The links of accounts that a channel reaches: `domain.channels.reaches`, for the database."""
    if channel is Channel.LETTER:
        return links
    if channel is Channel.DIRECT:
        others = Q(identity__network__in=["email", "phone", "erased"])
        return links.exclude(others | Q(identity__network__startswith="customer:"))
    network = "email" if channel is Channel.EMAIL else "phone"
    return links.filter(identity__network=network)
