"""The page of a person: who they are, one timeline, and panels of what other packages know."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from amity.activity import queries as stream
from amity.activity.queries import Lane, Moment, Wanted
from amity.kernel import audit, policy
from amity.kernel.actor import Actor
from amity.kernel.keyset import Cursor
from amity.people import panels
from amity.people.panels import Subject
from amity.people.queries import PersonRecord, person_record
from amity.people.queries.decided import decided_of
from amity.people.queries.erased import erasure_of
from amity.people.queries.held import holds_of
from amity.people.queries.reach import unreachable
from amity.people.queries.visibility import sees_addresses
from amity.people.web import strip as strips
from amity.people.web import words
from amity.people.web.answers import address, end_of, is_fragment, next_page, start_of
from amity.people.web.decided import lines_of
from amity.people.web.entries import grouped
from amity.people.web.facts import facts_of, missing_of
from amity.people.web.own_facts import own_lines
from amity.people.web.relating import lines_beside

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

RANGES = (
    ("", gettext_lazy("All time"), None),
    ("30d", gettext_lazy("Last 30 days"), timedelta(days=30)),
    ("90d", gettext_lazy("Last 90 days"), timedelta(days=90)),
    ("365d", gettext_lazy("Last 12 months"), timedelta(days=365)),
)
TIMELINE, WHO = "timeline", "who"


@require_safe
def person(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """The page; for htmx only its timeline, with `part=earlier` only the next entries."""
    record = person_record(request.actor, person_id)
    if record.id != person_id and not is_fragment(request):  # merged into another since
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return redirect(reverse("person", args=[record.id]) + query)
    subject = Subject(record.identity_ids, request.actor, request.now, person_id=record.id)
    audit.looked_at("person", record.id, actor=request.actor, at=request.now)
    shown = _timeline(request.GET, subject, record)
    if is_fragment(request):
        part = "people/moments.html" if request.GET.get("part") == "earlier" else "people/timeline.html"
        return render(request, part, shown)
    return render(request, "people/person.html", shown | _page(request.GET, subject, record))


def _page(query: QueryDict, subject: Subject, record: PersonRecord) -> dict[str, Any]:
    head, decided = panels.head_of(subject), decided_of(subject.actor, record.id, is_known=True)
    tab = query.get("tab", TIMELINE)
    slots = [
        {
            "key": panel.key,
            "title": panel.title,
            "url": reverse(panel.url_name, args=[record.id]),
            "style": panel.style,
        }
        for panel in panels.panels_for(subject.actor)
    ]
    if tab not in {TIMELINE, WHO, *(str(slot["key"]) for slot in slots)}:
        tab = TIMELINE
    tabs = [(TIMELINE, _("Timeline")), (WHO, _("Who")), *((slot["key"], slot["title"]) for slot in slots)]
    return {
        "head": head,
        "panels": slots,
        "tab": tab,
        "tabs": [
            {
                "label": label,
                "url": address(query, {"tab": str(key)}),
                "is_current": key == tab,
                "count": None,
            }
            for key, label in tabs
        ],
        "identities": _identities(record, subject.actor, subject.at),
        "facts": facts_of(record, decided.choices, subject.at),
        "missing": missing_of(record, subject.actor),
        "own": own_lines(record, decided.choices, subject.actor, subject.at),
        "may_describe": sees_addresses(subject.actor),
        "decided": lines_of(decided, subject.at),
        "relations": lines_beside(subject.actor, record, timezone.localtime(subject.at).date()),
        "may_write": policy.may(subject.actor, "write", "person"),
        "may_erase": policy.may(subject.actor, "write", "erasure"),
        "erasure": erasure_of(subject.actor, record.id),
        "holds": holds_of(subject.actor, record.id),
        "about": _about(record),
    }


def _identities(record: PersonRecord, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    dead = unreachable(record.identity_ids, actor=actor)
    return [
        {
            "id": identity.id,
            "mark": words.network_mark(identity.network),
            "marks": words.address_marks(identity, now),
            "address": words.address_words(identity),
            "copied": identity.address,
            "confidence": identity.confidence,
            "evidence": words.evidence_sentence(identity),
            "warning": words.unreachable(dead[identity.id]) if identity.id in dead else "",
        }
        for identity in record.identities
    ]


def _about(record: PersonRecord) -> str:
    """Job title at organisation, city: whatever of it is known, as a phrase."""
    job, place = record.golden.job_title, record.golden.city
    if job and record.organisation:
        job = _("%(job)s at %(organisation)s") % {"job": job, "organisation": record.organisation}
    parts = [part for part in (job or record.organisation, place) if part]
    return ", ".join(parts)


# ---------------------------------------------------------------------------------------------------------- timeline


def _timeline(query: QueryDict, subject: Subject, record: PersonRecord) -> dict[str, Any]:
    wanted = _wanted(query, subject.at)
    before = Cursor.read(query.get("before", ""))
    page = stream.timeline(subject.actor, subject.identity_ids, wanted=wanted, before=before)
    details = panels.details_of(subject, page.moments)
    path = reverse("person", args=[record.id])
    shown: dict[str, Any] = {
        "person": record,
        "groups": grouped(page.moments, details, record.identities, subject.at),
        "earlier_url": next_page(query, page.older, path, key="before"),
        "around_url": address(query, {"around": ""}, path),
        "now": subject.at,
        "note_url": reverse("person-notes", args=[record.id])
        if policy.may(subject.actor, "write", "person")
        else "",
    }
    if query.get("part") == "earlier":
        return shown | {"chosen": None}
    counts = stream.lane_counts(subject.actor, subject.identity_ids, wanted)
    return (
        shown
        | _filters(query, wanted, counts, path)
        | _around(query, subject, page.moments)
        | {"is_later": before is not None, "start_url": address(query, {}, path), "path": path}
    )


def _wanted(query: QueryDict, now: datetime) -> Wanted:
    named = query.get("lanes")
    lanes = frozenset(Lane) if named is None else frozenset(lane for lane in Lane if lane in named.split(","))
    span = next((span for key, _label, span in RANGES if key == query.get("range", "")), None)
    return Wanted(
        lanes=lanes or frozenset(Lane),
        words=query.get("q", "").strip(),
        since=now - span if span else start_of(query.get("from", "")),
        until=end_of(query.get("until", "")),
    )


def _filters(query: QueryDict, wanted: Wanted, counts: stream.LaneCounts, path: str) -> dict[str, Any]:
    labels = {Lane.SAID: _("Said"), Lane.BOUGHT: _("Bought"), Lane.DID: _("We did")}
    lanes = []
    for lane, label in labels.items():
        is_on = lane in wanted.lanes
        rest = wanted.lanes - {lane} if is_on else wanted.lanes | {lane}
        chosen = "" if rest == frozenset(Lane) or not rest else ",".join(one for one in Lane if one in rest)
        lanes.append(
            {"lane": lane.value, "label": label, "count": counts.of(lane), "is_on": is_on,
             "url": address(query, {"lanes": chosen}, path)}
        )  # fmt: skip
    chosen_range = query.get("range", "")
    is_dated = bool(query.get("from") or query.get("until"))
    return {
        "lanes": lanes,
        "ranges": [
            {"label": label, "url": address(query, {"range": key, "from": "", "until": ""}, path),
             "is_open": key == chosen_range and not is_dated}
            for key, label, _span in RANGES
        ],
        "range_label": _("Some days") if is_dated else next(
            (label for key, label, _span in RANGES if key == chosen_range), RANGES[0][1]
        ),
        "words": wanted.words,
        "kept": [(key, query[key]) for key in ("lanes", "range", "from", "until", "around") if query.get(key)],
        "from": query.get("from", ""),
        "until": query.get("until", ""),
        "is_filtered": wanted.lanes != frozenset(Lane) or bool(wanted.words or wanted.since or wanted.until),
        "clear_url": path,
    }  # fmt: skip


def _around(query: QueryDict, subject: Subject, moments: tuple[Moment, ...]) -> dict[str, Any]:
    """The strip around the chosen entry, by default the last thing they said."""
    chosen = _chosen(query, subject, moments)
    if chosen is None:
        return {"strip": None, "chosen": None}
    start, end = strips.window(chosen.occurred_at)
    around = stream.between(subject.actor, subject.identity_ids, start, end)
    dues = [due for due in panels.dues_of(subject, start, end) if due.at > subject.at]
    drawn = strips.strip(around, dues, chosen.id, chosen.occurred_at, subject.at)
    return {
        "strip": drawn,
        "chosen": chosen,
        "chosen_is_asked_for": str(chosen.id) == query.get("around"),
        "dues": dues,
    }


def _chosen(query: QueryDict, subject: Subject, moments: tuple[Moment, ...]) -> Moment | None:
    try:
        asked = UUID(query.get("around", ""))
    except ValueError:
        asked = None
    if asked is not None:
        found = next((one for one in moments if one.id == asked), None)
        found = found or stream.moment(subject.actor, subject.identity_ids, asked)
        if found is not None:
            return found
    return next((one for one in moments if one.lane == Lane.SAID), moments[0] if moments else None)
