"""What a person agreed to and refused: the panel, the page with its history and proofs, and the form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amity.consent.domain.answering import Account, Said
from amity.consent.domain.channels import Channel
from amity.consent.models import How, Statement
from amity.consent.queries.answers import answers_of, refusal_of_everything, statements_of
from amity.consent.queries.ledger import Entry, ledger_of
from amity.consent.queries.purposes import purposes_in_use, wording_of
from amity.consent.statements import Evidence, mark_mistake, say_consent, unmark_mistake
from amity.consent.web.matrix import matrix_of
from amity.consent.words import BY_HAND, CHANNELS, EVERYTHING, HOWS, SAID, name_of
from amity.kernel import audit, policy
from amity.kernel.errors import DomainError, Forbidden, Invalid, NotFound
from amity.people.queries import PersonRecord, person_record
from amity.people.web.answers import is_fragment, say, uuids
from amity.people.web.words import address_words

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

ALL = "*"
"""In the form: everything, every channel. Nothing chosen is no answer: a refusal of everything is never a slip."""
RECENT = 3
"""Statements that stand in the panel."""


@require_http_methods(["GET", "HEAD", "POST"])
def person_consent(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """The panel, or the page with history and form; a POST notes what they said."""
    policy.require(request.actor, "write" if request.method == "POST" else "read", "consent")
    record = person_record(request.actor, person_id)
    if request.method != "POST":
        audit.looked_at("person", record.id, actor=request.actor, at=request.now)
        return _page(request, record, request.GET)
    try:
        act = _note(request, record)
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _page(request, record, request.POST, problem)
    undo = {"why": _("Undone at once"), "back": _place(request.POST)}
    say(request, _("Noted"), reverse("consent-mistake", args=[record.id, act]), undo)
    return redirect(_back(record.id, request.POST))


@require_POST
def consent_mistake(request: ActingRequest, person_id: UUID, act_id: UUID) -> HttpResponse:
    """It was noted by mistake; it stays, with who says so and why."""
    try:
        mark_mistake(person_id, act_id, why=request.POST.get("why", ""), actor=request.actor, at=request.now)
    except Invalid as problem:
        return _page(request, person_record(request.actor, person_id), request.POST, problem)
    undo = {"back": _place(request.POST)}
    say(request, _("It counts no more"), reverse("consent-restoration", args=[person_id, act_id]), undo)
    return redirect(_back(person_id, request.POST))


@require_POST
def consent_restoration(request: ActingRequest, person_id: UUID, act_id: UUID) -> HttpResponse:
    """It was said after all."""
    unmark_mistake(person_id, act_id, actor=request.actor)
    say(request, _("It counts again"))
    return redirect(_back(person_id, request.POST))


def _place(told: QueryDict) -> str:
    """Which history was open, so that one comes back to it."""
    asked = told.get("back", "")
    return asked if asked in {"", "all"} or ":" in asked else ""


def _back(person_id: UUID, told: QueryDict) -> str:
    purpose, _colon, channel = _place(told).partition(":")
    query = f"?{urlencode({'purpose': purpose, 'channel': channel})}" if purpose and channel else ""
    return reverse("person-consent", args=[person_id]) + query


# ---------------------------------------------------------------------------------------------------- what is typed


def _note(request: ActingRequest, record: PersonRecord) -> UUID:
    told = request.POST
    if told.get("said") not in set(Said):
        raise _invalid("said", _("Choose what they said."))
    for field, words in (("purpose", _("Choose for what.")), ("channel", _("Choose by which channel."))):
        if not told.get(field):
            raise _invalid(field, words)
    said = Said(told["said"])
    how = told.get("how", How.STAFF)
    on = uuids([told.get("on", "")])
    return say_consent(
        record.id,
        said,
        purpose=_meant(told["purpose"]),
        channel=_meant(told["channel"]),
        actor=request.actor,
        at=request.now,
        said_at=said_on(told.get("said_on", ""), said, request.now),
        evidence=Evidence(
            How(how) if how in BY_HAND else How.STAFF, told.get("proof", ""), told.get("url", "")
        ),
        only=on[0] if on else None,
    )


def _meant(chosen: str) -> str:
    return "" if chosen == ALL else chosen


def said_on(written: str, said: Said, now: datetime) -> datetime:
    """The instant that is meant by a day: now where it is today, else its end for a refusal and its beginning for what
    was given, so that of one day the stricter counts. Raises `Invalid`."""
    if not written:
        return now
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise _invalid("said_on", _("Write a day such as 2026-03-17.")) from None
    if day == timezone.localtime(now).date():
        return now
    if not date(1990, 1, 1) <= day <= timezone.localtime(now).date():
        raise _invalid("said_on", _("Write a day that is over."))
    begins = timezone.make_aware(datetime.combine(day, time.min))
    return begins + timedelta(days=1, seconds=-1) if said.is_refusal else begins


def _invalid(field: str, words: str) -> Invalid:
    return Invalid(words, fields={field: words})


# ---------------------------------------------------------------------------------------------------- what is shown


def _page(
    request: ActingRequest, record: PersonRecord, told: QueryDict, problem: DomainError | None = None
) -> HttpResponse:
    is_panel = is_fragment(request)
    written = statements_of(request.actor, record.identity_ids, revoked=True)
    standing = [one for one in written if one.revoked_at is None]
    accounts = [Account(one.id, one.network) for one in record.identities]
    opened = (told.get("purpose", ""), told.get("channel", ""))
    answers = answers_of(accounts, standing, request.now)
    chosen = next((one for one in answers if (one.purpose.key, one.channel.value) == opened), None)
    shown: dict[str, Any] = {
        "person": record,
        "matrix": matrix_of(answers, opened),
        "entries": _entries(request, record, _about(written, opened) if chosen else written, is_panel),
        "refused": refusal_of_everything(request.actor, record.identity_ids, request.now),
        "may_write": policy.may(request.actor, "write", "consent"),
        "has_purposes": bool(answers),
        "chosen": chosen,
        "back": f"{opened[0]}:{opened[1]}" if chosen else "",
        "path": reverse("person-consent", args=[record.id]),
    }
    if not is_panel:
        shown |= _form(record, told, request.now, problem)
    template = "consent/panel.html" if is_panel else "consent/page.html"
    return render(request, template, shown, status=problem.status if problem else 200)


def _about(written: Sequence[Statement], opened: tuple[str, str]) -> list[Statement]:
    """What was said of this purpose by this channel, and of everything."""
    purpose, channel = opened
    return [
        one
        for one in written
        if (one.purpose is None or one.purpose.key == purpose) and one.channel in ("", channel)
    ]


def _entries(
    request: ActingRequest, record: PersonRecord, statements: Sequence[Statement], is_panel: bool
) -> list[Entry]:
    found = ledger_of(request.actor, record, statements)
    return [one for one in found if not one.is_mistake][:RECENT] if is_panel else found


def _form(
    record: PersonRecord, told: QueryDict, now: datetime, problem: DomainError | None
) -> dict[str, Any]:
    purposes = purposes_in_use()
    chosen = next((one for one in purposes if one.key == told.get("purpose")), None)
    wording = wording_of(chosen) if chosen else None
    channel = told.get("channel", "")
    if chosen and not channel and len(chosen.channels) == 1:
        channel = chosen.channels[0]
    return {
        "saids": [(one.value, str(SAID[one]), one.value == told.get("said")) for one in Said],
        "purposes": [
            *((one.key, name_of(one), one is chosen) for one in purposes),
            (ALL, str(EVERYTHING), told.get("purpose") == ALL),
        ],
        "channels": [
            *((one.value, str(CHANNELS[one]), one.value == channel) for one in Channel),
            (ALL, _("Every channel"), channel == ALL),
        ],
        "accounts": [
            (one.id, address_words(one), str(one.id) == told.get("on")) for one in record.identities
        ],
        "hows": [(one.value, str(HOWS[one]), one.value == told.get("how", "staff")) for one in BY_HAND],
        "said_on": told.get("said_on", timezone.localtime(now).date().isoformat()),
        "proof": told.get("proof", ""),
        "url": told.get("url", ""),
        "wording": wording,
        "problem": problem.message if problem else "",
    }
