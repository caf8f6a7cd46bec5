"""Errors that a person can act on. HTTP answers are made from them once, in `amity.site.errors`."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """Something that was asked for cannot be done.

    `code` is stable and dotted (`conversation.closed`); the message says in words what is wrong and what to do;
    `status` is the HTTP status that the edge answers with; `fields` maps form fields to their own messages.
    """

    code = "error"
    status = 409

    def __init__(self, message: str, *, fields: dict[str, str] | None = None, **context: Any) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields or {}
        self.context = context


class NotFound(DomainError):
    """It does not exist, or this actor may not know that it does."""

    code = "not_found"
    status = 404


class Forbidden(DomainError):
    """The actor may see it and may not do this with it."""

    code = "forbidden"
    status = 403


class Invalid(DomainError):
    """The request itself is wrong; `fields` says where."""

    code = "invalid"
    status = 422


class Conflict(DomainError):
    """Somebody or something else was faster."""

    code = "conflict"
    status = 409
