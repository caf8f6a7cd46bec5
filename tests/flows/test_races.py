"""Colleagues write while imports run: nobody waits for each other in a ring, and nothing is counted from what was."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from amity.channels import imports
from amity.channels.holding import is_held
from amity.channels.models import ImportRun, RunState
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.conversations.refreshing import refresh
from amity.kernel.actor import SYSTEM, Actor
from amity.kernel.errors import Conflict
from amity.site import ingest
from amity.site.jobs import take_up_interrupted
from tests.flows.stories import colleague, conversations, draft, jsonl, message

pytestmark = pytest.mark.django_db(transaction=True)
LONGEST_S = 20


@pytest.fixture(autouse=True)
def _clean_stream() -> Iterator[None]:
    """Django empties only the tables that it manages."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE activity_activity")


class Colleague(Thread):
    """Somebody who works in a transaction of their own, and keeps it open until told to `finish`."""

    def __init__(self, does: Callable[[], object], *, begins: Callable[[], object] | None = None) -> None:
        super().__init__(daemon=True)
        self.does, self.begins = does, begins
        self.has_begun, self.may_go_on = Event(), Event()
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            with transaction.atomic():
                (self.begins or self.does)()
                self.has_begun.set()
                assert self.may_go_on.wait(LONGEST_S)
                if self.begins:
                    self.does()
        except BaseException as error:  # noqa: BLE001 - told to the test
            self.error = error
        finally:
            self.has_begun.set()
            connection.close()

    def __enter__(self) -> Colleague:
        self.start()
        assert self.has_begun.wait(LONGEST_S)
        assert self.error is None
        return self

    def __exit__(self, *_: object) -> None:
        self.may_go_on.set()
        self.join(LONGEST_S)
        assert self.error is None, self.error


def until_somebody_waits(how_many: int = 1) -> None:
    """Until processes of the database wait for a lock."""
    for _ in range(LONGEST_S * 20):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if (cursor.fetchone() or (0,))[0] >= how_many:
                return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


