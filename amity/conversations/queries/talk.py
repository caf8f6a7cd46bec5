"""What was said and done in a conversation: the spine, the newest part first, and what is new since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from uuid import UUID

from django.db.models import BooleanField, Case, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from amity.activity.domain.filekinds import LARGEST_PICTURE_BYTES, Risk, is_picture, risk_of, safe_name
from amity.activity.emptying import MARK, emptied_words
from amity.activity.files import type_of
from amity.activity.models import Activity, Attachment
from amity.channels.machine_mail import Automatic, automatic_of
from amity.channels.models import OutboundMessage, OutboundState
from amity.channels.records import Direction
from amity.conversations.domain.cursor import Cursor, decode
from amity.conversations.domain.folding import Folded, folded
from amity.conversations.domain.spine import Before, Drawn, Knot, draw
from amity.conversations.models import Conversation, ConversationThread
from amity.conversations.queries.known import Known, known
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.models import Staff, Transition
from amity.listening.domain.understanding import mood
from amity.teamwork.models import Promise

PART = 30
LOOP = "loop"  # subject of the step that says that programs answered each other
MOST_COUNTED = 10_001
MOST_NEW = 200


@dataclass(frozen=True, slots=True)
class Author:
    """`id` is the person or the colleague, whose colour stays with them."""

    id: UUID | None
    name: str
    is_colleague: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where a message of ours is. `may_be_withdrawn_until` is set while it has not left."""

    message_id: UUID
    state: OutboundState
    may_be_withdrawn_until: datetime | None
    settled_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True)
class File:
    id: UUID
    name: str
    size_bytes: int
    is_kept: bool
    is_picture: bool
    risk: Risk


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on the spine. `kind`: customer, ours, internal, auto, promise or step; only the fields of its kind
    are set.

    A step is a transition: `step` says which (assigned, closed, reopened, snoozed, woke), `to` whom it was given.
    """

    id: str
    kind: str
    at: datetime
    author: Author
    channel: str = ""
    is_public: bool = False
    text: str = ""
    folded: Folded | None = None
    has_html: bool = False
    language: str = ""
    why_empty: str = ""
    mood: str = ""
    score: float = 0.0
    confidence: float = 0.0
    files: Sequence[File] = ()
    delivery: Delivery | None = None
    automatic: Automatic | None = None
    promise: Promise | None = None
    step: str = ""
    to: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """Part of a spine. `earlier` is where the part before it ends (None: this is the beginning), `earlier_count` how
    much stands there; `until` is what `news` wants to hear next time."""

    drawn: list[Drawn[Entry]]
    earlier: Cursor | None
    earlier_count: int
    until: str
    last_inbound: Activity | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Up to where a reader has seen a spine: the last activity and the last transition."""

    activity: Cursor | None
    transition_id: int

    def encode(self) -> str:
        return f"{self.activity.encode() if self.activity else ''}~{self.transition_id}"


def _place_of(text: str) -> _Place | None:
    activity, _, transition = text.rpartition("~")
    if not (transition.isascii() and transition.isdigit()) or len(transition) > 18:
        return None
    place = decode(activity)
    return _Place(place, int(transition)) if place or not activity else None


def said_in(conversation: Conversation, *, actor: Actor) -> QuerySet[Activity]:
    """The activities of a conversation that the actor sees: who sees a conversation may read what stands in it, unless
    it came in from a source that is hidden from them."""
    threads = ConversationThread.objects.filter(conversation_id=conversation.id)
    hidden = [one for one in policy.hidden_source_ids(actor) if one != conversation.source_id]
    rows = Activity.objects.filter(thread_id__in=list(threads.values_list("thread_id", flat=True)))
    return rows.exclude(source_id__in=hidden) if hidden else rows


def _for_spine(rows: QuerySet[Activity]) -> QuerySet[Activity]:
    has_html = Case(When(html="", then=Value(False)), default=Value(True), output_field=BooleanField())
    rows = rows.annotate(has_html=has_html, emptied=Cast(F(f"payload__{MARK}"), TextField()))
    return rows.defer("html", "payload", "in_reply_to")


def newest(
    conversation: Conversation,
    *,
    actor: Actor,
    zone: tzinfo,
    before: Cursor | None = None,
    limit: int = PART,
) -> Talk:
    """The newest part of a spine, or the part that ends just before `before`."""
    said = said_in(conversation, actor=actor)
    older = said.filter(_earlier_than(before)) if before else said
    found = list(_for_spine(older).order_by("-occurred_at", "-id")[: limit + 1])
    shown, has_more = found[:limit][::-1], len(found) > limit
    first = Cursor(shown[0].occurred_at, shown[0].id) if shown else None
    steps = _steps(conversation)
    if has_more and first:
        steps = steps.filter(at__gte=first.at)
    if before:
        steps = steps.filter(at__lt=before.at)
    done = list(steps)
    earlier = first if has_more else None
    count = said.filter(_earlier_than(earlier)).order_by()[:MOST_COUNTED].count() if earlier else 0
    start = _before(found[limit], zone) if has_more else Before()
    last_inbound = next((one for one in reversed(shown) if one.direction == Direction.IN), None)
    return Talk(
        _drawn(conversation, shown, done, actor=actor, zone=zone, before=start),
        earlier,
        count,
        _Place(_last(shown), max((one.id for one in done), default=0)).encode(),
        last_inbound,
    )


