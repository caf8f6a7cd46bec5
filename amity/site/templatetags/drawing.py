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
        '<polyline class="sparkline__line" points="{4}"/><circle class="sparkline__now" cx="{5}" cy="{6}" r="2.5"/></svg>',
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
    for size, tone in shares:
        size = min(max(size, 0.0), 1.0 - at)
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


_WIDTH, _LEFT, _TOP, _GAP = 628, 66, 12, 22
_ROW = {"said": 0, "bought": 1, "planned": 1, "did": 2, "due": 2}


def strip(around: Strip, now_word: str, label: str) -> SafeString:
    """The strip as SVG: three tracks, the future on a sunken ground, promises due dashed."""
    bottom = _TOP + 2 * _GAP + 12

    def x(day: float) -> float:
        return round(_LEFT + day / around.days * (_WIDTH - _LEFT - 6), 1)

    rows = format_html_join(
        "",
        '<text x="0" y="{}">{}</text><line class="around__track" x1="{}" x2="{}" y1="{}" y2="{}"/>',
        (
            (str(y + 4), name, str(_LEFT), str(_WIDTH - 6), str(y), str(y))
            for index, (_lane, name) in enumerate(around.lanes)
            for y in [_TOP + index * _GAP]
        ),
    )
    ticks = format_html_join(
        "",
        '<line class="around__grid" x1="{0}" x2="{0}" y1="0" y2="{1}"/>'
        '<text class="around__tick{3}" x="{0}" y="{2}" text-anchor="middle">{4}</text>',
        (
            (str(x(day)), str(bottom), str(bottom + 14), " around__tick--chosen" if chosen else "", words)
            for day, words, chosen in around.ticks
        ),
    )
    future = format_html(
        '<rect class="around__future" x="{0}" y="0" width="{1}" height="{2}"/>',
        str(x(around.now)),
        str(round(_WIDTH - 6 - x(around.now), 1)),
        str(bottom),
    )
    now = format_html(
        '<line class="around__now" x1="{0}" x2="{0}" y1="0" y2="{1}"/><text class="around__tick" x="{2}" y="10">{3}</text>',
        str(x(around.now)),
        str(bottom),
        str(x(around.now) + 5),
        now_word,
    )
    dots = SafeString("".join(_dot(dot, x(dot.day), _TOP + _ROW[dot.lane] * _GAP) for dot in around.dots))
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}{}{}</svg>',
        str(_WIDTH),
        str(bottom + 18),
        label,
        future,
        ticks,
        rows,
        now,
        dots,
    )


def _dot(dot: Dot, x: float, y: float) -> SafeString:
    title = format_html("<title>{}</title>", dot.label) if dot.label else SafeString("")
    big = 1.5 if dot.is_chosen else 0
    match dot.lane:
        case "said":
            drawn = format_html(
                '<circle class="around__said" cx="{}" cy="{}" r="{}">{}</circle>', x, y, 4 + big, title
            )
        case "bought":
            side = 5 + big
            drawn = format_html(
                '<path class="around__bought" d="M{} {}l{} {}l-{} {}l-{} -{}z">{}</path>',
                *(str(n) for n in (x, y - side, side, side, side, side, side, side)),
                title,
            )
        case _:
            drawn = format_html(
                '<rect class="around__{}" x="{}" y="{}" width="8" height="8" rx="{}">{}</rect>',
                "due" if dot.lane in ("due", "planned") else "did",
                str(x - 4),
                str(y - 4),
                "4" if dot.lane == "planned" else "2",
                title,
            )
    words = format_html(
        '<text class="{}" x="{}" y="{}">{}</text>',
        "around__due-text" if dot.lane == "due" else "around__tick",
        str(x + 9),
        str(y + 4),
        dot.text,
    )
    return SafeString(drawn + (words if dot.text else ""))
