"""`amity bench identity-batch`: a million invented customers, from what they say to who is one person."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from amity.people.domain.matching.engine import PROPOSE_PROBABILITY, bits_of, resolve
from amity.people.domain.matching.records import Said
from amity.site.bench.identity.quality import pairs_within, scores
from amity.site.bench.identity.synthetic import customers

RECORDS, SEED = 1_000_000, 11


def settings() -> dict[str, float]:
    """What was resolved."""
    return {"records": RECORDS, "seed": SEED}


def run(data: Path | None = None, *, records: int = RECORDS) -> dict[str, float]:  # noqa: ARG001  # as all benches
    """`minutes_1m`: learning, scoring and joining, with reading the records but without inventing them.

    `cpu_minutes_1m`: time of the processor for all of it, inventing included, which does not grow where others use the
    machine too. `peak_gb_1m`: the most memory that the process had. `synthetic_…`: precision, recall and F1 of scored
    pairs, and within persons.
    """
    command = [sys.executable, "-m", "amity.site.bench.identity.batch", str(records)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def measure(records: int) -> dict[str, float]:
    """The figures of this process."""
    entities: list[int] = []
    inventing = 0.0

    def counted() -> Iterator[Said]:
        nonlocal inventing
        source = customers(records, seed=SEED)
        while True:
            began = time.perf_counter()
            one = next(source, None)
            inventing += time.perf_counter() - began
            if one is None:
                return
            entities.append(one[0])
            yield one[1]

    began, began_cpu = time.perf_counter(), time.process_time()
    found = resolve(counted())
    spent, cpu = time.perf_counter() - began - inventing, time.process_time() - began_cpu
    truth = np.array(entities, np.int64)
    sure = found.bits >= bits_of(PROPOSE_PROBABILITY)
    right = truth[found.one] == truth[found.other]
    scored = scores(int((sure & right).sum()), int(sure.sum()), pairs_within(truth))
    both = found.persons * (truth.max() + 1) + truth
    joined = scores(pairs_within(both), pairs_within(found.persons), pairs_within(truth))
    return {
        "minutes_1m": round(spent / 60, 2),
        "cpu_minutes_1m": round(cpu / 60, 2),
        "peak_gb_1m": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
        "pairs_1m": len(found.bits),
        **{f"synthetic_{key}": figure for key, figure in scored.items()},
        **{f"synthetic_persons_{key}": figure for key, figure in joined.items()},
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]))) + "\n")
