"""What waits for a colleague, as things to be ranked: conversations, promises, messages that did not leave, files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, Subquery

from amity.channels.models import ImportRun, OutboundMessage, OutboundState, RunState, Source
from amity.commerce.domain.tiers import Standing
from amity.commerce.standings import standings, tiers_in_force
from amity.conversations.domain.wants import sentences, wish
from amity.conversations.models import Conversation, ConversationState, ConversationThread
from amity.conversations.queries.known import known
from amity.insight.domain import ranking
from amity.insight.domain.ranking import Item, Kind, Pledge, Reason, Talk, Why
from amity.insight.domain.shared_words import ask_the_same, telling_words
from amity.kernel import policy
from amity.kernel.actor import Actor, Role
from amity.listening.domain.understanding import mood
from amity.people.models import Link
from amity.people.queries.visibility import names_of
from amity.teamwork.models import Promise, PromiseState

MOST_LOOKED_AT = 200  # conversations, what is due first on top; ranked by points afterwards
MOST_PROMISES = 60
BROKEN_STILL_SHOWN = timedelta(days=3)
RECENT_IMPORT = timedelta(days=7)
CALM = timedelta(hours=4)
PUBLIC_CHANNELS = frozenset({"post", "tweet", "toot", "microblog", "review", "comment", "community", "forum"})
_LEADING = (Role.OWNER, Role.ADMINISTRATOR)


def leads(actor: Actor) -> bool:
    """Whether everybody's work is this actor's business, not only their own and nobody's."""
    return actor.role in _LEADING or actor.is_system


def works(actor: Actor) -> bool:
    """Whether this actor answers customers at all."""
    return policy.may(actor, "write", "conversation")


def _person_name(identity: str) -> Subquery:
    """The name of the person behind an identity column, as far as the policy shows people."""
    named = Link.objects.filter(identity_id=OuterRef(identity), revoked_at__isnull=True)
    return Subquery(named.values("person__name")[:1])


def _person_of(identity: str) -> Subquery:
    linked = Link.objects.filter(identity_id=OuterRef(identity), revoked_at__isnull=True)
    return Subquery(linked.values("person_id")[:1])


def _named_for(actor: Actor, rows: Iterable[Any], identity: str, as_: str) -> list[Any]:
    """The rows with the names that this actor sees, where what hidden sources said stands in the stored ones."""
    listed = list(rows)
    if policy.hidden_source_ids(actor):
        names = names_of(actor, {one for row in listed if (one := getattr(row, identity))})
        for row in listed:
            found = names.get(getattr(row, identity))
            setattr(row, as_, found.name if found else "")
    return listed


# ------------------------------------------------------------------------------------------ conversations


def waiting_talks(actor: Actor) -> list[Talk]:
    """Conversations that wait, at most the 200 that are due first; `is_for_me` marks whose they are."""
    rows = Conversation.objects.visible_to(actor).filter(
        state=ConversationState.OPEN, waiting_since__isnull=False
    )
    drawn = rows.annotate(name=_person_name("customer_id"), person=_person_of("customer_id"))
    urgent = _named_for(actor, drawn.order_by("due_at", "id")[:MOST_LOOKED_AT], "customer_id", "name")
    tiers = standings(actor, {one.person for one in urgent if one.person}, tiers_in_force())
    return [_talk(one, actor, tiers.get(one.person)) for one in urgent]


def _talk(one: Any, actor: Actor, standing: Standing | None) -> Talk:
    felt = (
        mood(one.sentiment, one.confidence)
        if one.sentiment is not None and one.confidence is not None
        else ""
    )
    return Talk(
        id=one.id,
        name=one.name or "",
        channel=one.channel,
        is_public=one.channel in PUBLIC_CHANNELS,
        words=one.preview or one.subject,
        since=one.waiting_since,
        due_at=one.due_at,
        tier=standing.rule.key if standing else "",
        tier_name=standing.rule.name if standing else "",
        is_vip=standing is not None and standing.rule.is_vip,
        mood=felt,
        messages=one.messages,
        is_mine=one.assignee_id is not None and one.assignee_id == actor.staff_id,
        is_for_me=leads(actor) or one.assignee_id in (None, actor.staff_id),
    )


