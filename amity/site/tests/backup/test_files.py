"""The file itself: cut off anywhere, altered anywhere, made by somebody else, it is refused."""

from __future__ import annotations

import hashlib
import io
import random
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.errors import DomainError, Invalid
from amity.site.backup.archive import is_safe
from amity.site.backup.envelope import PlainSink
from amity.site.backup.errors import BadBackup, WrongKey
from amity.site.backup.making import Made
from amity.site.backup.reading import verify
from amity.site.backup.seal import CHUNK_BYTES, SealedSink, SealedSource, Secret
from amity.site.tests.backup.conftest import SECRET

REFUSED = (BadBackup, WrongKey)


def sealed_bytes(plain: bytes, secret: Secret = SECRET) -> bytes:
    file = io.BytesIO()
    sink = SealedSink(file, secret)
    sink.write(plain)
    sink.finish()
    return file.getvalue()


def opened(sealed: bytes, secret: Secret = SECRET) -> bytes:
    source = SealedSource(io.BytesIO(sealed), secret)
    plain = source.read(1 << 30)
    source.finish()
    return plain


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_what_was_sealed_opens_at_every_size(size: int) -> None:
    plain = random.Random(size).randbytes(size)
    sealed = sealed_bytes(plain)
    assert opened(sealed) == plain
    assert plain[:64] not in sealed or size < 64


@given(cut=st.integers(0, 3 * CHUNK_BYTES))
def test_a_sealed_file_that_is_cut_off_anywhere_does_not_open(cut: int) -> None:
    with pytest.raises(REFUSED):
        opened(LONG[: min(cut, len(LONG) - 1)])


@given(place=st.integers(0, 3 * CHUNK_BYTES), bit=st.integers(0, 7))
def test_a_sealed_file_that_is_altered_anywhere_does_not_open(place: int, bit: int) -> None:
    altered = bytearray(LONG)
    altered[place % len(LONG)] ^= 1 << bit
    with pytest.raises(REFUSED):
        opened(bytes(altered))


LONG = sealed_bytes(random.Random(1).randbytes(2 * CHUNK_BYTES + 1000))


def test_chunks_cannot_be_left_out_moved_or_added() -> None:
    start = LONG.index(b"\n", LONG.index(b"\n") + 1) + 1
    size = CHUNK_BYTES + 16
    head, first, second, last = (
        LONG[:start],
        LONG[start:][:size],
        LONG[start + size :][:size],
        LONG[start + 2 * size :],
    )
    assert opened(head + first + second + last)
    for wrong in (
        [first, last],
        [second, first, last],
        [first, second],
        [first, second, last, last],
        [last],
        [],
    ):
        with pytest.raises(REFUSED):
            opened(head + b"".join(wrong))


def test_a_passphrase_opens_what_it_sealed_and_no_other_does() -> None:
    sealed = sealed_bytes(b"the whole company", Secret.passphrase("correct horse battery"))
    assert opened(sealed, Secret.passphrase("correct horse battery")) == b"the whole company"
    with pytest.raises(WrongKey):
        opened(sealed, Secret.passphrase("correct horse batterz"))
    with pytest.raises(WrongKey, match="passphrase"):
        opened(sealed, SECRET)


def test_weak_secrets_are_refused() -> None:
    with pytest.raises(Invalid):
        Secret.passphrase("short")
    with pytest.raises(Invalid):
        Secret.key_file(b"16 bytes of key.")


def test_a_head_that_asks_for_all_memory_is_refused() -> None:
    sealed = sealed_bytes(b"x", Secret.passphrase("correct horse battery"))
    with pytest.raises(BadBackup):
        opened(sealed.replace(b'"n": 65536', b'"n": 1073741824'), Secret.passphrase("correct horse battery"))


@pytest.mark.parametrize("kind", ["saved", "sealed"])
def test_a_backup_cut_off_or_altered_anywhere_is_refused(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    whole = request.getfixturevalue(kind).path.read_bytes()
    target = tmp_path / "file"
    target.write_bytes(whole)
    assert verify(target, SECRET).counts["kernel_team"] == 200
    rng = random.Random(5)
    cuts = {0, 1, 21, 22, 511, 512, len(whole) - 1, len(whole) - 512, *rng.sample(range(len(whole)), 40)}
    for cut in cuts:
        target.write_bytes(whole[:cut])
        with pytest.raises(REFUSED):
            verify(target, SECRET)
    # some all over, and the whole end, where lengths and digests stand
    end = range(len(whole) - 100, len(whole))
    for place in {*range(0, len(whole), 16_384), *end, *rng.sample(range(len(whole)), 40)}:
        altered = bytearray(whole)
        altered[place] ^= 1 << rng.randrange(8)
        target.write_bytes(altered)
        with pytest.raises(REFUSED):
            verify(target, SECRET)
    target.write_bytes(whole + b"\0")
    with pytest.raises(REFUSED):
        verify(target, SECRET)


def test_anybody_can_open_a_plain_one_with_tar(saved: Made) -> None:
    with tarfile.open(saved.path) as tar:
        names = tar.getnames()
    assert names[0] == "database/000001"
    assert names[-1] == "manifest.json"
    assert "files/imports/1/Größe.csv" in names
    assert not [name for name in names if name.startswith("keys/")]


Change = Callable[[tarfile.TarInfo], None]


def forged(change: Change, target: Path) -> Path:
    """A file with a right digest whose one member is what `change` makes of it."""
    member = tarfile.TarInfo("files/a")
    change(member)
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w", format=tarfile.PAX_FORMAT) as tar:
        tar.addfile(member, io.BytesIO(b"x" * member.size))
    with target.open("wb") as file:
        sink = PlainSink(file)
        sink.write(inner.getvalue())
        sink.finish()
    return target


def _type(kind: bytes) -> Change:
    def change(member: tarfile.TarInfo) -> None:
        member.type, member.linkname = kind, "/etc/passwd"

    return change


def _name(name: str) -> Change:
    return lambda member: setattr(member, "name", name)


@pytest.mark.parametrize(
    "change",
    [
        *(_type(kind) for kind in (
            tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE
        )),
        *(_name(name) for name in (
            "../evil", "/etc/evil", "files/../../evil", "files/../evil", "files", "files/", "files/./a", "files//a",
            "files/..", "files/a\\..\\b", "files/a\nb", "postgres/data/pg_hba.conf", "keys/other", "run.json",
            "outbox/../vault_key", "database/1", "database/../x", "secret_key", "files/" + "ä" * 200,
        )),
    ],
)  # fmt: skip
def test_links_devices_and_names_that_lead_elsewhere_are_refused(change: Change, tmp_path: Path) -> None:
    with pytest.raises(BadBackup, match="holds"):
        verify(forged(change, tmp_path / "forged"), None)


@given(st.text())
def test_a_safe_name_stays_below_its_folder(name: str) -> None:
    if is_safe(name):
        folder = Path("/home/files")
        assert (folder / name).resolve().is_relative_to(folder)
        assert (folder / name).resolve() != folder


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 100_000, hashlib.sha256(b"x").digest() * 1_000])
def test_what_is_no_backup_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(DomainError):
        verify(tmp_path / "file", None)
