"""From the form of the mapping screen to a mapping. What the form does not show stays as it was."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from django.http import QueryDict

from amity.channels.adapters.file.mapping import Mapping, RecordKind
from amity.channels.adapters.file.shape import Shape
from amity.channels.domain.columns import (
    KEEP,
    NETWORKS,
    Use,
    change_use,
    kept_role,
    roles_of,
    speakers,
    uses_of,
    with_speakers,
)
from amity.channels.drafts import OPEN_DAYS
from amity.channels.models import ImportRun
from amity.channels.web.words import CHANNELS

TICKS = ("fold_quotes", "lines", "keep_other_columns")
MOST_OWN_ADDRESSES = 200


def apply_form(run: ImportRun, form: QueryDict) -> tuple[dict[str, Any], dict[str, Any]]:
    """The mapping and the options of a run as the form has them."""
    options: dict[str, Any] = {}
    if (choice := form.get("open_days", "")) in OPEN_DAYS:
        options["open_days"] = OPEN_DAYS[choice]
    if not run.mapping:
        return run.mapping, options
    shape, mapping = Shape.from_json(run.shape), Mapping.from_json(run.mapping)
    mapping = _with_columns(mapping, shape, form)
    mapping = _with_values(mapping, form)
    mapping = _with_speaking(mapping, form)
    key, name = _source(mapping, form)
    if name:
        options["source_name"] = name
    return replace(mapping, source=key).to_json(), options


def _with_columns(mapping: Mapping, shape: Shape, form: QueryDict) -> Mapping:
    allowed = {"", *roles_of(mapping.record)}
    before = uses_of(mapping, shape.columns)
    for index, column in enumerate(shape.columns):
        role = form.get(f"use-{index}")
        if role is None:
            continue
        now = before[column]
        network = form.get(f"network-{index}", now.network)
        wanted = Use(role, network if network in NETWORKS else now.network)
        is_same = role == now.role or (role == KEEP and now.role == kept_role(mapping.record, column))
        if is_same and (not now.network or wanted.network == now.network):
            continue
        if role in allowed or role.startswith(("facts.", "extra.")):
            mapping = change_use(mapping, column, wanted)
    return mapping


def _with_values(mapping: Mapping, form: QueryDict) -> Mapping:
    """Formats and switches that stand on the form. A tick counts only where its form says that it was shown."""
    changes: dict[str, Any] = {}
    for name in ("date_format", "timezone", "channel"):
        if name in form:
            changes[name] = form.get(name, "").strip()[:60]
    if form.get("channel", "message") not in {*CHANNELS, mapping.channel}:
        changes.pop("channel", None)
    if form.get("date_format") == "pattern":
        changes["date_format"] = form.get("date_pattern", "").strip()[:60] or "pattern"
    if "currency" in form:
        changes["currency"] = form.get("currency", "").strip().upper()[:3]
    if "decimal" in form:
        changes["decimal_comma"] = form["decimal"] == "comma"
    if "own_addresses" in form:
        words = re.split(r"[\s,;]+", form.get("own_addresses", "").strip())
        changes["own_addresses"] = tuple(dict.fromkeys(filter(None, words)))[:MOST_OWN_ADDRESSES]
    if "ticks" in form:
        ticked = set(form.getlist("tick"))
        changes["is_public"] = "is_public" in ticked
        changes["recipients_from_mentions"] = "recipients_from_mentions" in ticked
        kept = {name: value for name, value in mapping.options.items() if name not in TICKS}
        changes["options"] = kept | {name: True for name in TICKS if name in ticked}
    return replace(mapping, **changes)


def _with_speaking(mapping: Mapping, form: QueryDict) -> Mapping:
    """Who speaks: what each word of that column means, and what all others mean."""
    if mapping.record is not RecordKind.MESSAGE or "otherwise" not in form:
        return mapping
    rule = mapping.direction
    if form["otherwise"] in {"in", "out", "internal"}:
        rule = replace(rule, otherwise=form["otherwise"])
    told = speakers(rule)
    for word, whom in zip(form.getlist("word"), form.getlist("whom"), strict=False):
        known = next((one for one in told if one.casefold() == word.casefold()), word)
        told.pop(known, None)
        if whom in {"in", "out", "internal"}:
            told[word] = whom
    return replace(mapping, direction=with_speakers(rule, told))


def _source(mapping: Mapping, form: QueryDict) -> tuple[str, str]:
    """Key and name of the source that the form chooses: one that is there, or a new one."""
    chosen = form.get("source", "")
    if chosen and chosen != "new":
        return chosen[:60], ""
    if chosen == "new":
        name = " ".join(form.get("source_name", "").split())[:120]
        key = form.get("source_key", "").strip().lower() or re.sub(r"[^a-z0-9]+", "-", name.lower()).strip(
            "-"
        )
        return key[:60] or mapping.source, name
    return mapping.source, ""
