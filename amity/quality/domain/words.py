"""Words and spellings that checks of values know: placeholders, mistyped mail providers, names of countries."""

from __future__ import annotations

from functools import lru_cache

PLACEHOLDERS = frozenset(
    word
    for line in (
        "test tests testing tester asdf asdfgh qwerty qwertz foo bar dummy sample example",
        "na none null nil undefined unknown anonymous noname nobody tbd xxx xx nn ka",
        "unbekannt keine keiner ohne leer niemand anonym inconnu aucun desconocido ninguno",
    )
    for word in line.split()
) | {
    "n a", "k a", "n n", "no name", "not known", "not available", "not applicable", "test test", "john doe",
    "jane doe", "max mustermann", "erika mustermann", "kein name", "foo bar", "first last", "vorname nachname",
}  # fmt: skip
"""Folded. What people type where a form wants something."""

_PROVIDERS = {
    "gmail.com": "gmial.com gamil.com gmai.com gmal.com gnail.com gmaill.com gmail.con gmail.cmo gmail.comm gmail.om",
    "hotmail.com": "hotmial.com hotmal.com hotmai.com hotmil.com hotmail.con hotmail.cmo hotmaill.com",
    "yahoo.com": "yaho.com yahooo.com yhoo.com yahoo.con yahoo.cmo",
    "outlook.com": "outlok.com outloo.com outllook.com outlook.con outlook.cmo",
    "icloud.com": "iclod.com icoud.com iclould.com icloud.con",
    "googlemail.com": "googlemial.com googelmail.com googlemail.con",
    "t-online.de": "t-onlin.de t-onine.de t-online.dee",
    "web.de": "web.ded weeb.de",
    "gmx.de": "gmx.dee gmxx.de",
    "gmx.net": "gmx.ent gmx.nett",
}
MISTYPED = {wrong: right for right, wrongs in _PROVIDERS.items() for wrong in wrongs.split()}
"""Domains that nobody has a mailbox at, and the provider that was meant. Only spellings that are no provider's own:
one letter off `gmail.com` stands `mail.com`, which is one."""

_USUAL = {
    "uk": "GB",
    "usa": "US",
    "u s a": "US",
    "u k": "GB",
    "england": "GB",
    "holland": "NL",
    "great britain": "GB",
}
_TOLD_IN = ("en", "de", "fr", "es", "it", "nl")
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"})


@lru_cache(maxsize=1)
def country_codes() -> frozenset[str]:
    """ISO 3166 codes of two letters."""
    from babel import Locale

    known = map(str, Locale("en").territories)
    return frozenset(code for code in known if len(code) == 2 and code.isalpha()) - _NO_COUNTRIES


@lru_cache(maxsize=1)
def language_codes() -> frozenset[str]:
    """ISO 639 codes, two or three letters."""
    from babel import Locale

    known = map(str, Locale("en").languages)
    return frozenset(code for code in known if len(code) in (2, 3) and code.isalpha())


@lru_cache(maxsize=1)
def countries_by_name() -> dict[str, str]:
    """Folded name in the larger languages → code."""
    from babel import Locale

    from amity.people.domain.folding import fold

    told = {
        fold(name): code
        for language in reversed(_TOLD_IN)
        for code, name in Locale(language).territories.items()
        if code in country_codes()
    }
    return told | _USUAL


@lru_cache(maxsize=1)
def languages_by_name() -> dict[str, str]:
    """Folded name in the larger languages and in its own → code of two letters."""
    from babel import Locale, UnknownLocaleError

    from amity.people.domain.folding import fold

    told: dict[str, str] = {}
    for reader in reversed(_TOLD_IN):
        told |= {fold(name): code for code, name in Locale(reader).languages.items() if len(code) == 2}
    for code in sorted(set(told.values())):
        try:
            told.setdefault(fold(Locale(code).languages.get(code, "")), code)
        except (UnknownLocaleError, ValueError):
            continue
    told.pop("", None)
    return told
