"""Signing in as somebody else: downwards only, seen on every page, ended by a click, on the record as whose it was."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from amity.activity.models import Upload
from amity.channels.models import OutboundMessage
from amity.conversations import services
from amity.kernel.actor import Role
from amity.kernel.models import AuditEntry, Staff, Team
from amity.site.accounts import standing_in
from amity.site.stream.gate import admit
from amity.site.tests.accounts.factories import come_in, now
from amity.site.tests.shell.factories import make_conversation, make_source, make_staff

pytestmark = pytest.mark.django_db


def _as(client: Client, staff: Staff) -> int:
    return client.post(f"/settings/colleagues/{staff.pk}/sign-in/").status_code


def test_one_sees_what_they_see_with_a_banner_and_is_oneself_again_by_a_click(client: Client) -> None:
    owner, partner = make_staff("Tilde Sandberg"), make_staff("Marek Novak", role=Role.PARTNER)
    come_in(client, owner)
    assert _as(client, partner) == 302
    page = client.get("/find/").content.decode()
    assert "Tilde Sandberg, you are signed in as Marek Novak" in page
    assert client.get("/status/").status_code == 403  # partners may not
    client.post("/sign-in-as/end/")
    assert client.get("/status/").status_code == 200
    assert "you are signed in as" not in client.get("/find/").content.decode()


@pytest.mark.parametrize(
    ("who", "whom", "expected"),
    [
        (Role.OWNER, Role.ADMINISTRATOR, 302),
        (Role.OWNER, Role.AGENT, 302),
        (Role.OWNER, Role.OWNER, 403),
        (Role.ADMINISTRATOR, Role.AGENT, 302),
        (Role.ADMINISTRATOR, Role.ADMINISTRATOR, 403),
        (Role.ADMINISTRATOR, Role.OWNER, 403),
        (Role.AGENT, Role.PARTNER, 403),
        (Role.LEGAL, Role.AGENT, 403),
    ],
)
def test_it_goes_downwards_only(client: Client, who: Role, whom: Role, expected: int) -> None:
    come_in(client, make_staff(role=who))
    assert _as(client, make_staff(role=whom)) == expected


def test_what_is_theirs_alone_stays_closed(client: Client) -> None:
    owner, agent = make_staff(), make_staff(role=Role.AGENT)
    come_in(client, owner)
    _as(client, agent)
    for address in ("/settings/", "/settings/password/", "/settings/security/", "/settings/security/app/"):
        assert client.get(address).status_code == 403, address
    assert client.post("/settings/password/", {"current": "x", "new": "y" * 12}).status_code == 403
    assert client.post(f"/settings/colleagues/{make_staff(role=Role.SALES).pk}/sign-in/").status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/webhooks", {"url": "https://93.184.216.34/hear", "types": ["order.received"]}),
        ("POST", "/inlets", {"name": "Shop"}),
        ("PATCH", "/workspace", {"name": "Tamp"}),
        ("DELETE", "/channels/0c9134de-36ac-4cef-881a-a03aa5dd99f1", None),
    ],
)
def test_what_settings_close_the_api_closes_too(
    client: Client, method: str, path: str, body: dict[str, object] | None
) -> None:
    owner, administrator = make_staff(), make_staff(role=Role.ADMINISTRATOR)
    come_in(client, owner)
    _as(client, administrator)
    answer = client.generic(method, f"/api/v1{path}", json.dumps(body), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "account.standing_in")
    assert client.get("/api/v1/webhooks").status_code == 200
    client.post("/sign-in-as/end/")
    answer = client.generic(method, f"/api/v1{path}", json.dumps(body), content_type="application/json")
    assert "standing_in" not in answer.content.decode()


def test_it_is_on_the_record_as_whose_it_was(client: Client) -> None:
    owner, agent = make_staff(), make_staff(role=Role.AGENT)
    come_in(client, owner)
    _as(client, agent)
    client.post("/views/", {"screen": "inbox", "name": "Mine", "query": "view=mine"})
    client.post("/sign-in-as/end/")
    began, ended = AuditEntry.objects.filter(action__startswith="sign_in_as").order_by("id")
    assert (began.actor_id, began.subject_id) == (owner.pk, str(agent.pk))
    assert ended.actor_id == owner.pk
    done = AuditEntry.objects.get(subject="savedview")
    assert (done.actor_id, done.on_behalf_of) == (agent.pk, owner.pk)


def test_it_ends_by_itself(client: Client) -> None:
    owner, agent = make_staff(), make_staff(role=Role.AGENT)
    session = {
        standing_in.KEY: {"staff": str(agent.pk), "since": (now() - timedelta(minutes=59)).isoformat()}
    }
    assert standing_in.stood_in(session, owner, at=now()) == agent
    assert standing_in.stood_in(session, owner, at=now() + timedelta(minutes=2)) is None
    Staff.objects.filter(pk=owner.pk).update(role=Role.AGENT)
    assert (
        standing_in.stood_in(session, Staff.objects.get(pk=owner.pk), at=now()) is None
    )  # lowered meanwhile


def test_the_session_of_the_colleague_is_not_touched(client: Client) -> None:
    owner, agent, theirs = make_staff(), make_staff(role=Role.AGENT), Client()
    come_in(theirs, agent)
    seen = Staff.objects.get(pk=agent.pk).last_seen_at
    come_in(client, owner)
    _as(client, agent)
    client.get("/find/")
    assert Staff.objects.get(pk=agent.pk).last_seen_at == seen
    client.post("/logout/")
    assert theirs.get("/settings/").status_code == 200


def test_the_live_stream_and_the_api_are_theirs_too(client: Client) -> None:
    owner, agent = make_staff(), make_staff(role=Role.AGENT)
    hidden = make_source("elsewhere", team=Team.objects.create(name="Press"))
    come_in(client, owner)
    _as(client, agent)
    listener = admit(client.session.session_key or "")
    assert listener is not None
    assert listener.staff_id == agent.pk
    assert str(hidden.pk) in listener.hidden_source_ids
    assert client.get("/api/v1/me").json()["id"] == str(agent.pk)


def test_what_came_to_their_own_mailbox_stays_theirs(client: Client) -> None:
    owner, agent = make_staff(), make_staff(role=Role.AGENT)
    mailbox = make_source("mailbox")
    type(mailbox).objects.filter(pk=mailbox.pk).update(owner=agent)
    private = make_conversation(mailbox, subject="My salary")
    shared = make_conversation(make_source("support"))
    come_in(client, owner)
    _as(client, agent)
    page, api = "/inbox/{}/", "/api/v1/conversations/{}"
    assert client.get(api.format(shared.pk)).status_code == 200
    assert client.get(api.format(private.pk)).status_code == 404
    assert client.get(page.format(private.pk)).status_code == 404
    assert str(mailbox.pk) not in client.get("/api/v1/sources").content.decode()
    listener = admit(client.session.session_key or "")
    assert listener is not None
    assert str(mailbox.pk) in listener.hidden_source_ids
    theirs = Client()
    come_in(theirs, agent)
    assert theirs.get(api.format(private.pk)).status_code == 200


def test_a_draft_of_theirs_gets_no_files_and_loses_none(client: Client) -> None:
    owner, agent = make_staff(), make_staff(role=Role.AGENT)
    talk = make_conversation(source=make_source())
    theirs = services.attach(talk.id, actor=agent.actor(), at=now(), filename="bill.pdf", content=b"%PDF")
    before = list(Upload.objects.values())
    come_in(client, owner)
    assert _as(client, agent) == 302
    file = SimpleUploadedFile("mine.pdf", b"%PDF mine")
    assert client.post(f"/inbox/{talk.id}/uploads/", {"file": file}).status_code == 403
    assert client.post(f"/inbox/uploads/{theirs.id}/removal/").status_code == 403
    for form in ({"files": str(theirs.id)}, {"file": SimpleUploadedFile("mine.pdf", b"%PDF mine")}):
        assert client.post(f"/inbox/{talk.id}/replies/", {"text": "Hello", **form}).status_code in (403, 422)
    page = client.get(f"/inbox/{talk.id}/").content.decode()
    assert "bill.pdf" not in page
    assert 'type="file"' not in page
    assert list(Upload.objects.values()) == before
    assert not OutboundMessage.objects.exists()
