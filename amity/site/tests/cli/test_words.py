"""How the command line speaks."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.site.cli.words import Progress, phase, took


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.44, "0.4 s"), (9.9, "9.9 s"), (9.96, "10 s"), (119.4, "119 s"), (125, "2 min 05 s")],
)
def test_a_time_is_told_as_precisely_as_it_matters(seconds: float, words: str) -> None:
    assert took(seconds) == words


@given(st.floats(min_value=0, max_value=86_400))
def test_a_time_never_shows_sixty_seconds_in_a_minute(seconds: float) -> None:
    shown = took(seconds)
    if "min" in shown:
        assert int(shown.split()[2]) < 60


def test_progress_says_how_much_came_and_what_became_of_it() -> None:
    line = Progress("mail.mbox", to=io.StringIO()).line(1_200, 3_427, 6.0, new=1_100, same=100, not_taken=0)
    assert line == "mail.mbox: 1,200 of 3,427 · 1,100 new · 100 same · 0 not taken · 11 s left"


def test_progress_of_unknown_length_promises_no_end() -> None:
    assert Progress("mail.mbox", to=io.StringIO()).line(1_200, None, 6.0) == "mail.mbox: 1,200 read"


@given(st.lists(st.integers(min_value=1, max_value=10_000), min_size=2, max_size=2, unique=True))
def test_the_time_left_shrinks_as_more_is_done_in_the_same_time(done: list[int]) -> None:
    fewer, more = sorted(done)
    progress = Progress("x", to=io.StringIO())
    left = [progress.line(number, 10_000, 100.0).rpartition("· ")[2] for number in (fewer, more)]
    assert all(later <= earlier for earlier, later in pairwise(map(in_seconds, left)))


def in_seconds(text: str) -> float:
    minutes, _word, rest = text.rpartition(" min ")
    return float(minutes or 0) * 60 + float(rest.split()[0])


def test_a_log_gets_whole_lines_and_few_of_them() -> None:
    log = io.StringIO()
    progress = Progress("mail.mbox", to=log)
    for done in range(100):
        progress.show(done, 100)
    progress.finish("100 read")
    assert log.getvalue().splitlines() == ["mail.mbox: 100 read (0.0 s)"]


def test_a_terminal_sees_one_line_that_changes() -> None:
    terminal = Terminal()
    with phase("Tables", to=terminal) as notes:
        notes.append("12 steps")
    assert terminal.getvalue().startswith("  Tables …\r")
    assert terminal.getvalue().endswith("12 steps\n")
    assert terminal.getvalue().count("\n") == 1


def test_a_phase_that_fails_says_no_time(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="broken"), phase("Tables"):
        raise ValueError("broken")
    assert capsys.readouterr().out == ""
