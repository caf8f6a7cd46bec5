"""Compile `requirements/*.in` into locks with hashes that hold on Linux x86_64 and arm64 for Python 3.11 to 3.13.

    python tools/lock.py              keep the pinned versions that still fit
    python tools/lock.py --upgrade    take the newest ones

The configuration of this machine (registries, folders of wheels) is left out, so the locks name no place.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from uv import find_uv_bin

FOLDER = Path(__file__).resolve().parent.parent / "requirements"
ORDER = ("run", "test", "train")  # the later ones are held to what the first pins
KEPT = ("PATH", "HOME", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
PLACE = re.compile(
    r"https?://|file:|(?:^|\s)--?(?:find-links|index-url|extra-index-url)\b|(?<![\w.])/(?:home|root|opt)/"
)


def compile_lock(name: str, extra: Sequence[str]) -> None:
    """Write `requirements/<name>.txt`."""
    options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"]
    places = ["--no-emit-index-url", "--no-emit-find-links"]
    files = ["--output-file", f"{name}.txt", f"{name}.in"]
    command = [find_uv_bin(), "--no-config", "pip", "compile", "--quiet", *options, *places, *extra, *files]
    subprocess.run(
        command, check=True, cwd=FOLDER, env={key: os.environ[key] for key in KEPT if key in os.environ}
    )


def places_in(text: str) -> list[str]:
    """The lines that name a registry or a folder of one machine. There must be none."""
    return [line for line in text.splitlines() if PLACE.search(line)]


def main(arguments: Sequence[str]) -> int:
    for name in ORDER:
        compile_lock(name, arguments)
        named = places_in((FOLDER / f"{name}.txt").read_text())
        if named:
            print(f"requirements/{name}.txt names a place: {named[0]}", file=sys.stderr)
            return 1
        print(f"requirements/{name}.txt is written.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
