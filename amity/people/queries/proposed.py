"""The queue of pairs who may be one person, and how good the rules that find them are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, Count, Q, QuerySet, Value
from django.db.models.functions import MD5, Cast, Concat
from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import NotFound
from amity.kernel.models import WorkspaceSetting
from amity.kernel.purposes import known_as
from amity.people.models import MatchModel, Merge, MergeMethod, Person, Proposal, ProposalState
from amity.people.queries.visibility import sees_addresses

LAST_LOOK = "duplicates_last_look"
PAGE = 50
MOST_COUNTED = 1_001


@dataclass(frozen=True, slots=True)
class EvidenceTold:
    """Lines of code, value of one, value of the other, bits; they add up to `bits`, logarithmic odds to the base 2."""

    lines: list[list[Any]]
    bits: float

    @property
    def probability(self) -> float:
        return float(1 / (1 + 2.0 ** -max(-1_000.0, min(1_000.0, self.bits))))


@dataclass(frozen=True, slots=True)
class ProposedPair:
    """A pair in the queue; `reasons` are codes of what speaks for it most."""

    id: UUID
    one: Person
    other: Person
    bits: float
    state: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, surest first; `count` stops at 1,001."""

    pairs: tuple[ProposedPair, ...]
    count: int
    after: tuple[float, UUID] | None


@dataclass(frozen=True, slots=True)
class Record:
    """How it went: what was linked by rule and taken back again, what people decided, and the last look."""

    linked_by_rule: int
    taken_back: int
    merged: int
    two: int
    last_look: Mapping[str, Any] | None

    @property
    def wrong_share(self) -> float | None:
        """The share of links by rule that people took back; None where there was none."""
        return self.taken_back / self.linked_by_rule if self.linked_by_rule else None


def sees_all(actor: Actor) -> bool:
    """Whether the queue is for this actor: its evidence comes from all sources and addresses."""
    return (
        policy.may(actor, "read", "person") and sees_addresses(actor) and not policy.hidden_source_ids(actor)
    )


def waiting(actor: Actor) -> QuerySet[Proposal]:
    """The pairs that somebody should look at."""
    if not sees_all(actor):
        return Proposal.objects.none()
    return Proposal.objects.filter(state=ProposalState.OPEN)


def waiting_count(actor: Actor) -> int:
    """How many pairs wait, at most 1,001."""
    return waiting(actor).order_by()[:MOST_COUNTED].count()


