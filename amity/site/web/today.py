"""`/`: what needs me, in order, with the reason; what burns; how our goals stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_date, format_skeleton
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from amity.insight.domain.standing import Standing
from amity.insight.queries import work
from amity.insight.queries.figures import Reading
from amity.insight.queries.goals import Goal
from amity.insight.queries.registry import FIGURES
from amity.insight.queries.work import Due
from amity.insight.web.figures import rows_of_figures
from amity.insight.web.words import shown
from amity.kernel import policy
from amity.kernel.names import given_name
from amity.kernel.requests import ActingRequest
from amity.kernel.workspace import workspace
from amity.kernel.written import reader
from amity.site.templatetags import wording
from amity.site.web import today_board as board
from amity.site.web.today_words import Shown, address, conversation_url, show, things

MOST_DUE = 6
MOST_GOALS = 5
STANDING = {
    Standing.REACHED: ("check", "good", gettext_lazy("reached")),
    Standing.ON_COURSE: ("trending-up", "good", gettext_lazy("on course")),
    Standing.SLIPPING: ("trending-down", "caution", gettext_lazy("slipping")),
    Standing.NO_CHANGE: ("minus", "quiet", gettext_lazy("no change")),
    Standing.UNKNOWN: ("circle-dashed", "quiet", gettext_lazy("not known yet")),
}


@require_safe
def today_page(request: ActingRequest) -> HttpResponse:
    """For those who answer customers the queue; for those who do not, the figures."""
    actor, at = request.actor, request.now
    local = timezone.localtime(at)
    rules = workspace()
    due = work.due_promises(actor, at)
    context: dict[str, Any] = {
        "workspace": rules,
        "greeting": greeting(local.hour, given_name(request.staff.name)),
        "date": format_date(local, "full", locale=reader()),
        "side": _side(request, due),
        "done": _done(board.done_today(actor, at)),
        "is_working": work.works(actor),
    }
    if work.works(actor):
        context |= _queue(request, board.queue(actor, at, due))
    elif policy.may(actor, "read", "figure"):
        context["rows"] = rows_of_figures(FIGURES, request)
    return render(request, "site/today.html", context)


def greeting(hour: int, name: str) -> str:
    """By the reader's time of day."""
    who = {"name": name}
    if 5 <= hour < 12:
        return _("Good morning, %(name)s") % who
    if 12 <= hour < 18:
        return _("Good afternoon, %(name)s") % who
    return _("Good evening, %(name)s") % who


# ------------------------------------------------------------------------------------------------------------ the queue


def _queue(request: ActingRequest, waiting: board.Queue) -> dict[str, Any]:
    items = [show(item, rank, waiting.conversation_of) for rank, item in enumerate(waiting.items, start=1)]
    minutes = sum(item.minutes for item in waiting.items)
    is_empty = not items and not waiting.rest.count
    return {
        "items": items,
        "head": things(len(items), minutes) if items else "",
        "ends_at": request.now + timedelta(minutes=minutes),
        "budget": _budget(items),
        "rest": waiting.rest,
        "rest_lines": _rest_lines(waiting.rest),
        "rest_words": _rest_words(waiting.rest),
        "rest_url": address("inbox", query={"view": "waiting"}),
        "colleagues": waiting.colleagues,
        "is_blank": is_empty and not board.has_any_activity(request.actor),
        "connect_url": address("settings-channel-new")
        if policy.may(request.actor, "write", "own_source")
        else "",
        "import_url": address("imports") if policy.may(request.actor, "write", "import") else "",
    }


def _budget(items: Sequence[Shown]) -> list[tuple[float, str]]:
    """The items as parts of the time that they take together; the first one is next."""
    total = sum((item.minutes for item in items), timedelta(0))
    return [(item.minutes / total, "accent" if item.is_open else "ink") for item in items]


def _rest_words(rest: board.Rest) -> str:
    if not rest.count:
        return _("Nothing else waits.")
    if rest.is_urgent:
        return ngettext("%(count)s other thing comes after these.", "%(count)s other things come after these.",
                        rest.count) % {"count": wording.number(rest.count)}  # fmt: skip
    return ngettext("%(count)s other thing can wait until tomorrow.", "%(count)s other things can wait until tomorrow.",
                    rest.count) % {"count": wording.number(rest.count)}  # fmt: skip


def _rest_lines(rest: board.Rest) -> list[str]:
    def day(instant: datetime) -> str:
        local = timezone.localtime(instant)
        return format_skeleton("MMMEd", local, locale=reader()).replace(",", "")

    told = (
        (rest.late, ngettext("%(count)s late reply that costs less than these",
                             "%(count)s late replies that cost less than these", rest.late), None),
        (rest.soon, ngettext("%(count)s reply due within 4 hours",
                             "%(count)s replies due within 4 hours", rest.soon), None),
        (rest.promises_today, ngettext("%(count)s promise due today",
                                       "%(count)s promises due today", rest.promises_today), None),
        (rest.calm, ngettext("%(count)s reply with more than 4 hours left",
                             "%(count)s replies with more than 4 hours left", rest.calm), None),
        (rest.asleep, ngettext("%(count)s follow-up, on %(day)s",
                               "%(count)s follow-ups, the first on %(day)s", rest.asleep), rest.wakes_at),
        (rest.promises, ngettext("%(count)s promise, due on %(day)s",
                                 "%(count)s promises, the first due on %(day)s", rest.promises), rest.next_promise_at),
        (rest.other, ngettext("%(count)s other matter", "%(count)s other matters", rest.other), None),
    )  # fmt: skip
    return [
        words % {"count": wording.number(count), "day": day(instant) if instant else ""}
        for count, words, instant in told
        if count
    ]


