"""A conversation as templates draw it: head, facts, spine, composer, and the customer beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from amity.activity.models import Activity
from amity.channels import accounts
from amity.channels.account_models import NEEDS_PEOPLE
from amity.channels.machine_mail import Automatic
from amity.channels.mime import MailKind
from amity.channels.models import OutboundState
from amity.commerce.around import near_lines
from amity.commerce.tier_words import tier_label, why
from amity.conversations.domain.moments import promise_choices, snooze_choices
from amity.conversations.domain.spine import Drawn
from amity.conversations.domain.wants import wish
from amity.conversations.models import Conversation, ConversationState
from amity.conversations.queries import customer as customers
from amity.conversations.queries import talk as talks
from amity.conversations.queries.colleagues import colleagues_of
from amity.conversations.queries.known import Known, known
from amity.conversations.queries.parties import asked_in
from amity.conversations.queries.talk import Entry, File, Talk
from amity.conversations.services import thread_ids
from amity.conversations.web import words
from amity.conversations.web.attached import attached, carries_files
from amity.conversations.web.requests import ActingRequest, asked, zone_of
from amity.kernel import policy
from amity.people.queries.reach import Unreachable, unreachable
from amity.teamwork.models import Promise, PromiseState

LITTLE_LEFT = 0.1


@dataclass(frozen=True, slots=True)
class ShownPromise:
    promise: Promise
    state: str  # open, close, broken, kept, withdrawn
    left: timedelta


@dataclass(frozen=True, slots=True)
class ShownFile:
    id: UUID
    name: str
    size: str
    is_kept: bool
    is_picture: bool
    warning: str


@dataclass(frozen=True, slots=True)
class ShownAutomatic:
    """A mail of a program: what it is, about which address, why, and all that it says."""

    title: str
    icon: str
    address: str
    why: str
    text: str
    lines: int


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry with the words that stand with it."""

    entry: Entry
    day: date | None
    moved_to: str
    moved_to_word: str
    language: str
    why: str
    files: list[ShownFile]
    promise: ShownPromise | None
    is_on_its_way: bool
    automatic: ShownAutomatic | None


def thread(request: ActingRequest, conversation: Conversation) -> dict[str, Any]:
    """Everything of the middle pane."""
    found = talks.newest(conversation, actor=request.actor, zone=zone_of(request))
    said = found.last_inbound or talks.last_inbound(conversation, actor=request.actor)
    shown = {
        "entries": entries(request, found.drawn),
        "earlier": found.earlier.encode() if found.earlier else "",
        "earlier_count": found.earlier_count,
    }
    return base(request, conversation) | shown | until(request, found) | head(request, conversation, said)


def base(request: ActingRequest, conversation: Conversation) -> dict[str, Any]:
    """What every part of a conversation needs to know."""
    may_write = policy.may(request.actor, "write", "conversation")
    return {
        "asked": asked(request),
        "conversation": conversation,
        "may_write": may_write,
        "may_promise": may_write and policy.may(request.actor, "write", "promise"),
        "may_open_files": policy.may(request.actor, "read", "activity"),
        "is_open_state": conversation.state == ConversationState.OPEN,
    }


def until(request: ActingRequest, talk: Talk) -> dict[str, Any]:
    """Up to where this page has seen the conversation."""
    return {"until": talk.until, "seen_at": request.now.isoformat()}


