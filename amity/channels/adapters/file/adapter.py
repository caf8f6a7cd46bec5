"""The file channel behind the common protocol of adapters."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from amity.channels.adapters import Description, Login, NotSent, Outgoing, RawItem
from amity.channels.adapters.file import shape as shapes
from amity.channels.adapters.file.guess import guess_mapping
from amity.channels.adapters.file.items import iter_items
from amity.channels.adapters.file.mapping import Mapping
from amity.channels.adapters.file.outgoing import FilePart, NotWritten, OutgoingMessage, write_outgoing
from amity.channels.adapters.file.reader import compile_reader
from amity.channels.adapters.file.shape import Cursor, Shape
from amity.channels.adapters.file.shipped import shipped_mappings
from amity.channels.adapters.file.sniff import sniff
from amity.channels.records import Handle, Record, Unreadable

_ROW = "; row="
REMEMBERED = 20_000
PASSING = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EINTR, errno.EAGAIN}
)
"""What a machine runs out of and has again without anybody looking into the folder."""


class FileAdapter:
    """Exports of other systems in, one file per reply out."""

    def describe(self, path: Path, saved: Sequence[dict[str, Any]] = (), member: str = "") -> Description:
        shape = sniff(path, member=member)
        known = [*(Mapping.from_json(mapping) for mapping in saved), *shipped_mappings()]
        guesses = guess_mapping(shape, known)
        mapping = guesses[0].mapping.to_json() if guesses else {}
        return Description(shape.to_json(), mapping, estimate_rows(path, shape))

    def open(
        self, path: Path, config: dict[str, Any], cursor: Sequence[int | None] | None
    ) -> Iterator[RawItem]:
        shape, mapping = _config(config)
        start = Cursor(cursor[0] or 0, cursor[1]) if cursor else Cursor()
        repeats = "line_amount" in mapping.fields or "line_price" in mapping.fields
        if repeats:
            yield from _numbered(iter_items(path, shape), start.row)
            return
        for item in iter_items(path, shape, start):
            yield RawItem(item.position, item.raw, item.content_type, tuple(item.cursor))

    def reader(self, config: dict[str, Any]) -> Callable[[RawItem], list[Record]]:
        shape, mapping = _config(config)
        read = compile_reader(mapping, shape)

        def read_item(item: RawItem) -> list[Record]:
            kind = item.content_type.partition(_ROW)[0]
            return read(shapes.RawItem(item.position, item.raw, kind, Cursor()))

        read_item.leans = bool(mapping.option("lines"))  # type: ignore[attr-defined]  # see `adapters.leans`
        return read_item

    def carries_files(self, network: str) -> bool:
        return network == "email"

    def send(self, login: Login, message: Outgoing) -> None:
        """Write the reply into `new` in the folder of the source. One whose file was claimed before has been sent.

        A message that is a mail carries its files.
        """
        sender = Handle(message.network, message.sender_address, message.sender_name)
        try:
            write_outgoing(
                login.folder,
                message.key,
                OutgoingMessage(
                    message_id=message.message_id,
                    at=datetime.fromisoformat(message.sent_at),
                    sender=sender,
                    recipients=(Handle(message.network, message.address, message.recipient_name),),
                    text=message.text,
                    subject=message.subject,
                    in_reply_to=message.in_reply_to,
                    references=message.references,
                    files=parts_of(message),
                ),
            )
        except FileExistsError:
            return
        except NotWritten as error:
            words = _("It could not be written into the outbox: %(words)s") % {"words": error.strerror or ""}
            raise NotSent(words, passing=error.errno in PASSING) from error
        except ValueError as error:  # raised before anything is claimed
            raise NotSent(f"It cannot be written as a message to this address ({error}).") from error


def parts_of(message: Outgoing) -> tuple[FilePart, ...]:
    """The files of a message with their bytes. Raises `NotSent` where one is lost."""
    return tuple(FilePart(one.name, one.media_type, one.content()) for one in message.files)


def _numbered(items: Iterable[shapes.RawItem], behind: int) -> Iterator[RawItem]:
    """Items of which two may rightly be equal, as two lines of an order: each carries how often it came before.

    It is counted from the beginning of the file, not by the place in it, so that an order has the same lines in a
    newer export, where others stand before it. Lines of an order stand together: `REMEMBERED` rows are looked back on.
    """
    times: dict[bytes, int] = {}
    for item in items:
        digest = hashlib.blake2b(item.raw, digest_size=12).digest()
        time = times.pop(digest, 0) + 1
        times[digest] = time
        if len(times) > REMEMBERED:
            del times[next(iter(times))]
        if item.position > behind:
            yield RawItem(item.position, item.raw, f"{item.content_type}{_ROW}{time}", tuple(item.cursor))


def _config(config: dict[str, Any]) -> tuple[Shape, Mapping]:
    if not config["mapping"]:
        raise Unreadable("mapping", "Nobody has said yet which column means what. Choose the columns first.")
    return Shape.from_json(config["shape"]), Mapping.from_json(config["mapping"])


def estimate_rows(path: Path, shape: Shape) -> int | None:
    """About how many items a file holds: from the size of the first ones, None where that says nothing."""
    sizes = []
    for item in iter_items(path, shape):
        sizes.append(len(item.raw) + 1)
        if len(sizes) == shapes.SAMPLE_ROWS:
            break
    else:
        return len(sizes)
    whole = _unpacked_bytes(path, shape)
    return max(len(sizes), round(whole / (sum(sizes) / len(sizes)))) if whole else None


def _unpacked_bytes(path: Path, shape: Shape) -> int | None:
    """How large the text is, None where it is not known before it is read."""
    if shape.container is shapes.Container.GZIP:
        with path.open("rb") as file:  # gzip keeps it, modulo 4 GiB, in its last four bytes
            file.seek(-4, 2)
            size = int.from_bytes(file.read(4), "little")
        return size if size >= path.stat().st_size else None
    return shape.size_bytes if shape.container is shapes.Container.PLAIN or shape.member else None


ADAPTER = FileAdapter()
