"""Mailboxes for programs: connect one, read and change what was chosen of it, try its servers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from amity.channels import mailboxes
from amity.channels.accounts import mail_address
from amity.channels.adapters.email.servers import MailSettings, Server, guess
from amity.channels.adapters.email.trial import Step
from amity.channels.mailboxes import Choices, TrialFailed
from amity.channels.models import Account
from amity.kernel import policy
from amity.kernel.api.answers import Answer
from amity.kernel.api.etags import require_match, tag_of
from amity.kernel.api.operations import NO_TOOL, ApiRequest, In, Problem, operation, require_confirmed
from amity.kernel.errors import Invalid
from amity.site.api_channels import ChannelOut, channel_of, may_change, router, whole_channel
from amity.site.web.channel_words import step_words

# `router` is that of the channels: what answers at one address has to stand in one router.
__all__ = ["router"]
_ONE = "/channels/{uuid:source_id}"
Host = Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\s/@:\x00]+$")]
Address = Annotated[str, StringConstraints(min_length=3, max_length=320)]
UserName = Annotated[str, StringConstraints(min_length=1, max_length=320)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
Title = Annotated[str, StringConstraints(max_length=120)]
Aliases = Annotated[list[Address], Field(max_length=200)]
FIELD_OF_STEP = {"incoming": "imap", "folders": "imap", "outgoing": "smtp"}

_NAME = "Customers see it behind the name of the colleague who answers."
_ALIASES = "Further addresses of this mailbox. Mail from them is ours, never a customer's."
_SENT = "Lay a copy of what we send into the folder of sent mail. Gmail and Outlook do that by themselves."
_THREAD = "Answers go to name+…@, for customers whose programs drop the thread. The server must deliver it."
_OWN = "It stands in your own network, or has unusual ports. Only with `source:write`; of others it stays as it was."
_PASSWORD = "Kept sealed and never told again."  # noqa: S105  # words about one


class MailServer(In):
    """A server for mail."""

    host: Host = Field(description="Such as imap.company.example.")
    port: int = Field(ge=1, le=65_535, description="993 for IMAP; 465 or 587 for SMTP.")
    security: Literal["tls", "starttls", "plain"] = Field(
        "tls", description="`plain` is for servers of your own only."
    )


class MailServersOut(Schema):
    """What an address probably needs."""

    imap: MailServer = Field(description="For incoming mail.")
    smtp: MailServer = Field(description="For outgoing mail.")
    append_sent: bool = Field(description=_SENT)
    thread_by_address: bool = Field(description=_THREAD)
    note: str = Field(
        description="What has to be done at the provider first: `app-password`, `oauth` or `switch-on-imap`."
    )


class MailboxIn(In):
    """A mailbox to connect. The servers of a known provider need not be given."""

    address: Address = Field(description="The e-mail address.")
    password: Password = Field(description=_PASSWORD)
    user: UserName | None = Field(None, description="The user name. Default: the address.")
    name: Title = Field("", description=_NAME)
    imap: MailServer | None = Field(None, description="For incoming mail. Default: guessed from the address.")
    smtp: MailServer | None = Field(None, description="For outgoing mail. Default: guessed from the address.")
    belongs_to: Literal["everybody", "team", "me"] = Field(
        "everybody", description="Who sees what comes in. Other than `me` needs `source:write`."
    )
    team_id: UUID | None = Field(None, description="With `team`: which one.")
    days: int | None = Field(
        90, ge=1, lt=100_000, description="How far back the first reading goes; null for everything."
    )
    aliases: Aliases = Field([], description=_ALIASES)
    append_sent: bool | None = Field(None, description=f"{_SENT} Default: as the provider needs it.")
    thread_by_address: bool | None = Field(None, description=f"{_THREAD} Default: as the provider allows it.")
    is_own_server: bool = Field(False, description=_OWN)
    anyway: bool = Field(False, description="Keep it although the servers do not let Amity in yet.")


class MailboxChange(In):
    """What shall be different. What is left out stays."""

    password: Password | None = Field(
        None, description=f"{_PASSWORD} Needed again where a server, its encryption or the user name changes."
    )
    user: UserName | None = Field(None, description="The user name at both servers.")
    name: Title | None = Field(None, description=_NAME)
    imap: MailServer | None = Field(None, description="For incoming mail.")
    smtp: MailServer | None = Field(None, description="For outgoing mail.")
    aliases: Aliases | None = Field(None, description=_ALIASES)
    append_sent: bool | None = Field(None, description=_SENT)
    thread_by_address: bool | None = Field(None, description=_THREAD)
    is_own_server: bool | None = Field(None, description=_OWN)


class MailboxOut(Schema):
    """What was chosen of a mailbox. Its password is told to nobody."""

    user: str = Field(description="The user name at both servers.")
    name: str = Field(description=_NAME)
    imap: MailServer = Field(description="For incoming mail.")
    smtp: MailServer = Field(description="For outgoing mail.")
    aliases: list[str] = Field(description=_ALIASES)
    append_sent: bool = Field(description=_SENT)
    thread_by_address: bool = Field(description=_THREAD)
    is_own_server: bool = Field(description=_OWN)


class TrialStep(Schema):
    """A step of a trial."""

    name: str = Field(description="incoming, folders or outgoing.")
    is_good: bool = Field(description="It went well.")
    problem: str = Field(description="The code of what is wrong, such as mail.sign_in.")
    words: str = Field(description="What was found, or what is wrong and what to do.")
    detail: str = Field(description="What the server said.")


class ConnectionTrial(Schema):
    is_good: bool = Field(description="Whether every step went well.")
    steps: list[TrialStep] = Field(description="How each step went.")


class GuessQuery(Schema):
    address: Address = Field(description="The e-mail address to connect.")


def _words(step: Step) -> str:
    told = step_words(step)
    return " ".join(str(told[name]) for name in ("said", "what", "remedy") if told[name])


def _chosen(account: Account) -> dict[str, Any]:
    found = asdict(Choices.of(MailSettings.from_json(account.settings)))
    return found | {"aliases": list(found["aliases"])}


def _given(body: MailboxIn | MailboxChange) -> dict[str, Any]:
    """What was given, by the names of `Choices`."""
    given = body.model_dump(include=set(Choices.__dataclass_fields__), exclude_none=True)
    servers = {name: Server(**given[name]) for name in ("imap", "smtp") if name in given}
    aliases = {"aliases": tuple(given["aliases"])} if "aliases" in given else {}
    return given | servers | aliases


@operation(router, "GET", "/channels/guess", of="own_source", does="write", answer=MailServersOut)
def guess_mail_servers(request: ApiRequest, wanted: Query[GuessQuery]) -> Mapping[str, Any]:
    """The servers that an address probably has: those of a known provider, else imap. and smtp. of its domain."""
    return asdict(guess(mail_address(wanted.address)))


@operation(
    router, "POST", "/channels", of="own_source", does="write", answer=ChannelOut, status=201, extra=NO_TOOL,
    needs=["source:read"],
)  # fmt: skip
def connect_mailbox(request: ApiRequest, body: MailboxIn) -> Answer:
    """Connect a mailbox. Its servers are tried first: where they do not let Amity in, nothing is kept (422).

    While two others are being tried it is refused (429).
    """
    require_confirmed(request)
    if (body.belongs_to == "team") != (body.team_id is not None):
        words = _("Name the team where it belongs to one, and only there.")
        raise Invalid(words, fields={"team_id": words})
    found = guess(body.address)
    usual: dict[str, Any] = {
        "imap": found.imap, "smtp": found.smtp, "user": body.address.strip(), "append_sent": found.append_sent,
        "thread_by_address": found.thread_by_address,
    }  # fmt: skip
    try:
        account = mailboxes.connect_mailbox(
            body.address, chosen=Choices(**(usual | _given(body))), password=body.password, days=body.days,
            team_id=body.team_id, personal=body.belongs_to == "me", anyway=body.anyway, actor=request.actor,
            at=request.now,
        )  # fmt: skip
    except TrialFailed as failed:
        raise _told(failed) from failed
    whole = whole_channel(request, channel_of(request, account.pk))
    return Answer(whole, 201, headers={"Location": f"{request.path}/{account.pk}"})


def _told(failed: TrialFailed) -> Invalid:
    """The same refusal with what is wrong at which server, in words."""
    fields: dict[str, str] = {}
    for step in failed.steps:
        if not step.is_good:
            fields.setdefault(FIELD_OF_STEP[step.name], _words(step))
    told = Invalid(failed.message, fields=fields)
    told.code = failed.code
    return told


def _own(request: ApiRequest, source_id: UUID) -> Account:
    """An account that the actor may change. Raises `NotFound`, `Forbidden`."""
    account = channel_of(request, source_id)
    if not may_change(request, account):
        policy.require(request.actor, "write", "source")
    return account


@operation(
    router, "GET", f"{_ONE}/settings", of="own_source", does="write", answer=MailboxOut, also={304: None}
)
def get_mailbox(request: ApiRequest, source_id: UUID) -> Answer:
    """What was chosen of a mailbox, for whoever may change it."""
    whole = _chosen(_own(request, source_id))
    return Answer(whole, etag=tag_of(whole))


@operation(
    router, "PATCH", f"{_ONE}/settings", of="own_source", does="write", answer=MailboxOut, also={412: Problem},
    extra=NO_TOOL,
)  # fmt: skip
def change_mailbox(request: ApiRequest, source_id: UUID, body: MailboxChange) -> Answer:
    """Change a mailbox; it is tried at once. The password is needed again where it would go to another server."""
    require_confirmed(request)
    header = request.headers.get("If-Match")
    wanted = body.model_dump(exclude_none=True, exclude={"password"})

    def unchanged(there: Account) -> None:
        require_match(header, _chosen(there), wanted)

    account = mailboxes.change_mailbox(
        source_id, _given(body), password=body.password or "", actor=request.actor, at=request.now,
        unchanged=unchanged,
    )  # fmt: skip
    whole = _chosen(account)
    return Answer(whole, etag=tag_of(whole))


@operation(router, "POST", f"{_ONE}/trial", of="own_source", does="write", answer=ConnectionTrial)
def try_mailbox(request: ApiRequest, source_id: UUID) -> Mapping[str, Any]:
    """Sign in at the servers of a mailbox now and say how each step went. Nothing is read or sent."""
    steps = mailboxes.try_mailbox(channel_of(request, source_id), actor=request.actor)
    told = [
        {
            "name": step.name, "is_good": step.is_good, "problem": step.problem, "words": _words(step),
            "detail": step.detail,
        }
        for step in steps
    ]  # fmt: skip
    return {"is_good": all(step.is_good for step in steps), "steps": told}
