"""The end: `kill -TERM` while requests are being answered. It runs last, for nothing is left to ask after it."""

from __future__ import annotations

import signal
import socket
import threading
import time
from contextlib import suppress

import pytest
import requests

from amity.kernel.postgres import Cluster
from amity.site.cli.home import running
from tests.production.conftest import EMAIL, Production, eventually

pytestmark = [pytest.mark.server, pytest.mark.slow]

CLIENTS = 6


class Client(threading.Thread):
    """Asks without a pause until there is nobody any more. `broken` are answers that began and did not end."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port = port
        self.whole, self.broken, self.refused = 0, 0, 0
        self.is_over = threading.Event()

    def run(self) -> None:
        body = f"email={EMAIL}&password=wrong".encode()
        request = (
            b"POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        page = b"GET /login/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        while not self.is_over.is_set():
            for sent in (page, request):
                self._ask(sent)

    def _ask(self, request: bytes) -> None:
        try:
            line = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        except OSError:
            self.refused += 1
            time.sleep(0.01)
            return
        with line:
            told = b""
            try:
                line.sendall(request)
                while received := line.recv(65_536):
                    told += received
            except OSError:
                pass
        if is_whole(told):
            self.whole += 1
        elif told:
            self.broken += 1
        else:
            self.refused += 1  # taken by the system for a server that had stopped to listen


def is_whole(told: bytes) -> bool:
    head, blank, body = told.partition(b"\r\n\r\n")
    if not blank:
        return False
    for line in head.split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(body) == int(value)
        if name.lower() == b"transfer-encoding":
            return body.endswith(b"0\r\n\r\n")
    return False


def test_no_answer_is_cut_off_and_nothing_is_left_when_it_is_told_to_stop(production: Production) -> None:
    assert production.process is not None
    browser = production.browser()
    assert production.sign_in(browser).status_code == 302
    stream = browser.get(f"{production.site}/live", stream=True, timeout=60)
    clients = [Client(production.pages) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    assert eventually(lambda: all(client.whole >= 2 for client in clients))
    with production.database() as database:
        database.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
            " VALUES ('tests', 'tests.slow', '{}', 'todo')"
        )
    assert eventually((production.home / "job.begun").exists)

    production.process.send_signal(signal.SIGTERM)
    ended = production.process.wait(timeout=90)
    for client in clients:
        client.is_over.set()
    for client in clients:
        client.join(timeout=30)

    assert ended == 0, production.log[-3_000:]
    assert sum(client.broken for client in clients) == 0
    assert sum(client.refused for client in clients) > 0  # they went on asking until nobody was there
    with suppress(requests.RequestException):  # it ends; the page finds the next process by itself
        assert all(not line.startswith(b"event: bye") for line in stream.iter_lines())
    assert (production.home / "job.ended").exists()  # the worker did not leave its job half done
    assert running(production.home) is None
    assert not Cluster(production.home).status().running
