"""Amity's own JSON Lines: one object a line, its `type` says whether message, order or person."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from amity.channels.adapters.file.cells import as_text, parse_object, refuse_broken
from amity.channels.adapters.file.shape import JSON_ITEM, RawItem
from amity.channels.adapters.file.values import normalise_address, parse_amount
from amity.channels.mime import html_to_text, sanitise_html, split_reply
from amity.channels.records import (
    OF_KNOWN,
    Direction,
    Handle,
    MessageRecord,
    OrderLineRecord,
    OrderRecord,
    PersonRecord,
    Record,
    Unreadable,
)

_MAY_QUOTE = re.compile(r"^(?:[ \t]*>|-- ?$|-{3,}|_{10,}|(?:From|Von|De):\s)", re.MULTILINE)
_STATUSES = frozenset({"placed", "paid", "shipped", "cancelled", "refunded"})


def native_reader() -> Callable[[RawItem], list[Record]]:
    """A function from an item to its record. It raises `Unreadable` with the name of the member at fault."""

    from amity.channels.own_fields import OwnFacts  # it reads mappings too

    own = OwnFacts()

    def read_item(item: RawItem) -> list[Record]:
        if item.content_type != JSON_ITEM:
            refuse_broken(item)
        found = parse_object(item.raw)
        kind = _text(found, "type")
        if (
            "facts" in found and "said" not in found
        ):  # what was said before may be no value any more, and stays
            found = {**found, "facts": own.checked(found["facts"])}
        if kind == "person":
            person = _person({**found, "extra": own.checked(found.get("extra"))})
            return [person, *_said(found, person)]
        read = _READERS.get(kind)
        if read is None:
            raise Unreadable("type", "“type” must be message, order or person.")
        return [read(found)]

    return read_item


def _message(found: dict[str, Any]) -> MessageRecord:
    author = found.get("from")
    if not author:
        raise Unreadable("author_missing", "“from” does not say who wrote this.")
    html = _text(found, "html")
    extra = dict(_object(found, "extra"))
    if staff := _text(found, "staff"):
        extra["staff"] = staff
    if facts := _facts(found):
        extra["facts"] = facts
    try:
        direction = Direction(found.get("direction", "in"))
    except ValueError as error:
        raise Unreadable("direction", "“direction” must be in, out or internal.") from error
    channel = _text(found, "channel") or "message"
    whole = _text(found, "text") or (html_to_text(html) if html else "")
    text = fold_quotes(whole) if channel == "email" else whole
    return MessageRecord(
        external_id=_id(found),
        occurred_at=_instant(found),
        author=_handle(author, "from"),
        direction=direction,
        channel=channel,
        text=text,
        full_text=whole if text != whole else "",
        html=sanitise_html(html) if html else "",
        subject=_text(found, "subject"),
        in_reply_to=tuple(map(as_text, _list(found, "in_reply_to"))),
        recipients=_handles(found, "to"),
        language=_text(found, "language"),
        is_public=found.get("public") is True,
        extra=extra,
    )


def fold_quotes(text: str) -> str:
    """What a mail says without the mail that it answers; the whole where it is nothing but a quotation.

    Folding costs a third of a millisecond, so that it is left out where no line looks like a quoted one.
    """
    return (split_reply(text).visible or text) if _MAY_QUOTE.search(text) else text


def _order(found: dict[str, Any]) -> OrderRecord:
    currency = _text(found, "currency").upper()
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise Unreadable("currency", "“currency” must be three letters, such as EUR.")
    buyer = _handles(found, "buyer")
    if not buyer:
        raise Unreadable("buyer_missing", "“buyer” does not say who bought.")
    status = _text(found, "status") or "paid"
    if status not in _STATUSES:
        raise Unreadable("status", f"“status” must be one of {', '.join(sorted(_STATUSES))}.")
    lines = tuple(_line(line) for line in _list(found, "lines"))
    items = found.get("items")
    return OrderRecord(
        external_id=_id(found),
        ordered_at=_instant(found),
        buyer=buyer,
        amount=_amount(found, "amount"),
        currency=currency,
        status=status,
        number=_text(found, "number"),
        items=items if isinstance(items, int) else int(sum(line.quantity for line in lines)),
        lines=lines,
        facts=_facts(found),
        extra={name: value for name, value in _object(found, "extra").items() if name not in _OURS},
    )


_OURS = ("partial", "replaces", OF_KNOWN)
"""What only a reader of ours says: how an order, or what is said of a person, goes with what was told before."""


def _line(found: Any) -> OrderLineRecord:
    if not isinstance(found, dict):
        raise Unreadable("lines", "“lines” must be a list of objects.")
    quantity = _amount(found, "quantity") if "quantity" in found else Decimal(1)
    return OrderLineRecord(_text(found, "sku"), _text(found, "name"), quantity, _amount(found, "amount"))


def _person(found: dict[str, Any]) -> PersonRecord:
    handles = _handles(found, "handles")
    if not handles:
        raise Unreadable("no_handle", "“handles” is empty, so it cannot be told whose it is.")
    return PersonRecord(
        external_id=_id(found),
        observed_at=_instant(found),
        handles=handles,
        facts={} if "said" in found else _facts(found),
        extra={name: value for name, value in _object(found, "extra").items() if name not in _OURS},
    )


def _said(found: dict[str, Any], person: PersonRecord) -> list[Record]:
    """Everything that was ever said of a person, each with its time and the handle that it was said of.

    Our own exports hold it in `said`; then `facts` only repeats what is shown.
    """
    by_place: dict[tuple[int, datetime], dict[str, str]] = {}
    later: list[Record] = []
    for one in _list(found, "said"):
        if not isinstance(one, dict):
            raise Unreadable("json", "“said” must be a list of objects.")
        about = one.get("about", 0)
        if not (isinstance(about, int) and 0 <= about < len(person.handles)):
            raise Unreadable("handle", "“about” in “said” must be the place of one of the “handles”, from 0.")
        name, value, at = _text(one, "field"), _text(one, "value"), _instant(one)
        facts = by_place.setdefault((about, at), {})
        if facts.setdefault(name, value) != value:  # two values at one time
            later.append(PersonRecord(person.external_id, at, (_bare(person, about),), {name: value}))
    told = [
        PersonRecord(person.external_id, at, (_bare(person, about),), facts)
        for (about, at), facts in by_place.items()
    ]
    return [*told, *later]


def _bare(person: PersonRecord, place: int) -> Handle:
    return Handle(person.handles[place].network, person.handles[place].address)


_READERS: dict[str, Callable[[dict[str, Any]], Record]] = {"message": _message, "order": _order}


def _text(found: dict[str, Any], key: str) -> str:
    value = found.get(key, "")
    return value if isinstance(value, str) else as_text(value)


def _id(found: dict[str, Any]) -> str:
    if external_id := _text(found, "id"):
        return external_id
    raise Unreadable("id_missing", "“id” is empty. Every object needs one that stays the same.")


def _instant(found: dict[str, Any]) -> datetime:
    text = found.get("at")
    try:
        at = datetime.fromisoformat(text)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise Unreadable("date", "“at” must be a time like 2024-05-31T14:30:00+02:00.") from error
    if at.tzinfo is None:
        raise Unreadable("date", "“at” needs its offset, such as +02:00 or Z.")
    return at.astimezone(UTC)


def _amount(found: dict[str, Any], key: str) -> Decimal:
    try:
        return parse_amount(as_text(found.get(key)))
    except ValueError as error:
        raise Unreadable(
            "amount", f"“{key}” must be a number with a decimal point, such as 12.30."
        ) from error


def _object(found: dict[str, Any], key: str) -> dict[str, Any]:
    value = found.get(key) or {}
    if not isinstance(value, dict):
        raise Unreadable("json", f"“{key}” must be an object.")
    return value


def _list(found: dict[str, Any], key: str) -> list[Any]:
    value = found.get(key) or []
    if not isinstance(value, list):
        raise Unreadable("json", f"“{key}” must be a list.")
    return value


def _facts(found: dict[str, Any]) -> dict[str, str]:
    return {key: text for key, value in _object(found, "facts").items() if (text := as_text(value))}


def _handles(found: dict[str, Any], key: str) -> tuple[Handle, ...]:
    return tuple(_handle(entry, key) for entry in _list(found, key))


def _handle(found: Any, key: str) -> Handle:
    network = found.get("network") if isinstance(found, dict) else None
    if not network or not isinstance(network, str):
        raise Unreadable("handle", f"“{key}” must hold network and address.")
    network = network.lower()
    address = normalise_address(network, _text(found, "address"))
    if not address:
        raise Unreadable(
            "handle", f"“{key}”: “{_text(found, 'address')[:60]}” is not an address at {network}."
        )
    return Handle(network, address, _text(found, "name"))
