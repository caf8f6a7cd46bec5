"""How an operation is declared: what it is about and what it does, so that the policy stands before it.

    @operation(router, "GET", "/people/{person_id}", of="person", does="read", answer=PersonOut)
    def get_person(request: ApiRequest, person_id: UUID) -> Answer: ...

`of` and `does` are a resource and an action of the policy's table. Whoever may not do it is refused before a byte of
the request is read. The same two words are the scope that a token needs.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from ninja import Router, Schema
from ninja.security.base import AuthBase
from pydantic import BaseModel, ConfigDict, Field

from amity.kernel import policy
from amity.kernel.api.answers import Answer, to_json
from amity.kernel.api.etags import named_in
from amity.kernel.errors import DomainError, Forbidden
from amity.kernel.requests import ActingRequest

NO_TOOL: Mapping[str, Any] = {"x-no-tool": True}
"""`extra` of an operation that assistants are not offered. It opens a way into an account or closes one, lets data out
to another place, or hands a secret over: texts of customers, which assistants read, must not be able to ask for it."""
Method = Literal["GET", "POST", "PATCH", "PUT", "DELETE"]
JSON = "application/json"
ANYBODY = "anybody"
CSV = "text/csv"
CSV_ANSWER: dict[str, Any] = {
    "responses": {
        200: {"content": {CSV: {"schema": {"type": "string", "description": "A table with a header."}}}}
    }
}
"""What an operation adds to its description that answers with a file, a piece at a time."""


class ApiRequest(ActingRequest):
    """A request of the public interface, as `amity.site.api_edge` hands it to operations."""

    token_id: UUID | None
    token_name: str
    is_confirmed: bool
    """Whether they showed lately who they are: a program with its token does so every time, a session at sign-in."""


def _nothing_required(schema: dict[str, Any]) -> None:
    schema.pop("required", None)


class Sparse(Schema):
    """A record in an answer. Every field may be absent: not asked for with `fields=`, or not for this reader."""

    model_config = ConfigDict(json_schema_extra=_nothing_required, extra="forbid")


class In(BaseModel):
    """A body. What it does not know it refuses, so that a mistyped name is no silent loss.

    No `Schema` of ninja: that looks at every value as if it were a Django model, which takes ten times as long.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Problem(Schema):
    """RFC 9457 problem details."""

    type: str = Field(description="A URI for the kind of problem.")
    title: str = Field(description="The kind of problem, in a few words.")
    status: int
    detail: str = Field(
        description="What is wrong and what to do, for people, in the language of the colleague."
    )
    code: str = Field(description="Stable and dotted, for programs.")
    fields: dict[str, str] = Field({}, description="By the name of a field: what is wrong with it.")
    error_id: str = Field("", description="500: what to look for in the logs.")
    etag: str = Field("", description="412: the tag of what is there now.")
    changed: list[str] | None = Field(
        None, description="412: the fields that others changed; null if unknown."
    )
    conflict: dict[str, Any] = Field(
        {},
        description="412: for each field of yours its `base` (what you had, if known), `yours` and `theirs`.",
    )
    mergeable: list[str] = Field([], description="412: the fields of yours that nobody else touched.")


class SignInNeeded(DomainError):
    """Nobody knows who asks."""

    code = "sign_in_needed"
    status = 401


class OutOfScope(Forbidden):
    """The role may do it, the token may not."""

    code = "out_of_scope"


class NotConfirmed(Forbidden):
    """A session that may have been left open asks for something that would let a thief stay in."""

    code = "confirmation_needed"


def require_confirmed(request: ApiRequest) -> None:
    """Refuse a session in which nobody has shown for a while who they are. Raises `NotConfirmed`."""
    if not request.is_confirmed:
        raise NotConfirmed(_("Confirm in Settings, Security that it is you, then try again."))


