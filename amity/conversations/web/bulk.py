"""The same for many conversations at once, and the way back of all that can go back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from amity.conversations import services
from amity.conversations.models import CONVERSATION_LIFE, Conversation, ConversationState
from amity.conversations.queries.colleagues import colleagues_of, knows_colleague
from amity.conversations.services import many
from amity.conversations.web import answers, words
from amity.conversations.web.answers import Was, Word
from amity.conversations.web.requests import ActingRequest, asked, is_fragment
from amity.conversations.web.verbs import in_words
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid
from amity.kernel.models import Staff


@require_POST
def bulk(request: ActingRequest) -> HttpResponse:
    """Do the same with all of `ids`: `do` is `close`, `snooze:<instant>` or `assign:<staff id or nothing>`.

    All or nothing; those that are so already are left alone. One undo brings all back.
    """
    policy.require(request.actor, "write", "conversation")
    asked_for, _colon, value = request.POST.get("do", "").partition(":")
    ticked = many.chosen(_ticked(request), request.actor)
    actor, at = request.actor, request.now
    match asked_for:
        case "close":
            return _done(request, ticked, many.closing(actor=actor, at=at), "close", words.closed)
        case "snooze":
            until = answers.instant(value, request, "until")
            spoken = partial(words.snoozed, until=in_words(until))
            return _done(request, ticked, many.snoozing(until, actor=actor, at=at), "snooze", spoken)
        case "assign":
            to = _colleague(value, request.actor)
            spoken = partial(words.assigned, name=to.name if to else "")
            return _done(
                request, ticked, many.assigning(to.id if to else None, actor=actor, at=at), "assign", spoken
            )
    raise Invalid(_("Choose what to do with them."))


def _ticked(request: ActingRequest) -> list[UUID]:
    try:
        return [UUID(one) for one in request.POST.getlist("ids")]
    except ValueError as error:
        raise Invalid(_("Tick the conversations that you mean.")) from error


def _colleague(value: str, actor: Actor) -> Staff | None:
    if not value:
        return None
    try:
        found = colleagues_of(actor).filter(pk=UUID(value)).first()
    except ValueError:
        found = None
    if found is None:
        raise Invalid(_("Choose a colleague who is active."))
    return found


def _done(
    request: ActingRequest,
    ticked: Sequence[Conversation],
    deed: many.Deed,
    name: str,
    spoken: Callable[[int], str],
) -> HttpResponse:
    """Do it, say how many, offer the way back, and draw the list afresh."""
    before = [answers.was(one, deed.became) for one in many.do_with_each(ticked, deed)]
    answers.say(request, answers.undo_word(request, spoken(len(before)), name, before))
    address = f"{reverse('inbox')}?{asked(request).query}"
    return HttpResponse(headers={"HX-Redirect": address}) if is_fragment(request) else redirect(address)


# --------------------------------------------------------------------------------------------------------------- undo


@require_POST
def undo(request: ActingRequest) -> HttpResponse:
    """Bring back what `undo` (signed) names. What somebody changed since stays as they left it, and is counted."""
    policy.require(request.actor, "write", "conversation")
    deed, before = answers.read_undo(request.POST.get("undo", ""))
    with transaction.atomic():
        back = [one for one in before if _bring_back(request, deed, one)]
    left = len(before) - len(back)
    text = ngettext("%(count)s is as it was", "%(count)s are as they were", len(back)) % {"count": len(back)}
    if left:
        text += " " + ngettext(
            "%(count)s was changed since and stays.", "%(count)s were changed since and stay.", left
        ) % {"count": left}
    if len(before) == 1 and back:
        answers.say(request, Word(_("Undone")))
        address = f"{reverse('conversation', args=[UUID(before[0].id)])}?{asked(request).query}"
    else:
        answers.say(request, Word(text))
        address = f"{reverse('inbox')}?{asked(request).query}"
    return HttpResponse(headers={"HX-Redirect": address}) if is_fragment(request) else redirect(address)


def _bring_back(request: ActingRequest, deed: str, was: Was) -> bool:
    rows = policy.visible(Conversation.objects.filter(pk=UUID(was.id)), request.actor)
    now = rows.first()
    if now is None:
        return False
    if deed == "assign":
        return _assign_back(request, now, was)
    if now.state != was.became:
        return False
    _state_back(request, now, was)
    return True


def _assign_back(request: ActingRequest, now: Conversation, was: Was) -> bool:
    if str(now.assignee_id or "") != was.became:
        return False
    former = UUID(was.assignee) if was.assignee else None
    if former and not knows_colleague(request.actor, former):
        return False
    services.assign(now.id, actor=request.actor, at=request.now, assignee_id=former)
    return True


def _state_back(request: ActingRequest, now: Conversation, was: Was) -> None:
    if CONVERSATION_LIFE.may(now.state, ConversationState.OPEN):
        services.reopen(now.id, actor=request.actor, at=request.now)
    until = datetime.fromisoformat(was.snoozed_until) if was.snoozed_until else None
    if was.state == ConversationState.SNOOZED and until and until > request.now:
        services.snooze(now.id, actor=request.actor, at=request.now, until=until)
