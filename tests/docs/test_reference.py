"""The docs name everything that can be set, called and measured. What is missing there fails here."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from amity.site.cli.bench import BENCHES
from amity.site.cli.entry import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
# Between Amity's own processes, not for people.
INTERNAL = {"AMITY_SUPERVISED"}
VARIABLE = re.compile(r"""["'](AMITY_[A-Z_]+)["']""")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


def sources() -> Iterator[Path]:
    return (path for path in (ROOT / "amity").rglob("*.py") if "tests" not in path.parts)


def pages() -> list[Path]:
    return [*DOCS.rglob("*.md"), *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md"))]


def test_the_pages_on_settings_and_commands_are_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, "tools/reference.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_variable_that_the_code_reads_is_a_documented_setting() -> None:
    read = {name for path in sources() for name in VARIABLE.findall(path.read_text())} - INTERNAL
    page = (DOCS / "reference/settings.md").read_text()
    assert {name for name in read if f"`{name}`" not in page} == set()


def test_every_documented_setting_is_read_by_the_code() -> None:
    page = (DOCS / "reference/settings.md").read_text()
    code = "\n".join(path.read_text() for path in sources())
    listed = set(re.findall(r"^\| `(AMITY_[A-Z_]+)` \|", page, re.MULTILINE))
    assert {name for name in listed if name not in code} == set()
    assert listed


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_shows_an_example(name: str) -> None:
    page = (DOCS / "reference/command-line.md").read_text()
    section = page.partition(f"## amity {name}\n")[2].partition("\n## amity ")[0]
    assert re.search(rf"Examples?\n(?:.*\n)*?.*amity {name}\b", section), (
        f"amity {name} --help has no example"
    )


@pytest.mark.parametrize("name", BENCHES)
def test_a_bench_stands_in_the_reference(name: str) -> None:
    assert re.search(rf"^\| `{name}` \|", (DOCS / "reference/benches.md").read_text(), re.MULTILINE)


def test_the_reference_names_no_bench_that_is_not_there() -> None:
    page = (DOCS / "reference/benches.md").read_text().partition("## Bars")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", page, re.MULTILINE)) == set(BENCHES)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_links_to_what_exists(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text()) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_every_decision_stands_in_the_list_and_says_what_enforces_it() -> None:
    folder = DOCS / "decisions"
    listed = (folder / "README.md").read_text()
    records = sorted(folder.glob("[0-9]*.md"))
    assert records
    for number, record in enumerate(records, start=1):
        assert record.name.startswith(f"{number:04}-")
        assert record.name in listed
        text = record.read_text()
        assert [
            part
            for part in ("**Context.**", "**Decision.**", "**Consequences.**", "**Enforced by**")
            if part not in text
        ] == []


def test_the_glossary_is_in_order() -> None:
    words = re.findall(r"^\| ([a-z][a-z -]*) \|", (DOCS / "glossary.md").read_text(), re.MULTILINE)
    assert words == sorted(words)