class _Allowed(AuthBase):
    """Stands before one operation. The edge has said who asks; here it is decided whether they may."""

    openapi_type: ClassVar = "http"
    openapi_scheme: ClassVar = "bearer"
    openapi_description: ClassVar = "A token from Settings > API tokens: Authorization: Bearer amity_…"

    def __init__(self, resource: str, action: str, more: Sequence[str] = ()) -> None:
        super().__init__()
        self.resource, self.action, self.more = resource, action, tuple(more)

    def __call__(self, request: HttpRequest) -> bool:
        if not hasattr(request, "actor"):
            raise SignInNeeded(_("Send a token: Authorization: Bearer amity_…"))
        actor = request.actor
        if self.resource == ANYBODY:
            if self.action != "read" and not policy.writes_at_all(actor):
                raise OutOfScope(_("This token was made for reading. Make one that may write in Settings."))
            return True
        needed = (f"{self.resource}:{self.action}", *self.more)
        for scope in needed:
            resource, _colon, action = scope.partition(":")
            if not policy.in_scope(actor, action, resource):
                raise OutOfScope(
                    _("This token was not made for %(scope)s. Make one with it in Settings.")
                    % {"scope": scope}
                )
        for scope in needed:
            resource, _colon, action = scope.partition(":")
            policy.require(actor, action, resource)
        policy.keep_visitors_out(actor, self.action, self.resource)
        return True


_ALWAYS = {400: Problem, 401: Problem, 403: Problem, 422: Problem, 429: Problem}


def _problems(method: Method, path: str) -> dict[int, Any]:
    """The refusals that such an operation may answer with."""
    found: dict[int, Any] = dict(_ALWAYS)
    if "{" in path:
        found[404] = Problem
    if method != "GET":
        found |= {409: Problem, 413: Problem, 415: Problem}
    return found


def operation(
    router: Router,
    method: Method,
    path: str,
    *,
    of: str,
    does: str,
    answer: Any,
    status: int = 200,
    also: Mapping[int, Any] | None = None,
    extra: Mapping[str, Any] | None = None,
    tags: list[str] | None = None,
    needs: Sequence[str] = (),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put a function under a method and an address. Its name is the operation's id, its docstring the description.

    `of` = ANYBODY means everybody who is signed in. `answer` is the schema of the good answer (None for 204);
    `also` adds further documented statuses. `needs` are scopes beside that of `of` and `does`, as `resource:action`.
    """
    responses = {status: answer, **_problems(method, path), **(also or {})}
    described = {"x-resource": of, "x-action": does} | ({"x-needs": list(needs)} if needs else {})
    described |= dict(extra or {})

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def respond(request: ApiRequest, **values: Any) -> HttpResponseBase:
            return _response(request, function(request, **values), status)

        # Names in annotations are those of the function's module, not of this one.
        respond.__signature__ = inspect.signature(function, eval_str=True)  # type: ignore[attr-defined]
        words = (function.__doc__ or "").strip()
        register = router.api_operation(
            [method],
            path,
            auth=_Allowed(of, does, needs),
            response=responses,
            operation_id=function.__name__,
            summary=words.split("\n")[0].rstrip("."),
            description=words,
            openapi_extra=described,
            tags=tags,
        )
        register(respond)
        return function

    return declare


def _response(request: ApiRequest, result: Any, status: int) -> HttpResponseBase:
    if isinstance(result, HttpResponseBase):
        return result
    found = result if isinstance(result, Answer) else Answer(result, status)
    if found.etag and request.method == "GET":
        known = request.headers.get("If-None-Match")
        if known is not None and named_in(known, found.etag):
            return HttpResponse(status=304, headers={"ETag": found.etag})
    headers = dict(found.headers) | ({"ETag": found.etag} if found.etag else {})
    body = b"" if found.body is None else to_json(found.body)
    response = HttpResponse(body, status=found.status, content_type=JSON, headers=headers)
    if found.kept is not None:
        response.kept_content = to_json(found.kept)  # type: ignore[attr-defined]  # read by `once`
    return response
