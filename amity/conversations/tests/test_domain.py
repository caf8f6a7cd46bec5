"""Decisions about conversations, each alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from amity.commerce.domain.tiers import Measures, standing_of, usual
from amity.conversations.domain.cursor import Cursor, decode
from amity.conversations.domain.filters import MOODS, View, filters_of, in_mood, view_of
from amity.conversations.domain.folding import folded
from amity.conversations.domain.moments import promise_choices, snooze_choices
from amity.conversations.domain.spine import Before, Drawn, Knot, draw
from amity.conversations.domain.wants import sentences, wish
from amity.listening.domain.understanding import mood

BERLIN = ZoneInfo("Europe/Berlin")
instants = st.datetimes(
    min_value=datetime(2024, 1, 1),  # noqa: DTZ001 - hypothesis wants naive borders and adds the zone
    max_value=datetime(2028, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(instants, st.uuids())
def test_a_place_in_a_list_survives_its_address(at: datetime, id_: UUID) -> None:
    assert decode(Cursor(at, id_).encode()) == Cursor(at, id_)


@given(st.text())
def test_any_text_is_a_place_or_none(text: str) -> None:
    found = decode(text)
    assert found is None or decode(found.encode()) == found


@given(st.floats(-1, 1), st.floats(0, 1))
def test_the_mood_filter_finds_exactly_what_is_shown_as_that_mood(score: float, confidence: float) -> None:
    assert [name for name in MOODS if in_mood(name, score, confidence)] == [
        name for name in MOODS if mood(score, confidence) == name
    ]


def test_filters_that_cannot_be_meant_narrow_nothing() -> None:
    asked = {
        "mood": "grumpy",
        "assignee": "x",
        "source": "1",
        "q": "  burr  set ",
        "late": "yes",
        "page": "3",
    }
    assert filters_of(asked).chosen == {"q": "burr set", "late": "1"}
    assert view_of("nonsense") is View.WAITING


def test_they_want_what_they_asked_last() -> None:
    text = "Hello all,\n\nMy grinder is loud. Is that normal? It is a Kestrel.\nCan I send it in?\n\nThanks\nBeth"
    assert wish(text) == "Can I send it in?"


def test_without_a_question_they_want_what_they_say_first() -> None:
    assert (
        wish("Hallo zusammen,\ndie Rechnung Nr. 12 ist falsch. Bitte ändern.")
        == "die Rechnung Nr. 12 ist falsch."
    )


def test_an_emoji_is_no_wish() -> None:
    assert wish("😀😀") == ""


@given(st.text(max_size=400))
def test_a_wish_is_one_short_line(text: str) -> None:
    assert len(wish(text)) <= 140
    assert "\n" not in wish(text)


@given(st.text(alphabet="ab .?!\n", max_size=200))
def test_sentences_lose_no_letter(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


def test_the_quoted_rest_of_a_mail_is_counted() -> None:
    found = folded("It chirps.", "It chirps.\n\nOn Monday Ines wrote:\n> Hello\n\n> Bye")
    assert found is not None
    assert (found.lines, found.is_whole) == (3, False)


def test_a_text_that_was_rewritten_unfolds_whole() -> None:
    found = folded("It chirps.", "  >> It chirps, said she.\nYes")
    assert found is not None
    assert found.is_whole


def test_nothing_folds_where_nothing_is_left() -> None:
    assert folded("Same", "Same\n") is None
    assert folded("Same", "") is None


@given(instants)
def test_choices_lie_in_the_future_and_none_is_offered_twice(at: datetime) -> None:
    now = at.astimezone(BERLIN)
    for choices in (snooze_choices(now), promise_choices(now)):
        moments = [choice.at for choice in choices]
        assert len(set(moments)) == len(moments) == len({choice.key for choice in choices})
        assert all(moment > now - timedelta(minutes=1) for moment in moments)
        assert all(choice.at.hour in (9, 12, 18) for choice in choices if choice.key != "hour")


def test_next_monday_is_never_today() -> None:
    monday = datetime(2026, 3, 16, 8, tzinfo=BERLIN)
    assert {one.key: one.at.day for one in snooze_choices(monday)}["monday"] == 23


def test_tiers_begin_at_their_thresholds() -> None:
    rules = usual(1_000, 3_000)
    found = [standing_of(Measures({None: Decimal(n)}), rules) for n in (999, 1_000, 2_999, 3_000)]
    assert [one.rule.key if one else "" for one in found] == ["", "silver", "silver", "gold"]


knots = st.lists(
    st.builds(
        Knot,
        at=instants,
        key=st.uuids().map(str),
        channel=st.sampled_from(["email", "chat", "", "post"]),
        is_theirs=st.booleans(),
        what=st.integers(),
    ),
    max_size=12,
)


@given(knots, st.integers(0, 12))
def test_a_spine_drawn_in_two_parts_is_the_spine_drawn_in_one(told: list[Knot[int]], at: int) -> None:
    ordered = sorted(told, key=lambda one: (one.at, one.key))
    first, second = ordered[:at], ordered[at:]
    channels = [one.channel for one in first if one.channel]
    day = first[-1].at.astimezone(BERLIN).date() if first else None
    before = Before(day, channels[-1] if channels else "")
    assert [*draw(first, BERLIN), *draw(second, BERLIN, before)] == list(draw(told, BERLIN))


def test_a_note_among_colleagues_is_no_move_to_another_channel() -> None:
    at = datetime(2026, 3, 17, 9, tzinfo=UTC)

    def knot(minutes: int, channel: str) -> Knot[int]:
        return Knot(at + timedelta(minutes=minutes), str(uuid4()), channel, True, minutes)

    drawn: list[Drawn[int]] = list(
        draw([knot(0, "post"), knot(1, ""), knot(2, "post"), knot(3, "email")], UTC)
    )
    assert [one.moved_to for one in drawn] == ["", "", "", "email"]


def test_without_a_question_what_they_need_comes_before_what_they_say() -> None:
    assert wish("Das wäre super. Ich brauche die Mühle am Samstag.") == "Ich brauche die Mühle am Samstag."
