"""The living style page: every component in every state, in both themes, with plain and with ugly data."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amity.site.templatetags import colour, marks
from amity.site.web import style_charts as charts
from amity.site.web import style_samples as samples

_SIDES = ((0, "light"), (1, "dark"))
SHOWN_CHANNELS = (
    "email", "post", "direct", "chat", "review", "call", "community", "sms", "order", "note", "promise",
)  # fmt: skip
_GROUNDS = ("surface", "canvas", "sunken", "select")
_TYPE = (
    ("28 / 34", "28", "Hannah Vogel"),
    ("20 / 28", "20", _("Waiting on us")),
    ("16 / 24", "16", _("What really happens")),
    ("14 / 20", "14", _("The text people read and write, at most 72 letters")),
    ("13 / 18", "13", _("Lists, tables, panels, buttons")),
    ("12 / 16", "12", _("Labels, times, evidence, 0123456789")),
)


class SampleForm(forms.Form):
    """Every kind of field, for the style page only."""

    promise = forms.CharField(initial=_("Burrs leave by Friday"))
    reply_to = forms.EmailField(label=_("Reply-to address"), initial="service@tamp")
    owner = forms.ChoiceField(choices=[("s1", "Ines Okafor"), ("s2", "Jonas Brandt")], required=False)
    words = forms.CharField(
        label=_("What happened"), widget=forms.Textarea(attrs={"rows": 2}), required=False
    )
    tell = forms.BooleanField(label=_("Tell the customer"), initial=True, required=False)
    by = forms.ChoiceField(
        label=_("Send it by"),
        choices=[("email", _("E-mail")), ("post", _("Letter"))],
        widget=forms.RadioSelect,
        initial="email",
    )


@cache
def swatches() -> list[dict[str, Any]]:
    """Every colour token with its values in both themes and the contrast that matters for it."""
    values = colour.tokens()
    return [
        {
            "name": name,
            "sides": [
                (theme, pair[side], colour.hex_of(pair[side]), _ratio(name, side)) for side, theme in _SIDES
            ],
        }
        for name, pair in values.items()
        if name != "shadow-ink"
    ]


def _ratio(name: str, side: int) -> float:
    """Text and lines against surface, grounds and washes against text, on-accent against accent."""
    values = colour.tokens()
    is_ground = name in _GROUNDS or name.endswith("-wash") or name.startswith("tint")
    other = "accent" if name == "on-accent" else "text" if is_ground else "surface"
    return round(colour.contrast(values[name][side], values[other][side]), 1)


def _lists(now: datetime) -> dict[str, Any]:
    return {
        "queue": samples.queue(now),
        "thread": samples.messages(now),
        "moments": samples.moments(now),
        "strip": charts.around(),
        "people": samples.people(now),
        "identities": samples.identities(),
        "volume": charts.volume(now),
        "net_sentiment": charts.sentiment_chart(now),
        "today": [
            {"rank": 1, "title": _("Answer Tomás Arrieta in public"), "icon": "flame", "minutes": timedelta(minutes=10),
             "reason": _("Late by 22 min, gold tier, his second fault. 41 people already read it"), "url": "#today",
             "action": _("Answer"), "is_open": True},
            {"rank": 2, "title": _("Call Café Lindero back"), "icon": "phone", "minutes": timedelta(minutes=15),
             "reason": _("Two grinders down at peak hour, answer due in 7 min"), "url": "#today", "action": _("Call")},
        ],
    }  # fmt: skip


def _bits() -> dict[str, Any]:
    return {
        "type_sizes": _TYPE,
        "spaces": (2, 4, 8, 12, 16, 20, 24, 32, 40),
        "sentiments": list(marks.SENTIMENTS),
        "channels": list(SHOWN_CHANNELS),
        "chart_keys": [{"tone": "expected", "word": _("expected")}, {"tone": "ink", "word": _("seen")},
                       {"tone": "above", "word": _("above it")}],
        "icons": sorted(marks.icon_names()),
        "trend": [4, 5, 6, 8, 9, 11, 12, 13, 13, 11],
        "parts": [(0.58, "accent"), (0.06, "ink"), (0.012, "bad")],
        "budget": [(0.06, "accent"), (0.09, "ink"), (0.03, "ink"), (0.12, "ink"), (0.09, "ink")],
        "work_figures": [("12,480", _("read of 19,140")), ("11,102", _("new")), ("1,149", _("same as before")),
                         ("229", _("not taken")), (_("4 min"), _("left"))],
        "figures": [{"label": _("Trust"), "value": "82", "url": "#figures"},
                    {"label": _("Promises kept"), "value": _("7 of 8"), "url": "#figures"},
                    {"label": _("Bought"), "value": "1,213 €", "url": "#figures"},
                    {"label": _("Waiting for us"), "value": _("14 min"), "tone": "caution"}],
        "facts": [{"label": _("Place"), "value": "Leipzig, Germany", "source": _("order, Dec 2025")},
                  {"label": _("Works at"), "value": "Vogel Röstkurse", "source": _("e-mail footer, 12 Mar")},
                  {"label": _("Known as"), "value": samples.LONG_NAME}],
        "tabs": [{"label": _("Waiting on us"), "url": "#tabs", "count": 38, "is_current": True},
                 {"label": _("Mine"), "url": "#tabs", "count": 6},
                 {"label": _("Unassigned"), "url": "#tabs", "count": 12_400},
                 {"label": samples.LONG_NAME, "url": "#tabs", "count": None}],
        "filters": [{"field": _("Channel"), "operator": _("is"), "value": _("E-mail"), "drop_url": "#filters"},
                    {"field": _("Waiting"), "operator": _("longer than"), "value": _("2 h"), "drop_url": "#filters"},
                    {"field": _("Name"), "operator": _("has"), "value": samples.LONG_NAME, "drop_url": "#filters"}],
    }  # fmt: skip


def style_context(now: datetime) -> dict[str, Any]:
    """What the page shows, for an instant."""
    bad = SampleForm(
        data={"promise": _("Burrs leave by Friday"), "reply_to": "service@tamp", "by": "email", "tell": "on"}
    )
    bad.fields["reply_to"].error_messages["invalid"] = samples.forms_error()
    bad.is_valid()
    return {
        "form": bad,
        "swatches": swatches(),
        "now": now,
        "long_name": samples.LONG_NAME,
        **_bits(),
        **_lists(now),
    }


@require_safe
def style_page(request: HttpRequest) -> HttpResponse:
    """Everything that screens are made of, on one page."""
    now = getattr(request, "now", None) or timezone.now()
    return render(request, "site/style.html", style_context(now))
