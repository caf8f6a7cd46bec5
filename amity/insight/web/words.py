"""A figure in words: its value, its window, its trend as a chart, its records as lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from babel.dates import format_date
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from amity.conversations.models import ConversationThread
from amity.conversations.queries.known import Known, known
from amity.insight.domain.windows import MICROSECOND, Window
from amity.insight.queries.figures import Bucket, Figure, Span, Unit
from amity.kernel.actor import Actor
from amity.kernel.written import reader


def plain(unit: Unit, value: float | None) -> str:
    """A value as text, for places where no markup goes; a dash for none."""
    if value is None:
        return "–"
    match unit:
        case Unit.SHARE:
            return _("%(number)s %%") % {"number": number_format(round(value * 100, 1), use_l10n=True)}
        case Unit.BALANCE:
            points = round(value * 100)
            sign = "+" if points > 0 else "\N{MINUS SIGN}" if points < 0 else ""
            return f"{sign}{abs(points)}"
        case Unit.MINUTES:
            return _length(timedelta(minutes=value))
    return number_format(int(value), use_l10n=True)


def _length(span: timedelta) -> str:
    hours, minutes = divmod(round(span.total_seconds() / 60), 60)
    if not hours:
        return _("%(minutes)s min") % {"minutes": minutes}
    return _("%(hours)s h %(minutes)s") % {"hours": hours, "minutes": f"{minutes:02d}"}


def shown(unit: Unit, value: float | None) -> dict[str, Any]:
    """What `insight/value.html` draws."""
    length = timedelta(minutes=value) if unit is Unit.MINUTES and value is not None else None
    return {"unit": unit.value, "value": value, "length": length, "plain": plain(unit, value)}


def window_words(figure: Figure, window: Window) -> str:
    """Over which time the value was computed."""
    if figure.span is Span.NOW:
        return _("As things stand now")
    first, last = timezone.localtime(window.start), timezone.localtime(window.end - MICROSECOND)
    if figure.span is Span.DAY:
        return _("Today, %(day)s") % {"day": _day(first)}
    if figure.span is Span.UTC_MONTH:
        first, last = window.start, window.end - MICROSECOND
    return _("%(first)s to %(last)s") % {
        "first": _day(first),
        "last": _day(last),
    }


def _day(instant: datetime) -> str:
    """A date in the reader's writing."""
    return format_date(instant, "medium", locale=reader())


_SCALE = {Unit.BALANCE: 100.0}


def chart(figure: Figure, trend: Sequence[Bucket]) -> dict[str, Any] | None:
    """What `components/chart.html` draws; None where there is no past."""
    if not trend:
        return None
    scale = _SCALE.get(figure.unit, 1.0)
    values = [None if bucket.value is None else round(bucket.value * scale, 4) for bucket in trend]
    ends = [timezone.localtime(bucket.window.end - MICROSECOND) for bucket in trend]
    return {
        "title": _title(figure),
        "spec": {
            "x": [int(end.timestamp()) for end in ends],
            "series": [{"label": str(figure.name), "kind": "line", "tone": "ink", "values": values}],
            "percent": figure.unit is Unit.SHARE,
        },
        "columns": [_("Until"), str(figure.name), _("Records")],
        "rows": [
            (_day(end), plain(figure.unit, bucket.value), number_format(bucket.count))
            for end, bucket in zip(ends, trend, strict=True)
        ],
    }


def _title(figure: Figure) -> str:
    unit = {
        Unit.MINUTES: _("minutes"),
        Unit.SHARE: _("per cent"),
        Unit.BALANCE: _("points from −100 to +100"),
        Unit.COUNT: _("how many"),
    }[figure.unit]
    step = _("a day each") if figure.span is Span.DAY else _("28 days each")
    return f"{figure.name}, {unit}, {step}"


# ------------------------------------------------------------------------------------------------------------- records


def lines(figure: Figure, records: Sequence[Any], actor: Actor) -> list[dict[str, Any]]:
    """The records as lines of a table: who, what, when, and what each counts for."""
    people = known((_identity(figure, one) for one in records), actor=actor)
    threads = {one.thread_id for one in records if figure.shows in ("activity", "promise")} - {None}
    talks = dict(
        ConversationThread.objects.filter(thread_id__in=threads).values_list("thread_id", "conversation_id")
        if threads
        else ()
    )
    return [_line(figure, one, people, talks) for one in records]


def _identity(figure: Figure, record: Any) -> UUID | None:
    field = {
        "conversation": "customer_id",
        "activity": "about_id",
        "promise": "about_id",
        "order": "buyer_id",
    }
    found: UUID | None = getattr(record, field[figure.shows])
    return found


def _line(
    figure: Figure, record: Any, people: Mapping[UUID, Known], talks: Mapping[UUID, UUID]
) -> dict[str, Any]:
    who = people.get(_identity(figure, record) or UUID(int=0))
    said, channel = _said(figure, record)
    return {
        "name": who.name if who else "",
        "person_id": who.person_id if who else None,
        "words": said,
        "channel": channel,
        "at": record.moment,
        "part": _part_words(figure, record.part),
        "conversation_id": record.id
        if figure.shows == "conversation"
        else talks.get(getattr(record, "thread_id", None) or UUID(int=0)),
    }


def _said(figure: Figure, record: Any) -> tuple[str, str]:
    """The words of a record and which channel it came by."""
    match figure.shows:
        case "activity":
            return record.text[:200] or record.subject, record.channel
        case "promise":
            return record.what, "promise"
        case "order":
            return record.number, "order"
    return record.subject or record.preview, record.channel


def _part_words(figure: Figure, part: Any) -> str:
    if figure.key == "promises_kept":
        return _("in time") if part else _("not in time")
    if figure.key == "buyers_come_back":
        return _("came back") if part else _("did not come back")
    if figure.key == "negative_share":
        return _("negative") if part else _("not negative")
    if figure.key == "net_sentiment":
        return {1.0: _("positive"), -1.0: _("negative")}.get(part, _("neutral"))
    return plain(figure.unit, part) if figure.unit is Unit.MINUTES else ""


def age_words(at: datetime) -> str:
    """When a value was computed."""
    return _("Computed from the records at %(time)s") % {"time": date_format(timezone.localtime(at), "H:i:s")}
