"""Duplicates: pairs who may be one person, surest first, looked at and decided on by keyboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from amity.kernel import audit, policy
from amity.kernel.errors import Conflict, DomainError, Forbidden, NotFound
from amity.kernel.workspace import workspace
from amity.people import panels
from amity.people.models import Proposal, ProposalState
from amity.people.panels import Subject
from amity.people.proposing import (
    ask_for_a_look,
    check,
    merge_all,
    merge_proposed,
    put_off,
    reopen,
    tell_proposed_apart,
    uncheck,
)
from amity.people.queries.coming_apart import coming_apart
from amity.people.queries.comparing import compare, picked
from amity.people.queries.judged import Thresholds, checked_of, thresholds
from amity.people.queries.looking import Look, Step, look_of
from amity.people.queries.proposed import (
    ProposedPair,
    checks_of,
    evidence_of,
    proposal_shown,
    queue_of,
    record_of,
    sees_all,
)
from amity.people.web import evidence
from amity.people.web.answers import say, uuids
from amity.people.web.comparison import lines_of, sides_of
from amity.people.web.merging import chosen_of
from amity.people.web.together import together
from amity.people.web.waterfall import waterfall
from amity.people.web.words import address_words

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

WINDOW = timedelta(days=7)
CHECKED_WITHIN = timedelta(days=365)
CHECKS = "checks"
OBVIOUS_BITS = 13.3
"""From here on one in ten thousand would be wrong: these are ticked together."""


@require_safe
def duplicates(request: ActingRequest) -> HttpResponse:
    """The queue with one pair open: the one asked for, else the first."""
    policy.require(request.actor, "read", "person")
    if request.headers.get("HX-Target", "").endswith("duplicates-look"):
        return _look(request)
    return _page(request, request.GET.get("pair", ""))


def _look(request: ActingRequest) -> HttpResponse:
    """How far a look is, alone. A page on which no pair stood is shown anew when some may have been found."""
    look = look_of(request.actor, request.now)
    seen, is_empty = request.GET.get("seen", ""), bool(request.GET.get("empty"))
    shown = _look_shown(look, seen, is_empty=is_empty)
    answer = render(request, "people/looking.html", shown)
    if is_empty and shown["look_is_new"]:
        answer["HX-Refresh"] = "true"
    return answer


def _look_shown(look: Look, seen: str, *, is_empty: bool) -> dict[str, Any]:
    """`seen` is the end of the look whose pairs the page shows: what was found since is one click away."""
    ended = look.last["at"] if look.last else ""
    return {
        "look": look,
        "look_words": _step_words(look) if look.step else _found_words(look.last or {}),
        "look_shares": [(look.share, "accent")],
        "look_is_new": look.step is None and ended not in ("", seen),
        "look_query": urlencode({"seen": seen, **({"empty": 1} if is_empty else {})}),
    }


def _step_words(look: Look) -> str:
    n = f"{look.people:,}"
    return {
        Step.WAITING: _("A worker begins soon."),
        Step.READING: _("Reading what is said of everybody"),
        Step.LEARNING: _("Learning from %(n)s people what counts") % {"n": n},
        Step.COMPARING: _("Comparing %(n)s people") % {"n": n},
        Step.WRITING: _("Writing down who of %(n)s people may be one") % {"n": n},
    }[look.step or Step.WAITING]


def _found_words(last: Mapping[str, Any]) -> str:
    people, wait, linked = (int(last.get(name, 0)) for name in ("people", "proposed", "linked"))
    parts = [
        ngettext("%(n)s person compared", "%(n)s people compared", people) % {"n": f"{people:,}"},
        ngettext("%(n)s pair waits", "%(n)s pairs wait", wait) % {"n": f"{wait:,}"},
    ]
    if linked:
        parts.append(ngettext("%(n)s merged by rule", "%(n)s merged by rule", linked) % {"n": f"{linked:,}"})
    return ", ".join(parts)


def _page(
    request: ActingRequest,
    wanted: str,
    problem: DomainError | None = None,
    chosen: dict[str, str] | None = None,
) -> HttpResponse:
    checks = request.GET.get("of") == CHECKS
    queue = (
        checks_of(request.actor)
        if checks
        else queue_of(request.actor, after=_place(request.GET.get("after", "")))
    )
    asked = uuids([wanted])
    opened = asked[0] if asked else (queue.pairs[0].id if queue.pairs else None)
    record = record_of(request.actor, since=request.now - WINDOW)
    checked = checked_of(request.actor, since=request.now - CHECKED_WITHIN)
    shown: dict[str, Any] = {
        "rows": [_row(pair, opened, of=CHECKS if checks else "") for pair in queue.pairs],
        "checks": checks,
        "checked": checked,
        "at_most": checked.at_most,
        "count": queue.count,
        "older_url": f"?{urlencode({'after': f'{queue.after[0]!r},{queue.after[1]}'})}"
        if queue.after
        else "",
        "record": record,
        "links_by_rule": workspace().link_duplicates,
        "sees_all": sees_all(request.actor),
        "may_write": policy.may(request.actor, "write", "person"),
        "problem": problem.message if problem else "",
        "is_open": bool(asked),
    }
    look = look_of(request.actor, request.now)
    shown |= _look_shown(look, look.last["at"] if look.last else "", is_empty=not queue.pairs)
    if opened and shown["sees_all"]:
        shown |= _opened(request, proposal_shown(request.actor, opened), chosen or chosen_of(request.GET))
    return render(request, "people/duplicates.html", shown, status=problem.status if problem else 200)


def _place(words: str) -> tuple[float, UUID] | None:
    bits, _comma, id = words.partition(",")
    try:
        return (float(bits), UUID(id)) if id else None
    except ValueError:
        return None


def _row(pair: ProposedPair, opened: UUID | None, *, of: str) -> dict[str, Any]:
    return {
        "id": pair.id,
        "url": f"{reverse('duplicates')}?{urlencode({'of': of} if of else {})}{'&' if of else ''}pair={pair.id}",
        "name": pair.one.name or _("Unknown"),
        "other": pair.other.name or _("Unknown"),
        "bits": pair.bits,
        "reasons": ", ".join(evidence.reason(name) for name in pair.reasons),
        "is_open": pair.id == opened,
        "is_obvious": pair.bits >= OBVIOUS_BITS,
    }


def _opened(request: ActingRequest, proposal: Proposal, chosen: dict[str, str]) -> dict[str, Any]:
    asked = uuids([request.GET.get("stays", "") or request.POST.get("stays", "")])
    comparison = compare(request.actor, _in_order(proposal, asked))
    for side in comparison.sides:
        audit.looked_at("person", side.id, actor=request.actor, at=request.now)
    told, known = evidence_of(proposal, request.actor), thresholds()
    worth = known.learnt.bits(told.bits)
    leaving = comparison.sides[-1]
    is_decided = proposal.state not in ("open", "later") or len(comparison.sides) < 2
    return {
        "pair": proposal,
        "is_decided": is_decided,
        **_merged_by_rule(request, proposal),
        "learnt_from": known.learnt.decided,
        "together": None if is_decided else together(request.actor, comparison.sides, request.now),
        "sides": sides_of(comparison),
        "lines": lines_of(request.actor, comparison, chosen) if len(comparison.sides) > 1 else (),
        "is_pair": True,
        "stays_id": comparison.sides[0].id,
        "person": comparison.sides[0],
        "moved": panels.moved_of(Subject(tuple(leaving.identity_ids), request.actor, request.now)),
        "changed": ()
        if is_decided
        else panels.changed_of(request.actor, [side.identity_ids for side in comparison.sides], request.now),
        "waterfall": waterfall(evidence.told(told.lines), _marks(known)),
        "verdict": _verdict(worth),
        "odds": _odds(worth),
        "odds_tone": "good" if worth >= OBVIOUS_BITS else "caution",
        "path": reverse("duplicate-merge", args=[proposal.pk]),
    }


def _marks(known: Thresholds) -> dict[str, float]:
    return {"asks": known.asks} | ({} if known.merges is None else {"merges": known.merges})


def _merged_by_rule(request: ActingRequest, proposal: Proposal) -> dict[str, Any]:
    """What a rule joined: whose accounts were whose."""
    if not proposal.is_by_rule or proposal.state != ProposalState.MERGED or not proposal.act_id:
        return {}
    try:
        apart = coming_apart(request.actor, proposal.act_id)[0]
    except (Conflict, NotFound):  # taken back since
        return {}
    back, stays = (
        [address_words(account) for account in half.accounts] for half in (apart.back, apart.stays)
    )
    return {"apart": apart, "apart_back": back, "apart_stays": stays}


def _in_order(proposal: Proposal, stays: Sequence[UUID]) -> list[UUID]:
    """Who stays first: the one who was asked for, else who was known first."""
    ids = [proposal.one_id, proposal.other_id]
    if proposal.other.first_seen_at < proposal.one.first_seen_at:
        ids.reverse()
    return sorted(ids, key=lambda id: id not in stays)


def _verdict(bits: float) -> str:
    if bits >= OBVIOUS_BITS:
        return _("Almost surely one person")
    return _("Very likely one person") if bits >= 6 else _("Perhaps one person")


def _odds(bits: float) -> str:
    """How many of a thousand such pairs would be two people, as far as the weights are right."""
    wrong = round(1_000_000 / (1 + 2.0**bits))
    if wrong < 1_000:
        return _("less than 1 wrong in 1,000 like this")
    count = round(wrong / 1_000)
    return ngettext("%(count)s wrong in 1,000 like this", "%(count)s wrong in 1,000 like this", count) % {
        "count": count
    }


# ----------------------------------------------------------------------------------------------------------- decisions


@require_POST
def duplicate_merge(request: ActingRequest, proposal_id: UUID) -> HttpResponse:
    """They are one person."""
    chosen = chosen_of(request.POST)
    if stays := uuids([request.POST.get("stays", "")]):  # let the other one stay, and look again
        query = [
            ("pair", str(proposal_id)),
            ("stays", str(stays[0])),
            *((f"chosen.{f}", v) for f, v in chosen.items()),
        ]
        return redirect(f"{reverse('duplicates')}?{urlencode(query)}")
    into = uuids([request.POST.get("into", "")])
    names = _names(request, proposal_id)
    try:
        pair = proposal_shown(request.actor, proposal_id)
        chosen = picked(compare(request.actor, _in_order(pair, into)), chosen)
        merge_proposed(
            proposal_id, actor=request.actor, at=request.now, stays=into[0] if into else None, chosen=chosen
        )
    except (NotFound, Forbidden):
        raise
    except DomainError as problem:
        return _page(request, str(proposal_id), problem, chosen)
    return _next(request, proposal_id, _("Merged %(one)s and %(other)s") % names)


@require_POST
def duplicate_distinction(request: ActingRequest, proposal_id: UUID) -> HttpResponse:
    """They are two people."""
    policy.require(request.actor, "write", "person")
    names = _names(request, proposal_id)
    try:
        tell_proposed_apart(proposal_id, actor=request.actor, at=request.now)
    except Conflict as problem:
        return _page(request, str(proposal_id), problem)
    return _next(request, proposal_id, _("%(one)s and %(other)s are two people") % names)


@require_POST
def duplicate_postponement(request: ActingRequest, proposal_id: UUID) -> HttpResponse:
    """Ask again in a month."""
    policy.require(request.actor, "write", "person")
    try:
        put_off(proposal_id, actor=request.actor, at=request.now)
    except Conflict as problem:
        return _page(request, str(proposal_id), problem)
    return _next(request, proposal_id, _("Put off for a month"))


@require_POST
def duplicate_reopening(request: ActingRequest, proposal_id: UUID) -> HttpResponse:
    """Take a decision back."""
    policy.require(request.actor, "write", "person")
    try:
        reopen(proposal_id, actor=request.actor, at=request.now)
    except Conflict as problem:
        return _page(request, str(proposal_id), problem)
    say(request, _("Taken back: both records are as they were"))
    return redirect(f"{reverse('duplicates')}?pair={proposal_id}")


@require_POST
def duplicate_check(request: ActingRequest, proposal_id: UUID) -> HttpResponse:
    """What a rule merged is one person (`right`), or two."""
    policy.require(request.actor, "write", "person")
    is_right = request.POST.get("right") == "1"
    names = _names(request, proposal_id)
    back = f"{reverse('duplicates')}?of={CHECKS}"
    try:
        check(proposal_id, is_right=is_right, actor=request.actor, at=request.now)
    except Conflict as problem:
        say(request, problem.message)
        return redirect(back)
    undo = reverse("duplicate-unchecking" if is_right else "duplicate-reopening", args=[proposal_id])
    text = (
        _("Looked at: %(one)s and %(other)s are one person")
        if is_right
        else _("%(one)s and %(other)s are two people")
    )
    say(request, text % names, undo)
    return redirect(back)


@require_POST
def duplicate_unchecking(request: ActingRequest, proposal_id: UUID) -> HttpResponse:
    """Take back that it was looked at."""
    policy.require(request.actor, "write", "person")
    try:
        uncheck(proposal_id, actor=request.actor)
    except Conflict as problem:
        say(request, problem.message)
    return redirect(f"{reverse('duplicates')}?of={CHECKS}&pair={proposal_id}")


@require_POST
def duplicates_merging(request: ActingRequest) -> HttpResponse:
    """Those ticked are one person each."""
    policy.require(request.actor, "write", "person")
    done = merge_all(uuids(request.POST.getlist("pair")), actor=request.actor, at=request.now)
    said = ngettext("%(count)s pair merged", "%(count)s pairs merged", len(done)) % {"count": len(done)}
    say(request, said if done else _("Tick the pairs that are one person."))
    return redirect("duplicates")


@require_POST
def duplicates_look(request: ActingRequest) -> HttpResponse:
    """Look for duplicates now."""
    policy.require(request.actor, "write", "person")
    is_new = ask_for_a_look(at=request.now)
    say(
        request,
        _("Looking for duplicates. New pairs stand here when it is done.")
        if is_new
        else _("It is being looked for already."),
    )
    return redirect("duplicates")


def _names(request: ActingRequest, proposal_id: UUID) -> dict[str, str]:
    pair = proposal_shown(request.actor, proposal_id)
    return {"one": pair.one.name or _("Unknown"), "other": pair.other.name or _("Unknown")}


def _next(request: ActingRequest, proposal_id: UUID, text: str) -> HttpResponse:
    say(request, text, reverse("duplicate-reopening", args=[proposal_id]))
    return redirect("duplicates")