def head(request: ActingRequest, conversation: Conversation, said: Activity | None) -> dict[str, Any]:
    """The head and the three facts, with the menus of the head."""
    now = request.now.astimezone(zone_of(request))
    who = known([conversation.customer_id], actor=request.actor)
    name = next((one.name for one in who.values()), "")
    may_give = policy.may(request.actor, "write", "conversation")
    colleagues = list(colleagues_of(request.actor)) if may_give else []
    return {
        "customer_name": name or _("Unknown customer"),
        "colleagues": colleagues,
        "snoozes": [(words.SNOOZES[one.key], one.at) for one in snooze_choices(now)],
        "promise_times": [(words.PROMISES[one.key], one.at) for one in promise_choices(now)],
        "earliest": (now + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M"),
        "wants": wish(said.text) if said else "",
        "wants_language": said.language if said else "",
        "promised": _next_promise(request, conversation),
        "closed_by": _closed_by(conversation),
    }


def _next_promise(request: ActingRequest, conversation: Conversation) -> ShownPromise | None:
    rows = Promise.objects.filter(
        thread_id__in=thread_ids(conversation.id), state__in=(PromiseState.OPEN, PromiseState.BROKEN)
    )
    found = policy.visible(rows, request.actor).select_related("owner").order_by("-state", "due_at").first()
    return shown_promise(found, request.now) if found else None


def _closed_by(conversation: Conversation) -> str:
    if conversation.state != ConversationState.CLOSED:
        return ""
    from amity.kernel.models import Transition

    last = Transition.objects.filter(subject="conversation", subject_id=conversation.id, after="closed")
    found = last.select_related("staff").order_by("-at", "-id").first()
    return found.staff.name if found and found.staff else ""


def shown_promise(promise: Promise, now: datetime) -> ShownPromise:
    """A promise is close when a tenth of its time is left, and broken when its time is over."""
    left = promise.due_at - now
    whole = promise.due_at - promise.made_at
    state = str(promise.state)
    if promise.state == PromiseState.OPEN and left < timedelta(0):
        state = "broken"
    elif promise.state == PromiseState.OPEN and left <= whole * LITTLE_LEFT:
        state = "close"
    return ShownPromise(promise, state, abs(left))


def entries(request: ActingRequest, drawn: Sequence[Drawn[Entry]]) -> list[Shown]:
    """The entries of a part of the spine."""
    return [_shown(request, one.knot.what, one.day, one.moved_to) for one in drawn]


def one_entry(request: ActingRequest, entry: Entry) -> Shown:
    """An entry that is drawn again where it stands."""
    return _shown(request, entry, None, "")


_ON_ITS_WAY = (OutboundState.QUEUED, OutboundState.SENDING)


def _shown(request: ActingRequest, entry: Entry, day: date | None, moved_to: str) -> Shown:
    reads = request.staff.language.split("-")[0]
    foreign = entry.language and entry.language.split("-")[0] != reads
    return Shown(
        entry=entry,
        day=day,
        moved_to=moved_to,
        moved_to_word=words.channel(moved_to).lower() if moved_to else "",
        language=words.language(entry.language) if foreign and entry.kind == "customer" else "",
        why=words.why_mood(entry.mood, entry.score, entry.confidence) if entry.mood else "",
        files=[_file(one) for one in entry.files],
        promise=shown_promise(entry.promise, request.now) if entry.promise else None,
        is_on_its_way=entry.delivery is not None and entry.delivery.state in _ON_ITS_WAY,
        automatic=_automatic(entry) if entry.kind == "auto" else None,
    )


def _file(one: File) -> ShownFile:
    size, warning = words.size(one.size_bytes), str(words.RISKS.get(one.risk, ""))
    return ShownFile(one.id, one.name, size, one.is_kept, one.is_picture and one.is_kept, warning)


def _automatic(entry: Entry) -> ShownAutomatic:
    said = entry.automatic or Automatic("", "")
    title, icon = words.automatic(said)
    rest = entry.folded.rest if entry.folded else ""
    text = rest if entry.folded and entry.folded.is_whole else f"{entry.text}\n{rest}".strip()
    address = said.told[0].address if said.told and said.kind != MailKind.RECEIPT else ""
    return ShownAutomatic(title, icon, address, said.reason, text, text.count("\n") + 1)


@dataclass(frozen=True, slots=True)
class Recipient:
    id: UUID
    network: str
    address: str
    is_chosen: bool
    warning: str  # why nothing reaches this address


def composer(
    request: ActingRequest,
    conversation: Conversation,
    *,
    text: str = "",
    chosen: str = "",
    kind: str = "reply",
    via: str = "",
) -> dict[str, Any]:
    """Where one writes: to whom, on which channel, what stands there already."""
    waits = asked_in(conversation, talks.said_in(conversation, actor=request.actor))
    said = waits.own
    answered = said.actor_id if said and said.actor_id else conversation.customer_id
    found = customers.recipients(conversation, actor=request.actor, also=[answered, waits.stranger])
    dead = unreachable((one.identity_id for one in found), actor=request.actor)
    first = chosen or str(answered or "")
    stranger = next((one for one in found if one.identity_id == waits.stranger), None)
    return {
        "recipients": [
            _recipient(one, str(one.identity_id) == first, dead.get(one.identity_id)) for one in found
        ],
        "stranger": (stranger.address or stranger.name or _("Somebody")) if stranger else "",
        "channel_word": words.channel(said.channel if said else conversation.channel),
        "channel": said.channel if said else conversation.channel,
        "text": text,
        "kind": kind,
        "carries_files": carries_files(conversation, (one.network for one in found)),
        **_senders(conversation, said.channel if said else conversation.channel, via),
        **attached(request, conversation),
    }


def _senders(conversation: Conversation, channel: str, via: str) -> dict[str, Any]:
    """The accounts that can answer here, where there is a choice; and why that of the conversation cannot."""
    if channel != "email":
        return {}
    fitting = accounts.sending_accounts(conversation.source)
    own = next((one for one in fitting if one.pk == conversation.source_id), None)
    broken = "" if own else accounts.why_it_cannot_send(conversation.source)
    troubled = own is not None and own.problem in NEEDS_PEOPLE
    first = via or str(fitting[0].pk if fitting else "")
    return {
        "senders": [
            {"id": one.pk, "address": one.address, "is_chosen": str(one.pk) == first} for one in fitting
        ],
        "sender_problem": broken
        or (_("This mailbox is broken: an answer may wait until somebody mends it.") if troubled else ""),
    }


def _recipient(one: Known, is_chosen: bool, dead: Unreachable | None) -> Recipient:
    warning = words.unreachable(dead.reason, dead.since) if dead else ""
    return Recipient(one.identity_id, words.network(one.network), one.address or one.name, is_chosen, warning)


def context(request: ActingRequest, conversation: Conversation) -> dict[str, Any]:
    """The customer beside the conversation."""
    found = customers.customer_of(conversation, actor=request.actor, at=request.now)
    return {
        "customer": found,
        "tier": _tier(found),
        "near": near_lines(found.around, found.around_at),
        "conversation": conversation,
        "asked": asked(request),
        "promises": [shown_promise(one, request.now) for one in found.promises],
        "may_promise": policy.may(request.actor, "write", "promise"),
        "identities": [
            (one, words.network_icon(one.network), words.network(one.network)) for one in found.identities
        ],
        "trend_words": _trend(found.moods),
    }


def _tier(found: customers.Customer) -> dict[str, str] | None:
    """The chip of a tier, which says why."""
    if found.tier is None:
        return None
    rule = found.tier.rule
    return {"tone": rule.tone, "words": tier_label(rule), "why": why(found.tier, found.currency)}


def _trend(moods: Sequence[str]) -> str:
    """The mood of the last messages in words, for who does not see the line."""
    told = [str(words.MOODS[one]) for one in moods if one]
    return ", ".join(told[-3:])
