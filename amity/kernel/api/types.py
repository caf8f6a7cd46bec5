"""Kinds of values that bodies and queries hold, bounded by what the database can keep."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from amity.kernel.storable import EARLIEST, LATEST


def _in_reach(value: datetime) -> datetime:
    if not EARLIEST <= value < LATEST:
        raise ValueError("between the years 1900 and 2200")
    if abs(value.utcoffset() or timedelta()) >= timedelta(hours=16):  # the database reads no others
        raise ValueError("with an offset of less than 16 hours")
    return value


Instant = Annotated[AwareDatetime, AfterValidator(_in_reach)]
"""An instant with its offset, RFC 3339."""

Amount = Annotated[Decimal, Field(max_digits=14, decimal_places=2, allow_inf_nan=False)]
"""Money in major units, best as text: "12.30"."""

Quantity = Annotated[Decimal, Field(gt=-(10**9), lt=10**9, decimal_places=3, allow_inf_nan=False)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
ExternalId = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Name = Annotated[str, StringConstraints(max_length=300)]
Text = Annotated[str, StringConstraints(max_length=50_000)]