def news(conversation: Conversation, *, actor: Actor, zone: tzinfo, since: str) -> Talk | None:
    """What came after `since` (the `until` of an earlier part). None where `since` cannot be read."""
    place = _place_of(since)
    if place is None:
        return None
    said = said_in(conversation, actor=actor)
    later = said.filter(_later_than(place.activity)) if place.activity else said
    shown = list(_for_spine(later).order_by("occurred_at", "id")[:MOST_NEW])
    done = list(_steps(conversation).filter(id__gt=place.transition_id)[:MOST_NEW])
    if not shown and not done:
        return Talk([], None, 0, since, None)
    until = _Place(_last(shown) or place.activity, max((one.id for one in done), default=place.transition_id))
    start = Before()
    if place.activity:
        spoken = said.filter(_earlier_than(place.activity, including=True)).exclude(
            direction=Direction.INTERNAL
        )
        last = (
            spoken.order_by("-occurred_at", "-id").only("occurred_at", "id", "channel", "direction").first()
        )
        channel = last.channel if last else ""
        start = Before(place.activity.at.astimezone(zone).date(), channel)
    drawn = _drawn(conversation, shown, done, actor=actor, zone=zone, before=start)
    return Talk(drawn, None, 0, until.encode(), None)


def again(
    conversation: Conversation, activity_ids: Iterable[UUID], *, actor: Actor, zone: tzinfo
) -> list[Entry]:
    """These entries as they are now: messages on their way out, whose state may have changed."""
    wanted = list(activity_ids)
    if not wanted:
        return []
    shown = list(_for_spine(said_in(conversation, actor=actor)).filter(id__in=wanted).order_by("occurred_at"))
    return [one.knot.what for one in _drawn(conversation, shown, [], actor=actor, zone=zone, before=Before())]


def last_inbound(conversation: Conversation, *, actor: Actor) -> Activity | None:
    """What the customer said last."""
    said = said_in(conversation, actor=actor).filter(direction=Direction.IN)
    return _for_spine(said).order_by("-occurred_at", "-id").first()


def one_message(conversation: Conversation, activity_id: UUID, *, actor: Actor) -> Activity | None:
    """One message in full, with its HTML; None where this conversation has none of that id."""
    return said_in(conversation, actor=actor).filter(id=activity_id).first()


def _earlier_than(place: Cursor, *, including: bool = False) -> Q:
    ids = Q(id__lte=place.id) if including else Q(id__lt=place.id)
    return Q(occurred_at__lte=place.at) & (Q(occurred_at__lt=place.at) | ids)


def _later_than(place: Cursor) -> Q:
    return Q(occurred_at__gte=place.at) & (Q(occurred_at__gt=place.at) | Q(id__gt=place.id))


def _last(shown: Sequence[Activity]) -> Cursor | None:
    return Cursor(shown[-1].occurred_at, shown[-1].id) if shown else None


def _before(last: Activity, zone: tzinfo) -> Before:
    channel = "" if last.direction == Direction.INTERNAL else last.channel
    return Before(last.occurred_at.astimezone(zone).date(), channel)


def _steps(conversation: Conversation) -> QuerySet[Transition]:
    of_this = Transition.objects.filter(
        subject__in=("conversation", "assignment", LOOP), subject_id=conversation.id
    )
    return of_this.order_by("at", "id")


# ----------------------------------------------------------------------------------------------------- what is drawn


@dataclass(frozen=True, slots=True)
class _Around:
    """All that entries of one part need beside themselves, fetched once."""

    people: Mapping[UUID, Known]
    colleagues: Mapping[UUID, str]
    deliveries: Mapping[UUID, OutboundMessage]
    files: Mapping[UUID, Sequence[File]]
    promises: Mapping[UUID, Promise]
    automatic: Mapping[UUID, Automatic | None]


def _drawn(
    conversation: Conversation,
    shown: Sequence[Activity],
    done: Sequence[Transition],
    *,
    actor: Actor,
    zone: tzinfo,
    before: Before,
) -> list[Drawn[Entry]]:
    around = _around(conversation, shown, actor=actor)
    knots = [_knot(_entry(one, around), one.channel, one.direction) for one in shown]
    knots += [_knot(_step(one, around.colleagues), "", Direction.INTERNAL) for one in done]
    return list(draw(knots, zone, before))


def _knot(entry: Entry, channel: str, direction: str) -> Knot[Entry]:
    spoken = "" if direction == Direction.INTERNAL else channel
    return Knot(entry.at, entry.id, spoken, direction == Direction.IN, entry)


