"""The tags escape what they are given, and say in words what they draw."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.template import engines
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.money import Money
from amity.site.templatetags import drawing, marks

NOW = datetime(2026, 3, 12, 14, 52, tzinfo=UTC)
EVIL = '<img src=x onerror="alert(1)">'


def drawn(template: str, **context: Any) -> str:
    return engines["django"].from_string(template).render({"now": NOW, **context})


@pytest.mark.parametrize(
    "template",
    [
        "{% avatar evil evil 24 'customer' '' True %}",
        "{% avatar 'Ada' 1 24 'customer' evil %}",
        "{% said_so 'check' evil %}",
        "{% key evil %}",
        "{{ evil|isolate }}",
        "{% icon 'check' 16 evil %}",
        "{% shape evil True %}",
        "{% sparkline '123' label=evil %}",
    ],
)
def test_a_tag_escapes_what_it_is_given(template: str) -> None:
    values = [1.0, 2.0]
    html = drawn(template.replace("'123'", "values"), evil=EVIL, values=values)
    assert "<img src=x" not in html
    assert 'onerror="alert' not in html


def test_an_unknown_icon_is_refused_with_the_way_to_add_it() -> None:
    with pytest.raises(ValueError, match=r"icons\.txt"):
        drawn("{% icon 'no-such-thing' %}")


def test_an_unknown_channel_still_has_an_icon_and_a_word() -> None:
    assert "Message" in drawn("{% channel_icon 'carrier pigeon' %}")


def test_sentiment_is_never_colour_alone() -> None:
    for value in marks.SENTIMENTS:
        html = drawn("{% sentiment value %}", value=value)
        assert f"<span>{value}</span>" in html
        assert "<svg" in html
    assert drawn("{% sentiment value %}", value=None) == ""


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Hannah Vogel", "HV"),
        ("Café Lindero", "CL"),
        ("李小龍", "李"),
        ("  ", "?"),
        ("42 !", "4"),
        ("von der Heide, Ute", "VU"),
    ],
)
def test_initials_come_from_letters(name: str, letters: str) -> None:
    assert marks.initials(name) == letters


@given(st.text(max_size=60))
def test_every_name_has_initials_and_a_tint(name: str) -> None:
    assert marks.initials(name)
    assert 1 <= marks.tint(name) <= marks.TINTS


def test_a_customer_is_round_and_a_colleague_square() -> None:
    assert "avatar--square" not in drawn("{% avatar 'Ada Lovelace' 1 %}")
    assert "avatar--square" in drawn("{% avatar 'Ada Lovelace' 1 24 'colleague' %}")


def test_a_missing_value_is_a_dash_not_a_crash() -> None:
    assert (
        drawn(
            "{% money none 'EUR' %}{% number none %}{% when none %}{{ none|share }}{{ none|duration }}",
            none=None,
        )
        == "–" * 5
    )
    assert drawn("{% waiting none %}{% deadline none %}{{ none|capped }}", none=None) == ""


def test_money_may_be_money() -> None:
    assert "24.80" in drawn("{% money amount %}", amount=Money(Decimal("24.8"), "EUR"))


def test_a_deadline_has_a_clock_only_when_it_is_close_or_past() -> None:
    def clock(minutes: int) -> str:
        return drawn("{% deadline due %}", due=NOW + timedelta(minutes=minutes))

    assert "#clock-alert" in clock(-22)
    assert "said-so--bad" in clock(-22)
    assert "said-so--caution" in clock(46)
    assert "<svg" not in clock(115)


def test_confidence_fills_its_bars() -> None:
    assert drawn("{% confidence 1 %}").count("is-on") == 4
    assert drawn("{% confidence 0.01 %}").count("is-on") == 1
    assert drawn("{% confidence 0 %}").count("is-on") == 0


def test_a_field_with_an_error_names_it_to_readers_of_the_screen() -> None:
    class Form(forms.Form):
        reply_to = forms.EmailField(help_text="Where answers go")

    form = Form(data={"reply_to": "service@tamp"})
    html = drawn("{% field form.reply_to %}", form=form)
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_reply_to_hint id_reply_to_error"' in html
    assert 'id="id_reply_to_error"' in html


def test_forty_tags_become_three_and_a_count() -> None:
    html = drawn("{% few tags 3 as some %}{{ some.items|length }} +{{ some.more }}", tags=list(range(40)))
    assert html == "3 +37"


@given(st.lists(st.floats(-1e6, 1e6), max_size=30))
def test_a_sparkline_stays_inside_its_box(values: list[float]) -> None:
    low, high = min(values, default=0), max(values, default=0)
    for x, y in drawing.points(values, 64, 20, low, high):
        assert 0 <= x <= 64
        assert 0 <= y <= 20


@given(st.lists(st.tuples(st.floats(0, 2), st.sampled_from(["ink", "bad"])), max_size=8))
def test_parts_never_exceed_the_whole(shares: list[tuple[float, str]]) -> None:
    html = drawing.parts(shares)
    ends = [float(bit.split('x="')[1].split("%")[0]) for bit in html.split("<rect")[1:]]
    assert all(0 <= start <= 100 for start in ends)


def test_words_for_scripts_cannot_close_their_block() -> None:
    assert drawn("{% page_words %}").count("</script>") == 1
