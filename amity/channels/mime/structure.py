"""A mail taken apart: leaf parts with their headers and decoded bytes.

The walk is iterative and bounded, and every level costs time in proportion to its bytes, so a mail made of a
thousand nested containers costs no more than one that is merely large. (The standard library's own walk tries
every open boundary against every line.)
"""

from __future__ import annotations

import binascii
import quopri
import re
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from email.policy import Compat32

from amity.channels.mime.headers import decode_base64, header_bytes, parameters

MAX_DEPTH = 20
MAX_PARTS = 1_000


class _AsItCame(Compat32):
    """Gives a field as it stood there. The policy above it puts a replacement for every byte that is not ASCII."""

    def header_fetch_parse(self, _name: str, value: str) -> str:
        return value


_POLICY = _AsItCame()
_BLANK_LINE = re.compile(rb"\r?\n\r?\n|\r\r")
_TYPE = re.compile(r"\s*([a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+)", re.IGNORECASE)
_UU_BEGIN = re.compile(rb"(?m)^begin [0-7]{3,4} ")


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the tree. `content` is decoded; `alternative` numbers the multipart/alternative around it, or 0."""

    headers: Message
    content_type: str
    parameters: dict[str, str]
    disposition: str  # inline, attachment or empty
    filename: str
    content: bytes
    alternative: int = 0

    @property
    def content_id(self) -> str:
        return str(self.headers.get("Content-ID", "")).strip().strip("<>")


@dataclass(slots=True)
class _Node:
    raw: bytes
    depth: int
    alternative: int
    default_type: str


def split_headers(raw: bytes) -> tuple[Message, bytes]:
    """The header fields of a part and the bytes of its body."""
    if raw.startswith((b"\n", b"\r\n")):
        return HeaderParser(policy=_POLICY).parsestr(""), raw.lstrip(b"\r")[1:]
    blank = _BLANK_LINE.search(raw)
    head, body = (raw[: blank.start()], raw[blank.end() :]) if blank else (raw, b"")
    message = HeaderParser(policy=_POLICY).parsestr(head.decode("ascii", "surrogateescape") + "\n\n")
    rest = message.get_payload()  # lines that are no header end the header early and belong to the body
    if isinstance(rest, str) and rest.strip():
        body = header_bytes(rest.rstrip("\n")) + (raw[blank.start() : blank.end()] if blank else b"") + body
    return message, body


def leaf_parts(raw: bytes, problems: list[str]) -> list[Part]:
    """Every leaf of the mail in order. What had to be survived is appended to `problems`."""
    parts: list[Part] = []
    waiting = [_Node(raw, 0, 0, "text/plain")]
    alternatives = 0
    while waiting:
        node = waiting.pop()
        if len(parts) >= MAX_PARTS:
            problems.append(f"more than {MAX_PARTS} parts, the rest is left out")
            break
        headers, body = split_headers(node.raw)
        content_type, values = _content_type(headers, node.default_type)
        boundary = values.get("boundary", "")
        if content_type.startswith("multipart/") and node.depth < MAX_DEPTH:
            pieces = _pieces(body, boundary, problems)
            if pieces:
                alternatives += content_type == "multipart/alternative"
                group = alternatives if content_type == "multipart/alternative" else node.alternative
                default = "message/rfc822" if content_type == "multipart/digest" else "text/plain"
                waiting += [_Node(piece, node.depth + 1, group, default) for piece in reversed(pieces)]
                continue
        if content_type.startswith("multipart/"):
            problems.append("a container without readable parts, shown as text")
            content_type = "text/plain"
        parts.append(_leaf(headers, content_type, values, body, node.alternative, problems))
    return parts


def _content_type(headers: Message, default: str) -> tuple[str, dict[str, str]]:
    value = str(headers.get("Content-Type", ""))
    hit = _TYPE.match(value)
    return (hit[1].lower() if hit else default), parameters(value)


def _pieces(body: bytes, boundary: str, problems: list[str]) -> list[bytes]:
    """The bodies between the boundary lines; empty when there is no such line."""
    if not boundary:
        problems.append("a container without a boundary")
        return []
    mark = re.escape(header_bytes(boundary.rstrip()))
    lines = list(re.finditer(rb"(?:\A|\r?\n)--" + mark + rb"(--)?[ \t]*(?=\r?\n|\Z)", body))
    if not lines:
        problems.append("a container whose boundary never comes")
        return []
    pieces: list[bytes] = []
    for number, line in enumerate(lines):
        if line[1] is not None:
            return pieces
        end = lines[number + 1].start() if number + 1 < len(lines) else len(body)
        start = line.end()
        start += 2 if body[start : start + 2] == b"\r\n" else 1
        pieces.append(body[start : max(start, end)])
    problems.append("a container without its end")
    return pieces


def _leaf(
    headers: Message,
    content_type: str,
    values: dict[str, str],
    body: bytes,
    alternative: int,
    problems: list[str],
) -> Part:
    disposition = str(headers.get("Content-Disposition", ""))
    filename = parameters(disposition).get("filename") or values.get("name", "")
    return Part(
        headers=headers,
        content_type=content_type,
        parameters=values,
        disposition=disposition.partition(";")[0].strip().lower(),
        filename=filename.replace("\\", "/").rsplit("/", 1)[-1],
        content=_decoded(body, str(headers.get("Content-Transfer-Encoding", "")), problems),
        alternative=alternative,
    )


def _decoded(body: bytes, encoding: str, problems: list[str]) -> bytes:
    word = encoding.strip().lower().strip(";\"' ").split(";")[0].strip()
    if word == "base64":
        return _from_base64(body, problems)
    if word == "quoted-printable":
        return quopri.decodestring(body)
    if word in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return _from_uu(body, problems)
    if word not in ("", "7bit", "8bit", "binary"):
        problems.append("an unknown transfer encoding, taken as it is")
    return body


def _from_base64(body: bytes, problems: list[str]) -> bytes:
    clean = re.sub(rb"\s", b"", body)
    if re.fullmatch(rb"[A-Za-z0-9+/]*={0,2}", clean) is None or len(clean) % 4:
        problems.append("base64 with errors, decoded as far as it goes")
    return decode_base64(body)


def _from_uu(body: bytes, problems: list[str]) -> bytes:
    begin = _UU_BEGIN.search(body)
    lines = body[begin.end() if begin else 0 :].splitlines()[1:]
    decoded = []
    for line in lines:
        if line.strip() == b"end":
            break
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            problems.append("uuencoded lines with errors, left out")
    return b"".join(decoded)
