"""Figures, each with the records that it was computed from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from amity.insight.queries.figures import Figure, part_of, read_many, records_page
from amity.insight.queries.registry import FIGURES, figure
from amity.kernel.api.operations import ApiRequest, Sparse, operation
from amity.kernel.api.paging import PageQuery, page_of, read_cursor
from amity.kernel.errors import NotFound
from amity.kernel.keyset import Cursor

router = Router(tags=["figures"])


class FigureOut(Schema):
    """A figure with its value now; `value` is null where there is nothing to compute it from."""

    key: str
    name: str
    formula: str = Field(description="How it is computed, in a sentence.")
    unit: str = Field(description="count, minutes, share (0 to 1) or balance (-1 to 1).")
    good_when: str = Field(description="higher or lower.")
    shows: str = Field(description="What its records are: conversation, activity, promise or order.")
    value: float | None = Field(description="What it is now; null where there is nothing to compute it from.")
    count: int = Field(description="How many records it is computed from.")
    computed_at: datetime = Field(description="When that was.")


class BucketOut(Schema):
    start: datetime = Field(description="From this instant on.")
    end: datetime = Field(description="Up to this instant.")
    value: float | None = Field(
        description="What it was then; null where there was nothing to compute it from."
    )
    count: int = Field(description="How many records that is computed from.")


class FigureWhole(FigureOut):
    """A figure with its trend, oldest first."""

    trend: list[BucketOut] = Field(description="What it was, oldest first.")


class FiguresOut(Schema):
    items: list[FigureOut]


class FigureRecord(Sparse):
    """A record that counts in a figure, and what it counts for."""

    id: UUID
    moment: datetime = Field(description="The instant by which it counts.")
    part: str = Field(description="What it counts for.")


class RecordsPage(Schema):
    items: list[FigureRecord]
    after: str | None = None


@operation(router, "GET", "/figures", of="figure", does="read", answer=FiguresOut)
def list_of_figures(request: ApiRequest) -> Mapping[str, Any]:
    """All figures with their values now."""
    readings = read_many(FIGURES, request.actor, request.now)
    return {"items": [_shown(one, readings[one.key]) for one in FIGURES]}


def _shown(one: Figure, reading: Any) -> dict[str, Any]:
    return {
        "key": one.key, "name": str(one.name), "formula": str(one.formula), "unit": one.unit.value,
        "good_when": one.good_when, "shows": one.shows, "value": reading.value, "count": reading.count,
        "computed_at": reading.computed_at,
    }  # fmt: skip


def _named(key: str) -> Figure:
    found = figure(key)
    if found is None:
        raise NotFound(_("There is no figure of this name."))
    return found


@operation(router, "GET", "/figures/{slug:key}", of="figure", does="read", answer=FigureWhole)
def get_figure(request: ApiRequest, key: str) -> Mapping[str, Any]:
    """A figure with its trend."""
    one = _named(key)
    trend = [
        {"start": bucket.window.start, "end": bucket.window.end, "value": bucket.value, "count": bucket.count}
        for bucket in one.series(request.actor, request.now)
    ]
    return _shown(one, one.compute(request.actor, request.now)) | {"trend": trend}


@operation(router, "GET", "/figures/{slug:key}/records", of="figure", does="read", answer=RecordsPage)
def records_of_figure(request: ApiRequest, key: str, wanted: Query[PageQuery]) -> Mapping[str, Any]:
    """The records that a figure is computed from, newest first."""
    of = f"records {request.staff.id} {key}"
    place = read_cursor(of, wanted.after)
    records, older = records_page(
        _named(key), request.actor, request.now, Cursor.read(place) if place else None, wanted.limit
    )
    items = [{"id": one.id, "moment": one.moment, "part": str(part_of(one))} for one in records]
    return page_of(items, wanted, list(FigureRecord.model_fields), of, older)
