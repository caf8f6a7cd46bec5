"""The same for many conversations at once, and the way back of all that can go back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
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
from amity.conversations.web import answers, words
from amity.conversations.web.answers import Was, Word
from amity.conversations.web.requests import ActingRequest, asked, is_fragment
from amity.conversations.web.verbs import in_words
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid
from amity.kernel.models import Staff

MOST = 200


@require_POST
def bulk(request: ActingRequest) -> HttpResponse:
    """Do the same with all of `ids`: `do` is `close`, `snooze:<instant>` or `assign:<staff id or nothing>`.

    All or nothing; those that are so already are left alone. One undo brings all back.
    """
    policy.require(request.actor, "write", "conversation")
    deed, _colon, value = request.POST.get("do", "").partition(":")
    chosen = _ticked(request)
    match deed:
        case "close":
            return _done(request, _close(request, chosen))
        case "snooze":
            return _done(request, _snooze(request, chosen, answers.instant(value, request, "until")))
        case "assign":
            return _done(request, _assign(request, chosen, _colleague(value, request.actor)))
    raise Invalid(_("Choose what to do with them."))


def _ticked(request: ActingRequest) -> list[Conversation]:
    """Those that are ticked and may be seen, in one order for all, so that two such requests wait for each other."""
    try:
        ids = sorted({UUID(one) for one in request.POST.getlist("ids")}, key=str)
    except ValueError as error:
        raise Invalid(_("Tick the conversations that you mean.")) from error
    if not ids:
        raise Invalid(_("Tick the conversations that you mean."))
    if len(ids) > MOST:
        raise Invalid(_("At most %(count)s at once.") % {"count": MOST})
    rows = policy.visible(Conversation.objects.filter(pk__in=ids), request.actor)
    return sorted(rows, key=lambda one: str(one.id))


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


def _each(
    chosen: Sequence[Conversation],
    became: str,
    act: Callable[[Conversation], object],
    is_so: Callable[[Conversation], bool],
) -> list[Was]:
    with transaction.atomic():
        before = []
        for one in chosen:
            if not is_so(one):
                before.append(answers.was(one, became))
                act(one)
    return before


def _close(request: ActingRequest, chosen: Sequence[Conversation]) -> Word:
    before = _each(
        chosen,
        "closed",
        lambda one: services.close(one.id, actor=request.actor, at=request.now),
        lambda one: one.state == ConversationState.CLOSED,
    )
    return answers.undo_word(request, words.closed(len(before)), "close", before)


def _snooze(request: ActingRequest, chosen: Sequence[Conversation], until: datetime) -> Word:
    before = _each(
        chosen,
        "snoozed",
        lambda one: services.snooze(one.id, actor=request.actor, at=request.now, until=until),
        lambda one: one.state != ConversationState.OPEN,
    )
    return answers.undo_word(request, words.snoozed(len(before), in_words(until)), "snooze", before)


def _assign(request: ActingRequest, chosen: Sequence[Conversation], to: Staff | None) -> Word:
    to_id = to.id if to else None
    before = _each(
        chosen,
        str(to_id or ""),
        lambda one: services.assign(one.id, actor=request.actor, at=request.now, assignee_id=to_id),
        lambda one: one.assignee_id == to_id,
    )
    return answers.undo_word(request, words.assigned(len(before), to.name if to else ""), "assign", before)


def _done(request: ActingRequest, word: Word) -> HttpResponse:
    """Back to the list, drawn afresh."""
    answers.say(request, word)
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
