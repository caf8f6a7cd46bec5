"""Install the programs that some tests need and pip cannot bring: a browser, gettext, servers.

Only root can, and only through apt-get. Anybody else gets all tests that can run; pytest names the command at its end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# program → Debian package; where there are two, the second serves where the first is not offered
NEEDED = {
    "chromium": "chromium-headless-shell chromium",
    "msgfmt": "gettext",
    "dovecot": "dovecot-imapd",
    "/usr/lib/dovecot/lmtp": "dovecot-lmtpd",
    "smtpd": "opensmtpd",
    "nginx": "nginx-light",
    "caddy": "caddy",
    "curl": "curl",
}
SYSTEM = "/usr/sbin"  # not in the path of everybody
MAY_SERVICES_START = (
    Path(SYSTEM) / "policy-rc.d"
)  # packages ask it before they start what they bring; 101 is no
SAME: dict[str, tuple[str, ...]] = {
    "chromium": (
        "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"
    )
}  # fmt: skip


def missing() -> list[str]:
    """The packages whose programs are not on this machine."""
    if os.environ.get("AMITY_CHROMIUM"):
        SAME["chromium"] = (os.environ["AMITY_CHROMIUM"],)
    return [
        _offered(packages.split())
        for program, packages in NEEDED.items()
        if not any(map(_is_here, SAME.get(program, (program,))))
    ]


def _offered(packages: list[str]) -> str:
    """The first that this system has, as far as it can be asked; else the last."""
    if shutil.which("apt-cache"):
        for package in packages[:-1]:
            found = subprocess.run(
                ["apt-cache", "policy", package], capture_output=True, text=True, check=False
            )
            if "Candidate: " in found.stdout and "Candidate: (none)" not in found.stdout:
                return package
    return packages[-1]


def _is_here(program: str) -> bool:
    return shutil.which(program) is not None or shutil.which(program, path=SYSTEM) is not None


def command(packages: list[str]) -> str:
    """The one command that brings them."""
    root = "" if os.geteuid() == 0 else "sudo "
    return f"{root}apt-get install -y --no-install-recommends {' '.join(packages)}"


def main() -> int:
    """Never fails: what is missing shows as skipped tests."""
    if not missing() or os.geteuid() != 0 or not shutil.which("apt-get"):
        return 0
    if not _apt_get("update"):
        return 0
    packages = missing()  # by what is offered now
    print(f"Installing {' and '.join(packages)} for the tests.", flush=True)
    _apt_get("install", "-y", "--no-install-recommends", *packages)
    return 0


def _apt_get(step: str, *words: str) -> bool:
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", step, *words]
    with no_service_starts():
        done = subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        print(
            f"apt-get {step} failed; the tests that need {', '.join(missing())} are skipped.", file=sys.stderr
        )
    return done.returncode == 0


@contextmanager
def no_service_starts() -> Iterator[None]:
    """Tests start the servers that they need, on loopback; nothing else is opened by installing them."""
    if MAY_SERVICES_START.exists():  # somebody has decided about it
        yield
        return
    MAY_SERVICES_START.write_text("#!/bin/sh\nexit 101\n")
    MAY_SERVICES_START.chmod(0o755)
    try:
        yield
    finally:
        MAY_SERVICES_START.unlink(missing_ok=True)


if __name__ == "__main__":
    raise SystemExit(main())
