"""The tags and filters of every template (loaded as built-ins): marks, figures, time, fields.

How screens use them stands in docs/reference/components.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms, template
from django.template import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from amity.kernel.money import Money
from amity.site.templatetags import drawing, marks, wording

register = template.Library()

SPRITE = "vendor/lucide/sprite.svg"
CLOSE, VERY_CLOSE = timedelta(hours=1), timedelta(minutes=15)


def _now(context: Context) -> datetime:
    """The one reading of the clock of this request, in the reader's zone."""
    request = context.get("request")
    return timezone.localtime(context.get("now") or getattr(request, "now", None) or timezone.now())


def _local(instant: datetime) -> datetime:
    return timezone.localtime(instant) if timezone.is_aware(instant) else instant


# ------------------------------------------------------------------------------------------------------------- marks


@register.simple_tag
def icon(name: str, size: int = 16, label: str = "") -> SafeString:
    """An icon of the sprite. With `label` it is read aloud; without, words stand beside it."""
    if name not in marks.icon_names():
        raise ValueError(
            f"no icon {name!r}: add it to static/vendor/icons.txt and run tools/vendor_assets.py"
        )
    role = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon" width="{0}" height="{0}" {1}><use href="{2}#{3}"/></svg>',
        size,
        role,
        static(SPRITE),
        name,
    )


@register.simple_tag
def channel_icon(kind: str, size: int = 16, label: bool = True) -> SafeString:
    """The icon of a channel or kind of record, named for readers of the screen unless `label` is false."""
    mark = marks.channel(kind)
    return icon(mark.icon, size, str(mark.word) if label else "")


@register.filter
def channel_word(kind: str) -> str:
    """What a channel is called: "E-mail", "Public post"."""
    return str(marks.channel(kind).word)


@register.simple_tag
def avatar(
    name: str,
    identifier: object = "",
    size: int = 24,
    kind: str = "customer",
    picture: str = "",
    label: bool = False,
) -> SafeString:
    """Initials on a quiet tint that stays with the id. Customers are round, `kind="colleague"` is square.

    The name stands beside an avatar as a rule; where it does not, `label=True` has it read aloud and shown as a tip.
    """
    square = " avatar--square" if kind == "colleague" else ""
    inside = format_html('<img src="{}" alt="" loading="lazy">', picture) if picture else marks.initials(name)
    role = (
        format_html('role="img" aria-label="{0}" data-tip="{0}"', name)
        if label
        else SafeString('aria-hidden="true"')
    )
    return format_html(
        '<span class="avatar avatar--{} avatar--tint-{}{}" {}>{}</span>',
        size,
        marks.tint(identifier or name),
        square,
        role,
        inside,
    )


@register.simple_tag
def sentiment(value: str | None, size: int = 14) -> SafeString:
    """Icon and word of a sentiment: angry, unhappy, neutral, pleased, delighted, unsure. Nothing for no value."""
    mark = marks.SENTIMENTS.get(value or "")
    if mark is None:
        return SafeString("")
    return said_so(mark.icon, str(mark.word), f"{mark.tone} said-so--plain", size)


@register.simple_tag
def said_so(icon_name: str, words: object, tone: str = "", size: int = 14) -> SafeString:
    """A word with its icon in one tone: good, caution, bad, info, quiet. Colour never stands alone."""
    drawn = icon(icon_name, size) if icon_name else ""
    return format_html(
        '<span class="said-so said-so--{}">{}<span>{}</span></span>', tone or "plain", drawn, words
    )


@register.simple_tag
def shape(lane: str, label: bool = False) -> SafeString:
    """The shape of a lane: said (disc), bought (diamond), did (open square), due (dashed), planned (open ring)."""
    if not label:
        return format_html('<span class="shape shape--{}" aria-hidden="true"></span>', lane)
    word = marks.LANES.get(lane, lane)
    return format_html('<span class="shape shape--{}" role="img" aria-label="{}"></span>', lane, word)


@register.simple_tag
def key(cap: str) -> SafeString:
    """A key cap. Hidden from readers: the shortcut is announced by `aria-keyshortcuts` on its button."""
    return format_html('<kbd class="key" aria-hidden="true">{}</kbd>', cap)


