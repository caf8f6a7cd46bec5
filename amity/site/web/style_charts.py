"""The charts of the style page: invented figures of Tamp & Co."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from amity.site.templatetags.drawing import Dot, Strip


def around() -> Strip:
    """Thirty days around the first post about shavings."""
    said = [
        Dot(2, "said", _("Said")),
        Dot(9, "said", _("Said")),
        Dot(15, "said", _("The first post"), is_chosen=True),
    ]
    said += [Dot(15.6, "said"), Dot(16.2, "said"), Dot(17, "said", is_chosen=True)]
    did = [Dot(day, "did", _("We did")) for day in (2, 9.6, 15.1, 15.8, 16.9)]
    rest = [Dot(2.3, "bought", _("Order 20418")), Dot(19, "planned", text=_("course on Sat 14"))]
    rest.append(Dot(18, "due", text=_("burrs leave, promised")))
    ticks = [(0.0, "23 Feb", False), (5.0, "28", False), (10.0, "5 Mar", False), (15.0, "10 Mar", True)]
    ticks += [(20.0, "15", False), (25.0, "20", False), (30.0, "25 Mar", False)]
    lanes = (("said", _("Said")), ("bought", _("Bought")), ("did", _("We did")))
    return Strip(days=30, now=17.2, dots=(*said, *did, *rest), ticks=ticks, lanes=lanes)


def volume(now: datetime) -> dict[str, Any]:
    """Forty days of posts with an expected band that the last four leave, as a chart and as its table."""
    seen = [
        2,
        3,
        2,
        3,
        3,
        3,
        4,
        1,
        2,
        1,
        1,
        2,
        2,
        2,
        3,
        5,
        3,
        0,
        2,
        1,
        1,
        4,
        2,
        0,
        3,
        2,
        1,
        2,
        2,
        3,
        2,
        4,
        3,
        3,
        5,
        4,
    ]
    seen += [14, 19, 26, 31]
    start = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=len(seen) - 1)
    days = [start + timedelta(days=index) for index in range(len(seen))]
    high = [round(5.5 + 1.2 * math.sin(index / 3), 2) for index in range(len(seen))]
    spec = {
        "x": [int(day.timestamp()) for day in days],
        "series": [{"label": _("Posts"), "kind": "bar", "tone": "ink", "values": seen}],
        "expected": [[0] * len(seen), high],
        "alarms": [{"at": int(days[36].timestamp()), "label": _("Alarm")}],
    }
    rows = [
        [day.strftime("%Y-%m-%d"), count, f"0 – {limit:.0f}"]
        for day, count, limit in zip(days, seen, high, strict=True)
    ]
    return {"spec": spec, "columns": [_("Day"), _("Posts"), _("Expected")], "rows": rows}


def sentiment_chart(now: datetime) -> dict[str, Any]:
    """Net sentiment of twelve weeks with its target, as lines."""
    values = [14, 18, 19, 22, 24, 21, 25, 19, 12, 8, -18, -38]
    weeks = [now - timedelta(weeks=len(values) - 1 - index) for index in range(len(values))]
    series = [
        {"label": _("Net sentiment"), "tone": "ink", "values": values},
        {"label": _("Target"), "tone": "second", "isTarget": True, "values": [20] * len(values)},
    ]
    rows = [[week.strftime("%Y-%m-%d"), value, 20] for week, value in zip(weeks, values, strict=True)]
    spec = {"x": [int(week.timestamp()) for week in weeks], "series": series}
    return {"spec": spec, "columns": [_("Week"), _("Net sentiment"), _("Target")], "rows": rows}
