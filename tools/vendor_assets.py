"""Bring the browser libraries, the font and the icons into the tree, or check that they are what they were.

    python tools/vendor_assets.py           fetch the pinned versions with npm and rewrite the manifest
    python tools/vendor_assets.py --check   compare every vendored file with its hash; needs no network

Amity serves everything itself and needs no build step to run, so the built files stand in the repository. The manifest
says for each where it came from, under which licence, what was changed, and its sha256. Fetching needs npm, and
`fonttools` with `brotli` to cut the font into the scripts that we serve; checking needs only Python.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "amity/site/static/vendor"
MANIFEST = VENDOR / "manifest.json"
ICON_NAMES = VENDOR / "icons.txt"
TEST_VENDOR = ROOT / "amity/site/tests/vendor"

# The features that the interface uses: contextual forms, round quotes and commas (ss03), spurred G (cv10), figures.
FONT_FEATURES = ["calt", "ccmp", "locl", "kern", "mark", "mkmk", "tnum", "pnum", "case", "ss03", "cv10"]
FONT_SCRIPTS = {
    "latin": "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+0304,U+0308,U+0329,U+2000-206F,"
    "U+20AC,U+2122,U+2190-2193,U+2196-2199,U+21B5,U+2212,U+2215,U+2248,U+2260,U+2264-2265,U+2303,U+2318,U+FEFF,U+FFFD",
    "latin-ext": "U+0100-0130,U+0132-0151,U+0154-01BF,U+01C4-024F,U+0259,U+1E00-1E9F,U+1EF2-1EFF,U+20A0-20AB,"
    "U+20AD-20C0,U+2C60-2C7F,U+A720-A7FF",
    "cyrillic": "U+0301,U+0400-045F,U+0490-0491,U+04B0-04B1,U+2116",
    "greek": "U+0370-0377,U+037A-037F,U+0384-038A,U+038C,U+038E-03A1,U+03A3-03FF",
    "vietnamese": "U+0102-0103,U+0110-0111,U+0128-0129,U+0168-0169,U+01A0-01A1,U+01AF-01B0,U+0300-0301,U+0303-0304,"
    "U+0308-0309,U+0323,U+0329,U+1EA0-1EF9,U+20AB",
}


@dataclass(frozen=True)
class Package:
    """One npm package: the pinned version, its licence and how its files become ours (source folder, target folder)."""

    name: str
    version: str
    licence: str
    build: Callable[[Path, Path], Iterator[Path]]
    target: Path
    changes: str = field(default="none")


def copied(*names: str) -> Callable[[Path, Path], Iterator[Path]]:
    """Take files as they are, without the pointer to a source map that we do not ship."""

    def build(source: Path, target: Path) -> Iterator[Path]:
        for name in names:
            text = (source / name).read_text(encoding="utf-8")
            written = target / Path(name).name
            written.write_text(re.sub(r"\n?//# sourceMappingURL=\S+\s*", "\n", text), encoding="utf-8")
            yield written

    return build


def font(source: Path, target: Path) -> Iterator[Path]:
    """Cut the variable font (weight and optical size) into one woff2 a script."""
    from fontTools import subset, ttLib  # only needed here, so checking works without it
    from fontTools.varLib import instancer

    for script, ranges in FONT_SCRIPTS.items():
        options = subset.Options()
        options.layout_features = FONT_FEATURES
        options.flavor = "woff2"
        face = ttLib.TTFont(source / "variable/InterVariable.woff2")
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=subset.parse_unicodes(ranges.replace("U+", "")))
        subsetter.subset(face)
        face = instancer.instantiateVariableFont(face, {"wght": (400, 700)})
        written = target / f"inter-{script}.woff2"
        subset.save_font(face, str(written), options)
        yield written
    written = target / "LICENSE.txt"
    written.write_bytes((source / "LICENSE.txt").read_bytes())
    yield written


def sprite(source: Path, target: Path) -> Iterator[Path]:
    """One SVG file with a symbol for each name in icons.txt, drawn with a stroke of 1.75 on a grid of 24."""
    symbols = []
    for name in ICON_NAMES.read_text(encoding="utf-8").split():
        drawing = (source / "icons" / f"{name}.svg").read_text(encoding="utf-8")
        body = re.sub(r"\s+", " ", drawing.split(">", 2)[2].removesuffix("</svg>\n")).strip()
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
            f'stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
        )
    written = target / "sprite.svg"
    written.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n", encoding="utf-8"
    )
    yield written
    licence = target / "LICENSE"
    licence.write_bytes((source / "LICENSE").read_bytes())
    yield licence


PACKAGES = (
    Package(
        "htmx.org",
        "4.0.1",
        "0BSD",
        copied("dist/htmx.min.js", "LICENSE"),
        VENDOR / "htmx",
        "source map pointer removed",
    ),
    Package(
        "uplot",
        "1.6.32",
        "MIT",
        copied("dist/uPlot.iife.min.js", "dist/uPlot.min.css", "LICENSE"),
        VENDOR / "uplot",
    ),
    Package(
        "inter-ui",
        "4.1.1",
        "OFL-1.1",
        font,
        VENDOR / "inter",
        "cut by script, weights 400 to 700, features " + " ".join(FONT_FEATURES),
    ),
    Package(
        "lucide-static",
        "1.62.0",
        "ISC",
        sprite,
        VENDOR / "lucide",
        "the icons of icons.txt in one sprite, stroke 1.75",
    ),
    Package(
        "axe-core", "4.14.1", "MPL-2.0", copied("axe.min.js", "LICENSE"), TEST_VENDOR / "axe", "tests only"
    ),
)


def digest(path: Path) -> str:
    """sha256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch() -> None:
    """Install the pinned packages into a temporary folder, build our files from them and write the manifest."""
    entries = []
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "package.json").write_text('{"private": true}', encoding="utf-8")
        wanted = [f"{package.name}@{package.version}" for package in PACKAGES]
        subprocess.run(
            ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", *wanted], cwd=folder, check=True
        )
        for package in PACKAGES:
            package.target.mkdir(parents=True, exist_ok=True)
            files = package.build(Path(folder) / "node_modules" / package.name, package.target)
            entries.append(
                {
                    "name": package.name,
                    "version": package.version,
                    "licence": package.licence,
                    "changes": package.changes,
                    "files": {str(path.relative_to(ROOT)): digest(path) for path in files},
                }
            )
    MANIFEST.write_text(json.dumps({"packages": entries}, indent=2) + "\n", encoding="utf-8")


def differences() -> list[str]:
    """What does not match the manifest, one sentence each; empty when all vendored files are as recorded."""
    found = []
    known = set()
    for package in json.loads(MANIFEST.read_text(encoding="utf-8"))["packages"]:
        for name, expected in package["files"].items():
            path = ROOT / name
            known.add(path)
            if not path.is_file():
                found.append(f"{name} is missing")
            elif digest(path) != expected:
                found.append(f"{name} is not what {package['name']} {package['version']} was built to")
    folders = [package.target for package in PACKAGES if package.target.is_dir()]
    strangers = {path for folder in folders for path in folder.rglob("*") if path.is_file()} - known
    return found + [f"{path.relative_to(ROOT)} is not in the manifest" for path in sorted(strangers)]


def main() -> int:
    """Command line: fetch, or with --check compare. The exit code is 1 when something differs."""
    parser = argparse.ArgumentParser(description="Vendor browser libraries, the font and the icons.")
    parser.add_argument(
        "--check", action="store_true", help="compare the files with the manifest and change nothing"
    )
    if not parser.parse_args().check:
        fetch()
    found = differences()
    for sentence in found:
        print(sentence, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
