"""Whether attack strings stay inert in a real browser once `sanitise_html` has been over them."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path

from amity.channels.mime.browser_trial import browser_trial, in_contexts
from amity.channels.mime.sanitise import sanitise_html

_BATCH = 250
# Live in every browser: if the recorder misses one of these, a result of zero means nothing.
CONTROLS = (
    "<img src=nowhere onerror=alert(1)>",
    "<details open ontoggle=confirm(1)>x</details>",
    "<b onmouseover=prompt(1)>x</b>",
    "<a href='javascript:alert(1)'>x</a>",
    "<img src='https://pictures.invalid/1.png'>",
    "<script>console.log(1)</script>",
    "<b onclick=\"eval('1 + 1')\">x</b>",
    "<meta http-equiv=refresh content='0;url=https://elsewhere.invalid/'>",
)
_INERT = "<p>Nothing <b>acts</b> <a href='https://elsewhere.invalid/' target=_blank>here</a></p>"


def run(data: Path) -> dict[str, float]:
    """Show every payload of `xss` under `data`, sanitised, alone and inside a body, without a policy.

    `executed` counts what ran, was fetched or navigated after every element was clicked, hovered and focused;
    `active` counts elements and attributes that could act; both must be 0. `controls_missed` of `controls` live
    strings, shown unsanitised, must be 0 too, and so must `false_alarms`, what the recorder makes of a body that
    does nothing. `sanitise_ms` is the mean for one body.
    """
    payloads = list(payloads_of(data / "xss"))
    started = time.perf_counter()
    bodies = [sanitise_html(body) for payload in payloads for body in in_contexts(payload)]
    elapsed_ms = (time.perf_counter() - started) * 1000
    executed, active = 0, 0
    with browser_trial() as trial:
        missed = sum(not trial.show([control])[0] for control in CONTROLS)
        false_alarms = sum(map(len, trial.show([_INERT])))
        for start in range(0, len(bodies), _BATCH):
            ran, ready = trial.show(bodies[start : start + _BATCH])
            executed += len(ran)
            active += len(ready)
    return {
        "payloads": len(payloads),
        "bodies": len(bodies),
        "executed": executed,
        "active": active,
        "controls": len(CONTROLS),
        "controls_missed": missed,
        "false_alarms": false_alarms,
        "sanitise_ms": round(elapsed_ms / max(1, len(bodies)), 4),
    }


def payloads_of(folder: Path) -> Iterator[str]:
    """The attack strings of the public data set `xss`."""
    with gzip.open(folder / "payloads.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from (json.loads(line)["payload"] for line in lines)
    for name in ("dompurify_expectations.jsonl", "bleach_expectations.jsonl"):
        with (folder / name).open(encoding="utf-8") as lines:
            yield from (json.loads(line)["payload"] for line in lines)
