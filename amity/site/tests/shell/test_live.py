"""The live stream as it runs: granian, PostgreSQL, and browsers made of sockets."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from psycopg.conninfo import make_conninfo

from amity.kernel.actor import Role
from amity.kernel.live import announce
from amity.kernel.models import Staff, Team
from amity.site.stream import gate
from amity.site.stream.listener import connection_fields
from amity.site.tests.shell.factories import make_source, make_staff, signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
PATIENCE_SECONDS = 15.0
MANY = 50


@dataclass
class Page:
    """One open stream, as a browser has it."""

    line: socket.socket
    heard: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 0

    def read(self) -> bool:
        """Take what has come. False when the stream has ended."""
        try:
            got = self.line.recv(65_536)
        except TimeoutError:
            return True
        self.heard += got
        return bool(got)

    def wait_for(self, words: str) -> None:
        end = time.monotonic() + PATIENCE_SECONDS
        while words.encode() not in self.heard:
            assert time.monotonic() < end, f"{words!r} did not come, only {self.heard!r}"
            if not self.read():
                assert words.encode() in self.heard, f"ended without {words!r}: {self.heard!r}"

    def wait_for_end(self) -> None:
        self.wait_for("\r\n0\r\n\r\n")  # the last chunk


@dataclass
class Server:
    port: int
    process: subprocess.Popen[bytes]

    def open(self, session_key: str = "", **headers: str) -> Page:
        line = socket.create_connection(("127.0.0.1", self.port), timeout=0.2)
        fields = {"Host": f"127.0.0.1:{self.port}", "Accept": "text/event-stream"} | headers
        if session_key:
            fields["Cookie"] = f"theme=dark; {settings.SESSION_COOKIE_NAME}={session_key}"
        head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
        line.sendall(f"GET /live HTTP/1.1\r\n{head}\r\n".encode())
        page = Page(line)
        page.wait_for("\r\n\r\n")
        lines = page.heard.split(b"\r\n\r\n")[0].decode().split("\r\n")
        page.status = int(lines[0].split()[1])
        page.headers = {name.lower(): value for name, value in (entry.split(": ", 1) for entry in lines[1:])}
        return page


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        port: int = line.getsockname()[1]
        return port


@pytest.fixture
def server() -> Iterator[Server]:
    """The live process beside the test database, listening."""
    port = free_port()
    environ = os.environ | {
        "AMITY_DATABASE_URL": make_conninfo(**connection_fields()),
        "AMITY_LOG_LEVEL": "ERROR",
    }
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface",
        "asginl",
        "--workers",
        "1",
        "--log-level",
        "error",
    ]
    process = subprocess.Popen([*command, "--port", str(port), "amity.site.live:application"], env=environ)
    running = Server(port, process)
    try:
        _until(lambda: _is_listening(running))
        yield running
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
        _until(lambda: not _listeners())


def _until(condition: object) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end, "this takes too long"
        time.sleep(0.05)


def _is_listening(running: Server) -> bool:
    assert running.process.poll() is None, "the live process ended"
    try:
        with socket.create_connection(("127.0.0.1", running.port), timeout=1) as line:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            is_up = b"200" in line.recv(1_000)
    except OSError:
        return False
    return is_up and bool(_listeners())


def _listeners() -> list[int]:
    with psycopg.connect(**connection_fields()) as line:
        rows = line.execute(
            "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'amity-live%' AND query <> ''"
            " AND datname = current_database()"
        )
        return [row[0] for row in rows]


def session_of(staff: Staff) -> str:
    return signed_in(staff).cookies[settings.SESSION_COOKIE_NAME].value


def tell(topic: str, about: str = "", source_id: UUID | str = "") -> None:
    with transaction.atomic():
        announce(topic, about, source_id=source_id)


def test_fifty_pages_hear_a_change_and_nobody_hears_of_a_hidden_source(server: Server) -> None:
    team = Team.objects.create(name="Legal")
    hidden = make_source("legal", team=team)
    agents = [make_staff(f"Agent {number}", role=Role.AGENT) for number in range(MANY // 5)]
    insider = make_staff("Insider", role=Role.AGENT)
    insider.teams.add(team)
    pages = [server.open(session_of(agent)) for agent in agents for _ in range(5)]
    inside = server.open(session_of(insider))
    assert {page.status for page in pages} == {200}
    assert pages[0].headers["content-type"].startswith("text/event-stream")
    started = time.monotonic()
    tell("conversation", "of-legal", hidden.id)
    tell("conversation", "of-everybody")
    for page in [*pages, inside]:
        page.wait_for("of-everybody")
    assert time.monotonic() - started < 5
    assert b"of-legal" in inside.heard
    assert not [page for page in pages if b"of-legal" in page.heard]


def test_what_is_rolled_back_is_never_told(server: Server) -> None:
    page = server.open(session_of(make_staff()))
    with transaction.atomic():
        announce("conversation", "undone")
        transaction.set_rollback(True)
    tell("conversation", "done")
    page.wait_for('"done"')
    assert b"undone" not in page.heard


def test_outsiders_and_other_sites_hear_nothing(server: Server) -> None:
    key = session_of(make_staff())
    assert server.open().status == 401
    assert server.open("x" * 32).status == 401
    assert server.open(key, Origin="https://evil.example").status == 403
    own = server.open(key, Origin="http://127.0.0.1:8000")
    assert own.status == 200
    assert own.headers["access-control-allow-origin"] == "http://127.0.0.1:8000"
    assert own.headers["access-control-allow-credentials"] == "true"


def test_signing_out_ends_the_stream(server: Server) -> None:
    client = signed_in(make_staff())
    page = server.open(client.cookies[settings.SESSION_COOKIE_NAME].value)
    client.post("/logout/")
    page.wait_for("event: bye")
    page.wait_for_end()


def test_a_deactivated_colleague_hears_no_more(server: Server) -> None:
    staff = make_staff()
    page = server.open(session_of(staff))
    Staff.objects.filter(pk=staff.pk).update(is_active=False)
    tell("staff", str(staff.pk))
    page.wait_for("event: bye")
    page.wait_for_end()


def test_the_seventh_page_of_one_person_is_refused_until_one_is_closed(server: Server) -> None:
    key = session_of(make_staff())
    pages = [server.open(key) for _ in range(6)]
    assert server.open(key).status == 429
    pages[0].line.close()
    _until(lambda: server.open(key).status == 200)


def test_the_process_stops_at_once_though_pages_listen(server: Server) -> None:
    page = server.open(session_of(make_staff()))
    started = time.monotonic()
    server.process.terminate()
    server.process.wait(PATIENCE_SECONDS)
    assert time.monotonic() - started < 4
    page.wait_for_end()
    assert b"bye" not in page.heard  # it comes back when the next process is there


def test_who_reconnects_hears_what_was_missed(server: Server) -> None:
    key = session_of(make_staff())
    first = server.open(key)
    tell("conversation", "one")
    first.wait_for('"one"')
    last_id = next(
        line.removeprefix("id: ") for line in first.heard.decode().splitlines() if line.startswith("id: ")
    )
    first.line.close()
    tell("conversation", "two")
    again = server.open(key, Last_Event_ID=last_id)
    again.wait_for('"two"')
    assert b"resync" not in again.heard
    stranger = server.open(key, Last_Event_ID="another-7")
    stranger.wait_for("event: resync")


def test_the_stream_survives_the_loss_of_its_database_connection(server: Server) -> None:
    page = server.open(session_of(make_staff()))
    (pid,) = _listeners()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    page.wait_for("event: resync")
    tell("conversation", "after")
    page.wait_for('"after"')


@pytest.mark.parametrize(
    ("origin", "is_ours"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.0.0.1", True),
        ("http://localhost:8000", False),
        ("https://evil.example", False),
        ("null", False),
        ("file://127.0.0.1", False),
    ],
)
def test_only_pages_of_the_same_host_may_listen(origin: str, is_ours: bool) -> None:
    assert gate.is_own_origin(origin, "127.0.0.1:8001") is is_ours


def test_a_broken_cookie_is_nobody() -> None:
    assert gate.session_key_of("") == ""
    assert gate.session_key_of("a=b; c") == ""
    assert gate.admit("") is None
