"""The entries of a timeline as the page draws them: who did what, grouped by day, tied to what they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from amity.activity.queries import Lane, Moment
from amity.kernel.models import Staff
from amity.kernel.names import given_name
from amity.kernel.written import day_as
from amity.people.panels import Detail
from amity.people.queries import KnownAs
from amity.people.web.words import kind_of, network_word

BY_MONTH_AFTER = timedelta(days=60)
_NAMED_NETWORKS = frozenset({"post", "direct", "message", "tweet", "toot", "comment"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `title` is "" where the word of the channel is the title."""

    id: UUID
    lane: str
    title: str
    channel: str
    words: str
    text: str
    why_empty: str  # what stands where a rule took the words
    language: str
    at: datetime
    answers: UUID | None
    after: timedelta | None  # how long after what it answers
    is_internal: bool
    is_changed: bool  # other words stood here
    who: str  # whose it is, where the timeline is of several people
    detail: Detail


@dataclass(frozen=True, slots=True)
class Group:
    """Entries of one day, or of one month when they are old."""

    day: date
    month: str
    entries: tuple[Entry, ...]


def staff_names(moments: Sequence[Moment]) -> dict[UUID, str]:
    """First names of the colleagues who did something here."""
    ids = {moment.staff_id for moment in moments if moment.staff_id}
    rows = Staff.objects.filter(pk__in=ids).values_list("id", "name")
    return {staff: given_name(name) for staff, name in rows}


def grouped(
    moments: Sequence[Moment],
    details: Mapping[UUID, Detail],
    identities: Sequence[KnownAs],
    now: datetime,
    people: Mapping[UUID, str] | None = None,
) -> list[Group]:
    """The entries by day, newest first; what is older than two months by month. `people` are names by identity."""
    names = staff_names(moments)
    networks = {identity.id: identity.network for identity in identities}
    said = {one.external_id: one for one in moments if one.lane == Lane.SAID and one.external_id}
    groups: dict[tuple[date, str], list[Entry]] = {}
    for moment in moments:
        local = timezone.localtime(moment.occurred_at)
        if now - moment.occurred_at > BY_MONTH_AFTER:
            key = (local.date().replace(day=1), day_as("yMMM", local))
        else:
            key = (local.date(), "")
        entry = _entry(moment, details.get(moment.id, Detail()), names, networks, said)
        if people:
            entry = replace(entry, who=people.get(moment.about_id, ""))
        groups.setdefault(key, []).append(entry)
    return [Group(day, month, tuple(entries)) for (day, month), entries in groups.items()]


def _entry(
    moment: Moment,
    detail: Detail,
    names: Mapping[UUID, str],
    networks: Mapping[UUID, str],
    said: Mapping[str, Moment],
) -> Entry:
    answered = said.get(moment.answers) if moment.answers and moment.direction == "out" else None
    after = moment.occurred_at - answered.occurred_at if answered else None
    is_promise = moment.object_type == "promise"
    return Entry(
        id=moment.id,
        lane=moment.lane,
        title=_title(moment, names.get(moment.staff_id) if moment.staff_id else None),
        channel=moment.channel,
        words=detail.words or (moment.text if is_promise else _where(moment, networks)),
        text="" if is_promise or moment.lane == Lane.BOUGHT else moment.text or moment.subject,
        why_empty=moment.why_empty,
        language=moment.language,
        at=moment.occurred_at,
        answers=answered.id if answered else None,
        after=after if after is not None and after >= timedelta(0) else None,
        is_internal=moment.is_internal and not is_promise,
        is_changed=moment.is_changed,
        who="",
        detail=detail,
    )


def _title(moment: Moment, who: str | None) -> str:
    who = who or pgettext("who did something", "We")
    if moment.lane == Lane.BOUGHT:
        return _("Order %(number)s") % {"number": moment.subject}
    if moment.lane == Lane.SAID:
        return ""
    if moment.object_type == "promise":
        return _("%(who)s promised") % {"who": who}
    if moment.is_removed:
        return _("%(who)s removed a note") % {"who": who}
    if moment.is_internal:
        return _("%(who)s noted") % {"who": who}
    if moment.channel in ("call", "phone"):
        return _("%(who)s called") % {"who": who}
    if moment.is_public:
        return _("%(who)s replied in public") % {"who": who}
    return _("%(who)s replied") % {"who": who} if moment.answers else _("%(who)s wrote") % {"who": who}


def _where(moment: Moment, networks: Mapping[UUID, str]) -> str:
    network = networks.get(moment.about_id, "")
    if moment.lane != Lane.SAID or moment.channel not in _NAMED_NETWORKS or not network:
        return ""
    if kind_of(network) in ("email", "phone", "customer"):
        return ""
    return _("on %(network)s") % {"network": network_word(network)}
