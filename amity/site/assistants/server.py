"""The server of `amity mcp`, over standard input and output."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import anyio
from django.core.wsgi import get_wsgi_application
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from amity import __version__
from amity.site.api import description
from amity.site.assistants.tools import NOTICE, Caller, Outcome, Tool, tools_of

INSTRUCTIONS = (
    "Amity is the Social CRM of a company: its customers, what they said and bought, and the conversations with them. "
    "You act as the colleague whose token is used, and everything you do is on the record. " + NOTICE
)


class Refused(Exception):
    """The token does not let anybody in; the words say why."""


def allowed_tools(caller: Caller) -> list[Tool]:
    """The tools that the token may use. Raises `Refused`."""
    me = caller.ask("GET", "/api/v1/me")
    if me.is_error:
        raise Refused(str(me.body.get("detail", "")))
    scopes = set(me.body["scopes"])
    return [tool for tool in tools_of(description()) if not tool.scope or tool.scope in scopes]


def serve(token: str) -> None:
    """Answer an assistant until it hangs up. Raises `Refused` where the token is not valid."""
    caller = Caller(get_wsgi_application(), token)
    tools = {tool.name: tool for tool in allowed_tools(caller)}
    anyio.run(_serve, caller, tools)


def answered(caller: Caller, tools: Mapping[str, Tool], name: str, arguments: Mapping[str, Any]) -> Outcome:
    """What comes of a call by name; a tool that is not among `tools` is not there at all."""
    tool = tools.get(name)
    if tool is None:
        return Outcome(404, {"detail": f"There is no tool {name[:80]!r} for this token."})
    return caller.call(tool, arguments)


async def _serve(caller: Caller, tools: dict[str, Tool]) -> None:
    one_at_a_time = anyio.CapacityLimiter(1)  # as one colleague would

    async def list_tools(_context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in tools.values()])

    async def call_tool(_context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        outcome = await anyio.to_thread.run_sync(
            answered, caller, tools, params.name, dict(params.arguments or {}), limiter=one_at_a_time
        )
        return _answer(outcome)

    server: Server[Any] = Server(
        "amity",
        version=__version__,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        description=tool.description,
        input_schema=tool.input_schema,
        annotations=types.ToolAnnotations(
            read_only_hint=tool.is_reading,
            destructive_hint=tool.method == "DELETE" or tool.name.startswith("undo"),
            idempotent_hint=tool.method in ("GET", "PUT", "DELETE"),
            open_world_hint=True,
        ),
    )


def _answer(outcome: Outcome) -> types.CallToolResult:
    text = json.dumps(outcome.body, ensure_ascii=False, indent=1)
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=NOTICE), types.TextContent(type="text", text=text)],
        structured_content={"status": outcome.status, "untrusted_data": outcome.body},
        is_error=outcome.is_error,
    )
