"""Whatever colleagues decide about who is who, taking it back gives back what was, and nothing is lost meanwhile."""

from __future__ import annotations

import pytest

from amity.site.bench.unmerging import live_through

pytestmark = pytest.mark.django_db


def test_taking_every_decision_back_gives_the_state_without_it() -> None:
    report = live_through(200, seed=4)
    assert report.histories == 200
    assert report.decided > 1_000
    assert not report.broken, "\n".join([str(report.figures()), *report.broken[:5]])
