"""Whether people may be contacted: a field for each purpose in use by each of its channels.

What is kept of a person is what was said (`no`, or when it was `given`, in minutes), and only where something was; what
follows from the basis of the purpose, and how long a consent holds, is looked up when a condition is decided. The
segments that ask are counted anew when a purpose changes (`triggers.PURPOSES`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from amity.consent.domain.answering import Account, Basis, Said, Statement, Terms, valid_until, verdicts
from amity.consent.domain.answering import Verdict as Answer
from amity.consent.domain.channels import Channel, reaches
from amity.consent.models import Purpose
from amity.consent.queries.answers import accounts_of_people, statements_of
from amity.consent.queries.purposes import all_purposes, purposes_in_use
from amity.consent.words import BY_CHANNEL, name_of
from amity.segments import conditions, edges
from amity.segments.conditions import Edge, Field, Found, Moment, Op, Sql
from amity.segments.domain.parts import FIELDS, WHO
from amity.segments.domain.traits import Traits, minute_of, start_of
from amity.segments.domain.trees import Leaf
from amity.segments.reading import EVERYBODY

PREFIX = "consent:"
GROUP = _("What they agreed to")
_EXPIRY = "consent"
_SAID = {Answer.OBJECTED, Answer.WITHDRAWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class MayContact(Field):
    """A purpose by a channel."""

    purpose: Purpose
    channel: Channel
    ops: ClassVar[tuple[Op, ...]] = (
        Op("allowed", _("may be contacted")),
        Op("not_allowed", _("may not be contacted")),
        Op("refused", _("refused")),
    )
    toil: ClassVar = 2

    @property
    def at(self) -> str:
        """SQL of what was said. Keys are small letters, digits, _ and :."""
        return f"(t.fields -> '{self.key}')"

    def sql(self, leaf: Leaf, moment: Moment) -> Sql:
        refused = f"COALESCE({self.at} ? 'no', false)"
        if leaf.op == "refused":
            return Sql(refused)
        given, params = self._given(moment)
        allowed = f"(NOT {refused} AND {self._reached()} AND {given})"
        return Sql(allowed if leaf.op == "allowed" else f"NOT {allowed}", params)

    def _reached(self) -> str:
        """SQL of whether the channel reaches an account: `domain.channels.reaches`, over what is kept of them."""
        if self.channel is Channel.LETTER:
            return "t.networks IS NOT NULL"
        if self.channel is Channel.DIRECT:
            return (
                "EXISTS (SELECT FROM unnest(t.networks) AS one (network) WHERE network NOT IN "
                "('email', 'phone', 'erased') AND network NOT LIKE 'customer:%%')"
            )
        network = "email" if self.channel is Channel.EMAIL else "phone"
        return f"COALESCE('{network}' = ANY(t.networks), false)"

    def _given(self, moment: Moment) -> tuple[str, tuple[Any, ...]]:
        if self.purpose.basis != Basis.CONSENT:
            return "true", ()
        if self.purpose.months is None:
            return f"COALESCE({self.at} ? 'given', false)", ()
        still = (
            f"EXISTS (SELECT FROM jsonb_array_elements_text({self.at} -> 'given') AS said (minute) "
            "WHERE to_timestamp(said.minute::bigint * 60) + make_interval(months => %s) > to_timestamp(%s))"
        )
        return still, (self.purpose.months, moment.now * 60)

    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        said = traits.fields.get(self.key) or {}
        refused = "no" in said
        if leaf.op == "refused":
            return Found(refused, refused)
        reached = any(reaches(network, self.channel) for network in traits.networks)
        allowed = not refused and reached and self._holds(said, moment)
        return Found(allowed == (leaf.op == "allowed"), allowed)

    def _holds(self, said: Mapping[str, Any], moment: Moment) -> bool:
        if self.purpose.basis != Basis.CONSENT:
            return True
        now = start_of(moment.now)
        ends = (valid_until(start_of(minute), self.purpose.months) for minute in said.get("given", ()))
        return any(end is None or end > now for end in ends)

    def edges(self, leaf: Leaf) -> tuple[Edge, ...]:
        """A consent ends some months after it was given."""
        ends = self.purpose.basis == Basis.CONSENT and self.purpose.months and leaf.op != "refused"
        return (Edge(_EXPIRY, 0),) if ends else ()


def consent_fields() -> Iterable[Field]:
    """One for each purpose in use by each of its channels, in their order."""
    for purpose in purposes_in_use():
        for channel in Channel:
            if channel in purpose.channels:
                yield MayContact(
                    key=f"{PREFIX}{purpose.key}:{channel.value}",
                    label=f"{name_of(purpose)} {BY_CHANNEL[channel]}",
                    group=GROUP, part=WHO | FIELDS, purpose=purpose, channel=channel,
                )  # fmt: skip


# -------------------------------------------------------------------------------------------------------------- values


def read_values(
    person_ids: Sequence[UUID],
    hidden: Sequence[UUID],  # noqa: ARG001  # everybody's view leaves them out
) -> Mapping[UUID, Mapping[str, Any]]:
    """What these people said of every purpose, hidden ones too, as everybody may know it, by the keys of the fields."""
    accounts = accounts_of_people(EVERYBODY, person_ids)
    owner = {one.id: person for person, those in accounts.items() for one in those}
    said: dict[UUID, list[Statement]] = defaultdict(list)
    for one in statements_of(EVERYBODY, list(owner)):
        said[owner[one.identity_id]].append(one.told())
    return {person: _values(accounts[person], told) for person, told in said.items()}


def _values(accounts: Sequence[Account], told: Sequence[Statement]) -> dict[str, Any]:
    found = {}
    for purpose in all_purposes():
        # As if it needed consent that never ends: what was said, whatever follows from it.
        basis = Basis(purpose.basis) if Basis(purpose.basis).stands_above else Basis.CONSENT
        terms = Terms(purpose.pk, basis, frozenset(Channel))
        for channel in Channel:
            value = _value(terms, channel, accounts, told)
            if value:
                found[f"{PREFIX}{purpose.key}:{channel.value}"] = value
    return found


def _value(
    terms: Terms, channel: Channel, accounts: Sequence[Account], told: Sequence[Statement]
) -> dict[str, Any]:
    about = [one for one in told if one.is_about(terms, channel) and one.said is not Said.PENDING]
    if not about:
        return {}
    of_each = verdicts(terms, channel, accounts, about, max(one.said_at for one in about))
    if any(verdict in _SAID for verdict, _by in of_each.values()):
        return {"no": 1}
    given = [
        minute_of(by.said_at)
        for one in accounts
        if reaches(one.network, channel) and (by := of_each[one.id][1]) is not None
    ]
    return {"given": sorted(given)} if given else {}


# Whoever's consent ends from minute to minute: of the purposes that set an end, along the times at which it was given.
_ENDED = """
    SELECT s.identity_id FROM consent_purpose p JOIN consent_statement s ON s.purpose_id = p.id
    WHERE p.months IS NOT NULL AND s.said = 'given' AND s.revoked_at IS NULL
        AND s.said_at >= %(start)s::timestamptz - make_interval(months => p.months, days => 4)
        AND s.said_at < %(end)s::timestamptz - make_interval(months => p.months, days => -4)
        AND date_trunc('minute', s.said_at) + make_interval(months => p.months) >= %(start)s
        AND date_trunc('minute', s.said_at) + make_interval(months => p.months) < %(end)s
"""


def register() -> None:
    """Bring them into the registry."""
    conditions.register_provider(consent_fields, read_values)
    edges.register_passing(_EXPIRY, edges.Passing("identity_id", _ENDED))
