from __future__ import annotations

import email
import errno
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from email.policy import default
from pathlib import Path

import pytest

from amity.channels.adapters.file import OutgoingMessage, outgoing, write_outgoing
from amity.channels.adapters.file.outgoing import NotWritten
from amity.channels.adapters.file.tests.making import messages
from amity.channels.records import Handle
from amity.kernel.durable import sync_folder

REPLY = OutgoingMessage(
    message_id="<reply-1@shop.example>",
    at=datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC),
    sender=Handle("email", "help@shop.example", "Tamp & Co"),
    recipients=(Handle("email", "ada@example.org", 'Ädä "The" Lovelace'),),
    text="Bonjour Ada,\nthe burrs are on their way – tomorrow 😀.\n" + "long " * 300,
    subject="Re: Grinder\r\nBcc: everybody@example.org",
    in_reply_to="<question@example.org>",
    references=("<first@example.org>", "<question@example.org>"),
)


def test_a_reply_is_a_mail_that_keeps_its_thread(tmp_path: Path) -> None:
    path = write_outgoing(tmp_path, "reply-1", REPLY)
    assert path == tmp_path / "new" / "reply-1.eml"
    raw = path.read_bytes()
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    mail = email.message_from_bytes(raw, policy=default)
    assert mail["Message-ID"] == REPLY.message_id
    assert mail["In-Reply-To"] == "<question@example.org>"
    assert mail["References"] == "<first@example.org> <question@example.org>"
    assert mail["To"].addresses[0].addr_spec == "ada@example.org"
    assert mail["Subject"] == "Re: Grinder Bcc: everybody@example.org"
    assert mail["Bcc"] is None
    body = mail.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == REPLY.text + "\n"


def test_a_reply_is_read_back_as_what_was_sent(tmp_path: Path) -> None:
    [message] = messages(write_outgoing(tmp_path, "reply-1", REPLY))
    assert (message.external_id, message.author.address) == (REPLY.message_id, "help@shop.example")
    assert message.in_reply_to == ("<question@example.org>", "<first@example.org>")
    assert message.occurred_at == REPLY.at


def test_the_same_key_is_sent_once_also_after_the_file_was_fetched(tmp_path: Path) -> None:
    path = write_outgoing(tmp_path, "reply-1", REPLY)
    path.unlink()
    with pytest.raises(FileExistsError):
        write_outgoing(tmp_path, "reply-1", REPLY)
    assert list((tmp_path / "new").iterdir()) == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_of_many_senders_at_once_exactly_one_sends(tmp_path: Path) -> None:
    def send(_: int) -> bool:
        try:
            write_outgoing(tmp_path, "reply-1", REPLY)
        except FileExistsError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(send, range(40))) == 1
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_a_crash_before_the_claim_leaves_the_message_to_be_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(path: Path, content: bytes) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("amity.channels.adapters.file.outgoing._write_new", crash)
        with pytest.raises(OSError, match="full"):
            write_outgoing(tmp_path, "reply-1", REPLY)
    assert write_outgoing(tmp_path, "reply-1", REPLY).exists()


@pytest.mark.parametrize("broken", ["_write_new", "_claim", "sync_folder", "rename", "new", "tmp"])
def test_what_could_not_be_written_did_not_leave_and_leaves_once_when_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    if broken in {"new", "tmp"}:
        (tmp_path / broken).touch()  # where a folder should be
    elif broken == "rename":
        monkeypatch.setattr(Path, "rename", _full)
    else:
        monkeypatch.setattr(f"amity.channels.adapters.file.outgoing.{broken}", _full)
    for _ in range(1 if broken == "sync_folder" else 2):  # the second call follows the first one's claim
        with pytest.raises(NotWritten):
            write_outgoing(tmp_path, "reply-1", REPLY)
    monkeypatch.undo()
    if broken in {"new", "tmp"}:
        (tmp_path / broken).unlink()
    assert write_outgoing(tmp_path, "reply-1", REPLY).exists()
    with pytest.raises(FileExistsError):
        write_outgoing(tmp_path, "reply-1", REPLY)
    assert list((tmp_path / "tmp").iterdir()) == []
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_of_a_file_that_stands_there_nobody_says_that_it_did_not_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = sync_folder

    def only_the_last(path: Path) -> None:
        kept(path) if path.name == "claimed" else _full()

    monkeypatch.setattr(outgoing, "sync_folder", only_the_last)
    with pytest.raises(OSError, match="full") as broken:
        write_outgoing(tmp_path, "reply-1", REPLY)
    assert not isinstance(broken.value, NotWritten)
    assert len(list((tmp_path / "new").iterdir())) == 1


def _full(*_arguments: object) -> None:
    raise OSError(errno.ENOSPC, "the disk is full")


def test_other_networks_get_native_json(tmp_path: Path) -> None:
    tweet = replace(
        REPLY, sender=Handle("twitter", "tampco"), recipients=(Handle("twitter", "ada"),), message_id="17"
    )
    path = write_outgoing(tmp_path, "reply-2", tweet)
    found = json.loads(path.read_text("utf-8"))
    assert (path.suffix, found["direction"], found["from"]["address"]) == (".json", "out", "tampco")


@pytest.mark.parametrize("key", ["", "../escape", "a/b", ".hidden", "x" * 121, "nul\x00"])
def test_a_key_that_is_no_file_name_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        write_outgoing(tmp_path / "out", key, REPLY)


@pytest.mark.parametrize("address", ["no at sign", "a@b\r\nBcc: c@d.example", "ä@example.org", ""])
def test_an_address_that_mail_cannot_carry_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        write_outgoing(tmp_path, "reply-3", replace(REPLY, recipients=(Handle("email", address),)))
