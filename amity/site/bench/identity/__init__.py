"""`amity bench identity`: how well, how fast and with how much memory the records of one person are found.

Its parts run alone as `identity-quality`, `identity-batch` and `identity-live`.
"""

from __future__ import annotations

from pathlib import Path


def settings() -> dict[str, float]:
    """What the figures depend on."""
    from amity.site.bench.identity import batch, live, quality

    return quality.settings() | batch.settings() | live.settings()


def run(data: Path | None = None) -> dict[str, float]:
    """The figures of all parts."""
    from amity.site.bench.identity import batch, live, quality

    return quality.run(data) | batch.run() | live.run()
