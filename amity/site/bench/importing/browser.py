"""What somebody at the screen Import does: a file is sent, its mapping taken as it was guessed, the run looked at."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPResponse  # noqa: TID251  # asks the Amity that this bench started
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

from amity.kernel.errors import DomainError

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_FIELD = re.compile(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"')
_RUN = re.compile(r"/imports/([0-9a-f-]{36})/")
_CHUNK_BYTES = 1 << 20


class NotAnswered(DomainError):
    """A page that the bench needs did not answer as it should."""

    code = "bench.not_answered"


class Browser:
    """One colleague, signed in by `cookie`."""

    def __init__(self, port: int, cookie: tuple[str, str]) -> None:
        self._port, self._session = port, "=".join(cookie)
        self._csrf = ""

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] = {},
    ) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=600)
        cookie = self._session + (f"; {self._csrf}" if self._csrf else "")
        host = {"Host": f"127.0.0.1:{self._port}", "Cookie": cookie, **headers}
        connection.request(method, path, body, host, encode_chunked=False)
        answer = connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            if "csrftoken" in line:
                self._csrf = line.partition(";")[0]
        connection.close()
        if answer.status >= 400:
            raise NotAnswered(f"{method} {path} answered {answer.status}: {text[:200]}")
        return answer, text

    def page(self, path: str, **headers: str) -> str:
        """The page at `path`."""
        return self._ask(
            "GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )[1]

    def _token(self) -> str:
        found = _TOKEN.search(self.page("/imports/"))
        if found is None:
            raise NotAnswered("The screen Import has no form.")
        return found.group(1)

    def post(self, path: str, fields: Mapping[str, str] | None = None) -> str:
        """Press a button; where that leads."""
        body = urlencode({"csrfmiddlewaretoken": self._token(), **(fields or {})}).encode()
        answer, _ = self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        return answer.headers.get("Location") or path

    def send(self, path: Path) -> UUID:
        """Send a file; the import that waits for its mapping."""
        mark, token = f"----bench{uuid.uuid4().hex}", self._token()
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n'
            "Content-Type: text/csv\r\n\r\n"
        ).encode()
        tail = f"\r\n--{mark}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={mark}",
            "Content-Length": str(len(head) + path.stat().st_size + len(tail)),
        }
        answer, _ = self._ask("POST", "/imports/", _pieces(head, path, tail), headers)
        found = _RUN.search(answer.headers.get("Location") or "")
        if found is None:
            raise NotAnswered("The file was not taken.")
        return UUID(found.group(1))


def _pieces(head: bytes, path: Path, tail: bytes) -> Iterator[bytes]:
    yield head
    with path.open("rb") as file:
        while piece := file.read(_CHUNK_BYTES):
            yield piece
    yield tail
