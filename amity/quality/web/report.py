"""`/quality/`: how good the data about people is, what costs most, and every figure with the people behind it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amity.kernel import policy
from amity.kernel.errors import NotFound
from amity.kernel.written import reader, whole
from amity.people.web.answers import say
from amity.quality.domain.fields import RECORD, Field
from amity.quality.domain.scoring import AGAINST, Share
from amity.quality.looking import ask_for_a_look
from amity.quality.models import SOURCE, TEAM, Flag
from amity.quality.queries.counting import Sight
from amity.quality.queries.known import EVERYTHING, Scope, scope_named, scopes_for, settings
from amity.quality.queries.report import DayOfScore, Report, Worst, report_on, trend_of, worst_of
from amity.quality.queries.words import DIMENSIONS, FORMULAS, PROBLEMS, scope_name

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest


@require_safe
def report(request: ActingRequest) -> HttpResponse:
    """The figures of a scope: `?scope=` all, `source:<id>` or `team:<id>`."""
    policy.require(request.actor, "read", "person")
    scope = scope_named(request.actor, request.GET.get("scope", ""))
    if scope is None:
        raise NotFound(_("This page does not exist, or it is not for you."))
    sight = Sight(request.actor, request.now)
    found = report_on(request.actor, request.now, scope, sight)
    days = trend_of(request.actor, request.now, scope)
    worst = worst_of(found, request.actor, sight) if found.people else None
    every = scopes_for(request.actor)
    hidden = policy.hidden_source_ids(request.actor)
    return render(request, "quality/report.html", {
        "report": found,
        "people": whole(found.people),
        "answer": answer_of(found),
        "why": why_of(found, worst),
        "worst_url": records_url(worst.share, worst.scope or scope) if worst else "",
        "rows": [_row(one, found, days) for one in found.fields],
        "dimensions": [(DIMENSIONS[one], FORMULAS[one]) for one in AGAINST],
        "chart": _chart(days) if len(days) > 1 else None,
        "teams": [(str(one), scope_name(one), one == scope) for one in every if one.kind == TEAM],
        "sources": [(str(one), scope_name(one), one == scope) for one in every if one.kind == SOURCE],
        "is_everything": scope == EVERYTHING,
        "scope_name": scope_name(scope),
        "may_write": policy.may(request.actor, "write", "person"),
        "may_set": policy.may(request.actor, "write", "settings"),
        "months": settings().months,
        "flagged": Flag.objects.exclude(source_id__in=hidden)[:1].exists(),
    })  # fmt: skip


@require_POST
def look(request: ActingRequest) -> HttpResponse:
    """Have everybody judged soon; it is done every night, too."""
    policy.require(request.actor, "write", "person")
    if ask_for_a_look():
        say(request, _("Everybody is judged now. The figures are new in a moment."))
    else:
        say(request, _("That is asked for already. The figures are new in a moment."))
    return redirect("quality")


def answer_of(found: Report) -> str:
    """The first line of the screen."""
    if found.score is None:
        return ""
    score = {"score": round(found.score), "source": found.scope.name}
    if found.scope == EVERYTHING:
        return _("Your customer data is %(score)s of 100") % score
    return _("What %(source)s says is %(score)s of 100") % score


def why_of(found: Report, worst: Worst | None) -> str:
    """What costs most, and where most of it lies."""
    if worst is None:
        return _("Nothing that counts is wrong with it.")
    label = next(one.label for one in found.fields if one.key == worst.share.field)
    if worst.share.field == RECORD:
        return _("Most is lost by people who may be there twice.")
    told = {"field": label, "problem": PROBLEMS[worst.share.problem]}
    if worst.scope is not None:
        return _("Most is lost by “%(field)s”, %(problem)s: most of it at %(source)s.") % {
            **told,
            "source": worst.scope.name,
        }
    return _("Most is lost by “%(field)s”, %(problem)s.") % told


def records_url(share: Share, scope: Scope) -> str:
    """Where the people stand of whom a share counts the problem."""
    asked = {"field": share.field, "problem": share.problem.value}
    if scope != EVERYTHING:
        asked["scope"] = str(scope)
    return f"{reverse('quality-records')}?{urlencode(asked)}"


def _row(one: Field, found: Report, days: list[DayOfScore]) -> dict[str, Any]:
    of = {share.dimension: share for share in found.of_field(one.key)}
    return {
        "label": one.label,
        "score": found.score_of(one.key),
        "counts": any(share.weight for share in of.values()),
        "cells": [_cell(of.get(dimension), found) for dimension in AGAINST],
        "trend": [day.by_field.get(one.key) for day in days],
    }


def _cell(share: Share | None, found: Report) -> dict[str, Any] | None:
    if share is None:
        return None
    return {
        "shown": share_words(share),
        "bad": share.bad,
        "of": share.of,
        "url": records_url(share, found.scope) if share.bad else "",
        "name": DIMENSIONS[share.dimension],
        "problem": PROBLEMS[share.problem],
        "tone": _tone(share.value),
    }


def share_words(share: Share) -> str:
    """A share in per cent; neither 100 nor 0 where somebody is missing from that."""
    if share.value is None:
        return "–"
    least = 0.001 if share.of > share.bad else 0.0
    most = 0.999 if share.bad else 1.0
    value = min(max(share.value, least), most)
    rounded = round(value, 2)
    return percent(value, 1 if rounded in (0.0, 1.0) and value != rounded else 0)


def percent(value: float, digits: int = 0) -> str:
    """A share of 0 to 1 as the reader writes it."""
    locale = reader()
    pattern = locale.percent_formats[None].pattern
    if digits:
        pattern = pattern.replace("0", "0." + "0" * digits, 1)
    if locale.language == "en":
        pattern = pattern.replace("%", "\N{NO-BREAK SPACE}%")
    return str(format_percent(value, format=pattern, locale=locale))


def _tone(value: float | None) -> str:
    if value is None:
        return ""
    return "bad" if value < 0.5 else "caution" if value < 0.9 else ""


def _chart(days: list[DayOfScore]) -> dict[str, Any]:
    return {
        "title": _("Score, points of 100"),
        "spec": {
            "x": [int(datetime.fromisoformat(f"{day.on}T12:00:00+00:00").timestamp()) for day in days],
            "series": [
                {
                    "label": _("Score"),
                    "kind": "line",
                    "tone": "ink",
                    "values": [None if day.score is None else round(day.score, 1) for day in days],
                }
            ],
        },
        "columns": [_("Day"), _("Score"), _("People")],
        "rows": [
            (
                format_date(day.on, "medium", locale=reader()),
                "–" if day.score is None else str(format_decimal(round(day.score, 1), locale=reader())),
                whole(day.people),
            )
            for day in days
        ],
    }
