"""What conversations and moods say on the page of a person and in the list of people.

It stands here because it joins what two packages know: where a message opens, and how it sounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from django.db.models import Count, QuerySet
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amity.activity import queries as stream
from amity.activity.queries import Lane, Moment
from amity.conversations.models import Conversation, ConversationState, ConversationThread
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.names import given_name
from amity.listening.domain.understanding import mood
from amity.people import columns, panels
from amity.people.columns import Cell, Column, Flag
from amity.people.models import Link, Person
from amity.people.panels import Detail, Figure, Head, Mark, Moved, Panel, Subject

LOOKED_AT = 200  # conversations behind the figures
RISK_DAYS, RISK_FROM = 3, 2
UNHAPPY = frozenset({"angry", "unhappy"})


def register() -> None:
    """Called once at start."""
    panels.register_panel(
        Panel("conversations", gettext_lazy("Conversations"), "person-conversations", 10, "conversation")
    )
    panels.register_head("conversations", head)
    panels.register_details("conversations", details)
    panels.register_moved("conversations", moved)
    columns.register_column(Column("open", gettext_lazy("Open"), 20, "conversation", open_conversations))
    columns.register_flag(Flag("waiting", gettext_lazy("Waiting for us"), 20, "conversation", waiting_for_us))


def conversation_url(conversation_id: UUID) -> str:
    """Where a conversation opens."""
    try:
        return reverse("conversation", args=[conversation_id])
    except NoReverseMatch:  # the inbox is not installed
        return ""


def conversations_of(
    actor: Actor, identity_ids: Iterable[UUID], limit: int = LOOKED_AT
) -> list[Conversation]:
    """The newest conversations with these identities."""
    found = policy.visible(Conversation.objects.filter(customer_id__in=list(identity_ids)), actor)
    return list(found.select_related("assignee").order_by("-last_activity_at", "-id")[:limit])


def head(subject: Subject) -> Head:
    """What they wait for and how long, how fast we answer, and whether they are at risk."""
    if not policy.may(subject.actor, "read", "conversation"):
        return Head()
    found = conversations_of(subject.actor, subject.identity_ids)
    url = reverse("person-conversations", args=[subject.person_id]) if subject.person_id else ""
    risk = _risk(subject)
    return Head(
        figures=(_answered(found, url), _waiting(found, url, subject.at)),
        marks=(risk,) if risk else (),
        need=_need(found),
        reply_url=_reply_url(found) if policy.may(subject.actor, "write", "conversation") else "",
    )


def _waits(found: Sequence[Conversation]) -> list[Conversation]:
    waiting = [one for one in found if one.state == ConversationState.OPEN and one.waiting_since is not None]
    return sorted(waiting, key=lambda one: one.waiting_since or one.opened_at)


def _waiting(found: Sequence[Conversation], url: str, at: datetime) -> Figure:
    waits = _waits(found)
    since = waits[0].waiting_since if waits else None
    tone = "" if since is None else "bad" if any(one.is_late(at) for one in waits) else "caution"
    return Figure(
        "waiting", gettext_lazy("Waiting for us"), gettext_lazy("Waiting"), 40, url,
        words="" if since else _("no"), span=at - since if since else None, tone=tone,
    )  # fmt: skip


def _answered(found: Sequence[Conversation], url: str) -> Figure:
    times = [
        one.first_answer_at - one.first_inbound_at
        for one in found
        if one.first_answer_at and one.first_inbound_at and one.first_answer_at >= one.first_inbound_at
    ]
    span = timedelta(seconds=median(time.total_seconds() for time in times)) if times else None
    return Figure("answered", gettext_lazy("Answered in"), gettext_lazy("Answered"), 30, url, span=span)


def _need(found: Sequence[Conversation]) -> str:
    waits = _waits(found)
    if waits:
        return _("Waits: %(subject)s.") % {"subject": _words(waits[0])}
    open_one = next((one for one in found if one.state == ConversationState.OPEN), None)
    return _("We spoke last: %(subject)s.") % {"subject": _words(open_one)} if open_one else ""


def _words(conversation: Conversation) -> str:
    words = (conversation.subject or conversation.preview).strip() or _("no words")
    return (words if len(words) <= 90 else f"{words[:89].rstrip()}…").rstrip(".")


def _reply_url(found: Sequence[Conversation]) -> str:
    waits = _waits(found)
    open_ones = [one for one in found if one.state == ConversationState.OPEN]
    chosen = next(iter([*waits, *open_ones, *found]), None)
    return conversation_url(chosen.id) if chosen else ""


def _risk(subject: Subject) -> Mark | None:
    """Two unhappy messages in three days, and nothing kinder since."""
    if subject.person_id is None:
        return None
    said = stream.last_said(subject.actor, subject.identity_ids, subject.at - timedelta(days=RISK_DAYS))
    moods = [mood_of(one) for one in said]
    unhappy = sum(one in UNHAPPY for one in moods)
    if unhappy < RISK_FROM:
        return None
    why = ngettext(
        "%(count)s unhappy message in %(days)s days", "%(count)s unhappy messages in %(days)s days", unhappy
    ) % {"count": unhappy, "days": RISK_DAYS}
    return Mark("trending-down", _("At risk"), why, "caution")


def mood_of(moment: Moment) -> str:
    """The word for how a message sounds; "" where nobody judged or the judge is unsure."""
    if moment.lane != Lane.SAID or moment.sentiment is None or moment.confidence is None:
        return ""
    return str(mood(moment.sentiment, moment.confidence))


def details(subject: Subject, moments: Sequence[Moment]) -> Mapping[UUID, Detail]:
    """Where each message opens, and how it sounds."""
    threads = {moment.thread_id for moment in moments if moment.thread_id}
    visible = policy.visible(Conversation.objects.all(), subject.actor)
    places = dict(
        ConversationThread.objects.filter(thread_id__in=threads, conversation__in=visible).values_list(
            "thread_id", "conversation_id"
        )
    )
    found = {}
    for moment in moments:
        place = places.get(moment.thread_id) if moment.thread_id else None
        found[moment.id] = Detail(url=conversation_url(place) if place else "", mood=mood_of(moment))
    return found


def moved(subject: Subject) -> Iterable[Moved]:
    """The open conversations that go along with a record, and who has them."""
    if not policy.may(subject.actor, "read", "conversation"):
        return
    found = policy.visible(Conversation.objects.filter(customer_id__in=subject.identity_ids), subject.actor)
    open_ones = list(found.filter(state=ConversationState.OPEN).select_related("assignee")[:LOOKED_AT])
    if open_ones:
        owners = sorted({given_name(one.assignee.name) for one in open_ones if one.assignee})
        words = ngettext("%(count)s open conversation", "%(count)s open conversations", len(open_ones))
        note = _("stays with %(names)s") % {"names": ", ".join(owners[:3])} if owners else _("unassigned")
        yield Moved("inbox", words % {"count": len(open_ones)}, note)


def open_conversations(actor: Actor, person_ids: Sequence[UUID]) -> Mapping[UUID, Cell]:
    """The column of the list of people: how many of their conversations are open."""
    rows = (
        policy.visible(
            Conversation.objects.filter(
                state=ConversationState.OPEN,
                customer__links__person_id__in=list(person_ids),
                customer__links__revoked_at__isnull=True,
            ),
            actor,
        )
        .values("customer__links__person_id")
        .annotate(n=Count("pk", distinct=True))
        .order_by()
    )
    return {
        row["customer__links__person_id"]: Cell(
            count=row["n"], url=reverse("person-conversations", args=[row["customer__links__person_id"]])
        )
        for row in rows
    }


def waiting_for_us(actor: Actor, people: QuerySet[Person]) -> QuerySet[Person]:
    """The people of whom a conversation waits for an answer."""
    waiting = policy.visible(Conversation.objects.waiting(), actor).order_by()
    links = Link.objects.filter(revoked_at__isnull=True, identity_id__in=waiting.values("customer_id"))
    return people.filter(pk__in=links.values("person_id"))
