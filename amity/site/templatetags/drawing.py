"""Marks drawn on the server as SVG: sparkline, parts of a whole, effect with its interval, 30 days around an entry.

They stand inside a sentence or a table row, dozens to a page: a line of SVG costs no script and no second paint, and
widths are attributes, which the content policy allows where a style is refused. Charts one reads values from are
`<amity-chart>`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

PAD = 3.0


def points(
    values: Sequence[float], width: float, height: float, low: float, high: float
) -> list[tuple[float, float]]:
    """Positions of `values` from left to right inside a box, `low` at its bottom and `high` at its top."""
    span = (high - low) or 1.0
    step = (width - 2 * PAD) / max(1, len(values) - 1)
    flat = high == low
    return [
        (
            round(PAD + index * step, 1),
            round(height / 2 if flat else PAD + (high - value) / span * (height - 2 * PAD), 1),
        )
        for index, value in enumerate(values)
    ]


def sparkline(
    values: Sequence[float | None],
    *,
    width: int = 64,
    height: int = 20,
    target: float | None = None,
    low: float | None = None,
    high: float | None = None,
    label: str = "",
) -> SafeString:
    """A word-sized line with a dot on today. Sparklines in one column share `low` and `high` when they share a unit."""
    known = [float(value) for value in values if value is not None]
    if not known:
        return SafeString("")
    marks = [*known, target] if target is not None else known
    low = min(marks) if low is None else low
    high = max(marks) if high is None else high
    line = points(known, width, height, low, high)
    path = " ".join(f"{x},{y}" for x, y in line)
    dotted = SafeString("")
    if target is not None:
        level = points([target], width, height, low, high)[0][1]
        dotted = format_html(
            '<line class="sparkline__target" x1="0" x2="{}" y1="{}" y2="{}"/>',
            str(width),
            str(level),
            str(level),
        )
    role = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="sparkline" width="{0}" height="{1}" viewBox="0 0 {0} {1}" {2}>{3}'
        '<polyline class="sparkline__line" points="{4}"/>'
        '<circle class="sparkline__now" cx="{5}" cy="{6}" r="2.5"/></svg>',
        str(width),
        str(height),
        role,
        dotted,
        path,
        str(line[-1][0]),
        str(line[-1][1]),
    )


def parts(
    shares: Sequence[tuple[float, str]], *, label: str = "", gap: float = 0.0, height: int = 6
) -> SafeString:
    """A bar of parts of a whole. `shares` are (share 0 to 1, tone): accent, ink, quiet, good, caution, bad.

    `gap` is the space between parts, as a share, for bars made of separate things.
    """
    pieces, at = [], 0.0
    for wanted, tone in shares:
        size = min(max(wanted, 0.0), 1.0 - at)
        if size > 0:
            pieces.append((f"{at * 100:.2f}%", f"{max(size - gap, 0.001) * 100:.2f}%", tone))
        at += size
    bars = format_html_join("", '<rect x="{}" width="{}" height="100%" class="part--{}" rx="1"/>', pieces)
    role = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html('<svg class="parts" width="100%" height="{}" {}>{}</svg>', str(height), role, bars)


def effect(
    middle: float, low: float, high: float, *, reach: float, width: int = 56, label: str = ""
) -> SafeString:
    """Dot and interval against zero, right is better. `reach` is the largest distance from zero that fits."""
    centre = width / 2

    def at(value: float) -> str:
        return f"{centre + max(-1.0, min(1.0, value / (reach or 1.0))) * (centre - 4):.1f}"

    tone = "unsure" if low <= 0 <= high else "better" if low > 0 else "worse"
    return format_html(
        '<svg class="effect effect--{}" width="{}" height="20" role="img" aria-label="{}">'
        '<line class="effect__zero" x1="{}" x2="{}" y1="2" y2="18"/>'
        '<line class="effect__range" x1="{}" x2="{}" y1="10" y2="10"/>'
        '<circle class="effect__dot" cx="{}" cy="10" r="4"/></svg>',
        tone,
        str(width),
        label,
        at(0),
        at(0),
        at(low),
        at(high),
        at(middle),
    )


@dataclass(frozen=True, slots=True)
class Dot:
    """One entry on the strip. `day` counts from the first day (fractions are hours); `lane`: said, bought, did, due,
    planned; `is_chosen` draws it larger; `text` stands beside what is due or planned; `label` is read aloud."""

    day: float
    lane: str
    label: str = ""
    text: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """Thirty days around a chosen entry: the dots, the ticks (day, words, is it the chosen one) and where now is."""

    days: int
    now: float
    dots: Sequence[Dot]
    ticks: Sequence[tuple[float, str, bool]]
    lanes: Sequence[tuple[str, str]]


_WIDTH, _LEFT, _RIGHT, _TOP, _GAP = 628, 66, 6, 12, 22
_BOTTOM = _TOP + 2 * _GAP + 12
_ROW = {"said": 0, "bought": 1, "planned": 1, "did": 2, "due": 2}


def strip(around: Strip, now_word: str, label: str) -> SafeString:
    """The strip as SVG: three tracks, the future on a sunken ground, promises due dashed."""
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}</svg>',
        _WIDTH,
        _BOTTOM + 18,
        label,
        _future(around, now_word),
        _ticks(around),
        _tracks(around),
        SafeString("".join(_dot(dot, _across(around, dot.day)) for dot in around.dots)),
    )


def _future(around: Strip, now_word: str) -> SafeString:
    """The line of now and the ground behind it; nothing where the whole strip is past."""
    if not 0 <= around.now <= around.days:
        return SafeString("")
    now = _across(around, around.now)
    return format_html(
        '<rect class="around__future" x="{0}" y="0" width="{1}" height="{2}"/>'
        '<line class="around__now" x1="{0}" x2="{0}" y1="0" y2="{2}"/>'
        '<text class="around__tick" x="{3}" y="10">{4}</text>',
        str(now),
        str(round(_WIDTH - _RIGHT - now, 1)),
        _BOTTOM,
        str(now + 5),
        now_word,
    )


def _across(around: Strip, day: float) -> float:
    return round(_LEFT + day / around.days * (_WIDTH - _LEFT - _RIGHT), 1)


def _tracks(around: Strip) -> SafeString:
    rows = ((_TOP + index * _GAP, name) for index, (_lane, name) in enumerate(around.lanes))
    return format_html_join(
        "",
        '<text x="0" y="{}">{}</text><line class="around__track" x1="{}" x2="{}" y1="{}" y2="{}"/>',
        ((y + 4, name, _LEFT, _WIDTH - _RIGHT, y, y) for y, name in rows),
    )


def _ticks(around: Strip) -> SafeString:
    def anchor(day: float) -> str:
        return "end" if day >= around.days else "middle"

    return format_html_join(
        "",
        '<line class="around__grid" x1="{0}" x2="{0}" y1="0" y2="{1}"/>'
        '<text class="around__tick{3}" x="{0}" y="{2}" text-anchor="{5}">{4}</text>',
        (
            (
                str(_across(around, day)),
                _BOTTOM,
                _BOTTOM + 14,
                " around__tick--chosen" if chosen else "",
                words,
                anchor(day),
            )
            for day, words, chosen in around.ticks
        ),
    )


def _dot(dot: Dot, x: float) -> SafeString:
    y = _TOP + _ROW[dot.lane] * _GAP
    drawn = format_html("<g>{}{}</g>", format_html("<title>{}</title>", dot.label), _drawn(dot, x, y))
    if not dot.text:
        return drawn
    tone = "around__due-text" if dot.lane == "due" else "around__tick"
    return format_html('{}<text class="{}" x="{}" y="{}">{}</text>', drawn, tone, str(x + 9), y + 4, dot.text)


def _drawn(dot: Dot, x: float, y: float) -> SafeString:
    grown = 1.5 if dot.is_chosen else 0.0
    if dot.lane == "bought":
        side = str(5 + grown)
        return format_html(
            '<path class="around__bought" d="M{0} {1}l{2} {2}l-{2} {2}l-{2} -{2}z"/>',
            str(x),
            str(y - 5 - grown),
            side,
        )
    if dot.lane in ("said", "planned"):
        return format_html(
            '<circle class="around__{}" cx="{}" cy="{}" r="{}"/>', dot.lane, str(x), y, str(4 + grown)
        )
    return format_html(
        '<rect class="around__{}" x="{}" y="{}" width="8" height="8" rx="2"/>', dot.lane, str(x - 4), y - 4
    )
