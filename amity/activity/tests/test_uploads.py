"""Files that wait in a draft: kept within their limits whoever comes at once, and gone with their bytes."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import connection, transaction

from amity.activity import files, jobs, sweeping, uploads
from amity.activity.models import Attachment, Upload
from amity.activity.uploads import Draft, FileEmpty, FileGone, FileTooLarge, NoRoom, TooManyFiles
from amity.kernel import filestore
from amity.kernel.actor import Role
from amity.kernel.filestore import path_of
from amity.kernel.models import Staff

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
Committed = Callable[..., object]


@pytest.fixture(autouse=True)
def _own_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "MEDIA_ROOT", tmp_path / "files")


def a_draft(staff: Staff | None = None) -> Draft:
    staff = staff or Staff.objects.create(
        name="Ines Okafor", role=Role.AGENT, email=f"{uuid4().hex}@tamp.example",
        joined_at=datetime.fromisoformat("2025-01-01T00:00:00+00:00"),
    )  # fmt: skip
    return Draft(staff.pk, uuid4(), uuid4())


def lying() -> set[str]:
    """The bytes in the store."""
    return {path.name for number in range(filestore.SHELVES) for path in filestore.shelf(number)}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ines\\bill.pdf", "bill.pdf"),
        ("bill\x00\r\n\u202efdp.exe", "bill____fdp.exe"),
        ("..", "file"),
        ("CON.txt", "_CON.txt"),
        ("Rechnung März №5.pdf", "Rechnung März №5.pdf"),
    ],
)
def test_a_name_is_harmless_wherever_it_is_saved(at: datetime, name: str, kept: str) -> None:
    made = uploads.keep(a_draft(), name, b"x", at=at)
    assert made.filename == kept
    assert path_of(made.digest).parent.parent == Path(settings.MEDIA_ROOT)
    assert len(uploads.keep(a_draft(), "ä" * 3_000 + ".pdf", b"x", at=at).filename) <= 255


@pytest.mark.django_db
def test_a_file_is_what_its_bytes_say(at: datetime) -> None:
    draft = a_draft()
    told = {
        one: uploads.keep(draft, one, content, at=at).media_type
        for one, content in (
            ("photo.pdf", PNG),
            ("page.png", b"<!doctype html><script>"),
            ("letter.docx", b"PK\x03\x04rest"),
            ("rest.zip", b"PK\x03\x04rest"),
            ("plain.txt", b"Hello"),
        )
    }
    assert told == {
        "photo.pdf": "image/png",
        "page.png": "text/html",
        "letter.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "rest.zip": "application/zip",
        "plain.txt": "application/octet-stream",
    }


@pytest.mark.django_db
def test_what_no_message_can_carry_is_refused_in_words_and_leaves_nothing(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, most in (
        ("LARGEST_FILE_BYTES", 10),
        ("MOST_MESSAGE_BYTES", 15),
        ("MOST_WAITING_BYTES", 25),
        ("MOST_FILES", 3),
    ):
        monkeypatch.setattr(uploads, name, most)
    draft = a_draft()
    with pytest.raises(FileEmpty, match=r"“none\.txt” is empty"):
        uploads.keep(draft, "none.txt", b"", at=at)
    with pytest.raises(FileTooLarge, match=r"“long\.txt” is larger"):
        uploads.keep(draft, "long.txt", b"01234567890", at=at)
    uploads.keep(draft, "a.txt", b"0123456789", at=at)
    with pytest.raises(FileTooLarge, match="together"):
        uploads.keep(draft, "b.txt", b"012345", at=at)
    uploads.keep(draft, "c.txt", b"c", at=at)
    uploads.keep(draft, "d.txt", b"d", at=at)
    with pytest.raises(TooManyFiles, match="at most 3 files"):
        uploads.keep(draft, "e.txt", b"e", at=at)
    elsewhere = Draft(draft.staff_id, uuid4(), draft.source_id)
    uploads.keep(elsewhere, "f.txt", b"fffffffff", at=at)
    with pytest.raises(TooManyFiles, match="wait in your drafts"):
        uploads.keep(elsewhere, "g.txt", b"ggggg", at=at)
    assert Upload.objects.count() == len(lying()) == 4


@pytest.mark.django_db
@pytest.mark.parametrize("broken", ["full", "nearly"])
def test_a_full_disk_is_said_and_nothing_is_half_kept(
    at: datetime, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if broken == "full":
        monkeypatch.setattr("amity.kernel.filestore.os.fsync", full)
    else:
        monkeypatch.setattr(uploads, "ROOM_BYTES", 1 << 60)
    with pytest.raises(NoRoom, match=r"disk of the server is full\. Your text is safe"):
        uploads.keep(a_draft(), "a.txt", b"a", at=at)
    assert not Upload.objects.exists()
    assert lying() == set()


@pytest.mark.django_db
@pytest.mark.parametrize("damaged", [b"", b"Leaf"])
def test_what_lies_damaged_is_made_whole_by_the_same_file(at: datetime, damaged: bytes) -> None:
    path = path_of(uploads.keep(a_draft(), "a.txt", b"Bean", at=at).digest)
    path.write_bytes(damaged)
    uploads.keep(a_draft(), "a.txt", b"Bean", at=at)
    assert path.read_bytes() == b"Bean"


@pytest.mark.django_db
def test_a_file_that_is_taken_off_goes_with_its_bytes_unless_they_are_named_elsewhere(
    at: datetime, django_capture_on_commit_callbacks: Committed
) -> None:
    draft, other = a_draft(), a_draft()
    one, same = (uploads.keep(whose, "a.txt", b"a", at=at) for whose in (draft, other))
    with pytest.raises(FileGone):
        uploads.drop(one.id, other.staff_id)
    assert lying() == {one.digest}
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        assert uploads.drop(one.id, draft.staff_id) == draft.conversation_id
    assert lying() == {one.digest}
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        uploads.drop(same.id, other.staff_id)
    assert lying() == set()
    with pytest.raises(FileGone):
        uploads.drop(same.id, other.staff_id)


@pytest.mark.django_db
def test_only_ones_own_of_the_same_conversation_are_taken_along(at: datetime) -> None:
    draft, other = a_draft(), a_draft()
    mine, theirs = (uploads.keep(whose, "a.txt", b"a", at=at) for whose in (draft, other))
    elsewhere = uploads.keep(Draft(draft.staff_id, uuid4(), draft.source_id), "b.txt", b"b", at=at)
    for ids in ([theirs.id], [mine.id, elsewhere.id], [mine.id, uuid4()]):
        with pytest.raises(FileGone, match="not in your draft"):
            uploads.take(draft, ids)
    assert [one.id for one in uploads.take(draft, [mine.id, mine.id])] == [mine.id]
    path_of(mine.digest).unlink()
    with pytest.raises(FileGone, match=r"“a\.txt” is lost"):
        uploads.take(draft, [mine.id])


@pytest.mark.django_db
def test_the_sweep_of_a_day_takes_what_was_never_sent_and_what_nobody_names(
    at: datetime, django_capture_on_commit_callbacks: Committed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "CHUNK", 2)
    draft, staff = a_draft(), a_draft()
    old = [
        uploads.keep(draft, f"{n}.txt", f"old {n}".encode(), at=at - timedelta(hours=25)) for n in range(5)
    ]
    young = uploads.keep(staff, "young.txt", b"young", at=at)
    sent = hashlib.sha256(b"sent").hexdigest()
    for content in (b"sent", b"nobody's", b"nobody's either", b"of this minute"):
        filestore.store(content)
    Attachment.objects.create(
        id=uuid4(),
        activity_id=uuid4(),
        source_id=uuid4(),
        filename="s",
        content_type="",
        size_bytes=4,
        digest=sent,
    )
    half = path_of(sent).with_suffix(".0123456789abcdef")
    half.write_bytes(b"se")
    foreign = path_of(sent).with_name("not ours")
    foreign.write_bytes(b"-")
    before = (at - timedelta(days=3)).timestamp()
    fresh = hashlib.sha256(b"of this minute").hexdigest()
    for number in range(filestore.SHELVES):
        for path in filestore.shelf(number):
            os.utime(path, (before, before) if path.name != fresh else None)
    os.utime(path_of(fresh), (at.timestamp(), at.timestamp()))
    midnight = at.replace(hour=0, minute=41)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        assert sweeping.sweep(at) >= 5
    assert not Upload.objects.filter(pk__in=[one.pk for one in old]).exists()
    for hour in range(24):
        sweeping.sweep(midnight.replace(hour=hour))
    assert lying() == {young.digest, sent, fresh}
    assert foreign.exists()
    assert callable(jobs.sweep_files)


@pytest.mark.django_db
def test_asking_who_names_some_bytes_reads_an_index(at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {files._UNNAMED}", [["0" * 64]])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "activity_attachment_bytes" in plan
    assert "activity_upload_bytes" in plan


@pytest.fixture
def _left_behind() -> Iterator[None]:
    yield
    Upload.objects.all().delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_left_behind")
def test_any_number_at_once_keep_to_the_limit_of_a_colleague(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_WAITING_BYTES", 50)
    draft = a_draft()

    def one(number: int) -> bool:
        try:
            uploads.keep(
                Draft(draft.staff_id, uuid4(), draft.source_id),
                f"{number}.txt",
                f"{number:010}".encode(),
                at=at,
            )
        except TooManyFiles:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as together:
        assert sum(together.map(one, range(24))) == 5
    assert sum(Upload.objects.values_list("size_bytes", flat=True)) == 50


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_left_behind")
def test_bytes_are_not_taken_from_under_whoever_is_about_to_name_them(at: datetime) -> None:
    draft, other = a_draft(), a_draft()
    mine = uploads.keep(draft, "a.txt", b"the same", at=at)

    def drop_it() -> UUID:
        try:
            return uploads.drop(mine.id, draft.staff_id)
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as elsewhere:
        same = uploads.keep(other, "b.txt", b"the same", at=at)
        elsewhere.submit(drop_it).result(timeout=20)
    assert path_of(same.digest).read_bytes() == b"the same"
