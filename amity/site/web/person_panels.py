"""The panel of a person's conversations."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from amity.conversations.models import ConversationState
from amity.kernel import policy
from amity.kernel.requests import ActingRequest, is_fragment
from amity.people.queries import person_record
from amity.site.panels import conversation_url, conversations_of

IN_PANEL = 6


@require_safe
def person_conversations(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """The conversations with a person, open ones first: a few as the panel, the newest two hundred as a page."""
    policy.require(request.actor, "read", "conversation")
    record = person_record(request.actor, person_id)
    found = conversations_of(request.actor, record.identity_ids)
    found.sort(key=lambda one: one.state == ConversationState.CLOSED)
    is_panel = is_fragment(request)
    shown = {
        "person": record,
        "conversations": [
            (one, conversation_url(one.id)) for one in (found[:IN_PANEL] if is_panel else found)
        ],
        "open_count": sum(one.state == ConversationState.OPEN for one in found),
        "more": max(0, len(found) - IN_PANEL) if is_panel else 0,
        "url": reverse("person-conversations", args=[record.id]),
    }
    template = "site/person_conversations.html" if is_panel else "site/person_conversations_page.html"
    return render(request, template, shown)
