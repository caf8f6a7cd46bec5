"""Requests that two servers could read in two ways (RFC 9112, section 11.2), sent to Amity's own server.

A proxy that reads one request where we read two lets an attacker put the second one before somebody else's.
"""

from __future__ import annotations

import re
import socket

import pytest

from tests.production.conftest import Production

pytestmark = [pytest.mark.server, pytest.mark.slow]

HIDDEN = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def answers(port: int, request: bytes) -> tuple[list[int], bool]:
    """The status of each answer, and whether the line was closed."""
    told, is_closed = b"", False
    with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
        line.sendall(request)
        try:
            while received := line.recv(65_536):
                told += received
            is_closed = True
        except TimeoutError:
            pass
        except ConnectionError:
            is_closed = True
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3})", told)], is_closed


def post(*headers: bytes, body: bytes = b"") -> bytes:
    return b"".join([b"POST /login/ HTTP/1.1\r\nHost: localhost\r\n", *headers, b"\r\n", body])


@pytest.mark.parametrize(
    "request_bytes",
    [
        post(b"Content-Length: 5\r\n", b"Content-Length: 6\r\n", body=b"abcdef"),
        post(b"Content-Length: 5, 6\r\n", body=b"abcdef"),
        post(b"Content-Length: +5\r\n", body=b"abcde"),
        post(b"Content-Length: -5\r\n", body=b"abcde"),
        post(b"Content-Length: 99999999999999999999999\r\n", body=b"abcde"),
        post(b"Transfer-Encoding: xchunked\r\n", b"Content-Length: 5\r\n", body=b"abcde"),
        post(b"Transfer-Encoding: chunked, identity\r\n", body=b"0\r\n\r\n"),
        post(CHUNKED, b"Transfer-Encoding: identity\r\n", body=b"0\r\n\r\n"),
        post(b"Transfer-Encoding : chunked\r\n", body=b"0\r\n\r\n"),
        post(b"X-A: a\r\n b\r\n"),
        post(b"X-A: a\0b\r\n"),
        b"POST /login/ HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=[
        "two lengths", "a list of lengths", "a signed length", "a negative length", "a length beyond all bounds",
        "an unknown encoding", "chunked not last", "two encodings", "a blank before the colon", "a folded header",
        "a zero byte", "chunked in HTTP/1.0",
    ],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_is_refused_and_ends_the_line(
    production: Production, request_bytes: bytes
) -> None:
    assert answers(production.pages, request_bytes + HIDDEN) == ([400], True)


@pytest.mark.parametrize(
    "request_bytes",
    [
        post(b"Content-Length: 4\r\n", CHUNKED, body=b"0\r\n\r\n" + HIDDEN),
        post(CHUNKED, b"Content-Length: 60\r\n", body=b"0\r\n\r\n" + HIDDEN),
        post(CHUNKED, body=b"0x5\r\nabcde\r\n0\r\n\r\n" + HIDDEN),
        post(CHUNKED, body=b"5;a\nb\r\nabcde\r\n0\r\n\r\n" + HIDDEN),
    ],
    ids=["a length and chunks", "chunks and a length", "a chunk of 0x5", "a line feed in a chunk"],
)
def test_nothing_that_hides_behind_a_body_is_answered(production: Production, request_bytes: bytes) -> None:
    found, is_closed = answers(production.pages, request_bytes)
    assert len(found) <= 1
    assert 200 not in found
    assert is_closed


def test_two_hosts_or_none_are_refused(production: Production) -> None:
    two = b"GET /login/ HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
    none = b"GET /login/ HTTP/1.1\r\n\r\n"
    for request_bytes in (two, none):
        assert answers(production.pages, request_bytes)[0] == [400]


def test_a_host_in_the_request_line_does_not_become_ours(production: Production) -> None:
    with socket.create_connection(("127.0.0.1", production.pages), timeout=2) as line:
        line.sendall(b"GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        told = b"".join(iter(lambda: line.recv(65_536), b""))
    assert b"evil.example" not in told
    assert b" 302 " in told.splitlines()[0]
