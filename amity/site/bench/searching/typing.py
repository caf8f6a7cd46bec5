"""What is typed to find one of the invented people: as it is, without accents, a part, with letters wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from amity.people.domain.folding import fold
from amity.site.bench.searching.world import Invented

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def wrong(random: Random, word: str) -> str:
    """One letter of a word left out, put in, changed, or exchanged with its neighbour; not the first one."""
    place = random.randrange(1, len(word) - 1)
    match random.randrange(4):
        case 0:
            return word[:place] + word[place + 1 :]
        case 1:
            return word[:place] + random.choice(LETTERS) + word[place:]
        case 2:
            return word[:place] + random.choice(LETTERS) + word[place + 1 :]
        case _:
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _mistyped(random: Random, text: str) -> str:
    """One word of it that may be wrong is; a long word in two places one time of four."""
    words = text.split()
    places = [place for place, word in enumerate(words) if len(fold(word)) >= 5 and " " not in fold(word)]
    if not places:
        return ""
    place = random.choice(places)
    words[place] = wrong(random, words[place])
    if len(words[place]) >= 10 and words[place].isalpha() and random.random() < 0.25:
        words[place] = wrong(random, words[place])
    return " ".join(words)


def _mistyped_address(random: Random, address: str) -> str:
    local, _, domain = address.partition("@")
    return f"{wrong(random, local)}@{domain}" if len(local) > 4 else ""


def _exact(_: Random, one: Invented) -> str:
    return one.name


def _accent(_: Random, one: Invented) -> str:
    """Names with accents, typed without any and in capitals."""
    return fold(one.name).upper() if fold(one.name) != one.name.casefold() else ""


def _part(random: Random, one: Invented) -> str:
    """The first name whole and the beginning of the last, as it is typed on the way; or of one word alone."""
    first, _, last = one.name.partition(" ")
    if random.random() < 0.5:
        return f"{first} {last[: max(2, len(last) * 2 // 3)]}"
    return last[: random.randint(2, 4)]


def _typo(random: Random, one: Invented) -> str:
    return _mistyped(random, one.name)


def _typo_one_word(random: Random, one: Invented) -> str:
    return _mistyped(random, one.name.split()[-1])


def _address(_: Random, one: Invented) -> str:
    return one.email


def _part_of_address(random: Random, one: Invented) -> str:
    local = one.email.partition("@")[0]
    return random.choice((local, f"{local}@", f"@{one.handle}" if one.handle else local, f"{local[:-1]}"))


def _typo_in_address(random: Random, one: Invented) -> str:
    return _mistyped_address(random, one.email)


def _number(random: Random, one: Invented) -> str:
    """A phone in one of the ways in which people write it, its end, or a customer number."""
    if one.customer and not one.phone:
        return random.choice((one.customer, one.customer.lower(), one.customer[1:]))
    if not one.phone:
        return ""
    bare = one.phone.removeprefix("+49")
    ways = (f"0049 {bare[:3]} {bare[3:]}", f"0{bare[:3]}/{bare[3:6]} {bare[6:]}", f"(0{bare[:2]}) {bare[2:]}")
    return random.choice((one.phone, bare[-7:], *ways))


def _order(random: Random, one: Invented) -> str:
    return random.choice((one.order, one.order.lower(), f"#{one.order}")) if one.order else ""


def _several(_: Random, one: Invented) -> str:
    """Names, organisation and where they write from."""
    domain = one.email.partition("@")[2].partition(".")[0]
    return f"{one.name} {one.organisation or domain}"


KINDS: Mapping[str, Callable[[Random, Invented], str]] = {
    "exact": _exact,
    "part_word": _part,
    "accent": _accent,
    "typo": _typo,
    "typo_one_word": _typo_one_word,
    "address": _address,
    "address_part": _part_of_address,
    "address_typo": _typo_in_address,
    "number": _number,
    "order_number": _order,
    "several_words": _several,
}
"""What is typed for a person, by kind; "" for whom there is nothing of that kind."""
