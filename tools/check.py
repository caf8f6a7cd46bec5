"""Everything that can be said about the code without running it. All checks run, then the exit code tells.

python tools/check.py               all
python tools/check.py style types   some, by name
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Check:
    """`command` ends with 0 when all is well; else what it wrote is shown."""

    name: str
    meaning: str
    command: Sequence[str]


def tool(name: str, *arguments: str) -> list[str]:
    return [str(BIN / name), *arguments]


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


# No database is needed for it, and Django warns when there is none.
MIGRATIONS = ["-W", "ignore", "-m", "django", "makemigrations"]
NO_CACHE = ["-p", "no:cacheprovider"]  # two pytests would share it

# The slowest first: two run at a time.
CHECKS = (
    Check("types", "mypy --strict", tool("mypy", "--no-error-summary")),
    Check("tables", "every change of a model has its migration", python(*MIGRATIONS, "--check", "--dry-run")),
    Check("style", "ruff check", tool("ruff", "check", "--quiet", ".")),
    Check("format", "ruff format", tool("ruff", "format", "--quiet", "--check", ".")),
    Check("layers", "import-linter", tool("lint-imports", "--no-cache")),
    Check("templates", "djLint", tool("djlint", "amity", "--lint", "--quiet")),
    Check("licences", "the list of licences", python("tools/licences.py", "--check")),
    Check("texts", "every text can be translated", python("tools/translate.py", "--check")),
    Check("vendored", "files of others are as fetched", python("tools/vendor_assets.py", "--check")),
    Check(
        "docs",
        "the docs name everything",
        python("-m", "pytest", "-q", "--no-header", *NO_CACHE, "tests/docs"),
    ),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check came to."""

    check: Check
    good: bool
    seconds: float
    output: str


def run(check: Check) -> Outcome:
    """Run one check and keep what it writes."""
    started = time.monotonic()
    environ = {
        "AMITY_HOME": str(ROOT / ".venv/check-home"),
        "AMITY_SECRET_KEY": "checks sign nothing " * 3,
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "amity.site.settings",
        **os.environ,
    }
    done = subprocess.run(
        check.command,
        cwd=ROOT,
        env=environ,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return Outcome(check, done.returncode == 0, time.monotonic() - started, done.stdout)


def main(names: Sequence[str]) -> int:
    unknown = set(names) - {check.name for check in CHECKS}
    if unknown:
        print(
            f"No such check: {', '.join(sorted(unknown))}. Known: {', '.join(check.name for check in CHECKS)}."
        )
        return 2
    chosen = [check for check in CHECKS if not names or check.name in names]
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for outcome in pool.map(run, chosen):
            verdict = "ok" if outcome.good else "FAILED"
            print(
                f"  {outcome.check.name:<12}{outcome.check.meaning:<44}{verdict:<8}{outcome.seconds:5.1f} s",
                flush=True,
            )
            if not outcome.good:
                failed.append(outcome)
    for outcome in failed:
        print(
            f"\n{outcome.check.name} ({' '.join(outcome.check.command[:2])}):\n{outcome.output.rstrip()}",
            flush=True,
        )
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
