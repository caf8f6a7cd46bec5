"""Reading a conversation: as a page, as a pane, earlier parts, what is new."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from amity.conversations.domain.cursor import decode
from amity.conversations.queries import talk
from amity.conversations.services import mark_read
from amity.conversations.web import answers, thread
from amity.conversations.web import queue as queues
from amity.conversations.web.requests import ActingRequest, asked, is_fragment, zone_of

_KEPT_DRAFT = "inbox.draft"


@require_safe
def conversation(request: ActingRequest, conversation_id: UUID) -> HttpResponse:
    """The conversation with its customer; the whole inbox around it unless only the panes are asked for."""
    found = answers.found(request, conversation_id)
    mark_read(found.id, actor=request.actor, at=request.now)
    kept = request.session.pop(_KEPT_DRAFT, {})
    text = kept.get("text", "") if kept.get("id") == str(found.id) else ""
    context = thread.thread(request, found) | thread.composer(request, found, text=text)
    context |= thread.context(request, found)
    if is_fragment(request):
        context["row"] = queues.one_row(request, found, is_open=True)
        return render(request, "conversations/opened.html", context)
    return render(request, "conversations/page.html", queues.queue(request, open_id=found.id) | context)


def keep_draft(request: ActingRequest, conversation_id: UUID, text: str) -> None:
    """Have `text` stand in the composer when the conversation is drawn next, on a page of its own."""
    request.session[_KEPT_DRAFT] = {"id": str(conversation_id), "text": text}


@require_safe
def earlier(request: ActingRequest, conversation_id: UUID) -> HttpResponse:
    """The part that ends before `before`. Without htmx the whole page begins with it."""
    found = answers.found(request, conversation_id)
    before = decode(request.GET.get("before", ""))
    part = talk.newest(found, actor=request.actor, zone=zone_of(request), before=before)
    context = thread.base(request, found) | {
        "entries": thread.entries(request, part.drawn),
        "earlier": part.earlier.encode() if part.earlier else "",
        "earlier_count": part.earlier_count,
    }
    name = "conversations/earlier.html" if is_fragment(request) else "conversations/earlier_page.html"
    return render(request, name, context)


@require_safe
def news(request: ActingRequest, conversation_id: UUID) -> HttpResponse:
    """What changed since the page has seen the conversation."""
    found = answers.found(request, conversation_id)
    if not is_fragment(request):
        return redirect(f"{reverse('conversation', args=[found.id])}?{asked(request).query}")
    mark_read(found.id, actor=request.actor, at=request.now)
    return render(request, "conversations/changed.html", answers.news(request, found))
