"""What leaves the house leaves once, is found again by its answers, and never pretends to have left."""

from __future__ import annotations

import errno
import os
from datetime import datetime, timedelta
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError

from amity.activity.models import Activity
from amity.channels import outbox
from amity.channels.adapters import Login, Outgoing
from amity.channels.adapters.file import outgoing
from amity.channels.adapters.file.adapter import FileAdapter
from amity.channels.events import MessageFailed
from amity.channels.jobs import send_message
from amity.channels.models import OutboundMessage, OutboundState
from amity.conversations import services
from amity.conversations.jobs import answer_failed
from amity.conversations.models import Conversation
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Invalid
from amity.people.models import Identity
from tests.flows.stories import colleague, conversations, jsonl, message, order, take_in

pytestmark = pytest.mark.django_db
SOON = timedelta(minutes=1)


def answered(tmp_path: Path, at: datetime, id: str = "<q@roast.example>") -> tuple[Actor, OutboundMessage]:
    """A question and our answer to it, which waits in the outbox."""
    take_in(jsonl(tmp_path / "a.jsonl", [message(id, at)]), at)
    ines = colleague().actor()
    talk = Conversation.objects.get()
    return ines, services.reply(talk.id, actor=ines, at=at + SOON, text="We look into it.").message


def waiting(sent: OutboundMessage) -> list[Path]:
    return list((Path(settings.HOME) / "outbox" / sent.source.key / "new").glob(f"{sent.id}.*"))


def test_an_answer_to_our_answer_and_a_copy_of_it_are_recognised(tmp_path: Path, at: datetime) -> None:
    _, sent = answered(tmp_path, at)
    assert outbox.deliver(sent.id, at=at + SOON) is OutboundState.SENT
    [mail] = waiting(sent)
    take_in(mail, at)  # the copy in our own folder of sent mail
    [header] = [line for line in mail.read_text().splitlines() if line.startswith("Message-ID: ")]
    name = header.removeprefix("Message-ID: ")
    take_in(jsonl(tmp_path / "b.jsonl", [message("<thanks@roast.example>", at, in_reply_to=[name])]), at)
    assert list(conversations().values()) == [{"<q@roast.example>", name, "<thanks@roast.example>"}]
    assert Activity.objects.count() == 3


