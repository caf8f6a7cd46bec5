"""Move the demo company in."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from amity.site import demo_company


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # the screens are not for this process
    help = "Load the demo company Tamp & Co into an empty Amity. Never twice, and never beside your own data."

    def handle(self, *args: Any, **options: Any) -> None:
        if not demo_company.is_wanted():
            self.stdout.write("There is data already; the demo company stays out.")
            return
        started = time.monotonic()

        def tell(step: str, done: int, total: int | None) -> None:
            if sys.stderr.isatty() or done % 5_000 == 0:
                share = f"{done / total:4.0%}" if total else ""
                self.stderr.write(f"\r  Demo company: {share} {done:,} {step}".ljust(70), ending="")

        demo_company.move_in(timezone.now(), tell)
        self.stderr.write(f"\r  Demo company: moved in, {time.monotonic() - started:.0f} s".ljust(70))
