"""Handles and local parts of addresses, explained by the name of a person: `drjsmith82` by J. Smith."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from rapidfuzz.distance import OSA

from amity.people.domain.matching.names import PARTICLES, SUFFIXES, TITLES, Name, latin, short_forms, squeezed

AFFIXES = (
    TITLES
    | SUFFIXES
    | frozenset(
        "the real official officially its itis iam im thisis hey hello ask mister team office press news tv hq inc co "
        "online web mail info contact page page1 fan fans club live daily tweets tweet insta fb yt channel writes says "
        "sings music art photo photos photography foto design studio studios shop store blog vlog podcast author "
        "rep reps representative congressman congresswoman congress sen senator gov governor mayor mp mep "
        "councillor cllr chef coach judge president pres minister us usa uk de eu ca au nl fr es it io dev md".split()
    )
)
"""Words that people put before or behind a name; common knowledge, put together for Amity."""
COMMON_HOSTS = frozenset(
    "www com org net gov edu info biz co ac me mail gmail googlemail outlook hotmail yahoo icloud gmx web proton "
    "protonmail facebook twitter instagram youtube linkedin tiktok threads bsky medium substack github linktr bit "
    "wordpress blogspot tumblr pinterest house senate public about contact home index html example".split()
)
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_TAIL = re.compile(r"\d+$")
_SERIAL = re.compile(r"(?<=[A-Za-z])[-_.]\d{6,}$")
(
    FULL_NAME, PAGE, INITIAL_AND_NAME, FAMILY, GIVEN_AND_INITIALS, INITIALS, NEARLY, FULL_INSIDE, GIVEN,
    GIVEN_AND_INITIAL, AT_EDGE, START, SHORT_FORM, INSIDE, NOTHING,
) = range(1, 16)  # fmt: skip
LEVELS = (
    "missing", "full_name", "page", "initial_and_name", "family_name", "given_name_and_initials", "initials",
    "nearly_full_name", "full_name_inside", "given_name", "given_name_and_initial", "family_name_at_edge",
    "start_of_name", "short_form", "name_inside", "nothing",
)  # fmt: skip
"""How a handle comes from a name, from what says most to what says least."""


@lru_cache(maxsize=100_000)
def cores(handle: str) -> tuple[str, ...]:
    """What may be the name in a handle: all of it, and what is left without words put before and behind, longest first.

    Nothing for what a machine made: long numbers, long random letters.

    >>> cores("@Dr_Ana.Lindero82")
    ('dranalindero82', 'dranalindero', 'analindero82', 'analindero')
    """
    name = _SERIAL.sub("", handle.strip().lstrip("@").partition("@")[0])
    if is_machine_made(name):
        return ()
    whole = _NOT_WORD.sub("", latin(name))
    found = {whole}
    waiting = [whole]
    while waiting:
        for shorter in _stripped(waiting.pop()):
            if len(shorter) >= 2 and shorter not in found:
                found.add(shorter)
                waiting.append(shorter)
    return tuple(sorted(found - {""}, key=lambda core: (-len(core), core)))


def serial(handle: str) -> str:
    """The long number that a machine put behind a word, "" for none: `visitor-085798` is the 85,798th visitor.

    >>> serial("visitor-085798"), serial("ana-lindero82")
    ('085798', '')
    """
    found = _SERIAL.search(handle.strip().lstrip("@").partition("@")[0])
    return found.group()[1:] if found else ""


def is_machine_made(name: str) -> bool:
    """Six digits or more and nothing else, or twenty characters or more with digits and letters of both cases."""
    bare = re.sub(r"[\W_]", "", name)
    if bare.isdigit():
        return len(bare) >= 6
    mixed = any(map(str.isdigit, bare)) and any(map(str.isupper, bare)) and any(map(str.islower, bare))
    return len(bare) >= 20 and mixed


def _stripped(text: str) -> Iterator[str]:
    without_digits = _TAIL.sub("", text)
    if without_digits != text:
        yield without_digits
    for size in range(2, min(15, len(text) - 1)):
        if text[:size] in AFFIXES:
            yield text[size:]
        if text[-size:] in AFFIXES:
            yield text[:-size]


def host_labels(links: Iterable[str]) -> tuple[str, ...]:
    """Parts of the hosts of pages (not of networks) that may name their owner, and the last part of their path."""
    found: dict[str, None] = {}
    for link in links:
        host, _, path = (
            link.casefold().partition("://")[2].partition("/")
            if "://" in link
            else link.casefold().partition("/")
        )
        for label in [*host.split(".")[:-1], path.strip("/").rpartition("/")[2]]:
            bare = _NOT_WORD.sub("", label)
            if len(bare) >= 3 and bare not in COMMON_HOSTS:
                found.setdefault(bare)
    return tuple(found)


@lru_cache(maxsize=20_000)
def forms(name: Name, spoken: str = "") -> dict[str, int]:
    """Ways in which `name` may be written as a handle, each with its level. `spoken`: the full name as written."""
    given = [word for word in (name.given, *name.middle) if len(word) > 1]
    nicks = [form for word in given[:2] for form in short_forms(word) if len(form) > 2]
    families = _families(name, spoken)
    found: dict[str, int] = {}
    _add(found, _full_forms([*given, *nicks], name, families), FULL_NAME)
    _add(found, _initial_forms(name, given, families), INITIAL_AND_NAME)
    _add(found, families, FAMILY)
    _add(found, _given_and_ends([*given, *nicks], name, families, spoken, single=False), GIVEN_AND_INITIALS)
    _add(found, _initials(name, spoken), INITIALS)
    _add(found, given, GIVEN)
    _add(found, _given_and_ends([*given, *nicks], name, families, spoken, single=True), GIVEN_AND_INITIAL)
    _add(found, nicks, SHORT_FORM)
    return found


def _add(found: dict[str, int], texts: Iterable[str], level: int) -> None:
    for text in texts:
        if len(text) >= 2:
            found.setdefault(text, level)


def _families(name: Name, spoken: str) -> list[str]:
    """The family name joined, with and without particles, and its parts."""
    words = [word for word in latin(spoken).split() if word not in TITLES]
    joined = [name.family]
    if name.family_words and words and name.family_words[-1] in words:
        end = words.index(name.family_words[-1]) + 1
        start = end - 1
        while start > 1 and (words[start - 1] in PARTICLES or words[start - 1] in name.family_words):
            start -= 1
        joined.append("".join(words[start:end]))
    return list(dict.fromkeys(word for word in (*joined, *name.family_words) if len(word) > 1))


def _full_forms(given: list[str], name: Name, families: list[str]) -> Iterator[str]:
    middle = "".join(word[:1] for word in name.middle)
    whole = "".join(name.middle)
    for family in families:
        for word in given:
            yield word + family
            yield family + word
            if middle:
                yield word + middle + family
                yield word + whole + family
        if name.middle and given:
            yield name.given + name.middle[-1] + family


def _initial_forms(name: Name, given: list[str], families: list[str]) -> Iterator[str]:
    middle = "".join(word[:1] for word in name.middle)
    for family in families:
        for word in given:
            yield word[0] + family
            yield family + word[0]
        if middle and name.given:
            yield name.given[0] + middle + family
            yield name.given[0] + middle[0] + family


def _given_and_ends(
    given: list[str], name: Name, families: list[str], spoken: str, *, single: bool
) -> Iterator[str]:
    """A given name and the first letter, or the first letters, of what follows it; or two given names."""
    ends = {family[:1] for family in families} | {"".join(word[:1] for word in name.family_words)}
    ends |= {"".join(word[:1] for word in latin(spoken).split()[start:]) for start in (1, 2)}
    for word in given:
        for end in sorted(ends - {""}):
            if single == (len(end) == 1):
                yield word + end
    if name.middle and not single:
        yield name.given + name.middle[0]


def _initials(name: Name, spoken: str) -> Iterator[str]:
    words = [name.given, *name.middle, *name.family_words]
    every = "".join(word[:1] for word in words)
    short = name.given[:1] + "".join(word[:1] for word in name.family_words)
    written = "".join(word[:1] for word in latin(spoken).split())
    yield from (letters for letters in (every, short, written) if len(letters) >= 3)


Explained = tuple[int, int]
NO_LABEL, WITH_LABEL = 1, 2


def explain(
    handles: tuple[str, ...],
    names: tuple[tuple[Name, str], ...],
    pages: tuple[str, ...],
    labels: tuple[str, ...],
) -> Explained:
    """How the best of `handles` comes from a person's names and pages, and whether one of their labels stands in it.

    First one of `LEVELS`, then `NO_LABEL` or `WITH_LABEL`.
    """
    best = (NOTHING, NO_LABEL)
    for handle in handles:
        plain, labelled = cores(handle), _without_labels(handle, labels)
        if not plain:
            continue
        for found, label in ((plain, NO_LABEL), (labelled, WITH_LABEL)):
            level = _level(found, names, pages)
            if level < best[0]:
                best = (level, label)
    return best


def _level(found: tuple[str, ...], names: tuple[tuple[Name, str], ...], pages: tuple[str, ...]) -> int:
    best = NOTHING
    for name, spoken in names:
        known = forms(name, spoken)
        best = min([best, *(known.get(core, NOTHING) for core in found)])
    if best > PAGE and any(core in pages for core in found):
        return PAGE
    if best > INITIAL_AND_NAME:
        best = min([best, *(_loosely(found, name, spoken) for name, spoken in names)])
    return best


@lru_cache(maxsize=100_000)
def _without_labels(handle: str, labels: tuple[str, ...]) -> tuple[str, ...]:
    """The cores left without labels (a region's code, a number) before and behind; none if there are no labels in it.

    Labels that anybody may put before a name (a title) are no labels of this person.
    """
    found: dict[str, None] = {}
    for core in cores(handle):
        for label in labels:
            if label in AFFIXES:
                continue
            if core.startswith(label) and len(core) - len(label) >= 3:
                found.update(dict.fromkeys(cores(core[len(label) :])))
            if core.endswith(label) and len(core) - len(label) >= 3:
                found.update(dict.fromkeys(cores(core[: -len(label)])))
    return tuple(found)


def _loosely(found: tuple[str, ...], name: Name, spoken: str) -> int:
    """Levels that no list of forms holds: shortened, misspelt, or with other words around it."""
    whole, families = name.given + name.family, _families(name, spoken)
    best = NOTHING
    for core in found:
        if min(len(whole), len(core)) >= 8:
            if whole in core:
                best = min(best, FULL_INSIDE)
            elif OSA.distance(core, whole, score_cutoff=1) <= 1:
                best = min(best, NEARLY)
        best = min([best, *(_part(core, name.given, family) for family in families)])
        if len(name.given) >= 5 and name.given in core:
            best = min(best, INSIDE)
    return best


def _part(core: str, given: str, family: str) -> int:
    if (
        len(family) >= 3
        and core.endswith(family)
        and given.startswith(rest := core[: -len(family)])
        and len(rest) > 1
    ):
        return INITIAL_AND_NAME
    if len(family) >= 5 and family in core:
        return AT_EDGE if core.startswith(family) or core.endswith(family) else INSIDE
    if len(core) >= 4 and len(family) > len(core) and family.startswith(core):
        return START
    return NOTHING


def plain_labels(words: Iterable[str]) -> tuple[str, ...]:
    """Labels without spaces, longest first; a single letter says nothing."""
    return tuple(
        sorted(
            {squeezed(word) for word in words if len(squeezed(word)) > 1 or word.isdigit()},
            key=lambda label: (-len(label), label),
        )
    )
