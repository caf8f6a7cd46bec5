"""What people decide tells what the bits of the engine are worth."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.people.domain.matching.calibrating import Calibration, calibrated, most_wrong


def _decided(shift: float, slope: float, count: int) -> list[tuple[float, bool]]:
    draw = random.Random(7)
    bits = [draw.uniform(-4, 16) for _ in range(count)]
    return [(one, draw.random() < 1 / (1 + 2 ** -(shift + slope * one))) for one in bits]


def test_without_decisions_the_engine_is_believed() -> None:
    assert calibrated([]) == Calibration(0.0, 1.0, 0)
    assert calibrated([]).at(0.5) == 0


def test_many_decisions_tell_what_the_bits_are_worth() -> None:
    found = calibrated(_decided(-3.0, 0.6, 4_000))
    assert found.shift == pytest.approx(-3.0, abs=0.3)
    assert found.slope == pytest.approx(0.6, abs=0.05)
    assert found.decided == 4_000


def test_one_decision_moves_it_a_little_and_the_right_way() -> None:
    surprised = calibrated([(12.0, False)])
    assert 0.4 < surprised.slope < 1
    assert surprised.at(0.9999) > Calibration().at(0.9999)
    confirmed = calibrated([(12.0, True)])
    assert confirmed.at(0.5) == pytest.approx(0, abs=0.01)


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.booleans()), max_size=40))
def test_any_decisions_give_a_line_that_rises(decisions: list[tuple[float, bool]]) -> None:
    found = calibrated(decisions)
    assert found.bits(3.0) > found.bits(2.0)
    assert -200 < found.at(0.9999) < 200


def test_the_share_of_wrong_ones_is_known_as_well_as_it_was_checked() -> None:
    assert most_wrong(0, 0) == 1.0
    assert most_wrong(0, 40) == pytest.approx(0.0876, abs=0.001)  # R: prop.test(0, 40, correct = FALSE)
    assert most_wrong(1, 1_000) == pytest.approx(0.00564, abs=0.0001)
