"""The list of segments, one segment with who is in it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amity.kernel import policy
from amity.kernel.errors import NotFound
from amity.kernel.keyset import Cursor
from amity.people.web.answers import next_page, say
from amity.segments import services
from amity.segments.building import waiting_changes
from amity.segments.domain.trees import read
from amity.segments.examples import EXAMPLES
from amity.segments.queries import (
    Day,
    days_of,
    known_segments,
    members_of,
    moved_since,
    names_for,
    progress,
    rules_of_stays,
    segment_shown,
    versions_of,
)
from amity.segments.web.words import Teller, rule_in_one_line

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

WEEK = timedelta(days=7)


@require_safe
def segments(request: ActingRequest) -> HttpResponse:
    """All of them, with how they changed in a week."""
    policy.require(request.actor, "read", "segment")
    listed = known_segments(request.actor)
    moved = moved_since([one.id for one in listed], request.now - WEEK)
    rows = []
    for one in listed:
        teller = Teller(one.rule, request.actor)
        rows.append({
            "segment": one, "moved": moved.get(one.id), "rule": rule_in_one_line(teller),
        })  # fmt: skip
    shown = {
        "rows": rows,
        "examples": [(key, one.name, one.description) for key, one in EXAMPLES.items()],
        "progress": progress(),
        "may_write": policy.may(request.actor, "write", "segment"),
    }
    return render(request, "segments/segments.html", shown)


@require_POST
def example(request: ActingRequest, key: str) -> HttpResponse:
    """Make one of the examples."""
    policy.require(request.actor, "write", "segment")
    found = EXAMPLES.get(key)
    if found is None:
        raise NotFound(_("There is no such example."))
    made = services.create_segment(
        name=str(found.name), description=str(found.description), rule=found.rule, actor=request.actor,
        at=request.now,
    )  # fmt: skip
    _say_made(request, made.id, made.name)
    return redirect("segment", made.id)


def _say_made(request: ActingRequest, segment_id: UUID, name: str) -> None:
    say(request, _("%(name)s is made") % {"name": name}, reverse("segment-removal", args=[segment_id]))


@require_safe
def segment(request: ActingRequest, segment_id: UUID) -> HttpResponse:
    """Who is in it, since when and why; how it changed; its rule, now and before."""
    one = segment_shown(request.actor, segment_id)
    teller = Teller(one.rule, request.actor)
    page = members_of(request.actor, one.id, after=Cursor.read(request.GET.get("after", "")))
    rules = rules_of_stays(request.actor, [(one, member.version) for member in page.members])
    versions = versions_of(request.actor, one)
    names = names_for(request.actor, *(read(version.rule) for version in versions))
    days = days_of(one.id, request.now)
    path = reverse("segment", args=[one.id])
    shown: dict[str, Any] = {
        "segment": one,
        "rule": teller.lines(),
        "members": [
            (member, teller.short_why(member.why, rules.get((one.id, member.version))))
            for member in page.members
        ],
        "older_url": next_page(request.GET, page.after, path),
        "newer_url": path if request.GET.get("after") else "",
        "chart": _chart(days),
        "entered": sum(day.entered for day in days),
        "left": sum(day.left for day in days),
        "versions": [
            {"version": version, "rule": Teller(version.rule, request.actor, names).lines()}
            for version in versions
        ],
        "progress": progress(),
        "waiting": waiting_changes(),
        "may_write": policy.may(request.actor, "write", "segment"),
        "may_export": policy.may(request.actor, "export", "person"),
        "people_url": f"{reverse('people')}?is=segment:{one.id}",
        "export_url": f"{reverse('people-export')}?is=segment:{one.id}",
    }
    return render(request, "segments/segment.html", shown)


def _chart(days: Sequence[Day]) -> dict[str, Any]:
    """Who came and who left on each day, as `components/chart.html` draws it."""
    series = (
        (_("Came in"), "accent", [day.entered for day in days]),
        (_("Left"), "second", [day.left for day in days]),
    )
    return {
        "title": _("Came in and left, a day each"),
        "spec": {
            "x": [int(datetime.combine(day.on, time(12), UTC).timestamp()) for day in days],
            "series": [
                {
                    "label": label,
                    "kind": "bar" if tone == "accent" else "line",
                    "tone": tone,
                    "values": values,
                }
                for label, tone, values in series
            ],
        },
        "keys": [{"tone": tone, "word": label} for label, tone, _values in series],
        "columns": [_("Day"), _("Came in"), _("Left")],
        "rows": [
            (date_format(day.on, "SHORT_DATE_FORMAT"), number_format(day.entered), number_format(day.left))
            for day in days
        ],
    }


@require_POST
def removal(request: ActingRequest, segment_id: UUID) -> HttpResponse:
    """Put it away; one click brings it back."""
    gone = services.delete_segment(segment_id, actor=request.actor, at=request.now)
    back = reverse("segment-restoration", args=[gone.id])
    say(request, _("%(name)s is deleted") % {"name": gone.name}, back)
    return redirect("segments")


@require_POST
def restoration(request: ActingRequest, segment_id: UUID) -> HttpResponse:
    """Bring it back."""
    one = services.restore_segment(segment_id, actor=request.actor, at=request.now)
    say(request, _("%(name)s is back") % {"name": one.name})
    return redirect("segment", one.id)


@require_POST
def version(request: ActingRequest, segment_id: UUID) -> HttpResponse:
    """Have it as it was in a version before; the way back of a change, too."""
    number = request.POST.get("number", "")
    one = services.use_version(
        segment_id, int(number) if number.isdecimal() and len(number) < 9 else 0, actor=request.actor,
        at=request.now,
    )  # fmt: skip
    say(request, _("The rule is as it was"))
    return redirect("segment", one.id)
