"""`amity mcp`: let an assistant work in Amity as a colleague, over standard input and output."""

from __future__ import annotations

import os

import click

from amity.kernel.errors import DomainError
from amity.site.cli import DONE


class NoToken(DomainError):
    """Nobody said as whom the assistant works, or the token is not valid."""

    code = "mcp.token"


@click.command()
def command() -> int:
    """Offer Amity's operations to an assistant (Model Context Protocol, standard input and output).

    The assistant acts as the colleague whose API token stands in AMITY_TOKEN, within the scopes of that token and
    under the same rules as every page. What it does is on the record.

    \b
    Examples
      AMITY_TOKEN=amity_… amity mcp
      {"mcpServers": {"amity": {"command": "amity", "args": ["mcp"], "env": {"AMITY_TOKEN": "amity_…"}}}}

    What happens next: make a token under Settings, API tokens, and put the second example into your assistant.
    """
    token = os.environ.get("AMITY_TOKEN", "").strip()
    if not token:
        raise NoToken("Set AMITY_TOKEN to a token from Settings, API tokens.")
    from amity.site.cli.database import django

    with django():
        from amity.site.assistants.server import Refused, serve

        try:
            serve(token)
        except Refused as error:
            raise NoToken(str(error)) from error
    return DONE
