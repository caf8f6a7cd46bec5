"""Whoever may not see something lives as if it were not there: byte for byte, whatever they ask."""

from __future__ import annotations

import pytest

from amity.site.bench.mirror.comparing import ask, compare
from amity.site.bench.mirror.questions import questions
from amity.site.bench.mirror.world import made, standing_clock

pytestmark = pytest.mark.django_db


def test_what_is_hidden_changes_nothing_that_one_is_told() -> None:
    with made() as world:
        report = compare(world, cases=500, a_change=40)
    assert report.cases >= 500
    assert not report.differences, "\n".join([str(report.figures()), *report.differences])


def test_the_same_question_is_answered_the_same_twice_and_most_are_answered() -> None:
    """Else equal answers would say nothing."""
    with made() as world, standing_clock():
        answered = 0
        for number, question in enumerate(questions()[::9]):
            asker = world.askers[number % 2]
            first = ask(asker, question)
            answered += first.startswith(b"200")
            assert first == ask(asker, question), question
    assert answered > 20
