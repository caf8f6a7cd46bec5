"""Real mail servers for the stories that need them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from amity.site.bench.mail_servers import MailServers, mail_servers, missing


@pytest.fixture(scope="session")
def mail() -> Iterator[MailServers]:
    """dovecot and OpenSMTPD on the loopback; tests that ask for them are skipped where they are not installed."""
    if os.geteuid() != 0 or missing():
        pytest.skip("dovecot and OpenSMTPD are needed, and root, without whom OpenSMTPD does not start")
    with tempfile.TemporaryDirectory(prefix="amity-mail-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)
        with mail_servers(home) as servers:
            yield servers
