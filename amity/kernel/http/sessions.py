"""A `requests.Session` that has no other way out than ours, for libraries that want one."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers

from amity.kernel.http.deadline import Deadline
from amity.kernel.http.errors import TimedOut, Unreachable
from amity.kernel.http.exchanging import MOST_BYTES, Answer, Question, exchange
from amity.kernel.http.fetching import redirected
from amity.kernel.http.places import place_of

LONGEST_S = 15.0
MOST_REDIRECTS = 3


def session() -> requests.Session:
    """A session under the same guard as `fetch`: each redirect is checked anew, no proxies, no cookies, no .netrc.

    `Refused` rises as it is; what cannot be reached rises as the errors of requests, which its users expect.
    """
    guarded = _Session()
    guarded.trust_env = False
    guarded.max_redirects = MOST_REDIRECTS
    guarded.adapters.clear()
    guarded.mount("https://", _Guarded())
    guarded.mount("http://", _Guarded())
    return guarded


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """As requests finds it, after the rules of `fetch` about where a redirect may lead."""
        target = super().get_redirect_target(resp)
        if target is not None:
            question = Question(str(resp.request.method), {}, None)
            answer = Answer(resp.status_code, {"location": target}, b"", resp.url)
            redirected(place_of(resp.url), question, answer)
        return target


class _Guarded(BaseAdapter):
    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002  # the answer is always read whole, within its caps
        timeout: Any = None,
        verify: Any = True,  # noqa: ARG002  # certificates are always checked
        cert: Any = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002  # nor is anything sent elsewhere
    ) -> requests.Response:
        body = request.body.encode() if isinstance(request.body, str) else request.body
        if body is not None and not isinstance(body, bytes):
            raise TypeError("a body that is streamed is not supported here")
        deadline = Deadline(_seconds(timeout))
        question = Question(str(request.method), _text(request.headers), body)
        started = deadline.left()
        try:
            answer = exchange(place_of(str(request.url)), question, deadline, most_bytes=MOST_BYTES)
        except TimedOut as error:
            raise requests.Timeout(error.message, request=request) from error
        except Unreachable as error:
            raise requests.ConnectionError(error.message, request=request) from error
        response = requests.Response()
        response.status_code = answer.status
        response.reason = answer.reason
        response.headers = CaseInsensitiveDict(answer.headers)
        response.encoding = get_encoding_from_headers(response.headers)
        response.raw = io.BytesIO(answer.body)
        response.url = str(request.url)
        response.request = request
        response.elapsed = timedelta(seconds=started - deadline.left())
        return response

    def close(self) -> None:
        """Nothing is kept open."""


def _text(headers: Mapping[str, str | bytes]) -> dict[str, str]:
    return {
        name: value.decode("latin-1") if isinstance(value, bytes) else value
        for name, value in headers.items()
    }


def _seconds(timeout: Any) -> float:
    if isinstance(timeout, tuple):
        return min(LONGEST_S, sum(part for part in timeout if part is not None) or LONGEST_S)
    return min(LONGEST_S, float(timeout)) if timeout else LONGEST_S
