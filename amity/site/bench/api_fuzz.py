"""`amity bench api-fuzz`: requests that fit the OpenAPI document, and ones that do not, as every role.

schemathesis makes them up. No answer may be a 5xx, and each must be one that the document names: status, content type
and shape of the body.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hypothesis
from django.core.handlers.wsgi import WSGIHandler
from django.utils import timezone

from amity.channels.models import Account, ImportRun, OutboundMessage, SavedMapping
from amity.commerce.models import Order
from amity.conversations.models import Conversation
from amity.insight.queries.registry import FIGURES
from amity.kernel.actor import Role
from amity.kernel.api.tokens import make_token, scopes_of
from amity.kernel.models import Staff, Team
from amity.people.models import Organisation, Person
from amity.site.bench.database import bench_database
from amity.site.bench.serving import collect_static
from amity.site.demo_company import move_in
from amity.site.models import SavedView
from amity.teamwork.models import Promise
from amity.webhooks.models import Delivery, Endpoint, Inlet

SECONDS = 600
EACH = 12


@dataclass(slots=True)
class Fuzzed:
    """What a run came to: answers by status, and each failure in a line."""

    requests: int = 0
    operations: int = 0
    asked: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)


def settings() -> dict[str, Any]:
    return {"seconds": SECONDS, "roles": [role.value for role in Role]}


def run(data: Path | None = None, *, seconds: int = SECONDS) -> dict[str, float]:  # noqa: ARG001
    """Figures `requests`, `operations`, `server_errors`, `undocumented` of ten minutes over a demo company."""
    collect_static()
    with bench_database("amity_bench_fuzz"):
        move_in(timezone.now(), lambda *_words: None)
        found = fuzz(secrets_of_every_role(), seconds=seconds)
    for place, words in found.failures.items():
        sys.stderr.write(f"{place} {words}\n")
    errors = sum(count for status, count in found.answers.items() if status >= 500)
    return {
        "requests": found.requests,
        "operations": found.operations,
        "server_errors": errors,
        "undocumented": len(found.failures),
    }


def secrets_of_every_role() -> list[str]:
    """A token with all its scopes for a colleague of each role, made where there is none."""
    secrets = []
    for role in Role:
        staff, _made = Staff.objects.get_or_create(
            email=f"fuzz-{role.value}@amity.example",
            defaults={"name": f"Fuzz {role.value}", "role": role, "joined_at": timezone.now()},
        )
        scopes = scopes_of(role) or ("conversation:read",)
        _token, secret = make_token("fuzz", actor=staff.actor(), at=timezone.now(), scopes=scopes)
        secrets.append(secret)
    return secrets


def fuzz(
    secrets: Sequence[str], *, seconds: float, seed: int = 0, rounds: int = 10_000, each: int = EACH
) -> Fuzzed:
    """Walk all operations again and again until the time is over, a few requests each, the roles in turn."""
    import schemathesis

    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
    outcome, until = Fuzzed(operations=len(operations)), time.monotonic() + seconds
    for turn in range(rounds):
        for operation in operations:
            if time.monotonic() > until:
                return outcome
            outcome.asked.add(operation.label)
            _some(operation, secrets, outcome, seed + turn, each)
    return outcome


def _some(operation: Any, secrets: Sequence[str], outcome: Fuzzed, seed: int, each: int) -> None:
    """A round of requests to one operation."""
    from schemathesis import GenerationMode

    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=each,
            deadline=None,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            _ask(case, secrets[outcome.requests % len(secrets)], outcome)

        try:
            ask()
        except hypothesis.errors.Unsatisfiable:
            continue  # nothing about this operation can be wrong


_REAL: dict[str, Callable[[], Any]] = {
    "person_id": lambda: Person.objects.values_list("pk", flat=True),
    "organisation_id": lambda: Organisation.objects.values_list("pk", flat=True),
    "order_id": lambda: Order.objects.values_list("pk", flat=True),
    "conversation_id": lambda: Conversation.objects.values_list("pk", flat=True),
    "message_id": lambda: OutboundMessage.objects.values_list("pk", flat=True),
    "promise_id": lambda: Promise.objects.values_list("pk", flat=True),
    "run_id": lambda: ImportRun.objects.values_list("pk", flat=True),
    "mapping_id": lambda: SavedMapping.objects.values_list("pk", flat=True),
    "source_id": lambda: Account.objects.values_list("pk", flat=True),
    "endpoint_id": lambda: Endpoint.objects.values_list("pk", flat=True),
    "delivery_id": lambda: Delivery.objects.values_list("pk", flat=True),
    "inlet_id": lambda: Inlet.objects.values_list("pk", flat=True),
    "team_id": lambda: Team.objects.values_list("pk", flat=True),
    "view_id": lambda: SavedView.objects.values_list("pk", flat=True),
    "key": lambda: [figure.key for figure in FIGURES],
}


def _point_at_something(case: Any, number: int) -> None:
    for name in set(case.path_parameters or ()) & set(_REAL):
        if found := list(_REAL[name]()[:50]):
            case.path_parameters[name] = str(found[number % len(found)])


def _ask(case: Any, secret: str, outcome: Fuzzed) -> None:
    from schemathesis.checks import (
        content_type_conformance,
        not_a_server_error,
        response_schema_conformance,
        status_code_conformance,
    )
    from schemathesis.core.failures import Failure, FailureGroup

    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {secret}"}
    if (
        outcome.requests % 2
    ):  # an id that was made up is nobody's; every other request is about something real
        _point_at_something(case, outcome.requests)
    response = case.call()
    outcome.requests += 1
    outcome.answers[response.status_code] += 1
    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
    ]
    try:
        case.validate_response(response, checks=checks)
    except (FailureGroup, Failure) as error:
        place = f"{case.method} {case.operation.path} {response.status_code}"
        outcome.failures.setdefault(place, f"{error}\n{case.as_curl_command()}")
