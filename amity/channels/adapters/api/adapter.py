"""Items of the public interface: JSON in one shape for each kind of record."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from amity.channels.adapters import Description, NotSent, Outgoing, RawItem, Reader
from amity.channels.adapters.file.values import normalise_address
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

TYPE = "application/vnd.amity.{}+json"
PERSON, ORDER, MESSAGE = (TYPE.format(kind) for kind in ("person", "order", "message"))
ADAPTER_NAME = "api"


def raw_item(position: int, content_type: str, said: Mapping[str, Any]) -> RawItem:
    """An item of what was said, in the one spelling by which it is known when it comes again."""
    raw = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return RawItem(position, raw.encode(), content_type)


def network_of(source_key: str) -> str:
    """The network of the numbers that only this source knows."""
    return f"customer:{source_key}"[:60]


def handles_of(said: Mapping[str, Any], source_key: str) -> tuple[Handle, ...]:
    """The handles in what was said of a person, strongest first. Raises `Unreadable` for one that is none."""
    found = [Handle(*said["known_as"])] if said.get("known_as") else []
    if external_id := str(said.get("external_id") or "").strip():
        found.append(Handle(network_of(source_key), external_id))
    for one in said.get("identities") or ():
        network, text = str(one["network"]), str(one["address"])
        address = normalise_address(network, text)
        if not address:
            raise Unreadable(
                "address",
                _("“%(address)s” is no address at %(network)s.") % {"address": text[:80], "network": network},
            )
        found.append(Handle(network, address, str(one.get("name") or "")))
    if not found:
        raise Unreadable("no_handle", _("Give an external id, or an e-mail address, a number or an account."))
    return tuple(found)


def _person(said: Mapping[str, Any], source_key: str) -> PersonRecord:
    handles = handles_of(said, source_key)
    return PersonRecord(
        external_id=f"{handles[0].network}:{handles[0].address}",
        observed_at=datetime.fromisoformat(said["observed_at"]),
        handles=handles,
        facts={str(name): str(value) for name, value in (said.get("facts") or {}).items()},
        extra={OF_KNOWN: True} if said.get("known_as") else {},
    )


def _order(said: Mapping[str, Any], source_key: str) -> OrderRecord:
    buyer = said["buyer"]
    return OrderRecord(
        external_id=str(said["external_id"]),
        ordered_at=datetime.fromisoformat(said["ordered_at"]),
        buyer=handles_of(buyer, source_key),
        amount=Decimal(str(said["amount"])),
        currency=str(said["currency"]),
        status=str(said.get("status") or "paid"),
        number=str(said.get("number") or ""),
        lines=tuple(
            OrderLineRecord(
                str(line.get("sku") or ""),
                str(line.get("name") or ""),
                Decimal(str(line["quantity"])),
                Decimal(str(line["amount"])),
            )
            for line in said.get("lines") or ()
        ),
        extra={"replaces": True},
    )


def _message(said: Mapping[str, Any], source_key: str) -> MessageRecord:
    handle = handles_of(said["author"], source_key)[0]
    return MessageRecord(
        external_id=str(said["external_id"]),
        occurred_at=datetime.fromisoformat(said["occurred_at"]),
        author=Handle(handle.network, handle.address, str(said["author"].get("name") or "")),
        direction=Direction.IN,
        channel=str(said.get("channel") or "message"),
        text=str(said["text"]),
        subject=str(said.get("subject") or ""),
        in_reply_to=(str(said["in_reply_to"]),) if said.get("in_reply_to") else (),
        language=str(said.get("language") or ""),
        is_public=bool(said.get("is_public")),
    )


_READERS: dict[str, Callable[[Mapping[str, Any], str], Record]] = {
    PERSON: _person,
    ORDER: _order,
    MESSAGE: _message,
}


def reader_for(source_key: str) -> Reader:
    """A function that turns one item of a source into its record."""

    def read(item: RawItem) -> Sequence[Record]:
        return [_READERS[item.content_type](json.loads(item.raw), source_key)]

    return read


class ApiAdapter:
    """Programs bring what they have; nothing is fetched, read from files or sent."""

    def describe(
        self,
        path: Path,  # noqa: ARG002
        saved: Sequence[dict[str, Any]] = (),  # noqa: ARG002
        member: str = "",  # noqa: ARG002
    ) -> Description:
        raise Unreadable("no_file", _("What programs send does not come in files."))

    def open(
        self,
        path: Path,  # noqa: ARG002
        config: dict[str, Any],  # noqa: ARG002
        cursor: Sequence[int | None] | None,  # noqa: ARG002
    ) -> Iterator[RawItem]:
        return iter(())

    def reader(self, config: dict[str, Any]) -> Reader:
        return reader_for(str(config.get("source", "")))

    def carries_files(self, network: str) -> bool:  # noqa: ARG002
        return False

    def send(self, folder: Path, message: Outgoing) -> None:  # noqa: ARG002
        raise NotSent(
            _("This customer wrote through a program, which takes no answers. Write to an address of theirs.")
        )


ADAPTER = ApiAdapter()
