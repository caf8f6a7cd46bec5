"""People as cards of an address book (vCard 4.0, RFC 6350). What vCard has no word for stands in lines of our own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from amity.channels.adapters.file.vcard_reader import ACCOUNT, FACT
from amity.kernel.actor import Actor
from amity.people.queries import ListedPerson, PeopleWanted, walk_people
from amity.people.queries.whole import Whole, whole_people

_LONGEST_LINE_BYTES = 75
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_PLACES = ("street", "city", "region", "postcode", "country")
_SHOWN = ("name", "city", "country", "language")
_TEXTS = {"job_title": "TITLE", "role": "ROLE", "website": "URL", "language": "LANG", "notes": "NOTE",
          "nickname": "NICKNAME"}  # fmt: skip
_SOCIAL = frozenset({"twitter", "mastodon", "bluesky", "instagram", "facebook"})


_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", ",": "\\,", ";": "\\;"})
_BREAK = re.compile("\r\n?")
"""To some programs a line of a card ends there."""


def as_cards(actor: Actor, wanted: PeopleWanted) -> Iterator[bytes]:
    """One card a person."""
    for people in walk_people(actor, wanted):
        wholes = whole_people(actor, [person.id for person in people])
        yield "".join(card(person, wholes.get(person.id) or Whole()) for person in people).encode()


def card(person: ListedPerson, whole: Whole) -> str:
    """The card of one person."""
    facts = whole.shown() | {
        field: value for field in _SHOWN if (value := whole.in_full(field, getattr(person, field)))
    }
    if organisation := whole.organisation(person.organisation):
        facts["organisation"] = organisation
    name = facts.pop("name", "") or person.name
    told = ["BEGIN:VCARD", "VERSION:4.0", f"UID:urn:uuid:{person.id}", f"FN:{_text(name)}"]
    if "given_name" in facts or "family_name" in facts:
        told.append(f"N:{_part(facts.pop('family_name', ''))};{_part(facts.pop('given_name', ''))};;;")
    told += _addresses(whole)
    if "organisation" in facts:
        units = f";{_part(facts.pop('department'))}" if "department" in facts else ""
        told.append(f"ORG:{_part(facts.pop('organisation'))}{units}")
    if any(place in facts for place in _PLACES):
        told.append(f"ADR:;;{';'.join(_part(facts.pop(place, '')) for place in _PLACES)}")
    if _DAY.fullmatch(facts.get("birthday", "")):
        told.append(f"BDAY:{facts.pop('birthday')}")
    told += [f"{line}:{_text(facts.pop(field))}" for field, line in _TEXTS.items() if field in facts]
    told += [f'{FACT};X-NAME="{_quoted(field)}":{_text(value)}' for field, value in sorted(facts.items())]
    return "".join(f"{_folded(line)}\r\n" for line in [*told, "END:VCARD"])


def _addresses(whole: Whole) -> Iterator[str]:
    for place, (network, address) in enumerate(whole.handles):
        preferred = ";PREF=1" if place == 0 else ""
        if network == "email":
            yield f"EMAIL{preferred}:{_text(address)}"
        elif network == "phone":
            yield f"TEL{preferred}:{_text(address)}"
        elif network in _SOCIAL:
            yield f"X-SOCIALPROFILE{preferred};TYPE={network}:{_text(address)}"
        else:
            yield f'{ACCOUNT}{preferred};X-NETWORK="{_quoted(network)}":{_text(address)}'


def _text(value: str) -> str:
    return _BREAK.sub("\n", value).translate(_ESCAPES)


_part = _text


def _quoted(value: str) -> str:
    """As RFC 6868 writes what a parameter may not hold."""
    return _BREAK.sub("\n", value).replace("^", "^^").replace("\n", "^n").replace('"', "^'")


def _folded(line: str) -> str:
    """No line longer than 75 bytes; no character cut in two."""
    pieces, piece, size = [], "", 0
    for character in line:
        length = len(character.encode())
        if size + length > _LONGEST_LINE_BYTES:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + character, size + length
    return "\r\n".join([*pieces, piece])
