"""Screenshots of every screen, both themes and widths, into `shots/`; the README's pictures into `docs/pictures/`.

    python tools/shots.py [--only today,inbox] [--address http://127.0.0.1:8000]

Without an address it starts Amity with the demo company in a folder of its own and stops it again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import sync_playwright

from amity.site.bench.memory import amity_run, free_pair
from conftest import find_chromium
from tests.browser.tour import DESKTOP, PHONE, SCREENS, Screen, show, visit

SHOTS, PICTURES = Path("shots"), Path("docs/pictures")
KEPT = {("today", "light", DESKTOP): "today-light.png", ("inbox", "light", DESKTOP): "inbox-light.png"}
FULL = {"style"}
HEIGHT = "Math.max(...[...document.querySelectorAll('main, main *')].map((e) => e.scrollHeight)) + 60"


def main() -> int:
    """Take them; exit code 1 without a browser."""
    asked = _arguments()
    chromium = find_chromium()
    if chromium is None:
        sys.stderr.write("Chromium is not installed. On Debian: apt-get install chromium-headless-shell\n")
        return 1
    screens = [screen for screen in SCREENS if not asked.only or screen.name in asked.only.split(",")]
    SHOTS.mkdir(exist_ok=True)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with _amity(asked.address) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--hide-scrollbars"]
        )
        for screen in screens:
            _shoot(browser, address, screen)
        browser.close()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Screenshots of every screen.")
    parser.add_argument("--only", default="", help="names of screens, separated by commas")
    parser.add_argument("--address", default="", help="of an Amity that runs with the demo company")
    return parser.parse_args()


@contextmanager
def _amity(address: str) -> Iterator[str]:
    if address:
        yield address.rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="amity-shots-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with amity_run(Path(folder) / "home", free_pair()) as running:
            yield running.url.rstrip("/")


def _shoot(browser: object, address: str, screen: Screen) -> None:
    for theme in ("light", "dark"):
        for size in (DESKTOP, PHONE):
            with visit(browser, address, screen.email, theme=theme, size=size) as visited:  # type: ignore[arg-type]
                page = show(visited, screen)
                path = SHOTS / f"{screen.name}-{theme}-{size[0]}.png"
                if screen.name in FULL:  # only panes scroll: make the window as high as what is in it
                    page.set_viewport_size({"width": size[0], "height": int(page.evaluate(HEIGHT))})
                page.screenshot(path=path)
                sys.stderr.write(f"{path}\n")
                kept = KEPT.get((screen.name, theme, size))
                if kept:
                    page.screenshot(path=PICTURES / kept)


if __name__ == "__main__":
    raise SystemExit(main())
