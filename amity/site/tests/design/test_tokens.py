"""The colours keep the contrast that the design promises."""

from __future__ import annotations

import re

import pytest

from amity.site.templatetags import colour

TOKENS = colour.tokens()
THEMES = {"light": 0, "dark": 1}
TEXTS = ("text", "text-2", "text-3", "accent", "good", "caution", "bad", "info")
GROUNDS = ("surface", "canvas", "sunken", "select", *(name for name in TOKENS if name.endswith("-wash")))
LEAST = {"light": 4.8, "dark": 5.2}


def ratio(one: str, other: str, theme: str) -> float:
    side = THEMES[theme]
    return colour.contrast(TOKENS[one][side], TOKENS[other][side])


def test_the_measure_agrees_with_black_on_white() -> None:
    assert colour.contrast("0 0 0", "1 0 0") == pytest.approx(21, abs=0.01)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("text", TEXTS)
def test_text_is_readable_on_every_ground(text: str, theme: str) -> None:
    found = {ground: round(ratio(text, ground, theme), 2) for ground in GROUNDS}
    assert min(found.values()) >= LEAST[theme], found


@pytest.mark.parametrize("theme", THEMES)
def test_the_edge_of_a_field_is_seen(theme: str) -> None:
    assert ratio("control", "surface", theme) >= 3.0


@pytest.mark.parametrize("theme", THEMES)
def test_words_on_the_filled_button_are_readable_at_rest_and_under_the_hand(theme: str) -> None:
    assert ratio("on-accent", "accent", theme) >= 6.4
    assert ratio("on-accent", "accent-hover", theme) >= 6.4


@pytest.mark.parametrize("theme", THEMES)
def test_initials_are_readable_on_every_tint(theme: str) -> None:
    assert all(ratio("text-2", f"tint-{number}", theme) >= 4.8 for number in range(1, 5))


def test_the_fallback_for_old_browsers_holds_the_same_colours() -> None:
    css = colour.TOKENS.read_text(encoding="utf-8")
    light, dark = css.split("@supports not", 1)[1].split('[data-theme="dark"]', 1)
    for name, pair in TOKENS.items():
        if name == "shadow-ink":
            continue
        for part, oklch in ((light, pair[0]), (dark, pair[1])):
            written = re.search(rf"--{name}: (#[0-9a-f]{{6}});", part)
            assert written, name
            assert _furthest(written.group(1), colour.hex_of(oklch)) <= 2, (name, written.group(1), oklch)


def _furthest(one: str, other: str) -> int:
    return max(abs(int(one[at : at + 2], 16) - int(other[at : at + 2], 16)) for at in (1, 3, 5))


def test_no_stylesheet_uses_a_colour_that_is_not_a_token() -> None:
    for path in colour.TOKENS.parent.glob("*.css"):
        if path.name == "tokens.css":
            continue
        assert not re.search(r"#[0-9a-f]{3,8}\b|\brgb\(|oklch\(", path.read_text(encoding="utf-8")), path.name


def test_no_stylesheet_uses_a_variable_that_does_not_exist() -> None:
    known = set(
        re.findall(
            r"(--[\w-]+):", "".join(p.read_text(encoding="utf-8") for p in colour.TOKENS.parent.glob("*.css"))
        )
    )
    for path in colour.TOKENS.parent.glob("*.css"):
        assert set(re.findall(r"var\((--[\w-]+)", path.read_text(encoding="utf-8"))) <= known, path.name
