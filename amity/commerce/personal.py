"""What is kept of purchases."""

from __future__ import annotations

from amity.kernel.register import Fate, Holds, table

table(
    "commerce_order", Fate.NAMELESS, "currency items run_id source_id status",
    id=Holds.LINK, external_id=Holds.PURCHASE, number=Holds.PURCHASE, ordered_at=Holds.TIME, amount=Holds.PURCHASE,
    buyer_id=Holds.LINK, extra=Holds.PROFILE,
)  # fmt: skip
table(
    "commerce_orderline", Fate.NAMELESS, "id quantity product_id run_id added",
    order_id=Holds.LINK, name=Holds.PURCHASE, amount=Holds.PURCHASE,
)  # fmt: skip
table(
    "commerce_firsttelling", Fate.NAMELESS, "status currency items",
    order_id=Holds.LINK, number=Holds.PURCHASE, amount=Holds.PURCHASE, lines=Holds.PURCHASE,
)  # fmt: skip
table(
    "commerce_buyertotal", Fate.NAMELESS, "currency",
    identity_id=Holds.LINK, orders=Holds.PURCHASE, amount=Holds.PURCHASE, first_at=Holds.TIME, last_at=Holds.TIME,
)  # fmt: skip
table(
    "commerce_tierchoice", Fate.REMOVED, "id tier until_on chosen_at revoked_at",
    identity_id=Holds.LINK, reason=Holds.WORDS, chosen_by_id=Holds.COLLEAGUE, revoked_by_id=Holds.COLLEAGUE,
)  # fmt: skip
table("commerce_product", Fate.KEPT, "id sku name created_run_id")
