"""Segments on the page of a person: in which they are and were, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amity.kernel import policy
from amity.people.queries import person_record
from amity.people.web.answers import is_fragment
from amity.segments.queries import known_segments, rules_of_stays, segment_shown, stays_of, why
from amity.segments.web.words import Teller

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest


@require_safe
def person_segments(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """The panel: segments of now with the reasons, and those of before."""
    policy.require(request.actor, "read", "segment")
    record = person_record(request.actor, person_id)
    stays = stays_of(request.actor, record.id)
    rules = rules_of_stays(request.actor, [(one, stay.version_in) for one, stay in stays if not stay.until])
    here = [
        (
            one,
            stay,
            Teller(one.rule, request.actor).short_why(stay.why_in, rules.get((one.id, stay.version_in))),
        )
        for one, stay in stays
        if not stay.until
    ]
    inside = {one.id for one, _stay, _why in here}
    shown = {
        "person": record,
        "here": here,
        "before": [(one, stay) for one, stay in stays if stay.until][:10],
        "others": [one for one in known_segments(request.actor) if one.id not in inside][:30],
    }
    template = (
        "segments/person_segments.html" if is_fragment(request) else "segments/person_segments_page.html"
    )
    return render(request, template, shown)


@require_safe
def why_in_segment(request: ActingRequest, segment_id: UUID, person_id: UUID) -> HttpResponse:
    """Why somebody is in a segment, or is not: what each condition finds now, and their stays."""
    one = segment_shown(request.actor, segment_id)
    record = person_record(request.actor, person_id)
    found = why(request.actor, one, record.id, request.now)
    teller = Teller(one.rule, request.actor)
    rules = rules_of_stays(request.actor, [(one, stay.version_in) for stay in found.stays])
    shown = {
        "segment": one,
        "person": record,
        "why": found,
        "rule": teller.lines(found.reasons),
        "stays": [
            (stay, teller.short_why(stay.why_in, rules.get((one.id, stay.version_in))))
            for stay in found.stays
        ],
    }
    return render(request, "segments/why.html", shown)
