"""Real mail servers for the stories that need them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from amity.kernel.actor import Actor, Role
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


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Files of its own, for stories that commit; and Django empties only the tables that it manages."""
    monkeypatch.setattr("django.conf.settings.MEDIA_ROOT", tmp_path / "home" / "files")
    monkeypatch.setattr("django.conf.settings.HOME", tmp_path / "home")
    yield tmp_path / "home"
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE activity_activity")


@pytest.fixture
def owner() -> Actor:
    from tests.flows.stories import colleague  # its models are there once Django is set up

    return colleague("tilde@tamp.example", Role.OWNER).actor()
