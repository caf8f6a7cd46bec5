"""Let the demo company live."""

from __future__ import annotations

from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.utils import timezone

from amity.site import demo_company

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    requires_system_checks: list[str] = []  # the screens are not for this process
    help = "Customers of the demo company write and buy on in real time, until it is told to stop."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--speed", type=float, default=1.0, help="times faster than life (default 1)")
        parser.add_argument("--most", type=int, default=None, help="stop after so many")

    def handle(self, *args: Any, speed: float, most: int | None, **options: Any) -> None:
        for happened in demo_company.play(timezone.now(), speed=speed, most=most):
            log.info("demo", happened=happened)
