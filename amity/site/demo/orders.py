"""Two years of the shop's orders: seasons, weekdays, evenings, a few who buy all the time, refunds."""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, pairwise
from random import Random

from amity.site.demo.clock import DAY, HOUR, MINUTE, Office
from amity.site.demo.company import BY_SKU, PRODUCTS
from amity.site.demo.dice import dice
from amity.site.demo.people import Person, Population

ORDERS = 12_000
SPAN_DAYS = 730
# Shop numbers at a day before now; between them the shop's own numbers run on. From the pictures.
_NUMBER_ANCHORS = ((730, 14_600), (180, 17_730), (88, 19_877), (15, 20_418), (0, 20_530))
_MONTH = (0.95, 0.9, 0.95, 0.9, 0.9, 0.8, 0.7, 0.75, 1.0, 1.1, 1.5, 1.75)
_WEEKDAY = (1.05, 0.95, 0.9, 0.95, 0.85, 1.0, 1.35)
_NIGHT_AND_MORNING = (0.3, 0.1, 0.1, 0.05, 0.05, 0.2, 0.7, 1.2, 1.6, 1.8, 1.9, 1.8)
_HOURLY = (*_NIGHT_AND_MORNING, 2.1, 1.8, 1.5, 1.5, 1.7, 2.0, 2.6, 3.4, 4.2, 4.0, 2.6, 1.0)
_CAFE_HOURLY = (0, 0, 0, 0, 0, 0.1, 0.6, 2, 3, 4, 4, 3, 2, 2, 3, 4, 3, 2, 1, 0.4, 0.2, 0.1, 0, 0)
_GRINDERS = tuple(one.sku for one in PRODUCTS if one.kind == "grinder")
_GRINDER_WEIGHTS = (30, 18, 30, 22)
_EXTRAS = tuple(one.sku for one in PRODUCTS if one.kind != "grinder")
_EXTRA_WEIGHTS = (6, 4, 4, 3, 5, 5, 34, 1, 9, 6, 8, 6, 4)
_CAFE_WEIGHTS = (22, 3, 3, 9, 3, 4, 12, 34, 6, 1, 6, 2, 3)


@dataclass(slots=True)
class Order:
    at: int
    buyer: Person
    lines: list[tuple[str, int]]  # sku, quantity
    status: str
    series: str  # shop, market, trade
    number: str = ""
    code: str = ""  # the record's id, given once everything is in order

    @property
    def amount(self) -> Decimal:
        return sum((BY_SKU[sku].price * quantity for sku, quantity in self.lines), Decimal(0))

    @property
    def has_kestrel(self) -> bool:
        return any(sku.startswith("KES") for sku, _ in self.lines)


class Calendar:
    """Draws a day and a time as customers choose them."""

    def __init__(self, office: Office) -> None:
        self.office = office
        weights = []
        for days_ago in range(SPAN_DAYS, -1, -1):
            day = office.date(days_ago)
            growth = 0.8 + 0.5 * (SPAN_DAYS - days_ago) / SPAN_DAYS
            sale = 2.6 if day.month == 11 and 22 <= day.day <= 30 else 1.0
            rest = 0.5 if day.month == 12 and day.day >= 24 else 1.0
            weights.append(_MONTH[day.month - 1] * _WEEKDAY[day.weekday()] * growth * sale * rest)
        self._days = list(accumulate(weights))
        self._hours = list(accumulate(_HOURLY))
        self._cafe_hours = list(accumulate(_CAFE_HOURLY))

    def moment(self, rng: Random, *, cafe: bool, newest: int = 0, oldest: int = SPAN_DAYS) -> int:
        """An instant between `oldest` and `newest` days before today, never after now."""
        low = self._days[SPAN_DAYS - oldest - 1] if oldest < SPAN_DAYS else 0.0
        high = self._days[SPAN_DAYS - newest]
        while True:
            days_ago = SPAN_DAYS - min(SPAN_DAYS, bisect(self._days, low + rng.random() * (high - low)))
            hours = self._cafe_hours if cafe else self._hours
            hour = bisect(hours, rng.random() * hours[-1])
            at = self.office.at(days_ago, hour * HOUR + rng.randrange(HOUR))
            if self.office.now - SPAN_DAYS * DAY <= at <= self.office.now - 20 * MINUTE:
                return at


def _shares(rng: Random, buyers: list[Person], total: int) -> list[int]:
    """How many orders each buyer has: half buy once, the rest follow a power law, cafés lead."""
    appetite = []
    for one in buyers:
        if one.is_cafe:
            appetite.append(min(90.0, 10 * rng.paretovariate(1.3)))
        else:
            appetite.append(0.0 if rng.random() < 0.5 else min(14.0, rng.paretovariate(0.95)))
    spare = total - len(buyers)
    counts = [1 + int(spare * one / sum(appetite)) for one in appetite]
    hungry = [place for place, one in enumerate(appetite) if one > 0]
    for _ in range(total - sum(counts)):
        counts[rng.choice(hungry)] += 1
    return counts