def _done(readings: dict[str, Reading]) -> list[dict[str, str]]:
    """What everybody did today, once there is anything; each number opens its figure."""
    values = {key: int(reading.value or 0) for key, reading in readings.items()}
    if not any(values.values()):
        return []
    answered, kept, closed = (
        values[key] for key in ("answered_today", "promises_kept_today", "closed_today")
    )
    told = (
        ("answered_today", ngettext("%(count)s answered", "%(count)s answered", answered), answered),
        ("promises_kept_today", ngettext("%(count)s promise kept", "%(count)s promises kept", kept), kept),
        ("closed_today", ngettext("%(count)s closed", "%(count)s closed", closed), closed),
    )
    return [
        {"url": address("figure", key), "words": words % {"count": wording.number(count)}}
        for key, words, count in told
    ]


# --------------------------------------------------------------------------------------------------------- the side


def _side(request: ActingRequest, due: Sequence[Due]) -> dict[str, Any]:
    found = board.side(request.actor, request.now, due)
    kept = next((one for one in found.goals if one.objective.figure_key == "promises_kept"), None)
    return {
        "burning": _burning(found) if found.burning else None,
        "due": [_due_line(one, request) for one in found.due if one.due_at >= _day_start(request.now)][
            :MOST_DUE
        ],
        "kept": kept.value if kept else None,
        "goals": [_goal_line(one) for one in found.goals[:MOST_GOALS]],
        "here": found.here[:6],
        "here_count": len(found.here) + 1,
        "staff": found.staff,
    }


def _day_start(at: datetime) -> datetime:
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)


def _burning(found: board.Side) -> dict[str, Any]:
    fire = found.burning
    assert fire is not None
    usual = wording.number(fire.fire.low) if fire.fire.high else _("none")
    if fire.fire.high > fire.fire.low:
        usual = _("%(low)s to %(high)s") % {"low": usual, "high": wording.number(fire.fire.high)}
    words = _("%(seen)s unhappy messages today against %(usual)s by this hour on a usual day.") % {
        "seen": wording.number(fire.fire.seen),
        "usual": usual,
    }
    if fire.net_today is not None and fire.net_before is not None:
        words += " " + _("Net sentiment %(today)s, was %(before)s.") % {
            "today": _points(fire.net_today),
            "before": _points(fire.net_before),
        }
    return {
        "title": " ".join(fire.words),
        "since": fire.since,
        "words": words,
        "trend": fire.trend,
        "customers": fire.customers,
        "unanswered": fire.unanswered,
        "seen": fire.fire.seen,
        "figure_url": address("figure", "unhappy_today"),
        "inbox_url": address(
            "inbox", query={"view": "waiting"} | ({"q": " ".join(fire.words)} if fire.words else {})
        ),
    }


def _points(share: float) -> str:
    points = round(share * 100)
    return f"+{points}" if points > 0 else wording.number(points)


def _due_line(one: Due, request: ActingRequest) -> dict[str, Any]:
    left = one.due_at - request.now
    who = _("%(what)s for %(name)s") % {"what": one.what, "name": one.customer} if one.customer else one.what
    return {
        "time": _due_words(one.due_at, request.now),
        "what": who,
        "owner": _("You") if one.is_mine else given_name(one.owner_name),
        "owner_full": one.owner_name,
        "url": conversation_url(one.conversation_id),
        "tone": "bad" if left < timedelta(0) else "caution" if left <= timedelta(hours=1) else "",
    }


def _due_words(due_at: datetime, at: datetime) -> str:
    """ "15:40", "Fri 12:00", "Mon 16 Mar"."""
    local, now = timezone.localtime(due_at), timezone.localtime(at)
    days = (local.date() - now.date()).days
    if days == 0:
        return wording.clock(local)
    locale = reader()
    if 0 < days < 6:
        return f"{format_skeleton('E', local, locale=locale)} {wording.clock(local)}"
    return format_skeleton("MMMd", local, locale=locale)


def _goal_line(one: Goal) -> dict[str, Any]:
    icon, tone, word = STANDING[one.standing]
    return {
        "name": one.figure.name if one.figure else one.objective.name,
        "objective": one.objective.name,
        "trend": [bucket.value for bucket in one.trend],
        "target": one.objective.target,
        "shown": shown(one.figure.unit, one.value) if one.figure else None,
        "icon": icon,
        "tone": tone,
        "word": word,
        "url": address("figure", one.figure.key) if one.figure else "",
    }
