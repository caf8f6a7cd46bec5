"""`/figures/`: every figure, and the page that each opens to: formula, freshness, trend, the exact records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amity.insight.queries.figures import Bucket, Figure, read_many, records_page, series_of
from amity.insight.queries.registry import FIGURES, figure
from amity.insight.web import words
from amity.kernel import policy
from amity.kernel.errors import NotFound
from amity.kernel.keyset import Cursor

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest


def rows_of_figures(figures: tuple[Figure, ...], request: ActingRequest) -> list[dict[str, Any]]:
    """Each figure with its value and trend, in two queries."""
    readings = read_many(figures, request.actor, request.now)
    trends = series_of(figures, request.actor, request.now)
    return [
        {
            "key": one.key,
            "name": one.name,
            "formula": one.formula,
            "shown": words.shown(one.unit, readings[one.key].value),
            "count": readings[one.key].count,
            "trend": [bucket.value for bucket in trends[one.key]],
        }
        for one in figures
    ]


def _may_look(request: ActingRequest) -> None:
    if not policy.may(request.actor, "read", "figure"):
        raise NotFound(_("This page does not exist, or it is not for you."))


@require_safe
def figures_page(request: ActingRequest) -> HttpResponse:
    """All figures with today's value and their trend."""
    _may_look(request)
    return render(request, "insight/figures.html", {"rows": rows_of_figures(FIGURES, request)})


@require_safe
def figure_page(request: ActingRequest, key: str) -> HttpResponse:
    """One figure: `?after=` is a place among its records, which are newest first."""
    _may_look(request)
    found = figure(key)
    if found is None:
        raise NotFound(_("There is no figure of this name."))
    after = Cursor.read(request.GET.get("after", ""))
    reading = found.compute(request.actor, request.now)
    trend: list[Bucket] = [] if after else found.series(request.actor, request.now)
    records, older = records_page(found, request.actor, request.now, after)
    address = reverse("figure", args=[found.key])
    context = {
        "figure": found,
        "shown": words.shown(found.unit, reading.value),
        "count": reading.count,
        "window": words.window_words(found, found.window(request.now)),
        "computed": words.age_words(reading.computed_at),
        "chart": words.chart(found, trend),
        "lines": words.lines(found, records, request.actor),
        "is_first": after is None,
        "first_url": address,
        "older_url": f"{address}?{urlencode({'after': str(older)})}" if older else "",
        "part_label": _part_label(found),
    }
    return render(request, "insight/figure.html", context)


def _part_label(found: Figure) -> str:
    labels = {
        "first_answer_median": _("Took"),
        "promises_kept": _("Kept"),
        "buyers_come_back": _("Second order"),
        "net_sentiment": _("Understood as"),
        "negative_share": _("Understood as"),
    }
    return labels.get(found.key, "")
