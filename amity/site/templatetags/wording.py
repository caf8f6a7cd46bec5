"""Time, numbers and money in the reader's words. Pure but for the language, which Django holds for each request."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from babel.dates import format_date, format_skeleton, format_time
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.kernel.written import EUROPEAN_ENGLISH, reader

MOST_COUNTED = 10_000
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def duration(span: timedelta) -> str:
    """A length of time as short as it can be read: "14 min", "1 h 52", "1 d 3 h", "12 d". The sign is lost."""
    seconds = int(abs(span.total_seconds()))
    if seconds < _HOUR:
        return _("%(minutes)s min") % {"minutes": max(1, seconds // _MINUTE) if seconds else 0}
    hours, minutes = divmod(seconds // _MINUTE, 60)
    if seconds < _DAY:
        words = _("%(hours)s h %(minutes)s") % {"hours": hours, "minutes": f"{minutes:02d}"}
        return words if minutes else _("%(hours)s h") % {"hours": hours}
    days, hours = divmod(hours, 24)
    if hours and days < 3:
        return _("%(days)s d %(hours)s h") % {"days": days, "hours": hours}
    return _("%(days)s d") % {"days": days}


def waited(since: datetime, now: datetime) -> str:
    """How long something waits, for a list: a duration up to half a day, then "Yesterday", days, or a date.

    Both instants are in the reader's zone, because "Yesterday" is theirs.
    """
    span = now - since
    days = (now.date() - since.date()).days
    if days <= 0 or span < timedelta(hours=12):
        return duration(max(span, timedelta(0)))
    if days == 1:
        return _("Yesterday")
    return (
        ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
        if days < 7
        else short_date(since, now)
    )


def until(due: datetime, now: datetime) -> str:
    """What the clock says about a deadline: "Reply in 46 min", "Reply tomorrow 09:20", "Late by 22 min"."""
    left = due - now
    if left < timedelta(0):
        return _("Late by %(time)s") % {"time": duration(left)}
    if left < timedelta(hours=12) or due.date() == now.date():
        return _("Reply in %(time)s") % {"time": duration(left)}
    if (due.date() - now.date()).days == 1:
        return _("Reply tomorrow %(time)s") % {"time": clock(due)}
    return _("Reply by %(date)s") % {"date": short_date(due, now)}


def clock(instant: datetime) -> str:
    """The time of day as the reader writes it: "14:38"."""
    return format_time(instant, "short", locale=reader())


def short_date(day: date, today: date) -> str:
    """ "12 Mar" in the year of `today`, else "12 Mar 2024"."""
    return format_skeleton("MMMd" if day.year == today.year else "yMMMd", day, locale=reader())


def moment(instant: datetime, now: datetime) -> str:
    """An instant in a list: the time if it is today, else the date."""
    return clock(instant) if instant.date() == now.date() else short_date(instant, now)


def full(instant: datetime) -> str:
    """An instant in full, for a tooltip: "Thursday, 12 March 2026, 14:38"."""
    return f"{format_date(instant, 'full', locale=reader())}, {clock(instant)}"


def day_label(day: date, today: date) -> str:
    """The heading of a day: "Today, Thu 12 Mar", "Yesterday, Wed 11 Mar", "Tue 10 Mar", "3 Dec 2025"."""
    if day.year != today.year:
        return short_date(day, today)
    words = format_skeleton("MMMEd", day, locale=reader()).replace(",", "")
    age = (today - day).days
    named = {0: _("Today"), 1: _("Yesterday"), -1: _("Tomorrow")}.get(age)
    return f"{named}, {words}" if named else words


def number(value: float | Decimal, digits: int | None = None) -> str:
    """A number with the reader's separators and a real minus; `digits` fixes the decimals."""
    pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return _true_minus(format_decimal(value, format=pattern, locale=reader()))


def short_number(value: float) -> str:
    """A large number for a narrow place: "2.1 k", "12 M"; below 1,000 as it is."""
    if abs(value) < 1_000:
        return number(value)
    words = format_compact_decimal(value, fraction_digits=1 if abs(value) < 100_000 else 0, locale=reader())
    return _true_minus(words)


def capped(count: int, most: int = MOST_COUNTED) -> str:
    """A count that stops counting: "38", "10,000+"."""
    return f"{number(most)}+" if count > most else number(count)


def share(value: float, digits: int = 0) -> str:
    """A share of 0 to 1 as per cent: "88 %"."""
    locale = reader()
    pattern = locale.percent_formats[None].pattern
    if str(locale) == EUROPEAN_ENGLISH:
        pattern = pattern.replace("%", "\N{NO-BREAK SPACE}%")
    if digits:
        pattern = pattern.replace("0", "0." + "0" * digits, 1) if "0" in pattern else pattern
    return _true_minus(format_percent(value, format=pattern, locale=locale))


def money(amount: Decimal | float, currency: str) -> str:
    """An amount as the reader writes it: "24.80 €"; whole amounts from 1,000 on lose their cents: "1,213 €"."""
    if not currency:
        return number(amount, 2)
    locale = reader()
    if abs(float(amount)) < 1_000 or amount != int(amount):
        return _true_minus(format_currency(amount, currency, locale=locale))
    pattern = locale.currency_formats["standard"].pattern.replace("0.00", "0")
    return _true_minus(
        format_currency(amount, currency, format=pattern, locale=locale, currency_digits=False)
    )


def _true_minus(words: str) -> str:
    return words.replace("-", "\N{MINUS SIGN}")
