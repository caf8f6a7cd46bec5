"""One `amity run` with the demo company for all browser tests: the real thing, every process of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from amity.site.bench.memory import amity_run, free_pair


@pytest.fixture(scope="package")
def amity(chromium: str) -> Iterator[str]:
    """The address of a running Amity; nothing is started where there is no browser."""
    with tempfile.TemporaryDirectory(prefix="amity-browser-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)
        before = os.environ.pop("AMITY_DATABASE_URL", None)
        try:
            with amity_run(home / "home", free_pair()) as running:
                yield running.url.rstrip("/")
        finally:
            if before is not None:
                os.environ["AMITY_DATABASE_URL"] = before
