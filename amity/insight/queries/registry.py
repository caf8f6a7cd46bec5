"""The figures that there are. A screen that shows one links to its page, where formula and records stand."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils.translation import gettext_lazy as _

from amity.activity.models import Activity
from amity.activity.stages import NEGATIVE_BELOW, POSITIVE_ABOVE
from amity.channels.records import Direction
from amity.commerce.models import Order
from amity.commerce.stages import NOT_BOUGHT
from amity.conversations.models import Conversation, ConversationState
from amity.insight.domain.reckoning import How
from amity.insight.queries.figures import Figure, Rows, Span, Unit
from amity.kernel.actor import Actor
from amity.people.models import Link
from amity.teamwork.models import Promise, PromiseState

A_YEAR = timedelta(days=365)
_ONE = Value(1.0, FloatField())


class _Minutes(Func):
    """Length of time between two instants, in minutes."""

    template = "(EXTRACT(EPOCH FROM %(expressions)s) / 60)::float8"
    output_field = FloatField()


def _as_part(condition: Q) -> Case:
    return Case(When(condition, then=_ONE), default=Value(0.0), output_field=FloatField())


# ------------------------------------------------------------------------------------------------------------- records


def answered_first(actor: Actor, _at: datetime) -> Rows:
    rows = Conversation.objects.visible_to(actor).filter(
        first_answer_at__isnull=False, first_inbound_at__isnull=False
    )
    waited = ExpressionWrapper(F("first_answer_at") - F("first_inbound_at"), FloatField())
    return rows.annotate(moment=F("first_answer_at"), part=_Minutes(waited))


def waiting(actor: Actor, _at: datetime) -> Rows:
    rows = Conversation.objects.visible_to(actor).filter(
        state=ConversationState.OPEN, waiting_since__isnull=False
    )
    return rows.annotate(moment=F("waiting_since"), part=_ONE)


def late(actor: Actor, at: datetime) -> Rows:
    return waiting(actor, at).filter(due_at__lt=at)


def closed(actor: Actor, _at: datetime) -> Rows:
    rows = Conversation.objects.visible_to(actor).filter(
        state=ConversationState.CLOSED, closed_at__isnull=False
    )
    return rows.annotate(moment=F("closed_at"), part=_ONE)


def due_promises(actor: Actor, at: datetime) -> Rows:
    rows = Promise.objects.visible_to(actor).exclude(state=PromiseState.WITHDRAWN).filter(due_at__lte=at)
    in_time = Q(state=PromiseState.KEPT, settled_at__lte=F("due_at"))
    return rows.annotate(moment=F("due_at"), part=_as_part(in_time))


def kept_promises(actor: Actor, _at: datetime) -> Rows:
    rows = Promise.objects.visible_to(actor).filter(state=PromiseState.KEPT, settled_at__isnull=False)
    return rows.annotate(moment=F("settled_at"), part=_ONE)


def _said(actor: Actor) -> QuerySet[Activity]:
    return Activity.objects.visible_to(actor).filter(direction=Direction.IN).exclude(object_type="order")


def said(actor: Actor, _at: datetime) -> Rows:
    return _said(actor).annotate(moment=F("occurred_at"), part=_ONE)


def felt(actor: Actor, _at: datetime) -> Rows:
    feeling = Case(
        When(sentiment__lt=NEGATIVE_BELOW, then=Value(-1.0)),
        When(sentiment__gt=POSITIVE_ABOVE, then=_ONE),
        default=Value(0.0),
        output_field=FloatField(),
    )
    rows = _said(actor).filter(sentiment__isnull=False)
    return rows.annotate(moment=F("occurred_at"), part=feeling)


def felt_bad(actor: Actor, _at: datetime) -> Rows:
    rows = _said(actor).filter(sentiment__isnull=False)
    return rows.annotate(moment=F("occurred_at"), part=_as_part(Q(sentiment__lt=NEGATIVE_BELOW)))


def unhappy(actor: Actor, _at: datetime) -> Rows:
    rows = _said(actor).filter(sentiment__lt=NEGATIVE_BELOW)
    return rows.annotate(moment=F("occurred_at"), part=_ONE)


def answers(actor: Actor, _at: datetime) -> Rows:
    rows = Activity.objects.visible_to(actor).filter(direction=Direction.OUT, thread_id__isnull=False)
    return rows.annotate(moment=F("occurred_at"), part=F("thread_id"))


def first_orders(actor: Actor, _at: datetime) -> Rows:
    """The first order of every buyer, by person where the buyer is known as one; what they may not see is no order,
    and neither is what was cancelled or given back."""
    visible = Order.objects.visible_to(actor).exclude(status__in=NOT_BOUGHT)
    linked = visible.filter(buyer__links__revoked_at__isnull=True)
    # One sort of all orders: asking for each order whether there is an earlier one took six times as long.
    first = linked.order_by("buyer__links__person_id", "ordered_at", "id").distinct("buyer__links__person_id")
    person = Link.objects.filter(identity_id=OuterRef("buyer_id"), revoked_at__isnull=True)
    rows = visible.filter(pk__in=first.values("id")).annotate(
        buyer_person=Subquery(person.values("person_id")[:1])
    )
    later = visible.filter(
        Q(ordered_at__gt=OuterRef("ordered_at"))
        | Q(ordered_at=OuterRef("ordered_at"), id__gt=OuterRef("id")),
        buyer__links__person_id=OuterRef("buyer_person"),
        buyer__links__revoked_at__isnull=True,
        ordered_at__lte=OuterRef("ordered_at") + A_YEAR,
    )
    return rows.annotate(moment=F("ordered_at"), part=_as_part(Q(Exists(later))))


# ------------------------------------------------------------------------------------------------------------- figures

_INBOUND = Q(direction=Direction.IN)
_OURS = _("The project's own definition.")

FIGURES: tuple[Figure, ...] = (
    Figure(
        "first_answer_median",
        _("First answer"),
        Unit.MINUTES,
        _("The middle one of the times from a customer's first message to our first answer, over the "
          "conversations that got their first answer in the last 28 days. Nights and weekends count: working hours "
          "are not known yet."),
        _("First response time of customer service, by the clock on the wall."),
        "lower",
        Span.MONTH,
        How.MEDIAN,
        answered_first,
    ),
    Figure(
        "waiting_now",
        _("Waiting for us"),
        Unit.COUNT,
        _("Open conversations in which the customer had the last word, now."),
        _OURS,
        "lower",
        Span.NOW,
        How.COUNT,
        waiting,
    ),
    Figure(
        "late_now",
        _("Late"),
        Unit.COUNT,
        _("Of the conversations that wait for us, those whose time to answer has passed, now."),
        _OURS,
        "lower",
        Span.NOW,
        How.COUNT,
        late,
    ),
    Figure(
        "answered_today",
        _("Answered today"),
        Unit.COUNT,
        _("Threads in which we wrote to the customer today, each counted once; the records are the messages "
          "themselves."),
        _OURS,
        "higher",
        Span.DAY,
        How.DISTINCT,
        answers,
        shows="activity",
    ),
    Figure(
        "closed_today",
        _("Closed today"),
        Unit.COUNT,
        _("Conversations that were closed today and still are."),
        _OURS,
        "higher",
        Span.DAY,
        How.COUNT,
        closed,
    ),
    Figure(
        "promises_kept",
        _("Promises kept"),
        Unit.SHARE,
        _("Promises kept by their time, of all promises that were due in the last 28 days. Withdrawn ones do not "
          "count, and one that is kept late counts as broken."),
        _OURS,
        "higher",
        Span.MONTH,
        How.SHARE,
        due_promises,
        shows="promise",
    ),
    Figure(
        "promises_kept_today",
        _("Promises kept today"),
        Unit.COUNT,
        _("Promises that were kept today, in time or late."),
        _OURS,
        "higher",
        Span.DAY,
        How.COUNT,
        kept_promises,
        shows="promise",
    ),
    Figure(
        "messages_in",
        _("Messages from customers"),
        Unit.COUNT,
        _("Messages from customers on the last 28 days of UTC, today among them, on every channel."),
        _OURS,
        "higher",
        Span.UTC_MONTH,
        How.COUNT,
        said,
        lambda: _INBOUND,
        shows="activity",
    ),
    Figure(
        "net_sentiment",
        _("Net sentiment"),
        Unit.BALANCE,
        _("Positive less negative messages, divided by both together, on the last 28 days of UTC. Neutral messages do "
          "not count in this variant. Shown from −100 to +100."),
        _("Net sentiment of social listening, in the variant over positive and negative mentions."),
        "higher",
        Span.UTC_MONTH,
        How.NET,
        felt,
        lambda: _INBOUND & ~Q(mood=""),
        shows="activity",
    ),
    Figure(
        "negative_share",
        _("Unhappy messages"),
        Unit.SHARE,
        _("Negative messages of all messages from customers whose feeling could be judged, on the last 28 days "
          "of UTC."),
        _OURS,
        "lower",
        Span.UTC_MONTH,
        How.SHARE,
        felt_bad,
        lambda: _INBOUND & ~Q(mood=""),
        shows="activity",
    ),
    Figure(
        "unhappy_today",
        _("Unhappy messages today"),
        Unit.COUNT,
        _("Messages from customers today that were understood as negative."),
        _OURS,
        "lower",
        Span.DAY,
        How.COUNT,
        unhappy,
        shows="activity",
    ),
    Figure(
        "buyers_come_back",
        _("Buyers come back"),
        Unit.SHARE,
        _("Buyers with a second order within a year of their first, of all buyers whose first order lay in the 28 days "
          "that ended a year ago. Buyers who are known to be one person count once."),
        _("Repeat purchase rate of a cohort."),
        "higher",
        Span.LAST_YEAR,
        How.SHARE,
        first_orders,
        shows="order",
    ),
)  # fmt: skip
BY_KEY: dict[str, Figure] = {figure.key: figure for figure in FIGURES}


def figure(key: str) -> Figure | None:
    """The figure of this key; None for any other word."""
    return BY_KEY.get(key)


def names() -> list[tuple[str, Any]]:
    """Key and name of every figure, for a choice."""
    return [(one.key, one.name) for one in FIGURES]