@register.simple_tag
def confidence(value: float) -> SafeString:
    """Four bars for a confidence of 0 to 1; any confidence above zero shows at least one."""
    filled = max(1 if value > 0 else 0, min(4, round(value * 4)))
    words = _("Confidence %(filled)s of 4") % {"filled": filled}
    bars = format_html_join(
        "", "<i{}></i>", ((SafeString(' class="is-on"') if n < filled else "",) for n in range(4))
    )
    return format_html('<span class="bars" role="img" aria-label="{}">{}</span>', words, bars)


@register.simple_tag
def sparkline(
    values: Sequence[float | None],
    width: int = 64,
    height: int = 20,
    *,
    target: float | None = None,
    low: float | None = None,
    high: float | None = None,
    label: str = "",
) -> SafeString:
    """A line the size of a word; see `drawing.sparkline`. Give `label` unless the words beside it say the same."""
    return drawing.sparkline(
        values, width=width, height=height, target=target, low=low, high=high, label=label
    )


@register.simple_tag
def parts(
    shares: Iterable[tuple[float, str]], label: str = "", gap: float = 0.0, height: int = 6
) -> SafeString:
    """A bar of parts of a whole: pairs of share (0 to 1) and tone; see `drawing.parts`."""
    return drawing.parts(list(shares), label=label, gap=gap, height=height)


@register.simple_tag
def effect(middle: float, low: float, high: float, reach: float, label: str = "") -> SafeString:
    """Dot and interval against zero; see `drawing.effect`."""
    return drawing.effect(middle, low, high, reach=reach, label=label)


@register.simple_tag
def around(strip: drawing.Strip, label: str = "") -> SafeString:
    """Thirty days around an entry; see `drawing.Strip`."""
    return drawing.strip(strip, _("now"), label)


# -------------------------------------------------------------------------------------------------------------- time


@register.simple_tag(takes_context=True)
def when(context: Context, instant: datetime | None) -> SafeString:
    """An instant in a list: the time if it is today, else the date; in full as a tip. A dash for none."""
    if instant is None:
        return SafeString("–")
    local = _local(instant)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        instant.isoformat(),
        wording.full(local),
        wording.moment(local, _now(context)),
    )


@register.simple_tag
def clock(instant: datetime) -> SafeString:
    """The time of day of an instant: 14:38, in full as a tip."""
    local = _local(instant)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        instant.isoformat(),
        wording.full(local),
        wording.clock(local),
    )


@register.simple_tag(takes_context=True)
def waiting(context: Context, since: datetime | None, now: datetime | None = None) -> SafeString:
    """How long something waits: 14 min, 1 h 52, Yesterday. The page keeps it true while it is open."""
    if since is None:
        return SafeString("")
    at = timezone.localtime(now) if now else _now(context)
    local = _local(since)
    return format_html(
        '<time datetime="{0}" data-since="{0}" title="{1}">{2}</time>',
        since.isoformat(),
        wording.full(local),
        wording.waited(local, at),
    )


@register.simple_tag(takes_context=True)
def deadline(context: Context, due: datetime | None, now: datetime | None = None) -> SafeString:
    """What the clock says about a deadline, with a clock only when it is close or past; nothing for none."""
    if due is None:
        return SafeString("")
    at = timezone.localtime(now) if now else _now(context)
    left = due - at
    if left < timedelta(0) or left <= VERY_CLOSE:
        name, tone = "clock-alert", "bad"
    elif left <= CLOSE:
        name, tone = "clock", "caution"
    else:
        name, tone = "", "quiet said-so--plain"
    return said_so(name, wording.until(_local(due), at), tone)


@register.simple_tag(takes_context=True)
def day_label(context: Context, day: date | datetime) -> str:
    """The heading of a day: Today, Thu 12 Mar."""
    local = _local(day).date() if isinstance(day, datetime) else day
    return wording.day_label(local, _now(context).date())


@register.filter
def duration(span: timedelta | None) -> str:
    """A length of time: 14 min, 1 h 52, 1 d 3 h; a dash for none."""
    return "–" if span is None else wording.duration(span)


# ------------------------------------------------------------------------------------------------- numbers and words


