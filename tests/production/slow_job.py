"""A job that takes longer than everything else needs to stop. Processes of Amity learn of it through AMITY_TRACING."""

from __future__ import annotations

import os
import time
from pathlib import Path

TAKES_S = 3.0


def register() -> None:
    from procrastinate.contrib.django import app

    @app.task(name="tests.slow", queue="tests")
    def slow() -> None:
        folder = Path(os.environ["AMITY_HOME"])
        (folder / "job.begun").touch()
        time.sleep(TAKES_S)  # what it does; nobody waits for it with a sleep
        (folder / "job.ended").touch()
