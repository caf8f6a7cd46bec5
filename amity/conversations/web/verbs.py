"""Doing something in one conversation. Each view is a noun that one posts to; all work as plain forms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amity.activity.uploads import FileGone
from amity.channels.models import OutboundMessage
from amity.conversations import services
from amity.conversations.models import ConversationThread
from amity.conversations.queries import talk
from amity.conversations.services import AnsweredMeanwhile
from amity.conversations.web import answers, thread
from amity.conversations.web import queue as queues
from amity.conversations.web.answers import Word
from amity.conversations.web.attached import attached
from amity.conversations.web.receiving import attach_received, takes_files
from amity.conversations.web.requests import ActingRequest, asked, is_fragment
from amity.conversations.web.talks import keep_draft
from amity.kernel import policy
from amity.kernel.errors import DomainError, Invalid, NotFound
from amity.kernel.models import Staff
from amity.teamwork.models import Promise, PromiseState
from amity.teamwork.services import settle_promise


@takes_files
def replies(request: ActingRequest, conversation_id: UUID) -> HttpResponse:
    """Answer: `text`, `to` (an identity), `files` of the draft and `file` that come now, `close` to close it too,
    `seen_at` and, to send in spite of it, `anyway`."""
    answers.found(request, conversation_id)
    text = request.POST.get("text", "")
    closes = bool(request.POST.get("close"))
    arrived, problems = attach_received(request, conversation_id)
    if problems:
        return refused(request, conversation_id, problems[0], text=text, problems=problems)
    try:
        answer = services.reply(
            conversation_id,
            actor=request.actor,
            at=request.now,
            text=text,
            to=_chosen(request, "to"),
            via=_chosen(request, "via"),
            close=closes,
            files=[*_files(request), *arrived],
            seen_at=None if request.POST.get("anyway") else _seen_at(request),
        )
    except (Invalid, AnsweredMeanwhile, FileGone) as error:
        return refused(request, conversation_id, error, text=text)
    undo = f"{reverse('reply-withdrawal', args=[answer.message.id])}?{asked(request).query}"
    if closes:
        return answers.moved_on(request, conversation_id, Word(_("Sent and closed"), undo))
    return answers.changed(request, conversation_id, Word(_("Sent"), undo), is_sent=True)


def _files(request: ActingRequest) -> list[UUID]:
    try:
        return [UUID(one) for one in request.POST.getlist("files")]
    except ValueError as error:
        raise Invalid(_("This is not a file of your draft.")) from error


def _seen_at(request: ActingRequest) -> datetime | None:
    try:
        seen = datetime.fromisoformat(request.POST.get("seen_at", ""))
    except ValueError:
        return None
    return seen if seen.tzinfo else None


def _chosen(request: ActingRequest, name: str) -> UUID | None:
    given = request.POST.get(name, "")
    try:
        return UUID(given) if given else None
    except ValueError as error:
        raise Invalid(_("Choose somebody."), fields={name: _("Choose somebody.")}) from error


def refused(
    request: ActingRequest,
    conversation_id: UUID,
    error: DomainError,
    *,
    text: str,
    kind: str = "reply",
    problems: Sequence[DomainError] = (),
) -> HttpResponse:
    """The composer again, with the text, and what is wrong beside it; `problems` are those of files."""
    found = answers.found(request, conversation_id)
    context = thread.base(request, found) | {"error": error, "seen_at": request.POST.get("seen_at", "")}
    chosen, via = request.POST.get("to", ""), request.POST.get("via", "")
    context |= thread.composer(request, found, text=text, chosen=chosen, kind=kind, via=via)
    if problems:
        context |= attached(request, found, problems) | {"error": None}
    if isinstance(error, AnsweredMeanwhile):
        context["conflict"] = error.context
    if is_fragment(request):
        said = talk.last_inbound(found, actor=request.actor)
        context |= thread.head(request, found, said)
        response = render(request, "conversations/composer.html", context, status=error.status)
        response.headers["HX-Retarget"] = "#composer"
        response.headers["HX-Reswap"] = "outerHTML"
        return response
    page = (
        queues.queue(request, open_id=found.id)
        | thread.thread(request, found)
        | thread.context(request, found)
    )
    return render(request, "conversations/page.html", page | context, status=error.status)


@require_POST
def notes(request: ActingRequest, conversation_id: UUID) -> HttpResponse:
    """Write `text` for colleagues only."""
    policy.require(request.actor, "write", "conversation")
    text = request.POST.get("text", "")
    try:
        services.note(conversation_id, actor=request.actor, at=request.now, text=text)
    except Invalid as error:
        return refused(request, conversation_id, error, text=text, kind="note")
    return answers.changed(request, conversation_id, Word(_("Noted")), is_sent=True)


@require_POST
def promises(request: ActingRequest, conversation_id: UUID) -> HttpResponse:
    """Promise `what` by `due` (or `due_other`), kept by `owner`."""
    due = request.POST.get("due_other", "") or request.POST.get("due", "")
    policy.require(request.actor, "write", "promise")
    answers.found(request, conversation_id)
    made = services.promise(
        conversation_id,
        actor=request.actor,
        at=request.now,
        what=request.POST.get("what", ""),
        due_at=answers.instant(due, request, "due"),
        owner_id=_chosen(request, "owner"),
    )
    undo = f"{reverse('promise-settlement', args=[made.id])}?{asked(request).query}"
    word = Word(_("Promised"), undo, {"to": "withdrawn", "conversation": str(conversation_id)})
    return answers.changed(request, conversation_id, word)


@require_POST
def settlement(request: ActingRequest, promise_id: UUID) -> HttpResponse:
    """A promise is kept, withdrawn, or open again: `to`. `conversation` is where it was done."""
    policy.require(request.actor, "write", "promise")
    known = policy.visible(Promise.objects.filter(pk=promise_id), request.actor).first()
    if known is None:
        raise NotFound(_("This promise does not exist."))
    to = request.POST.get("to", "")
    if to not in (PromiseState.KEPT, PromiseState.WITHDRAWN, PromiseState.OPEN):
        raise Invalid(_("Choose what became of the promise."))
    where = answers.found(request, _conversation_of(request, known)).id  # before anything is written
    settle_promise(promise_id, PromiseState(to), actor=request.actor, at=request.now)
    words = {
        PromiseState.KEPT: _("Promise kept"),
        PromiseState.WITHDRAWN: _("Promise withdrawn"),
        PromiseState.OPEN: _("The promise stands"),
    }
    word = Word(words[PromiseState(to)])
    if to != PromiseState.OPEN:
        url = f"{reverse('promise-settlement', args=[promise_id])}?{asked(request).query}"
        word = Word(word.text, url, {"to": "open", "conversation": request.POST.get("conversation", "")})
    return answers.changed(request, where, word)


def _conversation_of(request: ActingRequest, promise: Promise) -> UUID:
    given = _chosen(request, "conversation")
    if given:
        return given
    found = (
        ConversationThread.objects.filter(thread_id=promise.thread_id).first() if promise.thread_id else None
    )
    if found is None:
        raise Invalid(_("This promise belongs to no conversation."))
    return found.conversation_id


@require_POST
def assignment(request: ActingRequest, conversation_id: UUID) -> HttpResponse:
    """Give it to `assignee`, or to nobody."""
    policy.require(request.actor, "write", "conversation")
    before = answers.found(request, conversation_id)
    assignee = _chosen(request, "assignee")
    was = answers.was(before, str(assignee or ""))
    services.assign(conversation_id, actor=request.actor, at=request.now, assignee_id=assignee)
    name = Staff.objects.filter(pk=assignee).values_list("name", flat=True).first() if assignee else ""
    text = _("Given to %(name)s") % {"name": name} if name else _("Nobody has it now")
    return answers.changed(request, conversation_id, answers.undo_word(request, text, "assign", [was]))


@require_POST
def closure(request: ActingRequest, conversation_id: UUID) -> HttpResponse:
    """It is done; the next one of the list is shown."""
    policy.require(request.actor, "write", "conversation")
    was = answers.was(answers.found(request, conversation_id), "closed")
    services.close(conversation_id, actor=request.actor, at=request.now)
    return answers.moved_on(request, conversation_id, answers.undo_word(request, _("Closed"), "close", [was]))


@require_POST
def reopening(request: ActingRequest, conversation_id: UUID) -> HttpResponse:
    """It is not done after all."""
    services.reopen(conversation_id, actor=request.actor, at=request.now)
    return answers.changed(request, conversation_id, Word(_("Open again")))


@require_POST
def snoozing(request: ActingRequest, conversation_id: UUID) -> HttpResponse:
    """Out of sight until `until` (or `until_other`)."""
    policy.require(request.actor, "write", "conversation")
    given = request.POST.get("until", "") or request.POST.get("until_other", "")
    until = answers.instant(given, request, "until")
    was = answers.was(answers.found(request, conversation_id), "snoozed")
    services.snooze(conversation_id, actor=request.actor, at=request.now, until=until)
    text = _("Sleeps until %(time)s") % {"time": in_words(until)}
    return answers.moved_on(request, conversation_id, answers.undo_word(request, text, "snooze", [was]))


def in_words(instant: datetime) -> str:
    """Day and time in the reader's zone, for a sentence."""
    local = timezone.localtime(instant)
    return f"{date_format(local, 'D j M')}, {date_format(local, 'H:i')}"