def talk_items(talks: Sequence[Talk], at: datetime) -> list[Item]:
    """One item for each conversation of the actor, and one for four or more people who ask the same, whoever they wait
    for: one answer serves them all."""
    by_id = {talk.id: talk for talk in talks}
    groups = [
        group
        for group in ask_the_same([(talk.id, talk.name or str(talk.id), talk.words) for talk in talks])
        if any(by_id[id].is_for_me for id in group.keys)
    ]
    together = [
        ranking.answer_together(
            [by_id[id] for id in group.keys],
            group.words,
            _question([by_id[id] for id in group.keys], group.words),
            at,
        )
        for group in groups
    ]
    grouped = {id for group in groups for id in group.keys}
    return [
        *together,
        *(ranking.answer(talk, at) for talk in talks if talk.is_for_me and talk.id not in grouped),
    ]


def _question(talks: Sequence[Talk], words: Sequence[str]) -> str:
    """The shortest sentence in which one of them says the words that they share, a question if there is one."""
    told = [one for talk in talks for one in sentences(talk.words) if set(words) <= set(telling_words(one))]
    asked = [one for one in told if one.endswith("?")] or told
    return wish(min(asked, key=len), 90) if asked else " ".join(words)


# ------------------------------------------------------------------------------------------ promises


@dataclass(frozen=True, slots=True)
class Due:
    """A promise that somebody still has to keep."""

    id: UUID
    what: str
    due_at: datetime
    owner_id: UUID
    owner_name: str
    customer: str
    conversation_id: UUID | None
    is_mine: bool

    def is_late(self, at: datetime) -> bool:
        return self.due_at < at


def due_promises(actor: Actor, at: datetime) -> list[Due]:
    """Open promises, and those broken in the last three days, by their time; at most 60."""
    thread = ConversationThread.objects.filter(thread_id=OuterRef("thread_id"))
    unsettled = Q(state=PromiseState.OPEN) | Q(state=PromiseState.BROKEN, due_at__gte=at - BROKEN_STILL_SHOWN)
    rows = (
        Promise.objects.visible_to(actor)
        .filter(unsettled)
        .annotate(
            customer=_person_name("about_id"), conversation=Subquery(thread.values("conversation_id")[:1])
        )
        .select_related("owner")
        .order_by("due_at", "id")[:MOST_PROMISES]
    )
    return [
        Due(
            one.id,
            one.what,
            one.due_at,
            one.owner_id,
            one.owner.name,
            one.customer or "",
            one.conversation,
            one.owner_id == actor.staff_id,
        )
        for one in _named_for(actor, rows, "about_id", "customer")
    ]


def with_promises(
    talks: Sequence[Talk], due: Sequence[Due], day_ends: datetime
) -> tuple[list[Talk], list[Due]]:
    """Own promises due today: those of a conversation that waits become its reason, the others stay on their own."""
    today = [one for one in due if one.is_mine and one.due_at < day_ends]
    waiting = {talk.id for talk in talks}
    of_talk = {one.conversation_id: one.due_at for one in reversed(today) if one.conversation_id in waiting}
    marked = [
        replace(talk, promise_due_at=of_talk[talk.id]) if talk.id in of_talk else talk for talk in talks
    ]
    return marked, [one for one in today if one.conversation_id not in waiting]


def promise_items(due: Sequence[Due], at: datetime) -> list[Item]:
    return [ranking.keep(Pledge(one.id, one.what, one.customer, one.due_at), at) for one in due]


# ------------------------------------------------------------------------------------------ what did not leave or come


@dataclass(frozen=True, slots=True)
class Stuck:
    """A message that did not leave, or perhaps did."""

    id: UUID
    name: str
    conversation_id: UUID | None
    state: OutboundState
    since: datetime
    error: str


