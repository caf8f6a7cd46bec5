"""What holds for the project as a whole: its locks, its packages, the size of its parts."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
MOST_LINES = 450
MOST_LINES_OF_A_FUNCTION = 60
# What a module may import besides Amity and the standard library, by the top-level name.
ONLY_FOR_BENCHES = {"hypothesis", "playwright", "schemathesis", "vaderSentiment", "sklearn", "scipy"}


def modules() -> list[Path]:
    paths = (ROOT / "amity").rglob("*.py")
    return sorted(path for path in paths if not {"tests", "migrations", "static"} & set(path.parts))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("lock", LOCKS, ids=name_of)
def test_a_lock_names_no_place_and_pins_every_file_by_hash(lock: Path) -> None:
    text = lock.read_text()
    assert re.findall(r"https?://|file:|--(?:find-links|index-url|extra-index-url)", text) == []
    pins = re.split(r"\n(?=\S)", text.strip())
    assert [pin.partition("\n")[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_what_the_code_imports_is_in_the_lock_of_a_running_amity() -> None:
    locked = set(
        re.findall(r"^([A-Za-z0-9_.-]+)==", (ROOT / "requirements/run.txt").read_text(), re.MULTILINE)
    )
    providers = metadata.packages_distributions()
    own = {"amity", *sys.stdlib_module_names}
    missing = set()
    for path in modules():
        if "training" in path.parts:
            continue
        for name in set(imported(ast.parse(path.read_text()))) - own - ONLY_FOR_BENCHES:
            packages = {package.lower().replace("_", "-") for package in providers.get(name, [name])}
            if not packages & locked:
                missing.add(f"{name_of(path)}: {name}")
    assert missing == set()


@pytest.mark.parametrize(
    "package", sorted(path.parent for path in (ROOT / "amity").glob("*/__init__.py")), ids=name_of
)
def test_a_package_says_what_it_is_for_in_thirty_lines(package: Path) -> None:
    readme = package / "README.md"
    assert readme.exists(), f"{name_of(package)} has no README.md"
    assert len(readme.read_text().splitlines()) <= 30


def test_files_and_functions_keep_a_size_that_can_be_read() -> None:
    too_long = []
    for path in modules():
        text = path.read_text()
        if len(text.splitlines()) > MOST_LINES:
            too_long.append(f"{name_of(path)}: {len(text.splitlines())} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION:
                    too_long.append(f"{name_of(path)}: {node.name} has {lines} lines")
    assert too_long == []
