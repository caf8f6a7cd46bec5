"""One request and its answer over a checked connection, with caps on size and time."""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, cast

from django.utils.translation import gettext as _

from amity import __version__
from amity.kernel.http.connecting import connect
from amity.kernel.http.deadline import Deadline
from amity.kernel.http.errors import TooLarge, Unreachable
from amity.kernel.http.places import Place

AGENT = f"Amity/{__version__}"
MOST_BYTES = 5_000_000
_CHUNK = 65_536
_OURS = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are lower case; `body` is decompressed; `url` is where it came from in the end.

    `is_cut` says that the body went on, where the caller was content with its beginning.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    reason: str = ""
    is_cut: bool = False

    @property
    def is_redirect(self) -> bool:
        return self.status in {301, 302, 303, 307, 308} and "location" in self.headers


@dataclass(frozen=True, slots=True)
class Question:
    """A request: the body is sent as it is."""

    method: str
    headers: Mapping[str, str]
    body: bytes | None


def exchange(
    place: Place,
    question: Question,
    deadline: Deadline,
    *,
    most_bytes: int = MOST_BYTES,
    cut: bool = False,
    allow: Collection[str] = (),
) -> Answer:
    """Ask one place once. A redirect is an answer like any other. Raises `Refused`, `Unreachable`, `TooLarge`."""
    sock = connect(place, deadline, allow)
    client = HTTPConnection(place.host, place.port)
    client.sock = cast(Any, sock)  # it need not and may not connect by itself
    try:
        client.request(question.method, place.target, question.body, _headers(place, question.headers))
        response = client.getresponse()
        body, is_cut = _body(response, most_bytes, cut)
    except (HTTPException, OSError, zlib.error) as error:
        raise Unreachable(
            _("%(host)s broke off in the middle, or does not speak HTTP (%(kind)s).")
            % {"host": place.host, "kind": type(error).__name__}
        ) from error
    finally:
        client.close()
        sock.hang_up()
    return Answer(response.status, _answered(response), body, place.url, response.reason, is_cut)


def _headers(place: Place, wanted: Mapping[str, str]) -> dict[str, str]:
    chosen = {name: value for name, value in wanted.items() if name.lower() not in _OURS}
    chosen |= {"Host": place.authority, "Connection": "close", "Accept-Encoding": "gzip"}
    if not any(name.lower() == "user-agent" for name in chosen):
        chosen["User-Agent"] = AGENT
    return chosen


def _answered(response: HTTPResponse) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in response.getheaders():
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    if found.get("content-encoding", "").lower() in {"gzip", "deflate"}:
        del found["content-encoding"]  # the body is no longer
        found.pop("content-length", None)
    return found


def _body(response: HTTPResponse, most_bytes: int, cut: bool) -> tuple[bytes, bool]:
    """At most `most_bytes`, counted after decompression, so that a bomb of zeros is stopped as early as a long text."""
    encoding = (response.getheader("content-encoding") or "").lower()
    unpack = {"gzip": zlib.decompressobj(31), "deflate": zlib.decompressobj(15)}.get(encoding)
    parts = bytearray()
    while len(parts) <= most_bytes:
        packed = response.read1(_CHUNK)
        if not packed:
            if response.length:
                raise HTTPException("the body ended early")
            return bytes(parts), False
        while packed and len(parts) <= most_bytes:
            parts += unpack.decompress(packed, most_bytes + 1 - len(parts)) if unpack else packed
            packed = unpack.unconsumed_tail if unpack else b""
    if not cut:
        raise TooLarge(_("The answer is larger than %(n)d bytes.") % {"n": most_bytes})
    return bytes(parts[:most_bytes]), True
