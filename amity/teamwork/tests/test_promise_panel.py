"""Promises on the page of a person: kept, withdrawn, and taken back."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from amity.kernel.actor import SYSTEM, Role
from amity.kernel.models import Staff
from amity.people.tests.records import (
    email,
    identities_of,
    make_source,
    make_staff,
    person_of,
    said,
    take_in,
)
from amity.teamwork.models import Promise, PromiseState
from amity.teamwork.queries import promises_of, score_of
from amity.teamwork.services import make_promise

pytestmark = pytest.mark.django_db
HANNAH = email("hannah@vogel.example", "Hannah Vogel")


def promised(staff: Staff, what: str = "New burrs leave", hours: float = 5) -> Promise:
    source = make_source(what.lower().replace(" ", "-"))
    take_in(source, said(HANNAH))
    now = timezone.now()
    return make_promise(
        actor=staff.actor(), at=now - timedelta(hours=10), about_id=identities_of(person_of(HANNAH))[0],
        source_id=source.id, what=what, due_at=now + timedelta(hours=hours), owner_id=staff.id,
    )  # fmt: skip


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff, backend="amity.site.signin.StaffBackend")
    return client


def test_keeping_a_promise_by_a_plain_form_can_be_undone() -> None:
    staff = make_staff(Role.AGENT)
    promise, client = promised(staff), signed_in(staff)
    panel = client.get(reverse("person-promises", args=[person_of(HANNAH).id])).content.decode()
    assert reverse("promise-keeping", args=[promise.id]) in panel
    answer = client.post(reverse("promise-keeping", args=[promise.id]))
    assert answer["Location"] == f"{reverse('person', args=[person_of(HANNAH).id])}?tab=promises"
    promise.refresh_from_db()
    assert promise.state == PromiseState.KEPT
    undo = json.loads(next(iter(get_messages(answer.wsgi_request))).extra_tags)
    client.post(undo["undo_url"])
    promise.refresh_from_db()
    assert promise.state == PromiseState.OPEN


def test_taking_back_a_promise_that_was_kept_late_leaves_it_broken() -> None:
    staff = make_staff(Role.AGENT)
    promise, client = promised(staff, hours=-1), signed_in(staff)
    client.post(reverse("promise-keeping", args=[promise.id]))
    ids = identities_of(person_of(HANNAH))
    assert score_of(SYSTEM, ids, timezone.now()).kept == 0  # late is not kept
    assert promises_of(SYSTEM, ids)[0].was_late
    client.post(reverse("promise-reopening", args=[promise.id]))
    promise.refresh_from_db()
    assert promise.state == PromiseState.BROKEN


def test_withdrawn_promises_count_neither_way() -> None:
    staff = make_staff(Role.AGENT)
    promise = promised(staff)
    signed_in(staff).post(reverse("promise-withdrawal", args=[promise.id]))
    score = score_of(SYSTEM, identities_of(person_of(HANNAH)), timezone.now())
    assert (score.kept, score.settled, score.open) == (0, 0, 0)


def test_only_who_may_write_promises_settles_them_and_others_leave_them_as_they_were() -> None:
    promise = promised(make_staff(Role.AGENT))
    for role, status in ((Role.ANALYST, 403), (Role.PARTNER, 403)):
        answer = signed_in(make_staff(role)).post(reverse("promise-keeping", args=[promise.id]))
        assert answer.status_code == status
    promise.refresh_from_db()
    assert promise.state == PromiseState.OPEN
