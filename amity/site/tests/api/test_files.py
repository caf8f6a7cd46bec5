"""Programs attach files to what they answer: sent up, named by the reply, taken back with it, theirs alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from amity.activity.models import Attachment, Upload
from amity.channels.models import OutboundMessage
from amity.conversations.tests.factories import a_conversation
from amity.kernel.actor import Role
from amity.site.tests.api.calling import V1, Program, program

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4 bill"


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")


@pytest.fixture
def talk(at: Any) -> str:
    return f"/conversations/{a_conversation(at).id}"


def send_up(who: Program, talk: str, content: bytes = PDF, name: str = "bill.pdf", **headers: str) -> Any:
    return who.client.generic(
        "POST", f"{V1}{talk}/uploads?filename={name}", content, "application/octet-stream",
        headers={"Authorization": f"Bearer {who.secret}", **{k.replace("_", "-"): v for k, v in headers.items()}},
    )  # fmt: skip


def test_a_file_is_sent_up_named_by_a_reply_and_given_back_with_it(talk: str) -> None:
    agent = program()
    made = send_up(agent, talk, name="..%2F..%2Fbill.pdf")
    assert made.status_code == 201
    file = made.json()
    assert (file["name"], file["media_type"], file["size_bytes"]) == ("bill.pdf", "application/pdf", len(PDF))
    assert agent.get(f"{talk}/uploads").json()["items"] == [file]
    sent = agent.post(f"{talk}/replies", {"text": "Here it is.", "files": [file["id"]]})
    assert sent.status_code == 201
    assert agent.get(f"{talk}/uploads").json()["items"] == []
    entry = agent.get(f"{talk}/thread").json()["items"][-1]
    assert [one["name"] for one in entry["files"]] == ["bill.pdf"]
    assert agent.post(f"/messages/{sent.json()['message_id']}/withdrawal", {}).status_code == 200
    assert [one["id"] for one in agent.get(f"{talk}/uploads").json()["items"]] == [file["id"]]
    assert not Attachment.objects.exists()
    assert agent.call("DELETE", f"/uploads/{file['id']}").status_code == 204
    assert agent.call("DELETE", f"/uploads/{file['id']}").status_code == 404


def test_a_file_sent_up_again_with_the_same_key_waits_once(talk: str) -> None:
    agent = program()
    first, again = (send_up(agent, talk, Idempotency_Key="bill-1") for _ in range(2))
    assert first.json()["id"] == again.json()["id"]
    assert Upload.objects.count() == 1


def test_what_cannot_go_is_refused_with_a_code(talk: str) -> None:
    agent = program()
    empty = send_up(agent, talk, b"")
    assert (empty.status_code, empty.json()["code"]) == (422, "file.empty")
    large = send_up(agent, talk, bytes(20_000_001))
    assert large.status_code == 413
    lost = agent.post(f"{talk}/replies", {"text": "Here", "files": [str(uuid4())]})
    assert (lost.status_code, lost.json()["code"]) == (404, "file.gone")
    many = agent.post(f"{talk}/replies", {"text": "Here", "files": [str(uuid4())] * 21})
    assert many.status_code == 422
    assert not OutboundMessage.objects.exists()
    assert not Upload.objects.exists()


def test_files_of_others_and_other_conversations_are_not_there(talk: str) -> None:
    agent, other = program(), program(Role.OWNER)
    file = send_up(agent, talk).json()["id"]
    assert other.get(f"{talk}/uploads").json()["items"] == []
    assert other.call("DELETE", f"/uploads/{file}").status_code == 404
    assert other.post(f"{talk}/replies", {"text": "Here", "files": [file]}).status_code == 404
    assert send_up(other, f"/conversations/{uuid4()}").status_code == 404
    assert Upload.objects.count() == 1


def test_who_may_not_answer_may_not_attach(talk: str) -> None:
    for role in (Role.ANALYST, Role.LEGAL, Role.PARTNER):
        assert send_up(program(role), talk).status_code in (403, 404)
    reading = program(scopes=["conversation:read"])
    assert send_up(reading, talk).status_code == 403
    assert not Upload.objects.exists()


def test_a_partner_attaches_where_they_may_answer(talk: str) -> None:
    from amity.conversations.models import Conversation

    partner = program(Role.PARTNER)
    assert send_up(partner, talk).status_code == 404
    Conversation.objects.update(assignee=partner.staff)
    file = send_up(partner, talk)
    assert file.status_code == 201
    sent = partner.post(f"{talk}/replies", {"text": "Here", "files": [file.json()["id"]]})
    assert sent.status_code == 201
