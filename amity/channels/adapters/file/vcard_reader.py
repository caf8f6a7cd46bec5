"""A card of an address book becomes a person: each address and account an identity, everything else a fact."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from amity.channels.adapters.file.cells import refuse_broken
from amity.channels.adapters.file.left_out import address_left_out, without_wrong_days
from amity.channels.adapters.file.mapping import Mapping
from amity.channels.adapters.file.shape import VCARD_ITEM, RawItem, Shape
from amity.channels.adapters.file.sources import make_handle, without_names
from amity.channels.adapters.file.values import clean_text
from amity.channels.adapters.file.vcards import Property, parts, plain, properties_of
from amity.channels.records import Handle, LeftOut, PersonRecord, Record, Unreadable

FACT, ACCOUNT = "X-AMITY-FACT", "X-AMITY-ACCOUNT"
"""What our own export writes where vCard has no word: `X-AMITY-FACT;X-NAME=key:value`, accounts with their network."""

_PLACES = ("street", "city", "region", "postcode", "country")  # of ADR, behind post box and extension
_TEXTS = {
    "FN": "name",
    "TITLE": "job_title",
    "ROLE": "role",
    "URL": "website",
    "LANG": "language",
    "NOTE": "notes",
    "CATEGORIES": "labels",
    "NICKNAME": "nickname",
    "GENDER": "gender",
    "ANNIVERSARY": "anniversary",
}
_DAY_LINES = {"birthday": lambda _row: "BDAY", "anniversary": lambda _row: "ANNIVERSARY"}
_COMPACT_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T.*)?")
_SOCIAL = frozenset({"X-SOCIALPROFILE", "SOCIALPROFILE", "IMPP", "X-SKYPE", "X-TWITTER", "X-JABBER"})
_HOSTS = {
    "twitter": "twitter",
    "x": "twitter",
    "instagram": "instagram",
    "facebook": "facebook",
    "bsky": "bluesky",
}
_HOST = re.compile(r"https?://(?:www\.|mobile\.)?([\w-]+)\.")
_SCHEME = re.compile(r"([a-z][a-z0-9+-]{1,30}):(?!//)(.+)", re.IGNORECASE)


def vcard_reader(mapping: Mapping, shape: Shape) -> Callable[[RawItem], list[Record]]:
    """A function from a card to its person. It raises `Unreadable` with what to do."""
    encoding = shape.item_encoding

    def read(item: RawItem) -> list[Record]:
        if item.content_type != VCARD_ITEM:
            refuse_broken(item)
        try:
            text = item.raw.decode(encoding, "surrogatepass" if shape.is_transcoded else "strict")
        except UnicodeDecodeError as error:
            raise Unreadable(
                "encoding", f"This card holds characters that are not {encoding.upper()}. Export it again."
            ) from error
        lines = list(properties_of(clean_text(text)))
        left_out: list[LeftOut] = []
        facts = without_wrong_days(_facts(lines), _DAY_LINES, None, left_out)
        handles = _handles(lines, facts.get("name", ""), mapping)
        if not handles:
            raise Unreadable(
                "no_handle",
                "This card has no e-mail address, phone number, account or UID, so it cannot be told whose it is.",
            )
        if facts.get("name") in {handle.address for handle in handles}:
            facts.pop("name")
            handles = list(without_names(handles))
        key = f"{handles[0].network}:{handles[0].address}"
        left_out += [one for line in lines if (one := _wrong_address(line))]
        at = _revised(lines) or shape.modified_at
        return [PersonRecord(key, at, tuple(handles), facts, left_out=tuple(left_out))]

    return read


def _handles(lines: list[Property], name: str, mapping: Mapping) -> list[Handle]:
    """Each once, preferred ones first; the UID stands in for one where there is no other."""
    found: dict[tuple[str, str], Handle] = {}
    for line in sorted(lines, key=_rank):
        network, address = _address(line)
        handle = make_handle(network, address, name, mapping.phone_region) if network else None
        if handle and handle.address:
            found.setdefault((handle.network, handle.address), handle)
    if not found:
        uid = next((plain(line.value) for line in lines if line.name == "UID" and line.value.strip()), "")
        handle = make_handle(f"customer:{mapping.source}", uid, name)
        return [handle] if handle.address else []
    return list(found.values())


def _wrong_address(line: Property) -> LeftOut | None:
    network, text = _address(line)
    return address_left_out(network, text, line.name) if network and text else None


def _rank(line: Property) -> tuple[int, int]:
    number = line.parameters.get("PREF", "")
    preferred = (
        int(number) if number.isdecimal() and len(number) < 4 else (1 if "pref" in line.types else 100)
    )
    return {"EMAIL": 0, "TEL": 1}.get(line.name, 2), preferred


def _address(line: Property) -> tuple[str, str]:
    """Network and address of a line; no network where it names no account."""
    value = plain(line.value).strip()
    if line.name == "EMAIL":
        return "email", value
    if line.name == "TEL":
        return "phone", value.partition(";ext=")[0]
    if line.name == ACCOUNT:
        return line.parameters.get("X-NETWORK", "").lower(), value
    if line.name not in _SOCIAL:
        return "", ""
    if host := _HOST.match(value):
        return _HOSTS.get(host.group(1).lower(), host.group(1).lower()), value
    scheme = _SCHEME.fullmatch(value)
    named = next(iter(sorted(line.types - {"pref", "home", "work", "internet"})), "")
    service = (line.parameters.get("SERVICE-TYPE") or line.parameters.get("X-SERVICE-TYPE") or named).lower()
    if line.name in {"X-SKYPE", "X-TWITTER", "X-JABBER"}:
        service = line.name[2:].lower()
    if scheme:
        return service or scheme.group(1).lower(), scheme.group(2)
    return _HOSTS.get(service, service), value


def _facts(lines: Iterable[Property]) -> dict[str, str]:
    """The first value of each field."""
    facts: dict[str, str] = {}
    for line in lines:
        for key, value in _told(line):
            if stripped := value.strip():
                facts.setdefault(key, stripped)
    name = " ".join(facts[key] for key in ("given_name", "family_name") if key in facts)
    return facts if "name" in facts or not name else {**facts, "name": name}


def _told(line: Property) -> Iterable[tuple[str, str]]:
    """What a line says, as fields with their values."""
    if line.name == "N":
        return zip(("family_name", "given_name"), parts(line.value), strict=False)
    if line.name == "ORG":
        organisation, *units = parts(line.value)
        return [("organisation", organisation), ("department", ", ".join(filter(None, units)))]
    if line.name == "ADR":
        return zip(_PLACES, parts(line.value)[2:], strict=False)
    if line.name == "BDAY":
        return [("birthday", _day(plain(line.value)))]
    if line.name == FACT and "X-NAME" in line.parameters:
        return [(_name_of_fact(line.parameters["X-NAME"]), plain(line.value))]
    return [(_TEXTS[line.name], plain(line.value))] if line.name in _TEXTS else []


def _name_of_fact(parameter: str) -> str:
    """RFC 6868: what a parameter may not hold is written with a circumflex."""
    return re.sub(r"\^([n'^])", lambda found: {"n": "\n", "'": '"', "^": "^"}[found.group(1)], parameter)


def _day(value: str) -> str:
    """1985-04-12 for 19850412; what leaves out the year stays as it is."""
    found = _COMPACT_DAY.fullmatch(value.strip())
    return "-".join(found.groups()) if found else value


def _revised(lines: Iterable[Property]) -> datetime | None:
    told = next((plain(line.value).strip() for line in lines if line.name == "REV"), "")
    try:
        at = datetime.fromisoformat(told)
    except ValueError:
        return None
    return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
