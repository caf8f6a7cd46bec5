"""What a request says: JSON that can be stored, or a problem that says what is wrong with it."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from amity.kernel.errors import DomainError

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_NUL = re.compile(rb"\\u0000|\x00")
DEEPEST = 20


class Unreadable(DomainError):
    """The body is not JSON, or holds what no database can keep."""

    code = "unreadable"
    status = 400


class TooLarge(DomainError):
    """The body is larger than the interface takes."""

    code = "too_large"
    status = 413


class WrongKind(DomainError):
    """The body is of a kind that this operation does not read."""

    code = "wrong_content_type"
    status = 415


def raw_body(request: HttpRequest) -> bytes:
    """The bytes of the body. Raises `TooLarge`."""
    try:
        return request.body
    except RequestDataTooBig as error:
        raise TooLarge(_("This is larger than 20 MB. Send it in several requests.")) from error


def read_json(body: bytes) -> Any:
    """The value in `body`. Raises `Unreadable` for what is not JSON by RFC 8259, and for characters that are none."""
    try:
        if _NUL.search(body):
            raise Unreadable(_("The text holds a character of code 0. Leave it out."))
        value = json.loads(body, parse_constant=_refuse_constant)
        if _SURROGATE.search(body):
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Unreadable(_("The body is not valid JSON in UTF-8.")) from error
    return value


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError


class StrictParser(Parser):
    """Reads bodies for the operations."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type not in ("application/json", "application/merge-patch+json"):
            raise WrongKind(_("Send the body as application/json."))
        return read_json(raw_body(request))
