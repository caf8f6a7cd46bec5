"""What goes over the wire: real servers on loopback, named as peers."""

from __future__ import annotations

import gzip
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from amity.kernel.http import Refused, TimedOut, TooLarge, Unreachable, fetch, session
from amity.kernel.http.bench import PUBLIC, names_resolve_to
from amity.kernel.http.tests.servers import RawServer, drips, raw_server, says


def test_a_request_arrives_as_it_was_meant() -> None:
    with raw_server(says("201 Created", b"thanks", X_Kind="a")) as server:
        answer = fetch(
            "post",
            f"{server.url}/hook?a=1",
            headers={"X-Mine": "yes", "Host": "evil.example", "Connection": "keep-alive"},
            body=b'{"a":1}',
            allow=[server.peer],
        )
    assert (answer.status, answer.body, answer.headers["x-kind"]) == (201, b"thanks", "a")
    head, body = server.asked[0].split(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
    assert body == b'{"a":1}'
    assert f"Host: {server.peer}".encode() in head
    assert b"X-Mine: yes" in head
    assert b"evil" not in head
    assert b"keep-alive" not in head


def test_a_header_with_a_line_break_is_not_sent() -> None:
    with raw_server(says("200 OK")) as server:
        with pytest.raises(ValueError, match="Invalid header value"):
            fetch("GET", server.url, headers={"X": "a\r\nX-Evil: 1"}, allow=[server.peer])
        assert server.asked in ([], [b""])


def test_a_name_is_looked_up_once_and_the_connection_goes_where_it_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [[PUBLIC], ["127.0.0.1"]]
    went: list[object] = []

    def rebinding(_host: str) -> list[str]:
        return answers.pop(0)

    def connect(address: object, **_kwargs: object) -> None:
        went.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with names_resolve_to(rebinding):
        with pytest.raises(Unreachable):
            fetch("GET", "http://rebind.example/")
        assert went == [(PUBLIC, 80)]
        with pytest.raises(Refused):
            fetch("GET", "http://rebind.example/")
    assert went == [(PUBLIC, 80)]


def test_a_redirect_is_the_answer_until_it_is_asked_to_be_followed() -> None:
    with raw_server(says("302 Found", Location="/there")) as server:
        assert fetch("GET", server.url, allow=[server.peer]).is_redirect


def test_a_redirect_into_the_house_is_refused_and_nothing_is_sent_there() -> None:
    with raw_server(says("200 OK", b"secret")) as inner:
        for location in (inner.url, f"//127.0.0.1:{inner.port}/", f"http://0x7f000001:{inner.port}/"):
            with (
                raw_server(says("307 Temporary Redirect", Location=location)) as outer,
                pytest.raises(Refused),
            ):
                fetch("POST", outer.url, body=b"x", follow=3, allow=[outer.peer])
        assert inner.asked == []


def test_a_stranger_cannot_send_us_to_one_of_our_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        raw_server(says("200 OK", b"secret")) as peer,
        raw_server(says("302 Found", Location=peer.url)) as outer,
    ):
        real = socket.create_connection
        monkeypatch.setattr(
            socket, "create_connection", lambda _to, **kwargs: real(("127.0.0.1", outer.port), **kwargs)
        )
        with names_resolve_to(lambda _host: [PUBLIC]), pytest.raises(Refused, match="inner network"):
            fetch("GET", "http://stranger.example/", follow=2, allow=[peer.peer])
        assert len(outer.asked) == 1
        assert peer.asked == []


def test_redirects_end_and_take_no_password_elsewhere() -> None:
    with (
        raw_server(says("200 OK", b"here")) as second,
        raw_server(says("303 See Other", Location=second.url + "/x")) as first,
    ):
        answer = fetch(
            "POST",
            first.url,
            headers={"Authorization": "Bearer t", "Content-Type": "text/plain", "X-Mine": "1"},
            body=b"x",
            follow=1,
            allow=[first.peer, second.peer],
        )
    assert (answer.body, answer.url) == (b"here", second.url + "/x")
    assert second.asked[0].startswith(b"GET /x ")
    assert b"Bearer" not in second.asked[0]
    assert b"text/plain" not in second.asked[0]
    assert b"X-Mine: 1" in second.asked[0]
    with raw_server(says("302 Found", Location="/again")) as loop:
        with pytest.raises(Unreachable, match="without an end"):
            fetch("GET", loop.url, follow=3, allow=[loop.peer])
        assert len(loop.asked) == 4


@pytest.mark.parametrize(
    "script",
    [
        drips(b"HTTP/1.1 200 OK\r\n\r\n", b"x", 0.05),
        drips(b"HTTP/1.1 200 OK\r\n", b"X-A: 1\r\n", 0.05),
        drips(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", 0.05),
        drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 0.05),
        drips(b"HTTP", b"", 0.05),
    ],
    ids=["body", "headers", "continue", "chunks", "silence"],
)
def test_a_slow_drip_ends_when_the_time_for_the_whole_is_over(
    script: Callable[[socket.socket, bytes], None],
) -> None:
    with raw_server(script) as server:
        started = time.monotonic()
        with pytest.raises(TimedOut):
            fetch("GET", server.url, timeout_s=0.6, allow=[server.peer])
        assert time.monotonic() - started < 2


