from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.channels.adapters.file import Cursor, RawItem
from amity.channels.adapters.file.native import native_reader
from amity.channels.adapters.file.tests.making import make_file, read_all
from amity.channels.records import (
    Direction,
    Handle,
    MessageRecord,
    OrderRecord,
    PersonRecord,
    Record,
    Unreadable,
)

ADA = {"network": "email", "address": "Ada@Example.org", "name": "Ada"}
MESSAGE: dict[str, Any] = {
    "type": "message",
    "id": "m1",
    "at": "2024-05-06T10:00:00+02:00",
    "channel": "email",
    "direction": "out",
    "from": {"network": "email", "address": "help@shop.example", "name": "Tamp & Co"},
    "to": [ADA],
    "subject": "Grinder",
    "text": "On its way 😀",
    "in_reply_to": ["m0", "m-1"],
    "public": True,
    "language": "en",
    "staff": "zoe@shop.example",
    "facts": {"city": "Bonn"},
    "extra": {"mood": 3},
}
ORDER: dict[str, Any] = {
    "type": "order",
    "id": "o1",
    "number": "1001",
    "at": "2024-05-06T08:00:00Z",
    "buyer": [ADA, {"network": "customer:shop", "address": "K-1"}],
    "amount": "12.30",
    "currency": "EUR",
    "status": "shipped",
    "items": 3,
    "lines": [{"sku": "B-1", "name": "Brush", "quantity": 3, "amount": 12.3}],
    "facts": {},
}
PERSON: dict[str, Any] = {
    "type": "person",
    "id": "p1",
    "at": "2024-05-06T08:00:00Z",
    "handles": [ADA, {"network": "phone", "address": "+49 228 123456"}],
    "facts": {"name": "Ada", "vip": True},
}


def read_object(found: object) -> Record:
    [record] = native_reader()(RawItem(1, json.dumps(found).encode(), "application/json", Cursor()))
    return record


def test_a_file_of_all_three_kinds_is_recognised_and_read(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(found) for found in (MESSAGE, ORDER, PERSON))
    records, refused = read_all(make_file(tmp_path, lines, name="all.jsonl"))
    assert [type(record) for record in records] == [MessageRecord, OrderRecord, PersonRecord]
    assert refused == []


def test_every_member_of_a_message_has_its_place() -> None:
    assert read_object(MESSAGE) == MessageRecord(
        external_id="m1",
        occurred_at=datetime(2024, 5, 6, 8, 0, tzinfo=UTC),
        author=Handle("email", "help@shop.example", "Tamp & Co"),
        direction=Direction.OUT,
        channel="email",
        text="On its way 😀",
        subject="Grinder",
        in_reply_to=("m0", "m-1"),
        recipients=(Handle("email", "ada@example.org", "Ada"),),
        language="en",
        is_public=True,
        extra={"mood": 3, "staff": "zoe@shop.example", "facts": {"city": "Bonn"}},
    )


def test_every_member_of_an_order_has_its_place() -> None:
    order = read_object(ORDER)
    assert isinstance(order, OrderRecord)
    assert order.buyer[1] == Handle("customer:shop", "K-1")
    assert (order.amount, order.currency, order.status, order.items, order.number) == (
        Decimal("12.30"),
        "EUR",
        "shipped",
        3,
        "1001",
    )
    assert (order.lines[0].quantity, order.lines[0].amount) == (Decimal(3), Decimal("12.3"))


def test_a_person_has_normalised_handles_and_facts_in_words() -> None:
    person = read_object(PERSON)
    assert isinstance(person, PersonRecord)
    assert [handle.address for handle in person.handles] == ["ada@example.org", "+49228123456"]
    assert person.facts == {"name": "Ada", "vip": "true"}


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([], "json"),
        ({"type": "poem"}, "type"),
        ({**MESSAGE, "id": ""}, "id_missing"),
        ({**MESSAGE, "at": "2024-05-06T10:00:00"}, "date"),
        ({**MESSAGE, "at": 5}, "date"),
        ({**MESSAGE, "from": None}, "author_missing"),
        ({**MESSAGE, "from": {"network": "email", "address": "?"}}, "handle"),
        ({**MESSAGE, "to": "ada"}, "json"),
        ({**MESSAGE, "direction": "up"}, "direction"),
        ({**ORDER, "amount": "12,30"}, "amount"),
        ({**ORDER, "currency": "€"}, "currency"),
        ({**ORDER, "buyer": []}, "buyer_missing"),
        ({**ORDER, "status": "lost"}, "status"),
        ({**ORDER, "lines": ["x"]}, "lines"),
        ({**PERSON, "handles": []}, "no_handle"),
        ({**PERSON, "facts": "x"}, "json"),
    ],
)
def test_what_is_wrong_is_said_with_its_member(found: object, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_object(found)
    assert caught.value.code == code


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=5,
)


@given(st.sampled_from([MESSAGE, ORDER, PERSON]), st.data(), anything)
def test_any_value_in_any_member_is_read_or_refused_but_never_crashes(
    good: dict[str, Any], data: st.DataObject, value: object
) -> None:
    member = data.draw(st.sampled_from(sorted(good)))
    with suppress(Unreadable):
        read_object({**good, member: value})
