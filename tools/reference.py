"""Write the pages of the reference that say what the code says: settings, command line, public interface, rights.

python tools/reference.py            write them
python tools/reference.py --check    exit code 1 if they would change
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # also before Amity is installed
SETTINGS_PAGE = ROOT / "docs/reference/settings.md"
INTERFACE_PAGE = ROOT / "docs/reference/openapi.json"
RIGHTS_PAGE = ROOT / "docs/reference/who-may-do-what.md"
COMMANDS_PAGE = ROOT / "docs/reference/command-line.md"

SETTINGS_HEAD = """# Settings

Amity is set up with environment variables. What is not set has the default below. A value that cannot be understood
ends the program with one line that names the variable, what it was, and what is expected.

What a company decides for itself (its name, currency, how soon it wants to answer) is not here but on the screen
Settings.

| Variable | Kind | Default | Meaning |
|---|---|---|---|
"""
SETTINGS_TAIL = """
`AMITY_HOME` is `/var/lib/amity` for root, else `$XDG_DATA_HOME/amity` or `~/.local/share/amity`. It holds the database
(`postgres/`), imported files and the outbox (`files/`, `outbox/`), the collected styles and scripts (`static/`), the
keys of `AMITY_SECRET_KEY` and `AMITY_VAULT_KEY` (`secret_key`, `vault_key`) and what is running (`run.json`). To keep a
copy of everything: `amity backup`.

`amity run` sets `AMITY_LIVE_PORT` to the port after `--port`, and `AMITY_LOG_LEVEL` to `WARNING` when it runs in a
terminal, unless you set them.
"""
# Read by the launcher of PostgreSQL, which must work without the rest of Amity.
OUTSIDE = {
    "AMITY_TOKEN": ("text", "", "API token of the colleague as whom `amity mcp` acts."),
    "AMITY_POSTGRES_OPTIONS": (
        "name=value pairs",
        "",
        "Settings of the embedded server, for example `shared_buffers=1GB max_connections=100`.",
    ),
}
COMMANDS_HEAD = """# Command line

Everything is one program, `amity` (`.venv/bin/amity` after `make install`). Each command starts the embedded
database if it needs it and nobody else has it running.

| Exit code | Meaning |
|---|---|
| 0 | Done. |
| 1 | It could not be done; one line on stderr says why and what to do. |
| 2 | The command line was wrong. |
| 3 | `status`: Amity does not run. `doctor`: something is bad. |
| 130 | Stopped by Ctrl-C. |

With `--json`, one object goes to stdout and everything else to stderr.
"""
RIGHTS_PAGE_TEXT = """# Who may do what

Written from the code (`amity/kernel/policy.py`, `amity/kernel/purposes.py`). Settings, Roles shows the same with how
many colleagues have each role, and Settings, You one's own column. Why it is so: [Who may see
what](../explanation/who-may-see-what.md).

## Roles and what they are for

{roles}

## Records

What a role does with each kind of record, and with which of them. Whatever the role, what belongs to another
colleague's own mailbox is not there for anybody else.

{rights}

## Personal fields

A field is for those roles that share a purpose with it and read people at all. For everybody else it is not shown,
searched, filtered, sorted, exported or told by the API.

{fields}

## Scopes of tokens

{scopes}
"""


def settings_page() -> str:
    """All variables that the settings and the launcher read."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(AMITY_HOME=folder, AMITY_SECRET_KEY="this page needs none " * 3)
        importlib.import_module("amity.site.settings")
    from amity.kernel.env import VARIABLES

    rows = {
        variable.name: (variable.kind, variable.default, variable.meaning) for variable in VARIABLES.values()
    }
    lines = [
        f"| `{name}` | {kind} | {shown(default)} | {meaning} |"
        for name, (kind, default, meaning) in sorted({**rows, **OUTSIDE}.items())
    ]
    return SETTINGS_HEAD + "\n".join(lines) + "\n" + SETTINGS_TAIL


def shown(default: str) -> str:
    """A default as people would set it: tuples with commas, switches as 0 or 1."""
    plain = {"True": "1", "False": "0"}.get(default, default)
    if plain.startswith("("):
        plain = ",".join(part.strip(" '\"") for part in plain.strip("()").split(",") if part.strip())
    return f"`{plain}`" if plain else ""


def commands_page() -> str:
    """The help of every command, as `--help` prints it."""
    from amity.site.cli.entry import amity

    sections = [COMMANDS_HEAD]
    for names, command in commands(amity, ("amity",)):
        context = click.Context(command, info_name=" ".join(names), terminal_width=100, max_content_width=100)
        sections.append(f"## {' '.join(names)}\n\n```text\n{command.get_help(context).rstrip()}\n```\n")
    return "\n".join(sections)


def commands(
    command: click.Command, names: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command and, for a group, all that it holds."""
    yield names, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=names[-1])
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from commands(inner, (*names, name))


def interface_page() -> str:
    """The OpenAPI document of the public interface."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amity.site.settings")
        os.environ.update(AMITY_HOME=folder, AMITY_SECRET_KEY="this page needs none " * 3)
        import django

        django.setup()
        from amity.site.api import description

        return json.dumps(description(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def rights_page() -> str:
    """Who may do what, as the access policy holds it. Django must be set up."""
    from django.utils import translation

    from amity.kernel import purposes, rights
    from amity.kernel.actor import Role

    with translation.override("en"):
        groups = rights.groups()
        uses = [[role.label, ", ".join(rights.purposes_in_words(purposes.OF_ROLE[role]))] for role in Role]
        may = [
            [
                f"{row.label} (`{row.resource}`)",
                *(f"{actions}; {reach}" if actions else "–" for actions, reach in row.cells),
            ]
            for row in rights.rights()
        ]
        seen = [
            [", ".join(row.fields), ", ".join(row.purposes), ", ".join(row.roles)] for row in rights.fields()
        ]
        heads = [", ".join(role.label for role in group) for group in groups]
        return RIGHTS_PAGE_TEXT.format(
            roles=table(["Role", "Uses personal data for"], uses),
            rights=table(["Record", *heads], may),
            fields=table(["Fields of a person", "May be used for", "Seen by"], seen),
            scopes=rights.scope_meaning(),
        )


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, ["---"] * len(head), *rows])


def main(arguments: Sequence[str]) -> int:
    wanted = {
        COMMANDS_PAGE: commands_page(),
        SETTINGS_PAGE: settings_page(),
        INTERFACE_PAGE: interface_page(),
        RIGHTS_PAGE: rights_page(),
    }
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    for path in stale:
        if "--check" in arguments:
            print(f"{path.relative_to(ROOT)} is out of date: python tools/reference.py", file=sys.stderr)
        else:
            path.write_text(wanted[path])
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
