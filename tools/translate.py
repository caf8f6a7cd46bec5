"""Fill a catalogue with translations from a JSON file, and compile all catalogues.

    python tools/translate.py                          compile what is there
    python tools/translate.py de translations.json     fill amity/site/locale/de first; prints what is missing

The JSON maps `context\\u0004message` (or the message alone) to a text, or to [singular, plural].
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from amity import __version__

LOCALES = Path(__file__).resolve().parent.parent / "amity/site/locale"


def fill(language: str, translations: dict[str, str | list[str]]) -> list[str]:
    """Write translations into the catalogue of a language; returns the messages that stay without one."""
    path = LOCALES / language / "LC_MESSAGES/django.po"
    catalogue = _read(path)
    missing = []
    for message in catalogue:
        if not message.id:
            continue
        name = message.id if isinstance(message.id, str) else message.id[0]
        key = f"{message.context}\u0004{name}" if message.context else name
        found = translations.get(key)
        if found is not None:
            message.string = found if isinstance(found, str) else tuple(found)
            message.flags.discard("fuzzy")
        elif not message.string or message.fuzzy or message.string == ("", ""):
            missing.append(key)
    catalogue.fuzzy, catalogue.project, catalogue.version = False, "Amity", __version__
    catalogue.header_comment = "# Amity, Apache-2.0"
    catalogue.last_translator = catalogue.language_team = "Amity"
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, no_location=True)
    return missing


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def compile_all() -> None:
    """Write the binary catalogues that Django reads."""
    for path in sorted(LOCALES.glob("*/LC_MESSAGES/django.po")):
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, _read(path))


if __name__ == "__main__":
    if len(sys.argv) == 3:
        for left in fill(sys.argv[1], json.loads(Path(sys.argv[2]).read_text())):
            sys.stdout.write(f"{left}\n")
    compile_all()
