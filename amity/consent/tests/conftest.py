"""The purposes with which Amity begins, also after tests that empty every table."""

from __future__ import annotations

import pytest

from amity.consent.purposes import begin
from amity.people.tests.records import AT


@pytest.fixture
def beginning(db: None) -> None:
    begin(AT)
