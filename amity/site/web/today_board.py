"""What stands on Today for one colleague, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from amity.activity.models import Activity
from amity.conversations.queries.colleagues import colleagues_of
from amity.insight.domain.ranking import MOST_ITEMS, Item, Kind, Talk, ranked
from amity.insight.domain.windows import day_of
from amity.insight.queries import work
from amity.insight.queries.burning import Burning, burning
from amity.insight.queries.figures import Reading, read_many
from amity.insight.queries.goals import Goal, goals
from amity.insight.queries.registry import BY_KEY
from amity.insight.queries.work import Due, Tally
from amity.kernel import policy
from amity.kernel.actor import Actor

DONE = ("answered_today", "closed_today", "promises_kept_today")
HERE = timedelta(minutes=10)
CALM = work.CALM


@dataclass(frozen=True, slots=True)
class Rest:
    """What comes after the items that are shown."""

    late: int
    soon: int
    calm: int
    asleep: int
    wakes_at: datetime | None
    promises: int
    next_promise_at: datetime | None
    promises_today: int
    other: int

    @property
    def count(self) -> int:
        return (
            self.late + self.soon + self.calm + self.asleep + self.promises + self.promises_today + self.other
        )

    @property
    def is_urgent(self) -> bool:
        """Whether some of it is late or due today all the same."""
        return bool(self.late or self.soon or self.promises_today or self.other)


@dataclass(frozen=True, slots=True)
class Queue:
    """The items in their order, whose conversations they lead to, and what comes after them."""

    items: Sequence[Item]
    rest: Rest
    colleagues: int
    conversation_of: Mapping[UUID, UUID | None]


@dataclass(frozen=True, slots=True)
class Colleague:
    id: UUID
    name: str
    job_title: str


@dataclass(frozen=True, slots=True)
class Side:
    """The column on the right; each part is empty where the actor may not see it."""

    burning: Burning | None
    due: Sequence[Due]
    goals: Sequence[Goal]
    here: Sequence[Colleague]
    staff: int


def queue(actor: Actor, at: datetime, due: Sequence[Due]) -> Queue:
    """What this colleague should do, in order. Seven queries, eight for those who import."""
    day_ends = day_of(timezone.localtime(at)).end
    talks, alone = work.with_promises(work.waiting_talks(actor), due, day_ends)
    stuck = work.stuck_messages(actor)
    counts = work.tally(actor, at)
    items = ranked(
        [
            *work.talk_items(talks, at),
            *work.promise_items(alone, at),
            *work.stuck_items(stuck),
            *work.import_items(actor, at),
        ]
    )
    shown = items[:MOST_ITEMS]
    conversation_of = {promised.id: promised.conversation_id for promised in alone}
    conversation_of |= {message.id: message.conversation_id for message in stuck}
    rest = _rest(items, talks, counts, due, at=at, day_ends=day_ends)
    return Queue(shown, rest, counts.colleagues, conversation_of)


def _rest(
    items: Sequence[Item],
    talks: Sequence[Talk],
    counts: Tally,
    due: Sequence[Due],
    *,
    at: datetime,
    day_ends: datetime,
) -> Rest:
    """Counts of all less what is shown, so that they hold also where more waits than was looked at."""
    shown = {id for item in items[:MOST_ITEMS] for id in (item.id, *item.ids)}
    own = [talk for talk in talks if talk.id in shown and talk.is_for_me]
    late = counts.late - sum(1 for talk in own if talk.due_at and talk.due_at < at)
    calm = counts.calm - sum(1 for talk in own if talk.due_at and talk.due_at > at + CALM)
    later = [one for one in due if one.is_mine and one.due_at >= day_ends]
    return Rest(
        late=late,
        soon=max(0, counts.mine - len(own) - late - calm),
        calm=calm,
        asleep=counts.asleep,
        wakes_at=counts.wakes_at,
        promises=len(later),
        next_promise_at=later[0].due_at if later else None,
        promises_today=sum(1 for item in items[MOST_ITEMS:] if item.kind is Kind.PROMISE),
        other=sum(1 for item in items[MOST_ITEMS:] if item.kind in (Kind.NOT_SENT, Kind.IMPORT)),
    )


def done_today(actor: Actor, at: datetime) -> dict[str, Reading]:
    """What was done today by everybody, as far as the actor sees it; empty for who reads no figures."""
    if not policy.may(actor, "read", "figure"):
        return {}
    return read_many([BY_KEY[key] for key in DONE], actor, at)


def side(actor: Actor, at: datetime, due: Sequence[Due]) -> Side:
    """The column on the right: four queries, two more when something burns."""
    staff = list(colleagues_of(actor).values_list("id", "name", "job_title", "last_seen_at"))
    here = [
        Colleague(id, name, title)
        for id, name, title, seen in staff
        if seen is not None and seen >= at - HERE and id != actor.staff_id
    ]
    return Side(
        burning=burning(actor, at) if policy.may(actor, "read", "activity") else None,
        due=due,
        goals=goals(actor, at),
        here=here,
        staff=len(staff),
    )


def has_any_activity(actor: Actor) -> bool:
    """Whether there is anything at all yet that this actor sees."""
    return Activity.objects.visible_to(actor).exists()
