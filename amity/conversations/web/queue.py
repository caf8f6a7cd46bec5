"""The list of the inbox as templates draw it: tabs, filters, rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.activity.models import DailyCount
from amity.channels.models import Source
from amity.commerce.tier_words import tier_name
from amity.conversations.domain.cursor import Cursor, decode
from amity.conversations.domain.filters import ME, MOODS, NOBODY, Filters, View
from amity.conversations.domain.moments import snooze_choices
from amity.conversations.models import Conversation
from amity.conversations.queries import boxes, lists
from amity.conversations.queries.colleagues import colleagues_of
from amity.conversations.queries.lists import Row
from amity.conversations.web import words
from amity.conversations.web.requests import ActingRequest, Asked, asked, day_ends, zone_of
from amity.kernel import policy

FIRST_TABS = (View.WAITING, View.MINE, View.UNASSIGNED)
LANGUAGES_OF_LAST = 2_000


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    count: int | None
    is_current: bool
    view: View


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force, as a sentence with a way out."""

    field: str
    value: str
    drop_url: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    row: Row
    url: str
    chip: str
    is_open: bool


def queue(request: ActingRequest, *, open_id: UUID | None = None) -> dict[str, Any]:
    """The whole list pane. Seven queries, whatever is in it; one more for filters and one for a search, two more for
    Promised today."""
    about = asked(request)
    views = list(dict.fromkeys((*FIRST_TABS, about.view)))
    counts = boxes.counts(views, actor=request.actor, before=day_ends(request))
    title = words.VIEWS[about.view]
    return (
        rows(request, open_id=open_id)
        | {
            "title": title,
            "count": counts[about.view] if not about.filters else narrowed_count(request, about),
            "tabs": _tabs(about, counts),
            "other_views": _other_views(about),
            "chips": _chips(about, request),
            "order": _("Newest first") if about.filters.q else words.ORDERS[about.view],
            "since": request.now.isoformat(),
        }
        | _bulk(request)
    )


def _bulk(request: ActingRequest) -> dict[str, Any]:
    """What the bar over ticked rows offers; nothing to who may only read."""
    if not policy.may(request.actor, "write", "conversation"):
        return {}
    now = request.now.astimezone(zone_of(request))
    return {
        "bulk_colleagues": list(colleagues_of(request.actor).exclude(pk=request.staff.pk)),
        "bulk_snoozes": [(words.SNOOZES[one.key], one.at) for one in snooze_choices(now)],
    }


def narrowed_count(request: ActingRequest, about: Asked) -> int | None:
    """How many of the box fit the filters, at most `boxes.MOST_COUNTED`; None for Promised today, whose rows are
    promises."""
    if about.view is View.PROMISED:
        return None
    whole = boxes.box(about.view, actor=request.actor)
    found = boxes.narrowed(whole, about.filters, actor=request.actor, at=request.now)
    return found.order_by()[: boxes.MOST_COUNTED].count()


def rows(request: ActingRequest, *, open_id: UUID | None = None) -> dict[str, Any]:
    """A page of rows, from behind `after` of the query string."""
    about = asked(request)
    found = lists.page(
        about.view,
        about.filters,
        actor=request.actor,
        at=request.now,
        day_ends=day_ends(request),
        after=decode(request.GET.get("after", "")),
    )
    empty_title, empty_text = words.EMPTY[about.view]
    return {
        "asked": about,
        "rows": [shown(row, about, open_id=open_id) for row in found.rows],
        "more_query": _more(about, found.after),
        "empty_title": empty_title,
        "empty_text": empty_text,
        "sought": about.filters.q,
        "everywhere_url": f"{reverse('inbox')}?{about.with_(about.filters, View.ALL)}",
        "all_url": f"{reverse('inbox')}?{about.with_(Filters())}",
        "may_write": policy.may(request.actor, "write", "conversation"),
    }


def one_row(request: ActingRequest, conversation: Conversation, *, is_open: bool) -> ShownRow:
    """The row of one conversation, drawn again after something happened to it."""
    (row,) = lists.rows_of([conversation], actor=request.actor)
    return shown(row, asked(request), open_id=conversation.id if is_open else None)


