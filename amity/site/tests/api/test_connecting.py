"""Connecting mailboxes by programs: a few trials at once, and nothing said of mailboxes that are hidden."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from amity.channels import accounts, mailboxes
from amity.channels.adapters.email.trial import Step
from amity.channels.models import Account, Source
from amity.kernel.actor import Role
from amity.kernel.errors import Conflict
from amity.site.tests.api.calling import program
from amity.site.tests.api.test_channels import NEW, mailbox

pytestmark = pytest.mark.django_db
TRIED = NEW | {"anyway": False}
GOOD = [Step("incoming"), Step("folders"), Step("outgoing")]
BAD = [Step("incoming", "mail.sign_in"), Step("outgoing", "mail.sign_in")]


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> mock.Mock:
    """Servers that let us in, unless a test says otherwise."""
    found = mock.Mock(return_value=GOOD)
    monkeypatch.setattr(mailboxes, "try_out", found)
    return found


def test_a_token_that_may_not_read_what_it_connects_is_refused_before_anything_is_tried(tried: Any) -> None:
    owner = program(Role.OWNER)
    narrow = program(staff=owner.staff, scopes=["own_source:write"])
    for body in (TRIED | {"belongs_to": "me"}, NEW | {"belongs_to": "me"}):
        refused = narrow.post("/channels", body)
        assert (refused.status_code, refused.json()["code"]) == (403, "out_of_scope")
        assert "source:read" in refused.json()["detail"]
    assert not tried.called
    assert not Account.objects.exists()
    assert not Source.objects.exists()
    wide = program(staff=owner.staff, scopes=["own_source:write", "source:read"])
    assert wide.post("/channels", TRIED | {"belongs_to": "me"}).status_code == 201


def test_more_trials_than_a_few_at_once_are_put_off_in_words(tried: Any) -> None:
    owner = program(Role.OWNER)
    kept = owner.post("/channels", NEW).json()["id"]
    other = TRIED | {"address": "hello@tamp.example"}
    answers: list[Any] = []

    def while_others_are_tried(*_args: object) -> list[Step]:
        if tried.call_count < mailboxes.MOST_TRIALS:
            owner.post(f"/channels/{kept}/trial", None)
        else:
            answers.extend([owner.post("/channels", other), owner.post(f"/channels/{kept}/trial", None)])
            answers.append(page.post(reverse("settings-channel-trial", args=[kept])))
        return GOOD

    page = Client()
    page.force_login(owner.staff)
    tried.side_effect = while_others_are_tried
    owner.post(f"/channels/{kept}/trial", None)
    assert [one.status_code for one in answers] == [429] * 3
    assert [one.headers["Retry-After"] for one in answers] == ["45"] * 3
    assert answers[0].json()["code"] == "mailbox.too_many_trials"
    assert "Try it again in a minute" in answers[0].json()["detail"]
    assert Account.objects.count() == 1
    tried.side_effect = None
    assert owner.post("/channels", other).status_code == 201


def test_a_trial_that_fails_or_breaks_makes_room_for_the_next(tried: Any) -> None:
    owner = program(Role.OWNER)
    tried.return_value = BAD
    for _ in range(mailboxes.MOST_TRIALS + 1):
        assert owner.post("/channels", TRIED).status_code == 422
    tried.side_effect = RuntimeError
    for _ in range(mailboxes.MOST_TRIALS + 1):
        assert owner.post("/channels", TRIED).status_code == 500


def test_that_a_hidden_mailbox_is_connected_is_said_to_whoever_can_open_it_alone(tried: Any) -> None:
    agent, owner = program(), program(Role.OWNER)
    mailbox("support@tamp.example", agent.staff, personal=True)
    tried.return_value = BAD
    hidden = owner.post("/channels", TRIED)
    unknown = owner.post("/channels", TRIED | {"address": "nobody@tamp.example"})
    assert (hidden.status_code, hidden.json()) == (unknown.status_code, unknown.json())
    assert owner.post("/channels", TRIED).status_code == 422
    assert agent.post("/channels", TRIED | {"belongs_to": "me"}).status_code == 409
    assert tried.call_count == 3  # one's own needs no trial to be told of
    tried.return_value = GOOD
    assert owner.post("/channels", TRIED).status_code == 409
    assert Account.objects.count() == Source.objects.count() == 1


def test_whom_another_request_was_faster_than_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = program(Role.OWNER)
    mailbox("support@tamp.example", owner.staff)
    monkeypatch.setattr(accounts, "free_address", lambda address, **_known: address)
    assert owner.post("/channels", NEW | {"address": "support@tamp.example"}).status_code == 409
    with pytest.raises(Conflict):
        accounts.connect(
            adapter="email", address="support@tamp.example", name="", settings={}, secret={},
            actor=owner.staff.actor(), at=timezone.now(),
        )  # fmt: skip
    assert Account.objects.count() == Source.objects.count() == 1
