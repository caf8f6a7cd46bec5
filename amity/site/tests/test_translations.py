"""Every catalogue is whole, keeps its placeholders, and is compiled as it stands."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from amity.kernel.models import Staff

LOCALES = Path(__file__).resolve().parents[1] / "locale"
CATALOGUES = sorted(LOCALES.glob("*/LC_MESSAGES/django.po"))
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def _forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else [str(form) for form in text or ()]  # type: ignore[attr-defined]


def _messages(path: Path) -> list[Message]:
    with path.open("rb") as file:
        return [message for message in read_po(file) if message.id]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_a_catalogue_has_a_translation_for_everything(path: Path) -> None:
    left = [message.id for message in _messages(path) if message.fuzzy or not all(_forms(message.string))]
    assert left == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_a_translation_names_no_placeholder_that_the_message_has_not(path: Path) -> None:
    wrong = [
        (message.id, form)
        for message in _messages(path)
        for form in _forms(message.string)
        if not set(_PLACEHOLDER.findall(form)) <= set(_PLACEHOLDER.findall(" ".join(_forms(message.id))))
    ]
    assert wrong == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_the_compiled_catalogue_is_that_of_the_text(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.parent.name)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert path.with_suffix(".mo").read_bytes() == compiled.getvalue(), "run: python tools/translate.py"


@pytest.mark.django_db
def test_who_chooses_german_reads_german(client: Client, at: object) -> None:
    member = Staff.objects.create(email="i@tamp.example", name="Ines", language="de", joined_at=at)  # type: ignore[misc]
    client.force_login(member)
    page = client.get("/settings/").content.decode()
    with translation.override("de"):
        assert gettext("Language") in page
    assert '<html lang="de"' in page