def order_lines(rng: Random, buyer: Person, *, is_first: bool) -> list[tuple[str, int]]:
    """What somebody puts into the basket: stock keeping units with quantities."""
    if buyer.is_cafe:
        if is_first or rng.random() < 0.03:
            return [(rng.choices(_GRINDERS, (46, 34, 10, 10))[0], rng.choice((1, 1, 2, 2, 3)))]
        skus, weights = _EXTRAS, _CAFE_WEIGHTS
    else:
        if rng.random() < (0.72 if is_first else 0.03):
            lines = [(rng.choices(_GRINDERS, _GRINDER_WEIGHTS)[0], 1)]
            if rng.random() < 0.4:
                lines.append((rng.choice(("TAB-12", "BRU-01", "CUP-58", "BEL-01")), 1))
            return lines
        skus, weights = _EXTRAS, _EXTRA_WEIGHTS
    picked: dict[str, int] = {}
    for _ in range(rng.choices((1, 2, 3), (70, 22, 8))[0]):
        sku = rng.choices(skus, weights)[0]
        picked.setdefault(sku, rng.choices((1, 2, 3, 4), (68, 22, 6, 4))[0])
    return list(picked.items())


def _status(rng: Random, age_days: float) -> str:
    if age_days < 0.6:
        return rng.choice(("placed", "paid", "paid"))
    if age_days < 2.5:
        return rng.choice(("paid", "shipped", "shipped"))
    return rng.choices(("shipped", "refunded", "cancelled", "paid"), (94, 3.2, 1.8, 1))[0]


def _moments(rng: Random, calendar: Calendar, buyer: Person, count: int) -> list[int]:
    """The times of one buyer's orders; every fourth frequent buyer has a monthly subscription."""
    if 8 <= count <= 24 and not buyer.is_cafe and rng.random() < 0.4:
        start = calendar.moment(rng, cafe=False, newest=min(SPAN_DAYS - 5, 30 * count + 2))
        times = [start + step * 30 * DAY + rng.randrange(2 * HOUR) for step in range(count)]
        return [at for at in times if at < calendar.office.now]
    return sorted(calendar.moment(rng, cafe=buyer.is_cafe) for _ in range(count))


def _scripted(office: Office, person: Person) -> list[Order]:
    found = []
    for days_ago, clock, number, lines, status in person.orders:
        pairs = [(line.split("*")[0], int(line.split("*")[1])) for line in lines]
        found.append(Order(office.clock(days_ago, clock), person, pairs, status, "shop", number))
    return found


def _ordinary(rng: Random, calendar: Calendar, buyer: Person, count: int) -> list[Order]:
    found = []
    for place, at in enumerate(_moments(rng, calendar, buyer, count)):
        series = "trade" if buyer.is_cafe else rng.choices(("shop", "market"), (42, 58))[0]
        status = _status(rng, (calendar.office.now - at) / DAY)
        found.append(Order(at, buyer, order_lines(rng, buyer, is_first=place == 0), status, series))
    return found


def _capacity(office: Office, orders: list[Order]) -> None:
    """Gives the shop's orders their numbers; where they would not fit between two known ones, the
    marketplace takes them."""
    known = {one.number: one.at for one in orders if one.number}
    anchors = [(known.get(str(number), office.now - days * DAY), number) for days, number in _NUMBER_ANCHORS]
    for (start, low), (end, high) in pairwise(anchors):
        window = [o for o in orders if o.series == "shop" and not o.number and start < o.at <= end]
        for late in window[high - low - 1 :]:
            late.series = "market"
        window = window[: high - low - 1]
        for place, one in enumerate(window, start=1):
            one.number = str(low + place * (high - low) // (len(window) + 1))


def order_book(office: Office, seed: int, population: Population) -> list[Order]:
    """All orders in time order, numbers given."""
    rng = dice(seed, "orders")
    calendar = Calendar(office)
    orders = [order for person in population.people for order in _scripted(office, person)]
    for person in population.people:
        if person.many_orders:
            orders.extend(_ordinary(rng, calendar, person, person.many_orders))
    buyers = [p for p in population.people if p.is_buyer and not p.orders and not p.many_orders]
    for buyer, count in zip(buyers, _shares(rng, buyers, ORDERS - len(orders)), strict=True):
        orders.extend(_ordinary(rng, calendar, buyer, count))
    orders = [one for one in orders if one.at <= office.now]
    orders.sort(key=lambda one: (one.at, one.buyer.key, one.series))
    _capacity(office, orders)
    counters = {"market": 400_000, "trade": 1_200, "shop": 90_000}
    for one in orders:
        if not one.number:
            counters[one.series] += 1
            one.number = f"{one.series[0].upper()}{counters[one.series]}"
    return orders