def stuck_messages(actor: Actor) -> list[Stuck]:
    """Own messages that failed, came back, or of which nobody knows; everybody's for those who lead.

    One that came back is done with when somebody wrote again or closed the conversation since.
    """
    thread = ConversationThread.objects.filter(thread_id=OuterRef("thread_id"))
    later = OutboundMessage.objects.filter(
        thread_id=OuterRef("thread_id"), created_at__gt=OuterRef("settled_at")
    ).exclude(state=OutboundState.WITHDRAWN)
    closed = thread.filter(conversation__closed_at__gt=OuterRef("settled_at"))
    rows = OutboundMessage.objects.filter(
        Q(state__in=[OutboundState.FAILED, OutboundState.UNKNOWN])
        | Q(~Exists(later), ~Exists(closed), state=OutboundState.RETURNED),
        source__in=Source.objects.visible_to(actor),
    )
    if not leads(actor):
        rows = rows.filter(sender_id=actor.staff_id)
    rows = rows.annotate(
        conversation=Subquery(thread.values("conversation_id")[:1]),
        customer=Subquery(thread.values("conversation__customer_id")[:1]),
    ).order_by("created_at", "id")[:20]
    found = list(rows)
    people = known([one.customer for one in found], actor=actor)
    return [
        Stuck(
            one.id,
            people[one.customer].name if one.customer in people else "",
            one.conversation,
            OutboundState(one.state),
            one.created_at,
            one.error,
        )
        for one in found
    ]


_STUCK = {
    OutboundState.FAILED: Why.NOT_SENT,
    OutboundState.UNKNOWN: Why.UNKNOWN_SENT,
    OutboundState.RETURNED: Why.RETURNED,
}


def stuck_items(stuck: Sequence[Stuck]) -> list[Item]:
    return [
        Item(
            Kind.NOT_SENT,
            one.id,
            one.since,
            ranking.MINUTES_NOT_SENT,
            (_reason(_STUCK[one.state]),),
            one.name,
            words=one.error,
        )
        for one in stuck
    ]


def _reason(why: Why, amount: int | None = None) -> Reason:
    return Reason(why, ranking.POINTS[why], amount)


def import_items(actor: Actor, at: datetime) -> list[Item]:
    """Files of the last week that stopped with an error or left rows in quarantine, for those who import."""
    if not policy.may(actor, "write", "import"):
        return []
    rows = ImportRun.objects.visible_to(actor).filter(
        Q(state=RunState.FAILED) | Q(state=RunState.DONE, rows_quarantined__gt=0),
        created_at__gte=at - RECENT_IMPORT,
    )
    return [
        Item(
            Kind.IMPORT,
            run.id,
            run.finished_at or run.created_at,
            ranking.MINUTES_IMPORT,
            (
                _reason(Why.IMPORT_FAILED)
                if run.state == RunState.FAILED
                else _reason(Why.QUARANTINE, run.rows_quarantined),
            ),
            run.filename,
        )
        for run in rows.order_by("created_at")[:20]
    ]


# ------------------------------------------------------------------------------------------ what can wait


@dataclass(frozen=True, slots=True)
class Tally:
    """How much waits for the actor (`mine`: own and nobody's) and for colleagues, and what sleeps."""

    mine: int
    late: int
    calm: int
    colleagues: int
    asleep: int
    wakes_at: datetime | None


def tally(actor: Actor, at: datetime) -> Tally:
    """Counts of conversations, in two queries, each over its own index."""
    own = Q() if leads(actor) else Q(assignee_id=actor.staff_id) | Q(assignee__isnull=True)
    waiting = Conversation.objects.visible_to(actor).filter(
        state=ConversationState.OPEN, waiting_since__isnull=False
    )
    found = waiting.aggregate(
        all=Count("pk"),
        mine=Count("pk", filter=own) if own else Count("pk"),
        late=Count("pk", filter=own & Q(due_at__lt=at)),
        calm=Count("pk", filter=own & Q(due_at__gt=at + CALM)),
    )
    asleep = Conversation.objects.visible_to(actor).filter(own, state=ConversationState.SNOOZED)
    sleeping = asleep.aggregate(count=Count("pk"), wakes_at=Min("snoozed_until"))
    return Tally(
        found["mine"],
        found["late"],
        found["calm"],
        found["all"] - found["mine"],
        sleeping["count"],
        sleeping["wakes_at"],
    )
