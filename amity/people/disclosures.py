"""All that we know of one person in one file: a page to read and print, the same for machines, and the files.

It is made by a job, as far as the colleague who asked may see; what is closed to them is left out, and the file says
that plainly. It stays for a week.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import chain, count
from pathlib import Path
from posixpath import splitext
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from amity.kernel import audit, policy
from amity.kernel.actor import Actor
from amity.kernel.disclosing import File, Section, Whose, sections
from amity.kernel.errors import NotFound
from amity.kernel.filestore import path_of
from amity.kernel.purposes import own_fields
from amity.kernel.workspace import workspace
from amity.people.models import DISCLOSURE_LIFE, DisclosureState, PersonDisclosure
from amity.people.queries.record import person_record

KEPT_FOR = timedelta(days=7)
JOB = "people.disclose"


def ask(person_id: UUID, *, actor: Actor, at: datetime, language: str) -> PersonDisclosure:
    """Have the file made. Raises `NotFound`, `Forbidden`."""
    policy.require(actor, "export", "erasure")
    record = person_record(actor, person_id)
    assert actor.staff_id is not None, "it is made for a colleague"
    with transaction.atomic():
        made = PersonDisclosure.objects.create(
            person_id=record.id, asked_by_id=actor.staff_id, asked_at=at, language=language
        )
        audit.exported("person", subject_id=record.id, actor=actor, at=at, kind="zip", all_of_them=True)
        app.configure_task(JOB, queue="maintenance").defer(disclosure_id=str(made.pk))
    return made


def get_disclosure(actor: Actor, disclosure_id: UUID) -> PersonDisclosure:
    """One's own: it was made as far as its colleague may see. Raises `NotFound`."""
    policy.require(actor, "export", "erasure")
    found = PersonDisclosure.objects.filter(pk=disclosure_id, asked_by_id=actor.staff_id).first()
    if found is None:
        raise NotFound(_("This file does not exist."))
    return found


def ready_file(made: PersonDisclosure) -> Path:
    """The file to be handed out. Raises `NotFound` before it is made, and when it is gone."""
    path = file_of(made)
    if made.state != DisclosureState.DONE or not path.exists():
        raise NotFound(_("This file is not there, or not any more. Have it made again."))
    return path


def file_of(made: PersonDisclosure) -> Path:
    """Where it lies."""
    return Path(settings.MEDIA_ROOT) / "disclosures" / f"{made.pk}.zip"


def make(disclosure_id: UUID, *, at: datetime) -> PersonDisclosure:
    """Write the file; again after a crash, from the start. Raises what broke it, after that was noted."""
    made = PersonDisclosure.objects.select_related("asked_by").get(pk=disclosure_id)
    if made.state != DisclosureState.WAITING or made.person_id is None:
        return made
    actor = made.asked_by.actor()
    try:
        with translation.override(made.language), policy.one_look():
            _write(made, actor, at)
    except NotFound:  # nobody is there any more
        return _move(made, DisclosureState.FAILED, at)
    made.done_at, made.until = at, at + KEPT_FOR
    made.size_bytes = file_of(made).stat().st_size
    with file_of(made).open("rb") as stream:
        made.digest = hashlib.file_digest(stream, "sha256").hexdigest()
    made.save(update_fields=["done_at", "until", "size_bytes", "digest"])
    return _move(made, DisclosureState.DONE, at)


def _move(made: PersonDisclosure, to: DisclosureState, at: datetime) -> PersonDisclosure:
    DISCLOSURE_LIFE.check(made.state, to)
    made.state, made.heartbeat_at = to, at
    made.save(update_fields=["state", "heartbeat_at"])
    return made


def remove_old(at: datetime) -> int:
    """Files whose week is over go; how many."""
    return _remove(PersonDisclosure.objects.filter(state=DisclosureState.DONE, until__lt=at), at)


def remove_of(person_ids: list[UUID], at: datetime) -> int:
    """Those of people who are erased go at once."""
    of_theirs = PersonDisclosure.objects.filter(person_id__in=person_ids)
    gone = _remove(of_theirs.exclude(state=DisclosureState.GONE), at)
    of_theirs.update(person_id=None)
    return gone


def _remove(which: Any, at: datetime) -> int:
    found = list(which)
    for made in found:
        file_of(made).unlink(missing_ok=True)
        _move(made, DisclosureState.GONE, at)
    return len(found)


# ------------------------------------------------------------------------------------------------------------ writing


def leaves_out(actor: Actor) -> bool:
    """Whether something that we hold of people may be closed to this actor: sources, or fields."""
    hides = any(not policy.sees_field(actor, "person", field) for field in own_fields("person"))
    return hides or bool(policy.hidden_source_ids(actor) or policy.hidden_fields(actor, "person"))


def _write(made: PersonDisclosure, actor: Actor, at: datetime) -> None:
    assert made.person_id is not None
    record = person_record(actor, made.person_id)
    whose = Whose(record.id, record.identity_ids, actor, at)
    target = file_of(made)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".partial")
    shown: list[dict[str, Any]] = []
    taken: dict[str, str] = {}
    made.sections = made.rows = 0  # it may be the second try
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as packed:
        for section in sections(whose):
            shown.append(_write_section(packed, section, made, taken))
            made.sections += 1
            made.heartbeat_at = at
            made.save(update_fields=["sections", "rows", "heartbeat_at"])
        about = {
            "company": workspace().name, "made_at": at, "sections": shown,
            "leaves_out": leaves_out(actor),
        }  # fmt: skip
        packed.writestr("index.html", render_to_string("people/disclosed.html", about))
        told = {"format": 1, "made_at": at, "person_id": record.id, "leaves_out": about["leaves_out"],
                "sections": [f"data/{one['key']}.json" for one in shown]}  # fmt: skip
        packed.writestr("data/index.json", _json(told))
    partial.replace(target)


def _write_section(
    packed: zipfile.ZipFile, section: Section, made: PersonDisclosure, taken: dict[str, str]
) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    with packed.open(f"data/{section.key}.json", "w") as stream:
        stream.write(b"[")
        for number, row in enumerate(_rows(section)):
            stream.write((b",\n" if number else b"\n") + _json(row).encode())
            rows.append({"cells": [_in_words(row.get(key)) for key in section.columns], "of": row})
        stream.write(b"\n]\n")
    made.rows += len(rows)
    for row in rows:
        row["files"] = [_pack(packed, file, taken) for file in section.file_of(row.pop("of"))]
    return {
        "key": section.key, "title": str(section.title), "columns": [str(one) for one in section.columns.values()],
        "rows": rows,
    }  # fmt: skip


def _in_words(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}"
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return "" if value is None else str(value)


def _rows(section: Section) -> Iterator[Mapping[str, Any]]:
    yield from section.rows


def _pack(packed: zipfile.ZipFile, file: File, taken: dict[str, str]) -> str:
    """Put bytes into the file under a name that every system takes; "" where they are not here any more.

    `taken`: which bytes have a name already, in small letters. Others that are called so get a number.
    """
    path = path_of(file.digest)
    if not path.exists():
        return ""
    safe = "/".join(re.sub(r"[^\w .-]+", "_", part).strip(". ") or "file" for part in file.name.split("/"))
    stem, ending = splitext(safe[-150:])
    names = chain([f"files/{stem}{ending}"], (f"files/{stem} ({number}){ending}" for number in count(2)))
    target = next(name for name in names if taken.setdefault(name.lower(), file.digest) == file.digest)
    if target not in packed.NameToInfo:
        packed.write(path, target)
    return target


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
