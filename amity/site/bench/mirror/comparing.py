"""Ask both worlds, compare the bytes, and say in words where they differ."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from unittest.mock import patch

from django.conf import settings
from django.db import transaction

from amity.kernel.api.limits import Buckets
from amity.kernel.live import Announcement
from amity.people.vocabulary import settle
from amity.site import api_edge
from amity.site.bench.mirror import changes
from amity.site.bench.mirror.questions import API, addresses_of, ids_now, questions
from amity.site.bench.mirror.world import Asker, World, standing_clock
from amity.site.stream.gate import admit
from amity.site.stream.hub import Client as Stream

# What may differ between two answers to the same question, and why.
UNLIKE = (
    (re.compile(rb'(csrfmiddlewaretoken" value=|data-csrf=|X-CSRFToken": )"[^"]*"'), "masked anew for each page"),
    (re.compile(rb"[0-9]+ ms</span>"), "how long a search took"),
)  # fmt: skip
HEADERS = ("Content-Type", "ETag", "Location", "Link", "Content-Disposition", "HX-Trigger")
MOST_PROBED = 12


@dataclass(slots=True)
class Report:
    """How many cases (a hidden change and a question), which questions, and every difference in words."""

    cases: int = 0
    changes: int = 0
    questions: set[str] = field(default_factory=set)
    differences: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, float]:
        return {
            "cases": self.cases, "changes": self.changes, "questions": len(self.questions),
            "differences": len(self.differences),
        }  # fmt: skip


def compare(world: World, *, cases: int, a_change: int, seed: int = 1) -> Report:
    """Draw hidden changes until `cases` questions were asked of both worlds, `a_change` of them after each.

    The world is left as it was. Every change is asked about by each asker, and live streams listen to all of them.
    """
    random = Random(seed)
    report = Report()
    asked = questions()
    known: dict[tuple[str, str], bytes] = {}
    with standing_clock():
        while report.cases < cases:
            report.changes += 1
            _one_change(world, random, report, random.sample(asked, min(a_change, len(asked))), known)
    return report


def _one_change(
    world: World, random: Random, report: Report, wanted: list[str], known: dict[tuple[str, str], bytes]
) -> None:
    pairs = [(random.choice(world.askers), question) for question in wanted]
    for asker, question in pairs:
        if (asker.name, question) not in known:
            known[asker.name, question] = ask(asker, question)
    before = ids_now()
    with _taken_back():
        streams = {asker.name: _stream(asker) for asker in world.askers}
        with _announced() as heard:
            made = changes.change(world, random)
            if random.random() < 0.7:  # else the words of the change are not counted yet
                settle()
        told, unseeing = made.words, [asker for asker in world.askers if asker.name in made.unseen_by]
        for asker in unseeing:
            report.cases += 1
            audible = [one for one in heard if streams[asker.name].may_hear(one)]
            if audible:
                report.differences.append(f"{asker.name} hears {audible}\n    after {told}")
        for asker, question in pairs:
            if asker.name not in made.unseen_by:
                continue
            _note(report, asker, question, known[asker.name, question], ask(asker, question), told)
        new = {table: [one for one in ids if one not in before[table]] for table, ids in ids_now().items()}
        probes = addresses_of(new)
        probes = random.sample(probes, min(MOST_PROBED, len(probes)))
        probed = [(asker := random.choice(unseeing), probe, ask(asker, probe)) for probe in probes]
    for asker, probe, there in probed:
        _note(report, asker, _shape(probe), ask(asker, probe), there, told)


def _shape(question: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "(hidden id)", question)


def _note(report: Report, asker: Asker, question: str, without: bytes, there: bytes, told: str) -> None:
    report.cases += 1
    report.questions.add(question)
    if without != there:
        report.differences.append(f"{asker.name} asks {question}\n{_words(without, there)}\n    after {told}")


def _words(without: bytes, there: bytes) -> str:
    before, after = (
        answer.decode(errors="replace").replace(",", ",\n").splitlines() for answer in (without, there)
    )
    found = difflib.unified_diff(before, after, "without", "with what is hidden", lineterm="", n=0)
    return "\n".join(f"    {line[:200]}" for line in list(found)[:14])


def ask(asker: Asker, question: str) -> bytes:
    """Everything that comes back: status, headers and body; of a list of the API also the next page."""
    api_edge.BUCKETS = Buckets()
    answer = _answered(asker, question)
    if question.startswith(API) and "limit=" in question:
        after = json.loads(answer.rpartition(b"\n\n")[2] or b"{}").get("after")
        if after:
            answer += b"\n" + _answered(asker, f"{question}&after={after}")
    return answer


def _answered(asker: Asker, path: str) -> bytes:
    headers = {"Sec-Fetch-Site": "same-origin"}
    with _taken_back():
        if path.startswith(API):
            headers["Authorization"] = f"Bearer {asker.token}"
            found = asker.api.get(path, headers=headers)
        else:
            found = asker.browser.get(path, headers=headers)
        body = found.getvalue() if found.streaming else found.content
    if found.status_code >= 500:
        raise AssertionError(f"{path} answers {found.status_code}")
    for pattern, _why in UNLIKE:
        body = pattern.sub(b"", body)
    lines = [str(found.status_code), *(f"{name}: {found[name]}" for name in HEADERS if name in found)]
    return "\n".join(lines).encode() + b"\n\n" + body


def _stream(asker: Asker) -> Stream:
    listener = admit(asker.browser.cookies[settings.SESSION_COOKIE_NAME].value)
    assert listener is not None
    return Stream(listener)


@contextmanager
def _announced() -> Iterator[list[Announcement]]:
    """What is announced within: nothing is heard of it while the transaction stays open."""
    heard: list[Announcement] = []
    encode = Announcement.encode

    def noted(self: Announcement) -> str:
        heard.append(self)
        return encode(self)

    with patch.object(Announcement, "encode", noted):
        yield heard


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
