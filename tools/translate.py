"""Keep the catalogues of translations: take up the texts of the code, fill in a language, compile.

    python tools/translate.py                          take up new texts, drop those that are gone, compile
    python tools/translate.py de translations.json     fill amity/site/locale/de as well; prints what is missing
    python tools/translate.py --missing de             print what has no translation yet, as JSON to fill in
    python tools/translate.py --check                  exit code 1 if a text of the code is in no catalogue

The JSON maps `context\\u0004message` (or the message alone) to a text, or to [singular, plural].
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from amity import __version__

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ROOT / "amity/site/locale"
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
Key = tuple[str | None, str]


def key_of(message: Message) -> Key:
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def texts_of_the_code() -> Catalog:
    """Every text that Python and templates mark for translation."""
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    found = Catalog()
    for path in sorted((ROOT / "amity").rglob("*")):
        if path.suffix == ".py" and not {"tests", "migrations"} & set(path.parts):
            source = path.read_bytes()
        elif path.suffix == ".html" and "templates" in path.parts:
            calls = templatize(path.read_text("utf-8"), origin=str(path))
            source = "\n".join(line.strip() for line in calls.splitlines()).encode()
        else:
            continue
        for _line, message, _comments, context in extract("python", io.BytesIO(source), keywords=KEYWORDS):
            found.add(message, context=context)
    return found


def take_up(catalogue: Catalog) -> Catalog:
    """The texts of the code in the order of the catalogue, with the translations that it has."""
    known = {key_of(message): message for message in catalogue if message.id}
    wanted = {key_of(message): message for message in texts_of_the_code() if message.id}
    fresh = Catalog(locale=catalogue.locale, project="Amity", version=__version__, fuzzy=False)
    fresh.header_comment = "# Amity, Apache-2.0"
    fresh.last_translator = fresh.language_team = "Amity"
    fresh.creation_date = catalogue.creation_date  # a second run changes nothing
    for key in [*(key for key in known if key in wanted), *(key for key in wanted if key not in known)]:
        message = wanted[key]
        before = known.get(key)
        same_form = before is not None and isinstance(before.id, str) == isinstance(message.id, str)
        text = before.string if before is not None and same_form else ""
        flags = {flag for flag in message.flags if flag != "fuzzy"}
        fresh.add(message.id, text, flags=flags, context=message.context)
    return fresh


def fill(catalogue: Catalog, translations: dict[str, str | list[str]]) -> None:
    """Put in what `translations` knows."""
    for message in catalogue:
        found = translations.get(_name(message)) if message.id else None
        if found is not None:
            message.string = found if isinstance(found, str) else tuple(found)


def missing_in(catalogue: Catalog) -> Iterator[Message]:
    """The messages without a translation."""
    for message in catalogue:
        forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
        if message.id and not (forms and all(forms)):
            yield message


def _name(message: Message) -> str:
    context, name = key_of(message)
    return f"{context}\u0004{name}" if context else name


def path_of(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES/django.po"


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def write(catalogue: Catalog, path: Path) -> None:
    """The text and the binary catalogue that Django reads."""
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, no_location=True)
    with path.with_suffix(".mo").open("wb") as file:
        write_mo(file, read(path))


def check() -> int:
    """Name the texts that no translator has seen, and those that nobody shows any more."""
    wanted = {key_of(message) for message in texts_of_the_code() if message.id}
    wrong = 0
    for path in sorted(LOCALES.glob("*/LC_MESSAGES/django.po")):
        known = {key_of(message) for message in read(path) if message.id}
        for sign, keys in (("not taken up", wanted - known), ("gone from the code", known - wanted)):
            for _context, text in sorted(keys, key=str):
                wrong += 1
                sys.stdout.write(f"{path.parent.parent.name}: {sign}: {text}\n")
    if wrong:
        sys.stdout.write("Run: python tools/translate.py\n")
    return 1 if wrong else 0


def main(arguments: list[str]) -> int:
    if arguments == ["--check"]:
        return check()
    if arguments[:1] == ["--missing"]:
        left = {
            _name(message): "" if isinstance(message.id, str) else [message.id[1], ""]
            for message in missing_in(take_up(read(path_of(arguments[1]))))
        }
        sys.stdout.write(json.dumps(left, ensure_ascii=False, indent=1) + "\n")
        return 0
    for path in sorted(LOCALES.glob("*/LC_MESSAGES/django.po")):
        catalogue = take_up(read(path))
        if arguments and path == path_of(arguments[0]):
            fill(catalogue, json.loads(Path(arguments[1]).read_text("utf-8")))
        write(catalogue, path)
        for message in missing_in(catalogue):
            sys.stdout.write(f"{_name(message)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
