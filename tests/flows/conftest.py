"""Real mail servers for the stories that need them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from amity.site.bench.mail_servers import MailServers, mail_servers, missing
from amity.site.tests.certificates import make_certificates


@pytest.fixture(scope="session")
def mail() -> Iterator[MailServers]:
    """dovecot and a mail server on the loopback, one pair for all; skipped only where dovecot is not installed."""
    if missing():
        pytest.skip("dovecot-imapd and dovecot-lmtpd are not installed")
    with tempfile.TemporaryDirectory(prefix="amity-mail-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o755)
        make_certificates(home)
        (home / "good.pem").chmod(0o600)
        with mail_servers(home, home / "good.pem") as servers:
            yield servers
