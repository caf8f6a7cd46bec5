"""Files of a reply: attached, sent, taken back; of nobody but whoever writes; nothing lost of the text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from amity.activity import uploads
from amity.activity.models import Activity, Attachment, Upload
from amity.activity.uploads import FileGone, FileTooLarge
from amity.channels import outbox
from amity.channels.models import OutboundMessage, OutboundState, Source
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.conversations.services.attaching import CarriesNoFiles, NotYourDraft
from amity.conversations.tests.factories import (
    a_colleague,
    a_conversation,
    a_message,
    an_actor,
    arrive,
    signed_in,
)
from amity.kernel.acting import acting
from amity.kernel.actor import Actor
from amity.kernel.errors import Forbidden, NotFound
from amity.kernel.filestore import path_of
from amity.kernel.models import AuditEntry
from amity.people.models import Identity

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
PDF = b"%PDF-1.4 a bill"
PAGE = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")


@pytest.fixture
def ines() -> Actor:
    return an_actor("Ines Okafor")


def attached(
    talk: Conversation, actor: Actor, at: datetime, *contents: bytes, name: str = "Rechnung №{}.pdf"
) -> list[Upload]:
    return [
        services.attach(talk.id, actor=actor, at=at, filename=name.format(n), content=content)
        for n, content in enumerate(contents or (PDF,))
    ]


def ids(files: Sequence[Upload]) -> list[UUID]:
    return [one.id for one in files]


def test_a_reply_carries_its_files_and_they_stand_in_the_thread(at: datetime, ines: Actor) -> None:
    talk = a_conversation(at)
    waiting = attached(talk, ines, at, PDF, b"two")
    sent = services.reply(talk.id, actor=ines, at=at, text="Here it is.", files=ids(waiting)).message
    assert [one["name"] for one in sent.files] == ["Rechnung №0.pdf", "Rechnung №1.pdf"]
    assert not Upload.objects.exists()
    kept = {one.id: one for one in Attachment.objects.filter(activity_id=sent.activity_id)}
    assert kept.keys() == set(ids(waiting))
    assert kept[waiting[0].id].sniffed_type == "application/pdf"
    assert outbox.deliver(sent.id, at=at + 11 * SECOND) is OutboundState.SENT


def test_files_that_are_not_named_stay_in_the_draft(at: datetime, ines: Actor) -> None:
    talk = a_conversation(at)
    one, other = attached(talk, ines, at, b"one", b"two")
    services.reply(talk.id, actor=ines, at=at, text="One of them.", files=[one.id])
    assert ids(services.waiting_in(talk.id, actor=ines)) == [other.id]


def test_a_reply_that_is_taken_back_gives_back_its_files(at: datetime, ines: Actor) -> None:
    talk = a_conversation(at)
    jonas = an_actor("Jonas Brandt")
    waiting = attached(talk, ines, at, PDF, b"two")
    sent = services.reply(talk.id, actor=ines, at=at, text="Here it is.", files=ids(waiting)).message
    services.withdraw_reply(sent.id, actor=jonas, at=at + 5 * SECOND)
    assert not Attachment.objects.exists()
    assert set(ids(services.waiting_in(talk.id, actor=jonas))) == set(ids(waiting))
    assert list(services.waiting_in(talk.id, actor=ines)) == []
    again = services.reply(talk.id, actor=jonas, at=at + 6 * SECOND, text="Here.", files=ids(waiting)).message
    assert Attachment.objects.filter(activity_id=again.activity_id).count() == 2
    assert all(path_of(one.digest).is_file() for one in waiting)


def test_a_refused_reply_keeps_its_files_waiting(at: datetime, ines: Actor) -> None:
    talk = a_conversation(at)
    waiting = attached(talk, ines, at)
    for wrong in ([uuid4()], [waiting[0].id, uuid4()]):
        with pytest.raises(FileGone):
            services.reply(talk.id, actor=ines, at=at, text="Here.", files=wrong)
    assert ids(services.waiting_in(talk.id, actor=ines)) == ids(waiting)
    assert not OutboundMessage.objects.exists()
    assert not Attachment.objects.exists()


def test_what_a_colleague_attached_is_nobody_elses(at: datetime, ines: Actor) -> None:
    talk, jonas = a_conversation(at), an_actor("Jonas Brandt")
    waiting = attached(talk, ines, at)
    assert list(services.waiting_in(talk.id, actor=jonas)) == []
    with pytest.raises(NotFound):
        services.reply(talk.id, actor=jonas, at=at, text="Here.", files=ids(waiting))
    with pytest.raises(NotFound):
        services.detach(waiting[0].id, actor=jonas)
    assert Upload.objects.get().id == waiting[0].id


def test_whoever_is_signed_in_as_somebody_else_leaves_their_draft_alone(at: datetime, ines: Actor) -> None:
    talk = a_conversation(at)
    waiting, visitor = attached(talk, ines, at), replace(ines, is_visited=True)
    before = list(Upload.objects.values())
    with pytest.raises(NotYourDraft):
        services.attach(talk.id, actor=visitor, at=at, filename="b.txt", content=b"b")
    with pytest.raises(NotYourDraft):
        services.detach(waiting[0].id, actor=visitor)
    with pytest.raises(Forbidden):
        services.reply(talk.id, actor=visitor, at=at, text="Here.", files=ids(waiting))
    assert list(services.waiting_in(talk.id, actor=visitor)) == []
    assert list(Upload.objects.values()) == before
    assert not OutboundMessage.objects.exists()


def test_a_channel_of_words_refuses_files_and_keeps_them(at: datetime, ines: Actor) -> None:
    talk = a_conversation(at)
    waiting = attached(talk, ines, at)
    Identity.objects.update(network="twitter")
    with pytest.raises(CarriesNoFiles, match="cannot be sent on this channel"):
        services.reply(talk.id, actor=ines, at=at, text="Here.", files=ids(waiting))
    Identity.objects.update(network="email")
    Source.objects.update(adapter="api")
    with pytest.raises(CarriesNoFiles):
        services.reply(talk.id, actor=ines, at=at, text="Here.", files=ids(waiting))
    assert ids(services.waiting_in(talk.id, actor=ines)) == ids(waiting)


def test_a_message_whose_file_is_lost_fails_in_words_and_does_not_leave_without_it(
    at: datetime, ines: Actor
) -> None:
    talk = a_conversation(at)
    (bill,) = attached(talk, ines, at)
    sent = services.reply(talk.id, actor=ines, at=at, text="Here it is.", files=[bill.id]).message
    path_of(bill.digest).write_bytes(b"something else")
    assert outbox.deliver(sent.id, at=at + 11 * SECOND) is OutboundState.FAILED
    sent.refresh_from_db()
    assert "“Rechnung №0.pdf” is not here any more" in sent.error
    path_of(bill.digest).unlink()
    services.send_again(sent.id, actor=ines, at=at + 12 * SECOND)
    assert outbox.deliver(sent.id, at=at + 13 * SECOND) is OutboundState.FAILED


def test_two_conversations_that_turn_out_to_be_one_keep_what_waits_in_both(at: datetime, ines: Actor) -> None:
    arrive(a_message(at - 60 * SECOND, id="m1"), at=at)
    arrive(a_message(at - 50 * SECOND, "Another", id="m3", answers=["m2"]), at=at)
    for talk in Conversation.objects.all():
        attached(talk, ines, at, str(talk.id).encode())
    arrive(a_message(at - 55 * SECOND, "Between", id="m2", answers=["m1"]), at=at)
    assert len(services.waiting_in(Conversation.objects.get().id, actor=ines)) == 2


def test_the_trail_names_the_files_of_a_reply(at: datetime, ines: Actor) -> None:
    talk = a_conversation(at)
    with acting(ines, via="page"):
        waiting = attached(talk, ines, at)
        sent = services.reply(talk.id, actor=ines, at=at, text="Here.", files=ids(waiting)).message
    entry = AuditEntry.objects.filter(subject="outboundmessage", subject_id=str(sent.id)).earliest("id")
    assert entry.after is not None
    assert "Rechnung №0.pdf" in str(entry.after)


# ---- the page, without scripts and with them --------------------------------------------------------------------


def a_file(name: str = "bill.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "text/x-lie")


def open_page(client: Client, talk: Conversation) -> str:
    return client.get(reverse("conversation", args=[talk.id])).content.decode()


def waiting_on(page: str) -> list[str]:
    return re.findall(r'name="files" value="([^"]+)"', page)


def text_on(page: str) -> str:
    found = re.search(r'<textarea[^>]*id="reply-text"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found
    return unescape(found[1])


def test_without_scripts_files_are_attached_removed_sent_and_taken_back_with_the_text(at: datetime) -> None:
    client, talk = signed_in(a_colleague()), a_conversation(timezone.now())
    place = reverse("conversation-uploads", args=[talk.id])
    page = client.post(
        place, {"text": "Dear Hanna", "file": [a_file(), a_file("two.txt", b"2")]}, follow=True
    )
    shown = page.content.decode()
    assert text_on(shown) == "Dear Hanna"
    assert len(waiting_on(shown)) == 2
    two = Upload.objects.get(filename="two.txt")
    page = client.post(reverse("upload-removal", args=[two.id]), {"text": "Dear Hanna,"}, follow=True)
    shown = page.content.decode()
    assert text_on(shown) == "Dear Hanna,"
    [left] = waiting_on(shown)
    form = {"text": "Here it is.", "files": [left], "file": [a_file("late.pdf", b"%PDF-late")]}
    assert client.post(reverse("conversation-replies", args=[talk.id]), form).status_code == 302
    sent = OutboundMessage.objects.get()
    assert {one["name"] for one in sent.files} == {"bill.pdf", "late.pdf"}
    shown = open_page(client, talk)
    assert "late.pdf" in shown
    assert waiting_on(shown) == []
    back = client.post(reverse("reply-withdrawal", args=[sent.id]), follow=True).content.decode()
    assert text_on(back) == "Here it is."
    assert len(waiting_on(back)) == 2


@pytest.mark.parametrize("is_script", [True, False])
def test_a_file_that_cannot_go_is_named_and_the_rest_is_kept(
    at: datetime, monkeypatch: pytest.MonkeyPatch, is_script: bool
) -> None:
    monkeypatch.setattr("amity.conversations.web.receiving.LARGEST_FILE_BYTES", 1_000)
    monkeypatch.setattr(uploads, "LARGEST_FILE_BYTES", 1_000)
    client, talk = signed_in(a_colleague()), a_conversation(timezone.now())
    asked: dict[str, Any] = {"headers": {"HX-Request": "true"}} if is_script else {}
    form = {
        "text": "Dear Hanna",
        "file": [a_file(), a_file("long.bin", bytes(2_000)), a_file("none.txt", b"")],
    }
    answer = client.post(reverse("conversation-uploads", args=[talk.id]), form, **asked)
    shown = unescape(answer.content.decode())
    assert answer.status_code == 413
    assert "“long.bin” is larger than" in shown
    assert "“none.txt” is empty" in shown
    assert len(waiting_on(shown)) == 1
    assert is_script or text_on(shown) == "Dear Hanna"
    assert not OutboundMessage.objects.exists()


def test_files_that_are_too_large_together_are_told_apart_from_one_that_is_too_large(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amity.conversations.web.receiving._MOST_HELD_BYTES", 20)
    client, talk = signed_in(a_colleague()), a_conversation(timezone.now())
    form = {"text": "Dear Hanna", "file": [a_file(), a_file("late.txt", bytes(10))]}
    answer = client.post(reverse("conversation-uploads", args=[talk.id]), form)
    assert "With “late.txt” the files are larger than 25 MB together." in unescape(answer.content.decode())
    assert Upload.objects.get().filename == "bill.pdf"


def test_a_reply_with_a_file_too_large_is_not_sent_and_loses_no_text(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amity.conversations.web.receiving.LARGEST_FILE_BYTES", 1_000)
    monkeypatch.setattr(uploads, "LARGEST_FILE_BYTES", 1_000)
    client, talk = signed_in(a_colleague()), a_conversation(timezone.now())
    form = {"text": "Dear Hanna", "file": [a_file("long.bin", bytes(2_000))]}
    answer = client.post(reverse("conversation-replies", args=[talk.id]), form)
    assert text_on(answer.content.decode()) == "Dear Hanna"
    assert not OutboundMessage.objects.exists()
    assert not Upload.objects.exists()


def test_a_file_that_went_in_another_window_is_said_and_the_text_stays(at: datetime) -> None:
    client, talk = signed_in(a_colleague()), a_conversation(timezone.now())
    form = {"text": "Dear Hanna", "files": [str(uuid4())]}
    answer = client.post(reverse("conversation-replies", args=[talk.id]), form)
    assert answer.status_code == 404
    assert text_on(answer.content.decode()) == "Dear Hanna"
    assert (
        client.post(reverse("conversation-replies", args=[talk.id]), form | {"files": "x"}).status_code == 422
    )


def test_a_forged_form_attaches_nothing(at: datetime) -> None:
    talk, staff = a_conversation(timezone.now()), a_colleague()
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff)
    for name in ("conversation-uploads", "conversation-replies"):
        answer = client.post(reverse(name, args=[talk.id]), {"text": "Hi", "file": [a_file()]})
        assert answer.status_code == 403
    assert not Upload.objects.exists()
    assert not OutboundMessage.objects.exists()


def test_another_colleagues_file_is_not_there_on_the_page_either(at: datetime, ines: Actor) -> None:
    talk = a_conversation(timezone.now())
    (theirs,) = attached(talk, ines, timezone.now())
    client = signed_in(a_colleague("Jonas Brandt"))
    assert client.post(reverse("upload-removal", args=[theirs.id])).status_code == 404
    form = {"text": "Here", "files": [str(theirs.id)]}
    assert client.post(reverse("conversation-replies", args=[talk.id]), form).status_code == 404
    assert waiting_on(open_page(client, talk)) == []
    assert Upload.objects.count() == 1
    assert not OutboundMessage.objects.exists()


def test_a_page_that_was_attached_is_handed_out_to_be_saved_and_never_shown(
    at: datetime, ines: Actor
) -> None:
    talk, client = a_conversation(at), signed_in(a_colleague())
    (page,) = attached(talk, ines, at, PAGE, name="../<b>report.html")
    services.reply(talk.id, actor=ines, at=at, text="Here.", files=[page.id])
    shown = open_page(client, talk)
    assert "<b>report" not in shown
    answer = client.get(reverse("file", args=[page.id]))
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(reverse("file-picture", args=[page.id])).status_code == 404


def test_where_no_file_can_go_the_composer_says_so(at: datetime) -> None:
    client, talk = signed_in(a_colleague()), a_conversation(timezone.now())
    assert 'type="file"' in open_page(client, talk)
    Identity.objects.update(network="twitter")
    shown = open_page(client, talk)
    assert 'type="file"' not in shown
    assert "No files on this channel" in shown


def test_taking_back_leaves_no_attachment_of_what_was_never_said(at: datetime, ines: Actor) -> None:
    talk = a_conversation(at)
    sent = services.reply(
        talk.id, actor=ines, at=at, text="Here.", files=ids(attached(talk, ines, at))
    ).message
    services.withdraw_reply(sent.id, actor=ines, at=at + SECOND)
    left = set(Activity.objects.values_list("id", flat=True))
    assert not Attachment.objects.exclude(activity_id__in=left).exists()


def test_together_too_large_is_refused_when_it_is_sent(
    at: datetime, ines: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = a_conversation(at)
    waiting = attached(talk, ines, at, b"one", b"two")
    monkeypatch.setattr(uploads, "MOST_MESSAGE_BYTES", 5)
    with pytest.raises(FileTooLarge, match="together"):
        services.reply(talk.id, actor=ines, at=at, text="Here.", files=ids(waiting))