def test_a_message_whose_sending_was_cut_short_leaves_when_it_is_sent_again(
    tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ines, sent = answered(tmp_path, at)

    def killed(waiting: Path, target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(outgoing, "_release", killed)
        with pytest.raises(KeyboardInterrupt):
            outbox.deliver(sent.id, at=at + SOON)
    assert outbox.deliver(sent.id, at=at + SOON) is OutboundState.UNKNOWN
    assert waiting(sent) == []
    services.send_again(sent.id, actor=ines, at=at + 2 * SOON)
    assert outbox.deliver(sent.id, at=at + 2 * SOON) is OutboundState.SENT
    assert len(waiting(sent)) == 1
    waiting(sent)[0].unlink()  # fetched by whoever delivers it


def test_a_message_that_left_before_the_crash_does_not_leave_again(
    tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ines, sent = answered(tmp_path, at)
    whole = FileAdapter.send

    def sends_and_dies(self: FileAdapter, login: Login, message: Outgoing) -> None:
        whole(self, login, message)
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(FileAdapter, "send", sends_and_dies)
        with pytest.raises(KeyboardInterrupt):
            outbox.deliver(sent.id, at=at + SOON)
    waiting(sent)[0].unlink()
    assert outbox.deliver(sent.id, at=at + SOON) is OutboundState.UNKNOWN
    services.send_again(sent.id, actor=ines, at=at + 2 * SOON)
    assert outbox.deliver(sent.id, at=at + 2 * SOON) is OutboundState.SENT
    assert waiting(sent) == []


def test_a_message_that_may_have_arrived_stays_on_the_record(
    tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ines, sent = answered(tmp_path, at)

    def breaks(self: FileAdapter, login: Login, message: Outgoing) -> None:
        raise ConnectionError

    monkeypatch.setattr(FileAdapter, "send", breaks)
    assert outbox.deliver(sent.id, at=at + SOON) is OutboundState.UNKNOWN
    with pytest.raises(Conflict):
        services.withdraw_reply(sent.id, actor=ines, at=at + SOON)
    assert Activity.objects.filter(id=sent.activity_id).exists()


def test_an_answer_goes_to_nobody_who_is_not_in_the_conversation(tmp_path: Path, at: datetime) -> None:
    ines, _ = answered(tmp_path, at)
    talk = Conversation.objects.get()
    take_in(jsonl(tmp_path / "b.jsonl", [message("other", at, "tom@roast.example")]), at)
    take_in(
        jsonl(tmp_path / "c.jsonl", [
            order("o1", at, [("customer:shop", "77"), ("email", "hanna@roast.example")], "9"),
        ]),
        at,
    )  # fmt: skip
    stranger = Identity.objects.get(address="tom@roast.example")
    with pytest.raises(Invalid):
        services.reply(talk.id, actor=ines, at=at + SOON, text="Psst.", to=stranger.id)
    also = Identity.objects.get(address="77")
    assert (
        services.reply(talk.id, actor=ines, at=at + SOON, text="Hello.", to=also.id).message.address == "77"
    )


def test_an_answer_leaves_although_the_question_has_an_id_that_no_mail_can_name(
    tmp_path: Path, at: datetime
) -> None:
    _, sent = answered(tmp_path, at, id="question no. 7")
    assert outbox.deliver(sent.id, at=at + SOON) is OutboundState.SENT
    assert "In-Reply-To" not in waiting(sent)[0].read_text()


def test_a_message_that_cannot_be_written_says_that_it_did_not_leave(tmp_path: Path, at: datetime) -> None:
    _, sent = answered(tmp_path, at)
    OutboundMessage.objects.update(address="nobody at all")
    assert outbox.deliver(sent.id, at=at + SOON) is OutboundState.FAILED


def test_a_folder_that_takes_nothing_is_a_failure_and_says_why(
    tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, sent = answered(tmp_path, at)

    def refused(path: Path, content: bytes) -> None:
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(outgoing, "_write_new", refused)
    number = errno.ENOSPC
    assert outbox.deliver(sent.id, at=at + SOON) is OutboundState.QUEUED  # a disk may have room again
    sent.refresh_from_db()
    assert sent.error == "It could not be written into the outbox: No space left on device"
    number = errno.EACCES
    assert outbox.deliver(sent.id, at=at + SOON) is OutboundState.FAILED
    sent.refresh_from_db()
    assert sent.error == "It could not be written into the outbox: Permission denied"
    assert waiting(sent) == []


def test_whom_an_answer_did_not_reach_waits_again_until_it_leaves(tmp_path: Path, at: datetime) -> None:
    take_in(jsonl(tmp_path / "a.jsonl", [message("<q@roast.example>", at)]), at)
    ines, talk = colleague().actor(), Conversation.objects.get()
    sent = services.reply(talk.id, actor=ines, at=at + SOON, text="We look into it.", close=True).message
    address = sent.address
    OutboundMessage.objects.update(address="nobody at all")
    assert outbox.deliver(sent.id, at=at + SOON) is OutboundState.FAILED
    answer_failed(MessageFailed(sent.id, at + SOON))
    talk.refresh_from_db()
    assert (talk.state, talk.waiting_since, talk.first_answer_at) == ("open", at, None)
    OutboundMessage.objects.update(address=address)
    services.send_again(sent.id, actor=ines, at=at + 2 * SOON)
    assert outbox.deliver(sent.id, at=at + 2 * SOON) is OutboundState.SENT
    answer_failed(MessageFailed(sent.id, at + SOON))  # told twice, and late
    talk.refresh_from_db()
    assert (talk.waiting_since, talk.first_answer_at) == (None, at + SOON)


def test_the_job_of_a_message_outlives_a_database_that_is_away() -> None:
    from procrastinate.jobs import Job

    job = Job(
        id=1, queue="outbox", lock=None, queueing_lock=None, task_name="channels.send_message", attempts=50
    )
    assert send_message.get_retry_exception(OperationalError("away"), job) is not None


def test_a_reply_that_is_a_mail_carries_its_files_and_any_other_stays_as_it_was(
    tmp_path: Path, at: datetime
) -> None:
    ines, sent = answered(tmp_path, at)
    file = services.attach(
        Conversation.objects.get().id, actor=ines, at=at, filename="März.pdf", content=b"%PDF bill"
    )
    more = services.reply(
        Conversation.objects.get().id, actor=ines, at=at + SOON, text="Here", files=[file.id]
    ).message
    for one in (sent, more):
        assert outbox.deliver(one.id, at=at + 2 * SOON) is OutboundState.SENT
    plain, carrying = (
        BytesParser(policy=default).parsebytes(waiting(one)[0].read_bytes()) for one in (sent, more)
    )
    assert plain.get_content_type() == "text/plain"
    assert [part.get_filename() for part in carrying.iter_attachments()] == ["März.pdf"]
    for one in (sent, more):
        waiting(one)[0].unlink()
