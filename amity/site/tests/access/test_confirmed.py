"""What a session has to confirm: the same on a page and by a program, and never a tool of assistants."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from amity.kernel.actor import Role
from amity.kernel.api.tokens import scopes_of
from amity.site.access import OPERATIONS, TOOLS
from amity.site.api import api, description
from amity.site.tests.access.test_reach import BY_PROGRAMS
from amity.site.tests.api.calling import program
from amity.site.web.scope_groups import words_of

ASKED = frozenset({"require_confirmed", "ask_again"})
TOOLS_ALL_THE_SAME: dict[str, str] = {}
"""Operations that need it and are tools, each with the reason. There is none: think twice before there is."""


def codes_of(function: Callable[..., Any]) -> Iterator[CodeType]:
    """Its code, that of what it is wrapped in, and that of functions in it."""
    waiting = []
    while True:
        waiting.append(function.__code__)
        if not hasattr(function, "__wrapped__"):
            break
        function = function.__wrapped__
    while waiting:
        code = waiting.pop()
        yield code
        waiting += [one for one in code.co_consts if inspect.iscode(one)]


def asks(function: Callable[..., Any]) -> bool:
    """Whether it may ask who sits there: by itself, or because `@confirmed` stands before it."""
    return any(ASKED & set(code.co_names) for code in codes_of(function))


def confirmed_operations() -> set[str]:
    return {
        str(one.operation_id)
        for _prefix, router in api._routers
        for view in router.path_operations.values()
        for one in view.operations
        if asks(one.view_func)
    }


def views(patterns: list[URLPattern | URLResolver] | None = None) -> Iterator[tuple[str, Callable[..., Any]]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns)
        elif pattern.name in BY_PROGRAMS and hasattr(pattern.callback, "__code__"):
            yield pattern.name, pattern.callback


def test_what_has_to_be_confirmed_is_no_tool_of_assistants() -> None:
    found = confirmed_operations()
    assert {"update_account", "update_single_sign_on", "create_webhook", "change_backup_schedule"} <= found
    assert found & set(TOOLS) == set(TOOLS_ALL_THE_SAME), "NO_TOOL, or a reason here"
    for methods in description()["paths"].values():
        for one in methods.values():
            if one["operationId"] in found - set(TOOLS_ALL_THE_SAME) or "x-needs" in one:
                assert one["x-no-tool"], one["operationId"]  # a tool knows of one scope


def test_a_page_and_its_operation_ask_the_same() -> None:
    pages = dict(views())
    assert set(pages) == set(BY_PROGRAMS)
    found = confirmed_operations()
    for page, operation in BY_PROGRAMS.items():
        if page == "settings-colleague-closure":  # closing one can be done at once; the operation does more
            continue
        assert asks(pages[page]) == (operation in found), (page, operation)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "body"),
    [("update_sign_in_rules", {"second_factor_roles": []}), ("update_single_sign_on", {"is_on": False})],
)
def test_how_everybody_signs_in_takes_the_scopes_of_settings_and_of_accounts(
    name: str, body: dict[str, Any]
) -> None:
    path, one = next(
        (path, one)
        for path, methods in description()["paths"].items()
        for one in methods.values()
        if one["operationId"] == name
    )
    needed = [f"{OPERATIONS[name].resource}:write", *one["x-needs"]]
    assert needed == ["settings:write", "account:write"]
    every = scopes_of(Role.OWNER)
    for missing in needed:
        narrow = program(Role.OWNER, scopes=set(every) - {missing})
        refused = narrow.patch(path.removeprefix("/api/v1"), body)
        assert (refused.status_code, refused.json()["code"]) == (403, "out_of_scope")
        assert missing in refused.json()["detail"]
    assert "how everybody signs in" in words_of("account:write")