@require_POST
def withdrawal(request: ActingRequest, message_id: UUID) -> HttpResponse:
    """Take a reply back before it leaves; its text stands in the composer again."""
    message = OutboundMessage.objects.filter(pk=message_id).only("text").first()
    conversation = services.withdraw_reply(message_id, actor=request.actor, at=request.now)
    text = message.text if message else ""
    word = Word(_("Taken back. Your words are in the draft."))
    if is_fragment(request):
        if request.POST.get("here") == str(conversation.id):
            return answers.changed(request, conversation.id, word, text=text)
        keep_draft(request, conversation.id, text)
        return _go_to(request, conversation.id, word)
    keep_draft(request, conversation.id, text)
    return answers.changed(request, conversation.id, word)


def _go_to(request: ActingRequest, conversation_id: UUID, word: Word) -> HttpResponse:
    """Leave what is open and show this conversation again."""
    answers.say(request, word)
    address = f"{reverse('conversation', args=[conversation_id])}?{asked(request).query}"
    return HttpResponse(headers={"HX-Redirect": address})


@require_POST
def retry(request: ActingRequest, message_id: UUID) -> HttpResponse:
    """Send a message again that did not leave, or of which nobody knows."""
    conversation = services.send_again(message_id, actor=request.actor, at=request.now)
    return answers.changed(request, conversation.id, Word(_("Sending again")))


@require_POST
def arrival(request: ActingRequest, message_id: UUID) -> HttpResponse:
    """Somebody looked: the message has arrived."""
    conversation = services.confirm_sent(message_id, actor=request.actor, at=request.now)
    return answers.changed(request, conversation.id, Word(_("Marked as sent")))