def _around(conversation: Conversation, shown: Sequence[Activity], *, actor: Actor) -> _Around:
    ids = [one.id for one in shown]
    ours = [one.id for one in shown if one.direction == Direction.OUT and one.staff_id]
    promised = [one.object_id for one in shown if one.verb == "promise" and one.object_id]
    files: dict[UUID, list[File]] = {}
    named = ~Q(filename="") | Q(content_id="")  # a picture without a name stands in the text and nowhere else
    for file in Attachment.objects.filter(named, activity_id__in=ids).order_by("filename", "id"):
        files.setdefault(file.activity_id, []).append(_file(file))
    messages = OutboundMessage.objects.filter(activity_id__in=ours).defer("text") if ours else []
    made = policy.visible(Promise.objects.filter(pk__in=promised), actor).select_related("owner")
    automatic = [one.id for one in shown if one.direction == Direction.AUTO]
    return _Around(
        known((*(one.actor_id for one in shown), conversation.customer_id), actor=actor),
        dict(Staff.objects.values_list("id", "name")),
        {one.activity_id: one for one in messages},
        files,
        {one.id: one for one in made} if promised else {},
        _automatic(conversation, automatic, actor=actor) if automatic else {},
    )


def _file(file: Attachment) -> File:
    kind = type_of(file)
    may_be_shown = is_picture(kind) and file.size_bytes <= LARGEST_PICTURE_BYTES
    name = safe_name(file.filename)
    return File(file.id, name, file.size_bytes, bool(file.digest), may_be_shown, risk_of(name, kind))


def _automatic(
    conversation: Conversation, ids: Sequence[UUID], *, actor: Actor
) -> Mapping[UUID, Automatic | None]:
    rows = said_in(conversation, actor=actor).filter(id__in=ids).values_list("id", "payload")
    return {id: automatic_of(payload) for id, payload in rows}


def _author(activity: Activity, around: _Around) -> Author:
    if activity.staff_id:
        return Author(activity.staff_id, around.colleagues.get(activity.staff_id, ""), is_colleague=True)
    who = around.people.get(activity.actor_id) if activity.actor_id else None
    if who is None:
        return Author(None, "", is_colleague=activity.direction not in _THEIRS)
    return Author(who.person_id or who.identity_id, who.name, is_colleague=activity.direction not in _THEIRS)


_KINDS = {
    Direction.IN: "customer",
    Direction.OUT: "ours",
    Direction.INTERNAL: "internal",
    Direction.AUTO: "auto",
}
_THEIRS = (Direction.IN, Direction.AUTO)


def _entry(activity: Activity, around: _Around) -> Entry:
    promise = around.promises.get(activity.object_id) if activity.object_id else None
    is_promise = activity.verb == "promise"
    message = around.deliveries.get(activity.id)
    told = activity.direction == Direction.IN and activity.sentiment is not None
    score, confidence = activity.sentiment or 0.0, activity.confidence or 0.0
    return Entry(
        id=str(activity.id),
        kind="promise" if is_promise else _KINDS[Direction(activity.direction)],
        at=activity.occurred_at,
        author=_author(activity, around),
        channel=activity.channel,
        is_public=activity.is_public,
        text=activity.text,
        folded=folded(activity.text, activity.full_text),
        has_html=bool(activity.has_html),  # type: ignore[attr-defined]  # annotated by _for_spine
        language=activity.language,
        why_empty=emptied_words(activity.emptied),  # type: ignore[attr-defined]  # annotated by _for_spine
        mood=mood(score, confidence) if told else "",
        score=score,
        confidence=confidence,
        files=around.files.get(activity.id, ()),
        delivery=_delivery(message) if message else None,
        automatic=around.automatic.get(activity.id),
        promise=promise,
    )


def _delivery(message: OutboundMessage) -> Delivery:
    state = OutboundState(message.state)
    until = message.send_at if state is OutboundState.QUEUED else None
    return Delivery(message.id, state, until, message.settled_at, message.error)


_STEPS = {
    ("open", "closed"): "closed",
    ("snoozed", "closed"): "closed",
    ("closed", "open"): "reopened",
    ("open", "snoozed"): "snoozed",
    ("snoozed", "open"): "woke",
}


def _step(transition: Transition, colleagues: Mapping[UUID, str]) -> Entry:
    by = colleagues.get(transition.staff_id, "") if transition.staff_id else ""
    if transition.subject == "assignment":
        to = next((name for one, name in colleagues.items() if _is_meant(transition.after, one)), "")
        step = "assigned" if transition.after else "unassigned"
        if transition.staff_id and _is_meant(transition.after, transition.staff_id):
            step = "took"
    elif transition.subject == LOOP:
        to, step = "", "loop"
    else:
        to, step = "", _STEPS.get((transition.before, transition.after), "moved")
    author = Author(transition.staff_id, by, is_colleague=True)
    return Entry(f"step-{transition.id}", "step", transition.at, author, step=step, to=to)


def _is_meant(written: str, staff_id: UUID) -> bool:
    """A transition holds the first 24 characters of an id."""
    return bool(written) and str(staff_id).startswith(written)
