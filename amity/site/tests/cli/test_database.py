"""Commands that come before the first `amity run`, or after an upgrade."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from amity.site.cli.database import OldTables, filled


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty folder that the account of the server may enter, also for root."""
    with tempfile.TemporaryDirectory(prefix="amity-cli-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "home"


@pytest.mark.server
def test_a_command_on_an_empty_folder_makes_the_tables_and_says_so_beside_its_answer(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "amity", "user", "list", "--json"],
        env={**os.environ, "AMITY_HOME": str(home), "AMITY_DATABASE_URL": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"staff": []}
    assert "Tables" in done.stderr


@pytest.mark.django_db
def test_tables_of_an_older_version_are_left_alone_and_the_command_that_helps_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'insight'")
    with pytest.raises(OldTables, match="amity migrate"), filled():
        pytest.fail("the block must not run")
