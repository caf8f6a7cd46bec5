"""What the browser gets: vendored files as recorded, icons that exist, nothing inline, little script."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from pathlib import Path

import pytest

from amity.site.templatetags import marks

ROOT = Path(__file__).resolve().parents[4]
PACKAGE = ROOT / "amity"
STATIC = PACKAGE / "site/static"
TEMPLATES = sorted(PACKAGE.glob("*/templates/**/*.html"))
FIRST_SCREEN_BYTES = 150_000


def test_vendored_files_are_what_the_manifest_says() -> None:
    checked = subprocess.run(
        [sys.executable, ROOT / "tools/vendor_assets.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_the_sprite_holds_the_listed_icons_and_no_others() -> None:
    drawn = re.findall(
        r'<symbol id="([\w-]+)"', (STATIC / "vendor/lucide/sprite.svg").read_text(encoding="utf-8")
    )
    assert set(drawn) == marks.icon_names()


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_holds_nothing_inline(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.name == "disclosed.html":  # no page: a file that is saved, and has its looks with it
        text = re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    assert not re.search(
        r"\sstyle\s*=|<style\b|\son[a-z]+\s*=\s*[\"']|hx-on|javascript:|hx-vals=['\"]js:", text
    )
    for script in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in script or "application/json" in script, script


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_names_only_icons_that_exist(path: Path) -> None:
    named = set(re.findall(r'{% (?:icon|said_so) "([\w-]+)"', path.read_text(encoding="utf-8")))
    assert named <= marks.icon_names()


def test_every_mark_has_its_icon() -> None:
    every = [*marks.CHANNELS.values(), *marks.SENTIMENTS.values(), marks.UNKNOWN_CHANNEL]
    assert {mark.icon for mark in every} <= marks.icon_names()


def test_all_scripts_together_stay_within_the_budget_of_the_first_screen() -> None:
    total = sum(len(gzip.compress(path.read_bytes(), 9)) for path in STATIC.rglob("*.js"))
    assert total <= FIRST_SCREEN_BYTES, total


def test_stylesheets_stay_short_enough_to_read() -> None:
    long = {p.name: n for p in (STATIC / "amity/css").glob("*.css") if (n := p.read_text().count("\n")) > 400}
    assert not long
