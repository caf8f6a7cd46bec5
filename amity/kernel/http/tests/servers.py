"""Real servers on loopback that say exactly what a test wants, byte by byte."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Script = Callable[[socket.socket, bytes], None]


@dataclass
class RawServer:
    """`asked` are the requests as they came."""

    port: int
    asked: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def peer(self) -> str:
        return f"127.0.0.1:{self.port}"


@contextmanager
def raw_server(script: Script, context: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """A server that reads one request of a connection and then runs the script."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = RawServer(listening.getsockname()[1])

    def serve_one(connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(10)
            talking = context.wrap_socket(connection, server_side=True) if context else connection
            request = read_request(talking)
            server.asked.append(request)
            script(talking, request)
            if isinstance(talking, ssl.SSLSocket):
                talking.unwrap()

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = listening.accept()
                threading.Thread(target=serve_one, args=[connection], daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def read_request(connection: socket.socket) -> bytes:
    """Head and body of one request."""
    content = b""
    while b"\r\n\r\n" not in content:
        part = connection.recv(65_536)
        if not part:
            return content
        content += part
    head, _gap, body = content.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def says(status: str, body: bytes = b"", **headers: str) -> Script:
    """An ordinary answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    whole = "\r\n".join([*lines, "", ""]).encode() + body
    return lambda connection, _request: connection.sendall(whole)


def drips(head: bytes, part: bytes, every_s: float) -> Script:
    """An answer that never ends and never falls silent."""

    def script(connection: socket.socket, _request: bytes) -> None:
        connection.sendall(head)
        while True:
            connection.sendall(part)
            time.sleep(every_s)

    return script