class Importing(Thread):
    """An import, or the undo of one, in a process of its own."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.work()
        except BaseException as error:  # noqa: BLE001 - told to the test
            self.error = error
        finally:
            connection.close()

    def finish(self) -> None:
        self.join(LONGEST_S)
        assert self.error is None, self.error


def imported(tmp_path: Path, at: datetime, name: str, *records: dict[str, Any]) -> Importing:
    run = draft(jsonl(tmp_path / f"{name}.jsonl", records), at)

    def work() -> None:
        assert ingest.work_on(run.id).state == RunState.DONE

    return Importing(work)


def talk_of(tmp_path: Path, at: datetime, *ids: str) -> tuple[Actor, list[Conversation]]:
    """Conversations that begin with these messages, and a colleague."""
    first = imported(tmp_path, at, "first", *(message(id, at) for id in ids))
    first.start()
    first.finish()
    of_message = {id: conversation for conversation, names in conversations().items() for id in names}
    return colleague().actor(), [Conversation.objects.get(pk=of_message[id]) for id in ids]


def counted(conversation: Conversation) -> tuple[object, ...]:
    conversation.refresh_from_db()
    return (
        conversation.messages,
        conversation.last_outbound_at,
        conversation.waiting_since,
        conversation.preview,
    )


def test_an_answer_that_is_given_while_an_import_runs_is_counted(tmp_path: Path, at: datetime) -> None:
    ines, [talk] = talk_of(tmp_path, at, "a")
    now = at + timedelta(hours=1)
    importing = imported(tmp_path, at, "next", message("b", at + timedelta(minutes=1), in_reply_to=["a"]))
    with Colleague(lambda: services.reply(talk.id, actor=ines, at=now, text="We look into it.")):
        importing.start()
        until_somebody_waits()
    importing.finish()
    seen = counted(talk)
    refresh([talk.id])
    assert seen == counted(talk)
    assert seen[0] == 3


def test_an_import_and_an_answer_never_wait_for_each_other(tmp_path: Path, at: datetime) -> None:
    ines, [talk] = talk_of(tmp_path, at, "a")
    ours = {"direction": "out", "to": [{"network": "email", "address": "hanna@roast.example"}]}
    importing = imported(
        tmp_path, at, "next", message("b", at, "shop@tamp.example", in_reply_to=["a"], **ours)
    )
    answer = Colleague(
        lambda: services.reply(talk.id, actor=ines, at=at + timedelta(minutes=1), text="We look into it."),
        begins=lambda: Conversation.objects.select_for_update().get(pk=talk.id),
    )
    with answer:
        importing.start()
        until_somebody_waits()
    importing.finish()
    assert counted(talk)[0] == 3


def test_an_undo_and_an_answer_never_wait_for_each_other(tmp_path: Path, at: datetime) -> None:
    ines, [talk] = talk_of(tmp_path, at, "a")
    ours = {"direction": "out", "to": [{"network": "email", "address": "hanna@roast.example"}]}
    run = draft(
        jsonl(tmp_path / "next.jsonl", [message("b", at, "shop@tamp.example", in_reply_to=["a"], **ours)]), at
    )
    first = Importing(lambda: ingest.work_on(run.id))
    first.start()
    first.finish()
    undoing = Importing(lambda: ingest.undo(run.id, actor=SYSTEM))
    answer = Colleague(
        lambda: services.reply(talk.id, actor=ines, at=at + timedelta(minutes=1), text="We look into it."),
        begins=lambda: Conversation.objects.select_for_update().get(pk=talk.id),
    )
    with answer:
        undoing.start()
        until_somebody_waits()
    undoing.finish()
    # Somebody wrote in it before the undo got there: what was said to us stays.
    assert {"a", "b"} < next(iter(conversations().values()))


def test_an_answer_stays_in_a_thread_that_is_joined_to_another_meanwhile(
    tmp_path: Path, at: datetime
) -> None:
    ines, [one, two] = talk_of(tmp_path, at, "a", "z")
    importing = imported(
        tmp_path, at, "bridge", message("b", at + timedelta(minutes=1), in_reply_to=["a", "z"])
    )
    loser = max((one, two), key=lambda talk: str(talk.threads.get().thread_id))
    reply = lambda: services.reply(loser.id, actor=ines, at=at + timedelta(hours=1), text="We do.")  # noqa: E731
    with Colleague(reply):
        importing.start()
        until_somebody_waits()
    importing.finish()
    [talk] = Conversation.objects.all()
    assert len(conversations()[talk.id]) == 4
    assert counted(talk)[0] == 4


def test_an_undo_is_worked_on_by_one_process(tmp_path: Path, at: datetime) -> None:
    _, [talk] = talk_of(tmp_path, at, "a")
    run = ImportRun.objects.get()
    undoing = Importing(lambda: ingest.undo(run.id, actor=SYSTEM))
    with Colleague(lambda: Conversation.objects.select_for_update().get(pk=talk.id)):
        undoing.start()
        until_somebody_waits()
        assert is_held(run.id)
        assert take_up_interrupted() == 0
        with pytest.raises(Conflict):
            ingest.undo(run.id, actor=SYSTEM)
    undoing.finish()
    run.refresh_from_db()
    assert run.state == RunState.UNDONE


def test_what_was_read_again_while_an_import_runs_stays_counted(
    tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH_ROWS", 2)
    run = draft(jsonl(tmp_path / "a.jsonl", [message(f"a{n}", at) for n in range(6)]), at)

    def meanwhile(progress: ImportRun) -> None:
        if progress.rows_read == 2:
            ImportRun.objects.filter(pk=run.id).update(rows_quarantined=F("rows_quarantined") + 5)

    done = ingest.work_on(run.id, on_progress=meanwhile)
    assert (done.rows_new, done.rows_quarantined) == (6, 5)


def test_a_file_that_comes_again_while_it_is_taken_back_is_taken_in(tmp_path: Path, at: datetime) -> None:
    path = jsonl(tmp_path / "a.jsonl", [message("a", at), message("b", at, "tom@roast.example")])
    first, again = draft(path, at), draft(path, at)
    ingest.work_on(first.id)
    [talk] = [id for id, names in conversations().items() if "a" in names]
    undoing = Importing(lambda: ingest.undo(first.id, actor=SYSTEM))
    importing = Importing(lambda: ingest.work_on(again.id))
    with Colleague(lambda: Conversation.objects.select_for_update().get(pk=talk)):
        undoing.start()
        until_somebody_waits()
        importing.start()
        until_somebody_waits(2)
    undoing.finish()
    importing.finish()
    again.refresh_from_db()
    assert (again.rows_new, again.rows_same) == (2, 0)
    assert sorted(map(sorted, conversations().values())) == [["a"], ["b"]]
