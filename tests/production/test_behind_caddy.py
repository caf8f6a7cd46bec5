"""What holds behind our own Caddyfile. It is tried where Caddy is installed."""

from __future__ import annotations

import dataclasses
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from amity.kernel.live import CHANNEL, Announcement
from amity.site.cli.ports import is_listening
from tests.production.conftest import Production, eventually, free_port

pytestmark = [pytest.mark.server, pytest.mark.slow]

BY_HAND = "203.0.113.77"


@contextmanager
def caddy(production: Production) -> Iterator[Production]:
    program = shutil.which("caddy")
    if program is None:
        pytest.skip("Caddy is not installed: apt-get install caddy")
    port = free_port()
    process = production.caddy(program, port)
    try:
        assert eventually(lambda: is_listening("127.0.0.1", port), 30), (
            production.folder / "caddy.log"
        ).read_text()
        yield production.at(port)
    finally:
        process.kill()  # asked politely, it waits for streams that are still open
        process.wait(timeout=30)


@pytest.fixture(scope="module")
def behind_caddy(production: Production) -> Iterator[Production]:
    with caddy(production) as found:
        yield found


@pytest.fixture
def heard() -> Iterator[tuple[int, list[bytes]]]:
    """A server in the place of Amity's: its port, and the head of each request that it was sent."""
    heads: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    line, _address = listening.accept()
                    with line:
                        heads.append(line.recv(65_536))
                        line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1], heads
        listening.shutdown(socket.SHUT_RDWR)


def test_names_that_python_would_take_for_those_of_the_proxy_are_dropped(
    production: Production, heard: tuple[int, list[bytes]]
) -> None:
    # Behind them, which of two names wins depends on what else is sent; so it is looked at what is passed on.
    port, heads = heard
    with caddy(dataclasses.replace(production, pages=port)) as found:
        made_up = {"X_Forwarded_For": BY_HAND, "X-Forwarded_For": BY_HAND, "X-Forwarded-For": BY_HAND}
        assert found.browser("127.0.0.7").get(f"{found.site}/login/", headers=made_up).status_code == 200
    sent = [line for head in heads for line in head.split(b"\r\n")]
    lines = [line for line in sent if line.lower().replace(b"_", b"-").startswith(b"x-forwarded-for:")]
    assert lines == [b"X-Forwarded-For: 127.0.0.7"]


@pytest.mark.parametrize("name", ["X-Forwarded-For", "X_Forwarded_For", "X-Forwarded_For", "Forwarded"])
def test_the_address_of_the_client_cannot_be_made_up(behind_caddy: Production, name: str) -> None:
    browser = behind_caddy.browser("127.0.0.7")
    assert behind_caddy.sign_in(browser, **{name: BY_HAND}).status_code == 302
    with behind_caddy.database() as line:
        addresses = {
            str(row[0]) for row in line.execute("SELECT ip FROM usersessions_usersession").fetchall()
        }
    assert "127.0.0.7" in addresses
    assert BY_HAND not in addresses


def test_live_updates_come_through_as_they_happen(behind_caddy: Production) -> None:
    browser = behind_caddy.browser()
    assert behind_caddy.sign_in(browser).status_code == 302
    with browser.get(f"{behind_caddy.site}/live", stream=True, timeout=10) as stream:
        lines = stream.iter_lines(chunk_size=1)
        assert next(lines).startswith(b"retry:")
        with behind_caddy.database() as database:
            database.execute("SELECT pg_notify(%s, %s)", [CHANNEL, Announcement("inbox", "x").encode()])
        assert any(line.startswith(b"event: change") for line in lines)
