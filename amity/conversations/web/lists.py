"""The list of the inbox: as a page, as a pane, as more rows, as a word about what is new."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from amity.conversations.queries import lists
from amity.conversations.web import answers
from amity.conversations.web import queue as queues
from amity.conversations.web.requests import ActingRequest, asked


@require_safe
def inbox(request: ActingRequest) -> HttpResponse:
    """The list, and beside it what is due first."""
    return render(request, "conversations/page.html", queues.queue(request))


@require_safe
def queue_pane(request: ActingRequest) -> HttpResponse:
    """The list alone, drawn again: when somebody wants to see what is new."""
    return render(request, "conversations/queue.html", queues.queue(request))


@require_safe
def more_rows(request: ActingRequest) -> HttpResponse:
    """The rows behind `after`, and the way to the next ones. Without htmx: the page that begins there."""
    return render(request, "conversations/rows.html", queues.rows(request))


@require_safe
def new_arrivals(request: ActingRequest) -> HttpResponse:
    """How many conversations of this list got something new `since` the list was drawn, and the counts of now."""
    about = asked(request)
    try:
        since = datetime.fromisoformat(request.GET.get("since", ""))
    except ValueError:
        since = request.now
    count = 0
    if since.tzinfo is not None:
        count = lists.new_count(about.view, about.filters, actor=request.actor, at=request.now, since=since)
    context = {"count": count, "asked": about} | answers.counted(request)
    return render(request, "conversations/new.html", context)


@require_safe
def filters(request: ActingRequest) -> HttpResponse:
    """What one can narrow by: into the menu, or as a page of its own."""
    about = asked(request)
    context = {"asked": about, "fields": queues.filter_fields(request), "inbox_url": reverse("inbox")}
    is_part = request.headers.get("HX-Request") == "true"
    return render(
        request, "conversations/filters.html" if is_part else "conversations/filters_page.html", context
    )
