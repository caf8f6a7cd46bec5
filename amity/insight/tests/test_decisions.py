"""Standing of objectives, fires, texts that ask the same, windows."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.insight.domain.burning import fire
from amity.insight.domain.shared_words import LEAST_PEOPLE, ask_the_same, telling_words
from amity.insight.domain.standing import Standing, standing
from amity.insight.domain.windows import back_from, day_of, rolling, utc_days

AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.80, 0.85, 0.93], Standing.REACHED),
        ([0.80, 0.82, 0.88], Standing.ON_COURSE),
        ([0.90, 0.91, 0.86], Standing.SLIPPING),
        ([0.86, 0.86, 0.861], Standing.NO_CHANGE),
        ([0.86], Standing.UNKNOWN),
        ([], Standing.UNKNOWN),
        ([0.8, None], Standing.UNKNOWN),
        ([0.80, None, 0.88], Standing.ON_COURSE),
    ],
)
def test_a_share_stands_as_its_last_value_says(values: list[float | None], expected: Standing) -> None:
    assert standing(values, baseline=0.78, target=0.92) is expected


def test_less_is_better_where_the_target_lies_below_the_baseline() -> None:
    assert standing([200, 120, 40], baseline=220, target=45) is Standing.REACHED
    assert standing([200, 190, 120], baseline=220, target=45) is Standing.ON_COURSE
    assert standing([100, 110, 180], baseline=220, target=45) is Standing.SLIPPING


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=8), st.floats(-50, 50), st.floats(1, 50))
def test_turning_everything_upside_down_changes_no_standing(
    values: list[float], baseline: float, way: float
) -> None:
    mirrored = standing([-value for value in values], baseline=-baseline, target=-(baseline + way))
    if (
        len({*values}) == len(values) and len(values) % 2 == 0
    ):  # the median of three earlier values mirrors exactly
        assert mirrored is standing(values, baseline=baseline, target=baseline + way)


def test_nothing_burns_below_eight_or_below_three_times_the_usual() -> None:
    assert fire(7, [0] * 28) is None
    assert fire(8, [3] * 28) is None
    found = fire(9, [3, 2, 4, 3] * 7)
    assert found is not None
    assert (found.seen, found.low, found.high) == (9, 3, 3)
    assert fire(100, []) is None


def test_texts_that_share_two_telling_words_ask_the_same() -> None:
    texts = [
        (1, "a", "Where is the batch number of a burr?"),
        (2, "b", "How do I read the batch number?"),
        (3, "c", "Is there a batch number on mine?"),
        (4, "d", "Batch number: nothing underneath"),
        (5, "e", "My parcel is late"),
    ]
    (group,) = ask_the_same(texts)
    assert group.words == ("batch", "number")
    assert group.keys == (1, 2, 3, 4)


def test_one_person_who_asks_four_times_is_no_group() -> None:
    assert ask_the_same([(number, "a", "Where is the batch number?") for number in range(4)]) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcdefg"),
            st.lists(st.sampled_from(["burrs", "batch", "number", "parcel"]), max_size=4),
        ),
        max_size=14,
    )
)
def test_no_text_is_in_two_groups_and_every_group_is_large_and_shares_its_words(
    said: list[tuple[str, list[str]]],
) -> None:
    texts = [(place, who, " ".join(words)) for place, (who, words) in enumerate(said)]
    groups = ask_the_same(texts)
    keys = [key for group in groups for key in group.keys]
    assert len(keys) == len(set(keys))
    for group in groups:
        assert len({texts[key][1] for key in group.keys}) >= LEAST_PEOPLE
        assert all(set(group.words) <= set(telling_words(texts[key][2])) for key in group.keys)


def test_windows_that_lead_up_to_now_touch_and_never_overlap() -> None:
    windows = back_from(rolling(AT, 28), 10)
    assert windows[-1].holds(AT)
    assert all(one.end == other.start for one, other in itertools.pairwise(windows))


def test_a_day_is_the_readers_own_also_when_clocks_change() -> None:
    summer = datetime(2026, 3, 29, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    day = day_of(summer)
    assert day.end.astimezone(UTC) - day.start.astimezone(UTC) == timedelta(hours=23)


def test_days_of_utc_hold_today_as_a_whole() -> None:
    window = utc_days(AT, 28)
    assert window.holds(AT)
    assert window.start == datetime(2026, 2, 18, tzinfo=UTC)
    assert window.end == datetime(2026, 3, 18, tzinfo=UTC)
