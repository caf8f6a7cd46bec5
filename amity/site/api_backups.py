"""Backups for programs: how they stand, one now, and when the daily one is made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from amity.kernel.api.answers import Answer
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import NO_TOOL, ApiRequest, In, Problem, operation, require_confirmed
from amity.kernel.errors import NotFound
from amity.site.backup import now as by_hand
from amity.site.backup import schedule as plans
from amity.site.backup.now import UnderWay
from amity.site.backup.schedule import Last, Plan
from amity.site.backup.standing import Standing, instant, standing

router = Router(tags=["backups"])
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_IS_ON = "Whether one is made each day."
_TIME = "When, in UTC, such as 03:30."
_KEEP = "How many are kept in the folder; older ones are removed after a new one is made."


class BackupFile(Schema):
    """A backup in the folder."""

    name: str
    size_bytes: int = Field(description="How large the file is.")
    made_at: datetime = Field(description="When it was made.")
    is_sealed: bool = Field(description="Only whoever has the key can open it.")


class LastBackup(Schema):
    """What came of the last attempt."""

    tried_at: datetime | None = Field(description="When it was last tried.")
    made_at: datetime | None = Field(description="When the last one that succeeded was made.")
    file: str = Field(description="The name of the last one that succeeded.")
    size_bytes: int = Field(description="How large that is.")
    seconds: float = Field(description="How long it took.")
    why: str = Field(description="Why the last attempt failed; empty where it did not.")
    verified_at: datetime | None = Field(
        description="When the file was read back and found as it was written."
    )
    doubt: str = Field(description="What was found wrong when it was read back.")


class BackupUnderWay(Schema):
    """One that is being made."""

    asked_at: datetime = Field(description="When somebody asked for it.")
    step: str = Field(description="database, files or check; empty before the worker took it up.")
    done_bytes: int = Field(description="How much of the step is done.")
    total_bytes: int = Field(description="How much there is to it; 0 where that is not known.")
    is_silent: bool = Field(description="Nobody has worked on it for a minute: most likely no worker runs.")


class BackupSchedule(Schema):
    """When backups are made by themselves. Where to, and with which key, is set up on the machine."""

    is_on: bool = Field(description=_IS_ON)
    time: str = Field(description=_TIME)
    keep: int = Field(description=_KEEP)


class BackupsOut(Schema):
    """How backups stand."""

    last: LastBackup | None = Field(description="The last attempt; null where there was none.")
    under_way: BackupUnderWay | None = Field(
        description="The one that is being made; null where there is none."
    )
    schedule: BackupSchedule | None = Field(description="Null where none is set up on the machine yet.")
    folder: str = Field(description="Where they lie on the machine.")
    is_beside: bool = Field(description="They lie on the disk that they are to outlive.")
    unreadable: str = Field(description="Why the folder cannot be looked into; empty where it can.")
    files: list[BackupFile] = Field(description="What lies in the folder, newest first.")


class ScheduleChange(In):
    """What shall be different. What is left out stays."""

    is_on: bool | None = Field(None, description=_IS_ON)
    time: Clock | None = Field(None, description=_TIME)
    keep: int | None = Field(None, ge=1, le=3_650, description=_KEEP)


def _last(last: Last) -> dict[str, Any]:
    times = {name: instant(getattr(last, name)) for name in ("tried_at", "made_at", "verified_at")}
    return {name: getattr(last, name) for name in LastBackup.model_fields} | times


def _making(making: UnderWay, at: datetime) -> dict[str, Any]:
    plain = {name: getattr(making, name) for name in ("step", "done_bytes", "total_bytes")}
    return plain | {"asked_at": instant(making.asked_at), "is_silent": making.is_silent(at)}


def _schedule(plan: Plan) -> dict[str, Any]:
    return {"is_on": plan.is_on, "time": f"{plan.hour:02}:{plan.minute:02}", "keep": plan.keep}


def _whole(found: Standing, at: datetime) -> dict[str, Any]:
    return {
        "last": _last(found.last) if found.last else None,
        "under_way": _making(found.making, at) if found.making else None,
        "schedule": _schedule(found.plan) if found.plan else None,
        "folder": str(found.folder), "is_beside": found.is_beside, "unreadable": found.unreadable,
        "files": [{name: getattr(one, name) for name in BackupFile.model_fields} for one in found.kept],
    }  # fmt: skip


@operation(router, "GET", "/backups", of="settings", does="read", answer=BackupsOut)
def get_backups(request: ApiRequest) -> Mapping[str, Any]:
    """How backups stand: the last one and whether it is good, the one under way, the schedule, the files."""
    return _whole(standing(request.actor), request.now)


@operation(router, "POST", "/backups", of="settings", does="write", answer=BackupsOut, status=202)
def start_backup(request: ApiRequest) -> Answer:
    """Have one made now. How far it is stands in the backups, under `under_way`."""
    by_hand.ask(actor=request.actor, at=request.now)
    return Answer(_whole(standing(request.actor), request.now), 202)


@operation(
    router, "GET", "/backups/schedule", of="settings", does="read", answer=BackupSchedule,
    also={304: None, 404: Problem},
)  # fmt: skip
def get_backup_schedule(request: ApiRequest) -> Answer:
    """When the daily one is made (404 before it is set up on the machine)."""
    plan = plans.kept_plan()
    if plan is None:
        raise NotFound(_("No schedule is set up yet. That is done on the machine: amity backup schedule"))
    return _tagged(plan)


def _tagged(plan: Plan) -> Answer:
    whole = _schedule(plan)
    return Answer(whole, etag=tag_of(whole))


@operation(
    router, "PATCH", "/backups/schedule", of="settings", does="write", answer=BackupSchedule,
    also={412: Problem}, extra=NO_TOOL,
)  # fmt: skip
def change_backup_schedule(request: ApiRequest, body: ScheduleChange) -> Answer:
    """Have the daily one made at another time, keep another number, switch it off or on (409 before it is set up)."""
    changes, header = body.model_dump(exclude_none=True), request.headers.get("If-Match")
    hour, minute = (int(part) for part in body.time.split(":")) if body.time else (None, None)

    def unchanged(there: Plan) -> None:
        require_match(header, _schedule(there), changes)
        if there.loses(is_on=body.is_on, keep=body.keep):
            require_confirmed(request)

    before = plans.change_plan(
        is_on=body.is_on, hour=hour, minute=minute, keep=body.keep, actor=request.actor, at=request.now,
        unchanged=unchanged,
    )  # fmt: skip
    return _tagged(plans.kept_plan() or before)
