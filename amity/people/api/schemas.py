"""People in the public interface."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field, StringConstraints, model_validator

from amity.kernel.api.operations import In, Sparse
from amity.kernel.api.paging import PageQuery
from amity.kernel.api.types import Instant
from amity.kernel.downloads import Form

Word = Annotated[str, StringConstraints(max_length=200)]
FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
CustomKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
OptionName = Annotated[str, StringConstraints(max_length=80)]
CustomIn = bool | int | float | Annotated[str, StringConstraints(max_length=2_000)] | list[OptionName]
CustomOut = bool | str | list[str]
FactValue = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
ORDER = r"^(recent|name|first_seen|-?custom:[a-z][a-z0-9_]{0,31})$"
Network = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,39}$")]


_CUSTOM = "Values of the company's own fields (see /fields), by key: texts, numbers, true or false, lists of options."


class OrganisationRef(Schema):
    id: UUID
    name: str


class PersonRow(Sparse):
    """A person in a list. Fields that are hidden from your role are absent."""

    id: UUID
    name: str
    email: str = Field(description="The address that is shown first.")
    city: str = Field(description="Where they live, as the newest source says.")
    country: str
    language: str
    organisation: OrganisationRef | None = Field(description="Where they belong; null where nobody said.")
    last_activity_at: datetime | None = Field(description="When they last said or bought something.")
    custom: dict[str, CustomOut] = Field(
        description="Values of the company's own fields (see /fields), by key; of these only what is known."
    )


class IdentityOut(Sparse):
    """An account, address or number, and how we know that it is theirs."""

    id: UUID
    network: str
    address: str
    method: str = Field(description="How it came to this person.")
    confidence: float = Field(description="How sure that is, 0 to 1.")
    since: datetime
    use: str = Field(description="work, private or other, where a colleague said so.")
    verified: str = Field(
        description="How a colleague made sure that it is theirs: told, answered, document; empty where nobody did."
    )


class SaidOut(Schema):
    value: str = Field(description="What was said.")
    source: str = Field(description="The name of the source that said it.")
    observed_at: datetime = Field(description="When it was so.")
    by: str = Field(description="The name of the colleague who typed it; empty where a source said it.")
    method: str = Field(description="How it came: typed, file, api, email.")
    confidence: float = Field(
        description="How sure it is that the account of which it was said is theirs, 0 to 1."
    )


class FactOut(Schema):
    """What is shown of a field, and the other values that sources gave, newest first."""

    field: str = Field(description="Which field, such as city.")
    shown: SaidOut = Field(description="The value that is shown.")
    others: list[SaidOut] = Field(description="What other sources said, newest first.")
    why: str = Field(
        description="Why it is this value: newest, trusted, complete, parts (of a name), or chosen by a colleague."
    )
    why_source: str = Field(description="The name of the source that is trusted most, where that is why.")
    purposes: list[str] = Field(description="What it may be used for.")


class PersonOut(PersonRow):
    """A person in full."""

    job_title: str = Field(description="What they do, as the rule of this field has it.")
    first_seen_at: datetime = Field(description="When we first heard of them, as far as you may know.")
    identities: list[IdentityOut]
    facts: list[FactOut]


class PeoplePage(Schema):
    """A page of people. `after` is the start of the next page, absent at the end."""

    items: list[PersonRow]
    after: str | None = None


class PeopleFilters(Schema):
    """Which people, in which order."""

    q: str = Field(
        "", max_length=200, description="Beginnings of words of a name, an organisation or an address."
    )
    language: str = Field("", max_length=12)
    country: str = Field("", max_length=80)
    network: str = Field("", max_length=60, description="Those who are known at this network.")
    organisation_id: UUID | None = None
    active_since: Instant | None = Field(None, description="Said something at or after this instant.")
    quiet_since: Instant | None = Field(None, description="Said nothing since this instant.")
    where: list[Annotated[str, StringConstraints(max_length=400)]] = Field(
        [],
        max_length=20,
        description="By the company's own fields: tier=gold, note.has=words, score.from=1, score.to=9, tier.set=no. "
        "All of them hold; of one key named again any value.",
    )
    order: Annotated[str, StringConstraints(pattern=ORDER)] | None = Field(
        None,
        description="recent, name, first_seen, or custom:key of a field of the company's own, -custom:key backwards.",
    )


class PeopleExport(PeopleFilters):
    """Which people, in which order, and in which form."""

    form: Form = Field(
        Form.CSV,
        description="`csv` and `xlsx`: what is shown, and the newest value of each field; `jsonl`: everything that was "
        "ever said; `vcard`: cards of an address book.",
    )


class PeopleQuery(PeopleFilters, PageQuery):
    """Which people, in which order, and which page of them."""


class IdentityIn(In):
    """An account, address or number at a network: email, phone, mastodon …"""

    network: Network
    address: Annotated[str, StringConstraints(min_length=1, max_length=320)]
    name: Word = ""


class PersonIn(In):
    """What you say of a person. One of the handles may be known already: then it is said of them."""

    external_id: Annotated[str, StringConstraints(max_length=300)] = Field(
        "", description="Your own number for them; it never meets the numbers of other programs."
    )
    identities: list[IdentityIn] = Field([], max_length=20, description="Strongest first.")
    facts: dict[FactName, FactValue] = Field(
        {},
        max_length=50,
        description="name, city, country, language, job_title, organisation, …",
    )
    custom: dict[CustomKey, CustomIn] = Field({}, max_length=100, description=_CUSTOM)
    observed_at: Instant | None = Field(None, description="When this was so. Default: now.")


class PersonChange(In):
    """Facts that are so from now on. What was said before is kept; the newest is shown."""

    facts: dict[FactName, FactValue] = Field({}, max_length=50)
    custom: dict[CustomKey, CustomIn] = Field({}, max_length=100, description=_CUSTOM)
    identities: list[IdentityIn] = Field([], max_length=20, description="Further handles of this person.")

    @model_validator(mode="after")
    def says_something(self) -> PersonChange:
        if not (self.facts or self.custom or self.identities):
            raise ValueError("Give facts, custom or identities.")
        return self


class PersonRef(Schema):
    """Whose record it became."""

    id: UUID
    is_new: bool = Field(description="Whether you knew of nobody by these handles before.")
