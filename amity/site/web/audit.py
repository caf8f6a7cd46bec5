"""Settings, Audit: who did what, when, with old and new value; and how far the chain of hashes reaches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.downloads import csv_file
from amity.kernel.errors import NotFound
from amity.kernel.models import Staff
from amity.kernel.requests import ActingRequest
from amity.site import trail
from amity.site.trail import Line, Wanted
from amity.site.trail_export import MOST_EXPORTED, export_trail
from amity.site.trail_names import Names, names_of
from amity.site.web import audit_words as words
from amity.site.web.settings_page import show_part

PART = "settings-audit"
MOST_TOLD = 2
FILTERS = ("who", "what", "since", "until", "subject", "record", "q")
LONGEST = 200
VIA = {
    "page": gettext_lazy("page"),
    "api": gettext_lazy("API"),
    "mcp": gettext_lazy("assistant"),
    "command": gettext_lazy("command"),
    "job": gettext_lazy("background job"),
}


@require_safe
def overview(request: ActingRequest) -> HttpResponse:
    """A page of the trail, with its filters."""
    wanted = wanted_of(request)
    found = trail.page(wanted, actor=request.actor, before=_id(request.GET.get("before", "")))
    on = _typed(request)
    kept = _kept(on)
    shown: dict[str, object] = {
        "lines": _rows(found.lines, request.actor),
        "on": on,
        "is_filtered": wanted != Wanted(),
        "is_later_page": "before" in request.GET,
        "colleagues": [
            (str(id), name) for id, name in Staff.objects.order_by("name").values_list("pk", "name")
        ],
        "actions": _by_words((action, words.action_words(action)) for action in trail.actions()),
        "kinds": _by_words((kind, words.subject_words(kind)) for kind in words.SUBJECTS),
        "filtered_by": len(kept),
        "chain": trail.chain(actor=request.actor),
        "here": reverse(PART),
        "newest_url": _with(kept) if "before" in request.GET else "",
        "older_url": _with(kept, before=str(found.older)) if found.older else "",
        "export_url": f"{reverse('settings-audit-export')}?{urlencode(kept)}",
        "may_export": policy.may(request.actor, "export", "audit"),
        "most": MOST_EXPORTED,
    }
    return show_part(request, PART, shown)


@require_safe
def entry(request: ActingRequest, entry_id: int) -> HttpResponse:
    """One entry, before and after side by side."""
    line = trail.one(entry_id, actor=request.actor)
    if line is None:
        raise NotFound(_("There is no such entry in the trail."))
    behind = line.entry.on_behalf_of
    names = names_of([line], request.actor)
    shown: dict[str, object] = _row(line, names) | {
        "changes": words.changes(line, names),
        "opens": _opens(line, names),
        "behind": trail.names([behind]).get(behind, str(behind)) if behind else "",
        "same_url": _with({}, record=line.entry.subject_id),
        "who_url": _with({}, who=str(line.entry.actor_id or trail.SYSTEM_ACTS)),
    }
    return show_part(request, PART, shown, template="site/settings_audit_entry.html")


@require_safe
def export(request: ActingRequest) -> HttpResponseBase:
    """What fits the filters as CSV, newest first, at most 100,000; that it was taken is an entry itself."""
    chunks = export_trail(
        wanted_of(request), filters=_kept(_typed(request)), actor=request.actor, at=request.now
    )
    return csv_file(chunks, f"audit-{request.now:%Y-%m-%d}.csv")


def wanted_of(request: ActingRequest) -> Wanted:
    """The filters that an address names; days are those of the reader's time zone, `until` is included."""
    text = _typed(request)
    return Wanted(
        who=text["who"],
        what=text["what"],
        since=_midnight(request, text["since"]),
        before=_midnight(request, text["until"], days=1),
        subject=text["subject"],
        record=text["record"],
        text=text["q"],
    )


def _typed(request: ActingRequest) -> dict[str, str]:
    return {name: request.GET.get(name, "").replace("\x00", "").strip()[:LONGEST] for name in FILTERS}


def _midnight(request: ActingRequest, text: str, days: int = 0) -> datetime | None:
    try:
        day = parse_date(text)
        if day is None:
            return None
        return datetime.combine(day + timedelta(days=days), time(), tzinfo=request.staff.zone)
    except (ValueError, OverflowError):
        return None


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else None


def _kept(on: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in on.items() if value}


def _with(kept: dict[str, str], **more: str) -> str:
    return f"{reverse(PART)}?{urlencode(kept | more)}"


def _by_words(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Choices in the order of their words, each word once."""
    once = {said: code for code, said in pairs}
    return [(once[said], said) for said in sorted(once, key=str.casefold)]


def _rows(lines: Sequence[Line], actor: Actor) -> list[dict[str, Any]]:
    names = names_of(lines, actor)
    return [_row(line, names) for line in lines]


def _row(line: Line, names: Names) -> dict[str, Any]:
    entry = line.entry
    told = words.telling(line, names)
    return {
        "line": line,
        "entry": entry,
        "who": words.who(line),
        "action": words.done_words(line),
        "kind": words.subject_words(entry.subject) if entry.subject else "",
        "called": words.called(line, names),
        "is_own": entry.subject == "staff" and entry.subject_id == str(entry.actor_id),
        "told": told[:MOST_TOLD],
        "more": max(0, len(told) - MOST_TOLD),
        "via_words": VIA.get(entry.via, entry.via),
    }


SCREENS = {
    "account": "settings-channel",
    "conversation": "conversation",
    "endpoint": "settings-webhook",
    "importrun": "import",
    "inlet": "settings-inlet",
    "order": "order",
    "organisation": "organisation",
    "person": "person",
    "segment": "segment",
    "staff": "settings-colleague",
}


def _opens(line: Line, names: Names) -> str:
    """Where the record of an entry is looked at, "" where nowhere or not by them."""
    entry = line.entry
    screen = SCREENS.get(entry.subject)
    is_invitation = entry.action.startswith("account.invit")
    if screen is None or is_invitation or not names.of(entry.subject, entry.subject_id):
        return ""
    return reverse(screen, args=[entry.subject_id])