def test_a_server_that_does_not_read_ends_too() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as deaf:
        peer = f"127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(TimedOut):
            fetch("POST", f"http://{peer}", body=b"x" * 20_000_000, timeout_s=0.5, allow=[peer])


def test_a_look_up_that_hangs_ends_too() -> None:
    def slow(_host: str) -> list[str]:
        time.sleep(1)
        return [PUBLIC]

    with names_resolve_to(slow), pytest.raises(TimedOut, match="looked up"):
        fetch("GET", "https://shop.example/", timeout_s=0.2)


def test_an_answer_that_is_too_large_is_refused_or_cut_as_asked() -> None:
    with raw_server(says("200 OK", b"x" * 100_000)) as server:
        with pytest.raises(TooLarge):
            fetch("GET", server.url, most_bytes=99_999, allow=[server.peer])
        assert len(fetch("GET", server.url, most_bytes=100_000, allow=[server.peer]).body) == 100_000
        answer = fetch("GET", server.url, most_bytes=2_000, cut=True, allow=[server.peer])
    assert (len(answer.body), answer.is_cut) == (2_000, True)


@pytest.mark.parametrize(
    "head", [b"", b"Connection: close\r\n", b"Connection: close\r\nContent-Length: 300000\r\n"]
)
def test_an_answer_is_read_to_its_end_however_its_end_is_told(head: bytes) -> None:
    def script(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n")
        for _ in range(30):
            connection.sendall(b"x" * 10_000)
            time.sleep(0.002)

    with raw_server(script) as server:
        assert len(fetch("GET", server.url, allow=[server.peer]).body) == 300_000


def test_a_small_answer_that_unpacks_to_a_large_one_is_too_large() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 60_000
    with raw_server(says("200 OK", bomb, Content_Encoding="gzip")) as server, pytest.raises(TooLarge):
        fetch("GET", server.url, most_bytes=1_000_000, allow=[server.peer])
    with raw_server(says("200 OK", gzip.compress(b"text"), Content_Encoding="gzip")) as server:
        answer = fetch("GET", server.url, allow=[server.peer])
    assert answer.body == b"text"
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"hello\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha",
        b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone",
    ],
)
def test_what_is_no_whole_answer_is_none(said: bytes) -> None:
    with (
        raw_server(lambda connection, _request: connection.sendall(said)) as server,
        pytest.raises(Unreachable),
    ):
        fetch("GET", server.url, allow=[server.peer], timeout_s=3)


def test_the_environment_cannot_send_us_through_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(says("200 OK", b"proxy")) as proxy, raw_server(says("200 OK", b"server")) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("AMITY_PEERS", "")
        assert fetch("GET", server.url, allow=[server.peer]).body == b"server"
        assert proxy.asked == []


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    """A server over TLS whose certificate is for `shop.example`, of an authority that we trust here."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tamp & Co test authority")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "shop.pem"
    pem.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    with (
        raw_server(says("200 OK", b"safe"), context) as server,
        names_resolve_to(lambda _host: ["127.0.0.1"]),
    ):
        yield server


def test_the_certificate_is_checked_against_the_name_though_we_connect_to_an_address(shop: RawServer) -> None:
    good, other = f"shop.example:{shop.port}", f"other.example:{shop.port}"
    assert fetch("GET", f"https://{good}/", allow=[good]).body == b"safe"
    with pytest.raises(Unreachable, match=r"certificate of other\.example is not valid"):
        fetch("GET", f"https://{other}/", allow=[other])
    with pytest.raises(Unreachable, match="certificate"):
        fetch("GET", f"https://{shop.peer}/", allow=[shop.peer])
    assert [request.count(b"Host: " + good.encode()) for request in shop.asked] == [1]


def test_a_certificate_of_nobody_we_trust_is_refused(
    shop: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    good = f"shop.example:{shop.port}"
    with pytest.raises(Unreachable, match="certificate"):
        fetch("GET", f"https://{good}/", allow=[good])


def test_a_session_for_libraries_has_the_same_guard(
    settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    with raw_server(says("200 OK", b'{"a": 1}', Content_Type="application/json", Set_Cookie="a=b")) as server:
        settings.PEERS = (server.peer,)  # type: ignore[attr-defined]  # pytest-django's
        ours = session()
        assert ours.post(server.url + "/token", data={"code": "x"}, timeout=3).json() == {"a": 1}
        assert server.asked[0].endswith(b"code=x")
        assert len(ours.cookies) == 0
        with raw_server(says("302 Found", Location="http://127.0.0.1:1/")) as away:
            settings.PEERS = (away.peer,)  # type: ignore[attr-defined]
            for refused in (away.url, server.url, "file:///etc/passwd"):
                with pytest.raises((Refused, requests.exceptions.InvalidSchema)):
                    ours.get(refused)
    settings.PEERS = ("127.0.0.1:1",)  # type: ignore[attr-defined]
    with pytest.raises(requests.ConnectionError):
        ours.get("http://127.0.0.1:1/")