def shown(row: Row, about: Asked, *, open_id: UUID | None) -> ShownRow:
    url = f"{reverse('conversation', args=[row.id])}?{about.query}"
    return ShownRow(row, url, _chip(row), row.id == open_id)


def _chip(row: Row) -> str:
    """One chip at most: many channels say more about a conversation than the tier, two say less."""
    channels = ngettext("%(count)s channel", "%(count)s channels", row.channels_count)
    if row.channels_count >= 3:
        return channels % {"count": row.channels_count}
    if row.tier_rule is not None:
        return tier_name(row.tier_rule)
    return channels % {"count": row.channels_count} if row.channels_count == 2 else ""


def _more(about: Asked, after: Cursor | None) -> str:
    return f"{about.query}&after={after.encode()}".replace("+", "%2B") if after else ""


def _tabs(about: Asked, counts: dict[View, int]) -> list[Tab]:
    views = FIRST_TABS if about.view in FIRST_TABS else (*FIRST_TABS, about.view)
    return [
        Tab(
            str(words.VIEWS[view]),
            f"{reverse('inbox')}?{about.with_(Filters(), view)}",
            counts.get(view),
            view is about.view,
            view,
        )
        for view in views
    ]


def _other_views(about: Asked) -> list[Tab]:
    return [
        Tab(
            str(words.VIEWS[view]),
            f"{reverse('inbox')}?{about.with_(Filters(), view)}",
            None,
            view is about.view,
            view,
        )
        for view in View
    ]


def _chips(about: Asked, request: ActingRequest) -> list[Chip]:
    return [
        Chip(
            str(words.FILTERS[name]),
            _value(name, value, request),
            f"{reverse('inbox')}?{about.with_(about.filters.without(name))}",
        )
        for name, value in about.filters.chosen.items()
    ]


def _value(name: str, value: str, request: ActingRequest) -> str:
    match name:
        case "channel":
            return words.channel(value)
        case "mood":
            return str(words.MOODS[value])
        case "language":
            return words.language(value)
        case "late":
            return _("late")
        case "assignee" if value in (ME, NOBODY):
            return _("you") if value == ME else _("nobody")
        case "assignee":
            whom = colleagues_of(request.actor, with_former=True).filter(pk=value)
            return whom.values_list("name", flat=True).first() or _("somebody")
        case "source":
            found = policy.visible(Source.objects.filter(pk=value), request.actor)
            return found.values_list("name", flat=True).first() or _("unknown")
        case _:
            return value


# ---------------------------------------------------------------------------------------------------------- filter form


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    label: str
    options: list[Option]


def filter_fields(request: ActingRequest) -> list[Field]:
    """What one can narrow by, with what there is to choose from; fetched when somebody opens the filters."""
    filters = asked(request).filters
    visible = policy.visible(DailyCount.objects.all(), request.actor)
    channels = sorted(set(visible.filter(direction="in").values_list("channel", flat=True)))
    people = [(ME, _("Me")), (NOBODY, _("Nobody"))]
    people += [(str(id_), name) for id_, name in colleagues_of(request.actor).values_list("id", "name")]
    sources = policy.visible(Source.objects.all(), request.actor).values_list("id", "name")
    choices = {
        "channel": [(kind, words.channel(kind)) for kind in channels if kind not in ("order", "promise")],
        "assignee": people,
        "mood": [(name, str(words.MOODS[name])) for name in MOODS],
        "language": [(code, words.language(code)) for code in _languages(request)],
        "source": [(str(id_), name) for id_, name in sources],
        "late": [("1", _("Late only"))],
    }
    return [
        Field(
            name,
            str(words.FILTERS[name]),
            [Option(value, label, value == filters.chosen.get(name)) for value, label in found],
        )
        for name, found in choices.items()
        if found
    ]


def _languages(request: ActingRequest) -> list[str]:
    """Languages that customers wrote in lately."""
    lately: QuerySet[Conversation] = policy.visible(Conversation.objects.all(), request.actor)
    newest = lately.order_by("-last_activity_at", "-id").values_list("language", flat=True)[
        :LANGUAGES_OF_LAST
    ]
    return sorted({code for code in newest if code})
