"""How a change answers: the parts of the page that changed for htmx, a redirect for a plain form; both with a toast."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from amity.conversations.models import Conversation
from amity.conversations.queries import lists
from amity.conversations.queries import talk as talks
from amity.conversations.services import mark_read
from amity.conversations.web import queue, thread
from amity.conversations.web.requests import ActingRequest, asked, day_ends, is_fragment, zone_of
from amity.kernel import policy
from amity.kernel.errors import Invalid, NotFound

_SALT = "amity.conversations.undo"
UNDO_SECONDS = 24 * 3_600


@dataclass(frozen=True, slots=True)
class Word:
    """What is said about a change, and the form that takes it back."""

    text: str
    undo_url: str = ""
    undo_fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Was:
    """A conversation before it was changed: what undo brings back, and what it must still be for that."""

    id: str
    state: str
    assignee: str
    snoozed_until: str
    became: str  # the state or the assignee that the change left


def was(conversation: Conversation, became: str) -> Was:
    until = conversation.snoozed_until.isoformat() if conversation.snoozed_until else ""
    return Was(str(conversation.id), conversation.state, str(conversation.assignee_id or ""), until, became)


def undo_word(request: ActingRequest, text: str, deed: str, before: Sequence[Was]) -> Word:
    """A word with the way back of `deed` (close, reopen, snooze, assign) for one or many conversations."""
    rows = [[one.id, one.state, one.assignee, one.snoozed_until, one.became] for one in before]
    signed = signing.dumps({"deed": deed, "was": rows}, salt=_SALT, compress=True)
    return Word(text, f"{reverse('inbox-undo')}?{asked(request).query}", {"undo": signed})


def read_undo(signed: str) -> tuple[str, list[Was]]:
    """What `undo_word` signed. `Invalid` for anything else, and a day later."""
    try:
        found = signing.loads(signed, salt=_SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature as error:
        raise Invalid(_("It is too late to undo this here. Change it in the conversation.")) from error
    return found["deed"], [Was(*row) for row in found["was"]]


def found(request: ActingRequest, conversation_id: UUID) -> Conversation:
    """The conversation, if the actor may know of it; `NotFound` otherwise."""
    rows = policy.visible(Conversation.objects.filter(pk=conversation_id), request.actor)
    one = rows.select_related("assignee", "source").first()
    if one is None:
        raise NotFound(_("This conversation does not exist, or it became part of another one."))
    return one


def say(request: ActingRequest, word: Word) -> None:
    """Keep a word for the next page that is drawn."""
    tags = (
        json.dumps({"undo_url": word.undo_url, "undo_fields": dict(word.undo_fields)})
        if word.undo_url
        else ""
    )
    messages.success(request, word.text, extra_tags=tags)


def changed(
    request: ActingRequest,
    conversation_id: UUID,
    word: Word | None = None,
    *,
    is_sent: bool = False,
    text: str = "",
) -> HttpResponse:
    """The conversation stays open: its head, facts, new entries, row and counts are drawn again. `is_sent` empties the
    composer, `text` fills it."""
    if not is_fragment(request):
        if word:
            say(request, word)
        return redirect(_address(request, conversation_id))
    conversation = found(request, conversation_id)
    mark_read(conversation.id, actor=request.actor, at=request.now)
    context = news(request, conversation) | {"word": word}
    if is_sent or text:
        context |= thread.composer(request, conversation, text=text) | {"draws_composer": True}
    return render(request, "conversations/changed.html", context)


def news(request: ActingRequest, conversation: Conversation) -> dict[str, Any]:
    """What changed since the page has seen the conversation (`known` and `unsettled` of the request)."""
    given = request.POST if request.method == "POST" else request.GET
    zone = zone_of(request)
    since = given.get("known", "")
    latest = talks.news(conversation, actor=request.actor, zone=zone, since=since)
    said = talks.last_inbound(conversation, actor=request.actor)
    context = thread.base(request, conversation) | thread.head(request, conversation, said)
    pending = talks.again(conversation, _ids(given.getlist("unsettled")), actor=request.actor, zone=zone)
    entries = thread.entries(request, latest.drawn) if latest else []
    context |= {
        "entries": entries,
        "redrawn": [thread.one_entry(request, one) for one in pending],
        "gone": _gone(given.getlist("unsettled"), [one.id for one in pending]),
        "row": queue.one_row(request, conversation, is_open=True),
        "seen_at": request.now.isoformat(),
        "until": latest.until if latest else since,
    }
    return context | counted(request)


def counted(request: ActingRequest) -> dict[str, Any]:
    """The counts above the list."""
    from amity.conversations.queries import boxes

    views = list(dict.fromkeys((*queue.FIRST_TABS, asked(request).view)))
    counts = boxes.counts(views, actor=request.actor, before=day_ends(request))
    about = asked(request)
    shown = queue.narrowed_count(request, about) if about.filters else counts[about.view]
    return {"tab_counts": counts.items(), "list_count": shown}


def _gone(asked_for: Sequence[str], left: Sequence[str]) -> list[str]:
    """Entries that stood there and do not any more: withdrawn messages."""
    return [str(one) for one in _ids(asked_for) if str(one) not in left]


def _ids(texts: Sequence[str]) -> list[UUID]:
    ids = []
    for text in texts[:100]:
        try:
            ids.append(UUID(text))
        except ValueError as error:
            raise Invalid(_("This is not a message.")) from error
    return ids


def _address(request: ActingRequest, conversation_id: UUID) -> str:
    return f"{reverse('conversation', args=[conversation_id])}?{asked(request).query}"


def moved_on(request: ActingRequest, conversation_id: UUID, word: Word) -> HttpResponse:
    """The conversation left the list: show the next one of it, or say that nobody waits."""
    about = asked(request)
    following = next_in_list(request, besides=conversation_id) if about.view.holds_waiting else None
    if not about.view.holds_waiting:
        return changed(request, conversation_id, word)
    if not is_fragment(request):
        say(request, word)
        return redirect(_address(request, following) if following else f"{reverse('inbox')}?{about.query}")
    context: dict[str, Any] = {"word": word, "gone_row": conversation_id, "asked": about} | counted(request)
    url = f"{reverse('inbox')}?{about.query}"
    if following:
        conversation = found(request, following)
        mark_read(conversation.id, actor=request.actor, at=request.now)
        context |= thread.thread(request, conversation) | thread.composer(request, conversation)
        context |= thread.context(request, conversation)
        context["row"] = queue.one_row(request, conversation, is_open=True)
        url = _address(request, following)
    response = render(request, "conversations/moved_on.html", context)
    response.headers["HX-Push-Url"] = url
    return response


def next_in_list(request: ActingRequest, *, besides: UUID) -> UUID | None:
    """The first of the list that the page shows, other than this one."""
    about = asked(request)
    page = lists.page(
        about.view,
        about.filters,
        actor=request.actor,
        at=request.now,
        day_ends=day_ends(request),
        limit=2,
    )
    return next((row.id for row in page.rows if row.id != besides), None)


def instant(text: str, request: ActingRequest, name: str) -> datetime:
    """An instant of a form: with its offset, or in the reader's own time as `datetime-local` sends it."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(_("Choose a time."), fields={name: _("Choose a time.")}) from error
    return at if at.tzinfo else at.replace(tzinfo=zone_of(request))
