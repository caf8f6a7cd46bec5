"""The address of the database is taken at its word."""

from __future__ import annotations

from pathlib import Path

import pytest

from amity.site.storage import database


def test_what_the_address_says_about_encryption_reaches_the_driver(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(
        "AMITY_DATABASE_URL",
        "postgresql://amity:secret@db.example:5433/crm?sslmode=verify-full&sslrootcert=/etc/ca.pem&connect_timeout=3",
    )
    found = database(tmp_path)
    assert (found["HOST"], found["PORT"], found["NAME"], found["USER"]) == (
        "db.example",
        "5433",
        "crm",
        "amity",
    )
    assert found["OPTIONS"] == {
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ca.pem",
        "connect_timeout": "3",
        "application_name": "amity",
    }
