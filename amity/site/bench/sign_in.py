"""`amity bench sign-in`: whether guessing pays, and whether time tells who has an account. With the real hasher.

10,000 guesses come in from eight threads at once: at one account from one address, at one account from four hundred,
and from one address at many accounts. The right password is among them each time, late. Then wrong passwords, unknown
and closed accounts are tried in random order, each from an address of its own, and their times compared.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from django.conf import settings as django_settings
from django.db import connections
from django.test import Client
from django.test.utils import override_settings
from django.utils import timezone

from amity.kernel.actor import Role
from amity.kernel.models import Staff
from amity.site.bench.database import bench_database

GUESSES, THREADS, ROUNDS = 10_000, 8, 150
PASSWORD = "the right one, for once"  # noqa: S105  # of accounts that live as long as this bench
Guess = tuple[str, str, str]  # address, e-mail, password


def settings() -> dict[str, object]:
    """What the figures depend on."""
    return {
        "guesses": GUESSES,
        "threads": THREADS,
        "rounds": ROUNDS,
        "hasher": django_settings.PASSWORD_HASHERS[0].rpartition(".")[2],
    }


def run(
    data: Path | None = None,  # noqa: ARG001  # the shape of all benches
    *,
    guesses: int = GUESSES,
    rounds: int = ROUNDS,
) -> dict[str, float]:
    """Figures: `guesses`, `looked_at` (the password was compared), `let_in`; medians of the answers in ms; and
    `unknown_auc`, `closed_auc`: how well time tells them from a wrong password (0.5 not at all, 1 always)."""
    plain = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }  # pages are drawn, not looked at
    storages = django_settings.STORAGES | {"staticfiles": plain}
    with (
        bench_database("amity_bench_sign_in"),
        override_settings(PROXIES=1, ALLOWED_HOSTS=["testserver"], STORAGES=storages),
    ):
        for number in range(8):
            _account(f"known{number}@amity.example", is_active=number != 7)
        return _guessing(guesses) | _timing(rounds)


def _account(email: str, *, is_active: bool = True) -> None:
    staff = Staff(email=email, name="Bench", role=Role.AGENT, joined_at=timezone.now(), is_active=is_active)
    staff.set_password(PASSWORD)
    staff.save()


def _guessing(guesses: int) -> dict[str, float]:
    started = time.monotonic()
    answers: Counter[int] = Counter()
    with ThreadPoolExecutor(THREADS, initializer=connections.close_all) as pool:
        for status in pool.map(_try, _guesses(guesses)):
            answers[status] += 1
        list(pool.map(lambda _n: connections.close_all(), range(THREADS * 4)))
    return {
        "guesses": float(sum(answers.values())),
        "looked_at": float(answers[422] + answers[302]),
        "stopped": float(answers[429]),
        "let_in": float(answers[302]),
        "guessing_s": round(time.monotonic() - started, 1),
    }


def _guesses(count: int) -> Iterator[Guess]:
    """Three attacks, each with the right password as its last guess but one."""
    share = count // 3
    kinds: tuple[Callable[[int], tuple[str, str]], ...] = (
        lambda _n: ("203.0.113.1", "known0@amity.example"),
        lambda n: (f"198.51.{100 + n % 4}.{n // 4 % 100}", "known1@amity.example"),
        lambda n: ("203.0.113.2", f"known{2 + n % 4}@amity.example" if n % 2 else f"nobody{n}@amity.example"),
    )
    for kind, one in enumerate(kinds):
        most = share if kind < 2 else count - 2 * share
        for number in range(most):
            is_right = number == most - 2 + most % 2
            yield *one(number), PASSWORD if is_right else f"guess {number}"


def _try(guess: Guess) -> int:
    address, email, password = guess
    answer = Client().post(
        "/login/", {"email": email, "password": password}, headers={"X-Forwarded-For": address}
    )
    return int(answer.status_code)


def _timing(rounds: int) -> dict[str, float]:
    rng = random.Random(5)
    kinds = {
        "wrong": "known6@amity.example",
        "unknown": "nobody@amity.example",
        "closed": "known7@amity.example",
    }
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    order = [kind for kind in kinds for _round in range(rounds)]
    rng.shuffle(order)
    client = Client()
    for number, kind in enumerate(["wrong", "unknown", "closed", *order]):
        _forget()
        started = time.perf_counter()
        client.post(
            "/login/",
            {"email": kinds[kind], "password": f"guess {number}"},
            headers={"X-Forwarded-For": f"192.0.2.{number % 250}"},
        )
        if number > 2:  # the first of each kind warm up
            times[kind].append((time.perf_counter() - started) * 1_000)
    figures = {f"{kind}_ms": round(median(taken), 1) for kind, taken in times.items()}
    return figures | {
        "unknown_auc": round(_auc(times["unknown"], times["wrong"]), 3),
        "closed_auc": round(_auc(times["closed"], times["wrong"]), 3),
    }


def _forget() -> None:
    from amity.site.models import SignInAttempt

    SignInAttempt.objects.all().delete()


def _auc(some: list[float], others: list[float]) -> float:
    """The chance that one of `some` took longer than one of `others` (Mann-Whitney U, scaled)."""
    longer = sum((one > other) + (one == other) / 2 for one in some for other in others)
    return longer / (len(some) * len(others))
