"""The purposes with which Amity begins, also after tests that empty every table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest


@pytest.fixture
def beginning(db: None) -> None:
    from amity.consent.purposes import begin  # it needs Django, which is not there yet when this file is read

    begin(datetime(2026, 3, 17, 9, 30, tzinfo=UTC))
