"""Clients of `amity bench api`, in processes of their own that know nothing of Django."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from typing import Any

from amity.kernel.errors import DomainError

EACH = 4


class Refused(DomainError):
    """A request that is measured was not answered as it should be."""

    code = "bench.refused"


def person(number: int, city: str = "Kiel") -> dict[str, Any]:
    """A contact as a shop would send it."""
    return {
        "external_id": str(number),
        "identities": [{"network": "email", "address": f"person{number}@web.example"}],
        "facts": {"name": f"Person {number} Vogel", "city": city},
    }


class Connection:
    """A kept connection that asks one request after the other, as lean as can be: it is not what is measured."""

    def __init__(self, port: int, secret: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)  # noqa: TID251  # of this bench
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fixed = f"Host: 127.0.0.1\r\nAuthorization: Bearer {secret}\r\n"
        self._fixed = f"{fixed}Content-Type: application/json\r\n".encode()
        self._rest = b""

    def ask(self, method: str, path: str, body: bytes = b"") -> bytes:
        """The body of a good answer. Raises `Refused` for any other."""
        head = f"{method} {path} HTTP/1.1\r\nContent-Length: {len(body)}\r\n".encode()
        self._socket.sendall(head + self._fixed + b"\r\n" + body)
        while b"\r\n\r\n" not in self._rest:
            self._rest += self._receive()
        head, _blank, rest = self._rest.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        while len(rest) < length:
            rest += self._receive()
        answer, self._rest = rest[:length], rest[length:]
        if head[9:10] != b"2":
            raise Refused(f"{method} {path}: {head[:60]!r} {answer[:300]!r}")
        return answer

    def _receive(self) -> bytes:
        piece = self._socket.recv(1 << 18)
        if not piece:
            raise Refused("the connection was closed")
        return piece

    def timed(self, method: str, path: str) -> float:
        """Milliseconds until the whole answer is there."""
        started = time.perf_counter()
        self.ask(method, path)
        return (time.perf_counter() - started) * 1_000


def client(port: int, secret: str, seconds: float, offset: int, child: int) -> tuple[int, float]:
    """Half of the clients, in one process: how many contacts they made in how many seconds."""
    counts = [0] * (EACH)
    started = time.perf_counter()

    def work(place: int) -> None:
        one, number = Connection(port, secret), offset + (child * 100 + place) * 10**4
        while time.perf_counter() - started < seconds:
            one.ask("POST", "/api/v1/people", json.dumps(person(number)).encode())
            number += 1
            counts[place] += 1

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(counts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts), time.perf_counter() - started


if __name__ == "__main__":
    _port, _secret_, _seconds, _offset, _child = sys.argv[1:]
    found = client(int(_port), _secret_, float(_seconds), int(_offset), int(_child))
    sys.stdout.write(json.dumps(found))