def queue_of(actor: Actor, *, after: tuple[float, UUID] | None = None, limit: int = PAGE) -> Queue:
    """The queue, a page at a time. Empty for who does not see all sources."""
    pairs = waiting(actor)
    count = pairs.order_by()[:MOST_COUNTED].count()
    if after is not None:
        pairs = pairs.filter(Q(bits__lt=after[0]) | Q(bits=after[0], id__gt=after[1]))
    rows = list(pairs.select_related("one", "other").order_by("-bits", "id")[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    return Queue(
        tuple(
            ProposedPair(row.pk, row.one, row.other, row.bits, row.state, _reasons(actor, row))
            for row in rows
        ),
        count,
        (rows[-1].bits, rows[-1].pk) if more else None,
    )


def checks_of(actor: Actor, *, limit: int = PAGE) -> Queue:
    """What a rule merged and nobody looked at, in an order drawn once and for all: a fair sample, however far one goes.

    Empty for who does not see all sources.
    """
    by_rule = to_check(actor)
    rows = list(by_rule.select_related("one", "other")[:limit])
    pairs = (
        ProposedPair(row.pk, row.one, row.other, row.bits, row.state, _reasons(actor, row)) for row in rows
    )
    return Queue(tuple(pairs), by_rule.order_by()[:MOST_COUNTED].count(), None)


def to_check(actor: Actor) -> QuerySet[Proposal]:
    """What a rule merged and nobody looked at, in that order."""
    if not sees_all(actor):
        return Proposal.objects.none()
    by_rule = Proposal.objects.filter(is_by_rule=True, state=ProposalState.MERGED, checked_at__isnull=True)
    return by_rule.annotate(drawn=MD5(Concat(Cast("pk", CharField()), Value(" check")))).order_by("drawn")


def evidence_of(proposal: Proposal, actor: Actor) -> EvidenceTold:
    """Why the two may be one, as the present weights and records say; where there are none, what was found then."""
    found = _compared(proposal.one_id, proposal.other_id) or EvidenceTold(proposal.evidence, proposal.bits)
    return EvidenceTold(shown_to(actor, found.lines), found.bits)


OF_FIELD = {
    "given_name": "name", "family_name": "name", "middle_name": "name", "name_order": "name", "born_on": "birthday",
    "email": "email", "phone": "phone", "identifier": "address", "handle": "address", "handle_and_name": "address",
    "handle_and_label": "address", "house_number": "street", "number": "street", "street": "street",
    "address_line": "street", "line": "street", "postcode": "postcode", "place": "city", "region": "country",
    "work": "organisation", "profile": "address",
}  # fmt: skip
"""Of which field of a person a comparison tells; of one that does not stand here as of a field without a purpose."""


def shown_to(actor: Actor, lines: list[list[Any]]) -> list[list[Any]]:
    """The lines without what the fields that are not for this actor say; their bits stay, as `other`."""
    shown, other = [], 0.0
    for code, one, two, bits in lines:
        name = str(code).partition(".")[0].partition("_of_")[0]
        if code == "prior" or policy.sees_field(actor, "person", known_as("person", OF_FIELD.get(name, ""))):
            shown.append([code, one, two, bits])
        else:
            other += bits
    return [*shown, *([["other", "", "", other]] if other else [])]


def evidence_between(actor: Actor, one: UUID, other: UUID) -> EvidenceTold | None:
    """Why these two may be one person; None before the weights were learnt, and for who does not see all sources."""
    found = _compared(one, other) if sees_all(actor) else None
    return EvidenceTold(shown_to(actor, found.lines), found.bits) if found else None


def _compared(one: UUID, other: UUID) -> EvidenceTold | None:
    if not MatchModel.objects.exists():
        return None
    from amity.people import matching  # the arithmetic is loaded where somebody looks at a pair
    from amity.people.matching.reading import said_of

    model = matching.current_model()
    said = said_of([one, other]) if model else {}
    if model is None or len(said) < 2:
        return None
    score = model.score(model.prepare(said[one]), model.prepare(said[other]))
    return EvidenceTold([[line.code, *line.shown, line.bits] for line in score.evidence], score.bits)


def proposal_shown(actor: Actor, proposal_id: UUID) -> Proposal:
    """A pair of the queue, decided or not. Raises `NotFound`."""
    found = Proposal.objects.select_related("one", "other").filter(pk=proposal_id).first()
    if found is None or not sees_all(actor):
        raise NotFound(_("This pair does not exist."))
    return found


def _reasons(actor: Actor, proposal: Proposal) -> tuple[str, ...]:
    lines = shown_to(actor, proposal.evidence) if proposal.evidence else evidence_of(proposal, actor).lines
    telling = sorted(
        (line for line in lines if line[0] != "prior" and line[3] > 0), key=lambda line: -line[3]
    )
    return tuple(str(line[0]).partition(".")[0] for line in telling[:3])


def record_of(actor: Actor, *, since: datetime) -> Record:
    """How finding duplicates went since an instant."""
    by_rule = Merge.objects.filter(method=MergeMethod.RULE, merged_at__gte=since)
    told = by_rule.aggregate(all=Count("pk"), back=Count("pk", filter=Q(revoked_at__isnull=False)))
    decided = Proposal.objects.filter(decided_at__gte=since, is_by_rule=False).aggregate(
        merged=Count("pk", filter=Q(state=ProposalState.MERGED)),
        two=Count("pk", filter=Q(state=ProposalState.TWO)),
    )
    last = WorkspaceSetting.objects.filter(key=LAST_LOOK).values_list("value", flat=True).first()
    if not sees_all(actor):
        return Record(0, 0, 0, 0, None)
    return Record(told["all"], told["back"], decided["merged"], decided["two"], last)
