"""How much a customer has bought, as one word."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum


class Tier(StrEnum):
    GOLD = "gold"
    SILVER = "silver"
    NONE = ""


def tier(bought: Decimal, silver_from: int, gold_from: int) -> Tier:
    """The tier of somebody who bought for `bought` in all; the thresholds are settings of the workspace."""
    if bought >= gold_from:
        return Tier.GOLD
    return Tier.SILVER if bought >= silver_from else Tier.NONE
