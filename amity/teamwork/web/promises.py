"""The panel of promises, and what can be done with one: keep, withdraw, reopen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amity.kernel import policy
from amity.people.queries import people_of, person_record
from amity.people.web.answers import is_fragment
from amity.teamwork.models import Promise, PromiseState
from amity.teamwork.queries import promises_of, score_of
from amity.teamwork.services import settle_promise

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest

SETTLED_SHOWN = 5


@require_safe
def person_promises(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """The promises to a person: as the panel the open ones and the last of the others, as a page all."""
    policy.require(request.actor, "read", "promise")
    record = person_record(request.actor, person_id)
    promises = promises_of(request.actor, record.identity_ids)
    open_ones = [one for one in promises if one.state == PromiseState.OPEN]
    others = [one for one in promises if one.state != PromiseState.OPEN]
    is_panel = is_fragment(request)
    shown = {
        "person": record,
        "open_ones": open_ones,
        "others": others[:SETTLED_SHOWN] if is_panel else others,
        "more": max(0, len(others) - SETTLED_SHOWN) if is_panel else 0,
        "score": score_of(request.actor, record.identity_ids, request.now),
        "may_write": policy.may(request.actor, "write", "promise"),
        "url": reverse("person-promises", args=[record.id]),
        "now": request.now,
    }
    template = "teamwork/person_promises.html" if is_panel else "teamwork/person_promises_page.html"
    return render(request, template, shown)


@require_POST
def keeping(request: ActingRequest, promise_id: UUID) -> HttpResponse:
    """It was kept."""
    promise = settle_promise(promise_id, PromiseState.KEPT, actor=request.actor, at=request.now)
    return _back(request, promise, _("Promise kept: %(what)s") % {"what": promise.what})


@require_POST
def withdrawal(request: ActingRequest, promise_id: UUID) -> HttpResponse:
    """It is not promised any more."""
    promise = settle_promise(promise_id, PromiseState.WITHDRAWN, actor=request.actor, at=request.now)
    return _back(request, promise, _("Promise withdrawn: %(what)s") % {"what": promise.what})


@require_POST
def reopening(request: ActingRequest, promise_id: UUID) -> HttpResponse:
    """The undo of both: it is open again, or broken where its time has passed."""
    promise = settle_promise(promise_id, PromiseState.OPEN, actor=request.actor, at=request.now)
    messages.success(request, _("As it was: %(what)s") % {"what": promise.what})
    return redirect(_page_of(promise))


def _back(request: ActingRequest, promise: Promise, words: str) -> HttpResponse:
    undo = {"undo_url": reverse("promise-reopening", args=[promise.id]), "undo_fields": {}}
    messages.success(request, words, extra_tags=json.dumps(undo))
    return redirect(_page_of(promise))


def _page_of(promise: Promise) -> str:
    person = people_of([promise.about_id]).get(promise.about_id)
    return f"{reverse('person', args=[person])}?tab=promises" if person else reverse("people")
