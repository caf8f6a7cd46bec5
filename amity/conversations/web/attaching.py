"""Attaching files to a reply and taking them off again. Without scripts both come back to the page with the text."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amity.conversations import services
from amity.conversations.web import answers, verbs
from amity.conversations.web.attached import attached
from amity.conversations.web.receiving import attach_received, takes_files
from amity.conversations.web.requests import ActingRequest, is_fragment
from amity.conversations.web.talks import keep_draft
from amity.kernel.errors import DomainError, Invalid


@takes_files
def uploads(request: ActingRequest, conversation_id: UUID) -> HttpResponse:
    """Have `file` (several) wait in the draft; the rest of the form is the draft that they came with."""
    services.require_may_attach(conversation_id, request.actor)
    waiting, problems = attach_received(request, conversation_id)
    if not waiting and not problems:
        problems = [Invalid(_("Choose at least one file first."))]
    if is_fragment(request):
        return _drawn(request, conversation_id, problems)
    if problems:
        text = request.POST.get("text", "")
        return verbs.refused(request, conversation_id, problems[0], text=text, problems=problems)
    return _back(request, conversation_id)


@require_POST
def upload_removal(request: ActingRequest, upload_id: UUID) -> HttpResponse:
    """Take a file off the draft."""
    conversation_id = services.detach(upload_id, actor=request.actor)
    if is_fragment(request):
        return _drawn(request, conversation_id, [])
    return _back(request, conversation_id)


def _drawn(request: ActingRequest, conversation_id: UUID, problems: list[DomainError]) -> HttpResponse:
    context = attached(request, answers.found(request, conversation_id), problems)
    status = problems[0].status if problems else 200
    return render(request, "conversations/attached.html", context, status=status)


def _back(request: ActingRequest, conversation_id: UUID) -> HttpResponse:
    keep_draft(request, conversation_id, request.POST.get("text", ""))
    return answers.changed(request, conversation_id)
