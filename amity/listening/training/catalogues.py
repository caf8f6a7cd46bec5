"""Sentences in many languages from the message catalogues of Django (BSD-3-Clause), to tell languages apart."""

import re
from pathlib import Path
from typing import Final

import django
from babel.messages.mofile import read_mo

NAMED: Final = (
    *("en", "de", "es", "fr", "it", "pt", "hi", "ar", "nl", "pl", "sv", "da", "nb", "fi"),
    *("cs", "ro", "hu", "tr", "id", "vi", "ru", "uk", "bg", "fa", "ur"),
)
"""The languages that the classifier names."""

UNNAMED: Final = (
    *("af", "az", "be", "bs", "ca", "cy", "eo", "et", "eu", "fy", "ga", "gl", "hr", "is", "kk", "ky"),
    *("lb", "lt", "lv", "mk", "mr", "ms", "ne", "sk", "sl", "sq", "sr", "sr_Latn", "sw", "tt", "uz"),
)
"""Languages of which it only learns that they are none of those."""

_VARIANTS: Final = {"en": ("de",), "pt": ("pt", "pt_BR"), "es": ("es", "es_MX", "es_AR")}
"""Catalogue folders where they are not named as the language; English is the source side of any of them."""
_PLACEHOLDER = re.compile(r"%\([^)]*\)[a-z]|%[a-z]|\{[^}]*\}|<[^>]*>|&\w+;")


def messages(language: str) -> list[str]:
    """The interface messages of one language without placeholders, each once, in a fixed order."""
    found: dict[str, None] = {}
    for variant in _VARIANTS.get(language, (language,)):
        for path in sorted(Path(django.__file__).parent.glob(f"**/locale/{variant}/LC_MESSAGES/django.mo")):
            for text in _texts(path, source=language == "en"):
                found.setdefault(" ".join(_PLACEHOLDER.sub(" ", text).split()))
    return [text for text in found if len(text) > 5]


def _texts(path: Path, *, source: bool) -> list[str]:
    with path.open("rb") as stream:
        catalogue = read_mo(stream)
    sides = [message.id if source else message.string for message in catalogue]
    return [text for side in sides for text in ([side] if isinstance(side, str) else side or ()) if text]