@register.simple_tag
def money(amount: Decimal | Money | None, currency: str = "") -> str:
    """An amount in the reader's writing, from `Money` or from an amount and its currency; a dash for none."""
    if amount is None:
        return "–"
    if isinstance(amount, Money):
        return wording.money(amount.amount, amount.currency)
    return wording.money(amount, currency)


@register.simple_tag
def number(value: float | Decimal | None, digits: int | None = None) -> str:
    """A number with the reader's separators; a dash for none."""
    return "–" if value is None else wording.number(value, digits)


@register.filter
def share(value: float | None, digits: int = 0) -> str:
    """A share of 0 to 1 as per cent: 88 %; a dash for none."""
    return "–" if value is None else wording.share(value, digits)


@register.filter
def short_number(value: float | None) -> str:
    """A large number for a narrow place: 2.1 k; a dash for none."""
    return "–" if value is None else wording.short_number(value)


@register.filter
def capped(count: int | None, most: int = wording.MOST_COUNTED) -> str:
    """A count that stops counting: 38, 10,000+; nothing for none."""
    return "" if count is None else wording.capped(count, most)


@register.filter
def isolate(words: object) -> SafeString:
    """Words of unknown direction, kept from turning the words around them: names, subjects, addresses."""
    return format_html("<bdi>{}</bdi>", "" if words is None else words)


@register.simple_tag
def few(items: Sequence[Any], most: int = 3) -> dict[str, Any]:
    """The first `most` of a list and how many are left, for "+4": `{% few tags as shown %}`, `.items`, `.more`."""
    return {"items": list(items[:most]), "more": max(0, len(items) - most)}


# ----------------------------------------------------------------------------------------------------- forms, scripts


@register.inclusion_tag("components/field.html")
def field(bound: forms.BoundField, hint: str = "") -> dict[str, Any]:
    """A form field with its label above and its errors below; ticks and radios have their label beside them."""
    widget = bound.field.widget
    is_tick = isinstance(widget, forms.CheckboxInput)
    is_choices = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    shown_hint = hint or bound.help_text
    attrs: dict[str, str | bool] = {"class": "tick" if is_tick else "input"}
    described = [(shown_hint, "hint"), (bound.errors, "error")]
    names = " ".join(f"{bound.id_for_label}_{part}" for shown, part in described if shown)
    if names:
        attrs["aria-describedby"] = names
    if bound.errors:
        attrs["aria-invalid"] = "true"
    return {
        "field": bound,
        "control": "" if is_choices else bound.as_widget(attrs=attrs),
        "hint": shown_hint,
        "is_tick": is_tick,
        "is_choices": is_choices,
        # Django makes the one a kind of the other
        "choice_class": "tick" if isinstance(widget, forms.CheckboxSelectMultiple) else "radio",
    }


@register.filter
def coded(text: str) -> SafeString:
    """Words of the OpenAPI document, with what stands between backticks as code."""
    parts = enumerate(str(text).split("`"))
    shown = (format_html("<code>{}</code>", part) if number % 2 else part for number, part in parts)
    return format_html_join("", "{}", ((part,) for part in shown))


@register.simple_tag
def page_words() -> SafeString:
    """The words that scripts need, as a block of data in the reader's language."""
    words = {
        "minutes": _("%(minutes)s min"),
        "hours": _("%(hours)s h"),
        "hours_minutes": _("%(hours)s h %(minutes)s"),
        "new": _("%(count)s new"),
        "undo": _("Undo"),
        "close": _("Close this message"),
        "draft_saved": _("Draft saved %(time)s"),
        "file_too_large": _("“%(name)s” is larger than %(most)s MB."),
        "file_empty": _("“%(name)s” is empty."),
        "file_failed": _("“%(name)s” did not arrive. Your text is safe; attach it again."),
        "file_stop": _("Stop %(name)s"),
        "file_attached": _("Attached: %(name)s"),
        "files_wait": _("It is sent as soon as the files are here."),
        "failed": _("This did not work. Nothing was changed; try again."),
        "offline": _("No connection. What you wrote is kept on this device."),
        "chart": _("Chart. The numbers are in the table beside it."),
    }
    escaped = json.dumps(words, ensure_ascii=False).translate(
        {0x3C: "\\u003C", 0x3E: "\\u003E", 0x26: "\\u0026"}
    )
    return SafeString(f'<script type="application/json" id="page-words">{escaped}</script>')
