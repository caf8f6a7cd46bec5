"""Random rules, of few values, so that conditions hold of some and not of others."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from amity.site.bench.segmenting import consent, own

CHANNELS, VERBS = ("email", "chat", "post"), ("create", "like")
CURRENCIES, WINDOWS = ("EUR", "GBP"), (1, 7, 30, 90)


class Rules:
    """Draws rules. `sources` and `products` are what conditions may be narrowed to."""

    def __init__(
        self,
        draw: random.Random,
        *,
        today: date,
        sources: Sequence[UUID] = (),
        products: Sequence[UUID] = (),
        has_own: bool = False,
    ) -> None:
        self.draw, self.today, self.has_own = draw, today, has_own
        self.sources, self.products = [str(one) for one in sources], [str(one) for one in products]

    def tree(self, segments: Sequence[UUID] = (), depth: int = 3) -> dict[str, Any]:
        """A nested rule, which may ask for members of `segments`."""
        kind = self.draw.choice(("all", "any"))
        parts = [
            self.tree(segments, depth - 1) if depth > 1 and self.draw.random() < 0.35 else self.leaf(segments)
            for _ in range(self.draw.randint(1, 3))
        ]
        group: dict[str, Any] = {kind: parts}
        return {"not": group} if self.draw.random() < 0.2 else group

    def leaf(self, segments: Sequence[UUID] = ()) -> dict[str, Any]:
        """One condition of any field."""
        kinds = [self._text, self._several, self._when, self._count, self._count, self._spent, self._mood]
        kinds += [self._waiting, self._small]
        if self.has_own:
            kinds += [lambda: own.leaf(self.draw, self.today)] * 3
            kinds += [lambda: consent.leaf(self.draw)] * 3
        if segments and self.draw.random() < 0.25:
            kinds = [lambda: self._segment(segments)]
        leaf: dict[str, Any] = self.draw.choice(kinds)()
        return {"not": leaf} if self.draw.random() < 0.15 else leaf

    def _segment(self, segments: Sequence[UUID]) -> dict[str, Any]:
        return {
            "field": "segment",
            "op": self.draw.choice(("in", "not_in")),
            "value": str(self.draw.choice(segments)),
        }

    def _text(self) -> dict[str, Any]:
        field, values = self.draw.choice((
            ("city", ("Leipzig", "halle", "Bilbao")), ("job_title", ("Barista", "owner", "Buyer")),
            ("name", ("roth", "Bo Lind", "Cleo")), ("country", ("DE",)), ("organisation", ("Roast & Co",)),
        ))  # fmt: skip
        op = self.draw.choice(("is", "is_not", "contains", "known", "unknown"))
        if op in ("known", "unknown"):
            return {"field": field, "op": op}
        some = self.draw.sample(values, self.draw.randint(1, min(2, len(values))))
        return {"field": field, "op": op, "value": some if len(some) > 1 else some[0]}

    def _several(self) -> dict[str, Any]:
        field, values = self.draw.choice((
            ("email_domain", ("roast.example", "other.example")), ("network", ("email", "mastodon", "customer:shop")),
        ))  # fmt: skip
        op = self.draw.choice(("has", "has_not", "known", "unknown"))
        leaf = {"field": field, "op": op}
        return leaf if op.endswith("known") else leaf | {"value": self.draw.choice(values)}

    def _when(self) -> dict[str, Any]:
        field = self.draw.choice(
            ("first_seen", "last_wrote", "first_wrote", "last_sent", "last_order", "first_order")
        )
        op = self.draw.choice(("in_last", "longer_ago", "since", "before", "never", "ever"))
        leaf: dict[str, Any] = {"field": field, "op": op}
        if op in ("in_last", "longer_ago"):
            leaf["value"] = self.draw.choice(WINDOWS)
        elif op in ("since", "before"):
            leaf["value"] = (self.today + timedelta(days=self.draw.randint(-10, 10))).isoformat()
        return leaf

    def _count(self) -> dict[str, Any]:
        choices: list[tuple[str, Sequence[str]]] = [
            ("wrote", ()), ("wrote", CHANNELS), ("did", VERBS), ("active_days", ()), ("replied", ()), ("unhappy", ()),
            ("orders", ()), ("sent", ()), ("sent", CHANNELS), ("broken_promises", ()),
        ]  # fmt: skip
        choices += [("heard", self.sources)] if self.sources else []
        choices += [("bought", self.products)] if self.products else []
        field, of = self.draw.choice(choices)
        leaf: dict[str, Any] = {
            "field": field, "op": self.draw.choice(("at_least", "at_most")), "value": self.draw.randint(0, 3),
        }  # fmt: skip
        if of:
            leaf["of"] = self.draw.choice(of)
        return self._windowed(leaf)

    def _windowed(self, leaf: dict[str, Any]) -> dict[str, Any]:
        return leaf | {"within_days": self.draw.choice(WINDOWS)} if self.draw.random() < 0.6 else leaf

    def _spent(self) -> dict[str, Any]:
        return self._windowed({
            "field": "spent", "op": self.draw.choice(("at_least", "at_most")),
            "value": self.draw.choice((0, 50, 199.5, 600)), "of": self.draw.choice(CURRENCIES),
        })  # fmt: skip

    def _mood(self) -> dict[str, Any]:
        return self._windowed({
            "field": "mood", "op": self.draw.choice(("at_least", "at_most")), "value": self.draw.choice((-0.5, 0, 0.2)),
        })  # fmt: skip

    def _waiting(self) -> dict[str, Any]:
        op = self.draw.choice(("longer_than", "yes", "no"))
        leaf: dict[str, Any] = {"field": "waiting", "op": op}
        return leaf | {"value": self.draw.choice((1, 24, 100))} if op == "longer_than" else leaf

    def _small(self) -> dict[str, Any]:
        return {
            "field": "open_conversations",
            "op": self.draw.choice(("at_least", "at_most")),
            "value": self.draw.randint(0, 2),
        }
