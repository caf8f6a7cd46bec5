"""The command line. Nothing here imports Django before a command needs it: `amity --help` answers at once, and
the process that watches over the others stays small.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

DONE = 0
REFUSED = 1
WRONG_USE = 2
UNHEALTHY = 3
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end the process with its exit code (see docs/reference/command-line.md)."""
    from amity.site.cli.entry import run_command

    raise SystemExit(run_command(list(sys.argv[1:] if arguments is None else arguments)))
