"""May this person be contacted? What was said of their accounts, the answer for each purpose and channel, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.consent.domain.answering import Account, Answer, Verdict, answer, valid_until
from amity.consent.domain.answering import Statement as Told
from amity.consent.domain.channels import Channel
from amity.consent.models import Purpose, Statement
from amity.consent.queries.purposes import purposes_by_key, purposes_in_use
from amity.consent.words import BASES, BY_CHANNEL, NO_ACCOUNT, name_of
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid
from amity.people.queries import person_record
from amity.people.queries.visibility import known_links
from amity.people.web.words import day_of_year


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer for one purpose and channel at an instant, with the reason in words."""

    purpose: Purpose
    channel: Channel
    answer: Answer
    at: datetime

    @property
    def reason(self) -> str:
        """Why it is so, in a sentence."""
        return reason_of(self.purpose, self.channel, self.answer, self.at)

    @property
    def label(self) -> str:
        """Newsletter by e-mail."""
        return f"{name_of(self.purpose)} {BY_CHANNEL[self.channel]}"

    @property
    def is_allowed(self) -> bool:
        return self.answer.is_allowed


def may_contact(person_id: UUID, purpose: str, channel: str, *, actor: Actor, at: datetime) -> Answered:
    """Whether a person may be contacted for a purpose (by key) by a channel at an instant, and why.

    Raises `NotFound` for whom the actor does not know, `Invalid` for a purpose or channel that there is not.
    """
    policy.require(actor, "read", "consent")
    found = purposes_by_key().get(purpose)
    if found is None:
        raise Invalid(_("There is no such purpose."), fields={"purpose": _("There is no such purpose.")})
    if channel not in set(Channel):
        raise Invalid(_("There is no such channel."), fields={"channel": _("There is no such channel.")})
    record = person_record(actor, person_id)
    accounts = [Account(one.id, one.network) for one in record.identities]
    told = [one.told() for one in statements_of(actor, [one.id for one in accounts])]
    return _answered(found, Channel(channel), accounts, told, at)


def answers_of(
    accounts: Sequence[Account], statements: Sequence[Statement], at: datetime
) -> tuple[Answered, ...]:
    """The answer for every purpose in use by each of its channels, in their order."""
    told = [one.told() for one in statements]
    return tuple(
        _answered(purpose, channel, accounts, told, at)
        for purpose in purposes_in_use()
        for channel in Channel
        if channel in purpose.channels
    )


def _answered(
    purpose: Purpose,
    channel: Channel,
    accounts: Sequence[Account],
    told: Iterable[Told],
    at: datetime,
) -> Answered:
    return Answered(purpose, channel, answer(purpose.terms(), channel, accounts, told, at), at)


def statements_of(actor: Actor, identity_ids: Collection[UUID], *, revoked: bool = False) -> list[Statement]:
    """What was said of these accounts, as far as the actor may know, latest first; `revoked`: mistakes included."""
    rows = Statement.objects.visible_to(actor).filter(identity_id__in=identity_ids)
    rows = rows if revoked else rows.filter(revoked_at__isnull=True)
    return list(
        rows.select_related("purpose", "wording", "said_by", "revoked_by").order_by(
            "-said_at", "-recorded_at", "id"
        )
    )


def accounts_of_people(actor: Actor, person_ids: Collection[UUID]) -> Mapping[UUID, list[Account]]:
    """The accounts of each of these people, as far as the actor knows them."""
    found: dict[UUID, list[Account]] = defaultdict(list)
    rows = known_links(actor).filter(person_id__in=person_ids)
    for person, identity, network in rows.values_list("person_id", "identity_id", "identity__network"):
        found[person].append(Account(identity, network))
    return found


def answers_of_people(
    actor: Actor, person_ids: Collection[UUID], at: datetime
) -> Mapping[UUID, tuple[Answered, ...]]:
    """The answers of several people at once: two queries for all of them."""
    accounts = accounts_of_people(actor, person_ids)
    owner = {one.id: person for person, those in accounts.items() for one in those}
    said: dict[UUID, list[Statement]] = defaultdict(list)
    for one in statements_of(actor, list(owner)):
        said[owner[one.identity_id]].append(one)
    return {person: answers_of(accounts.get(person, []), said[person], at) for person in person_ids}


def answers_together(
    actor: Actor, sides: Sequence[Sequence[UUID]], at: datetime
) -> tuple[list[tuple[Answered, ...]], tuple[Answered, ...]] | None:
    """The answers of several people, given by the identities of each, and those that one person of all would have; None
    where nobody said anything: then they are what the purposes say."""
    everybody = {one for side in sides for one in side}
    statements = statements_of(actor, everybody)
    if not statements:
        return None
    rows = known_links(actor).filter(identity_id__in=everybody)
    networks = dict(rows.values_list("identity_id", "identity__network"))

    def of(identities: Collection[UUID]) -> tuple[Answered, ...]:
        accounts = [Account(one, networks[one]) for one in identities if one in networks]
        wanted = {one.id for one in accounts}
        return answers_of(accounts, [one for one in statements if one.identity_id in wanted], at)

    return [of(side) for side in sides], of(everybody)


def refusal_of_everything(actor: Actor, identity_ids: Collection[UUID], at: datetime) -> Statement | None:
    """The latest statement with which somebody refused everything by every channel; None where nobody did."""
    rows = Statement.objects.visible_to(actor).filter(
        identity_id__in=identity_ids, purpose__isnull=True, channel="", revoked_at__isnull=True, said_at__lte=at
    )  # fmt: skip
    return rows.order_by("-said_at").first()


def reason_of(purpose: Purpose, channel: Channel, found: Answer, at: datetime) -> str:
    """Why it is so, in a sentence."""
    named = {"purpose": name_of(purpose), "basis": BASES[purpose.terms().basis], "by": BY_CHANNEL[channel]}
    by = found.decided_by[0] if found.decided_by else None
    if found.verdict is Verdict.NO_ACCOUNT:
        return str(NO_ACCOUNT[channel])
    if by is None:
        return str(_UNSAID[found.verdict]) % named
    named["day"] = day_of_year(by.said_at, at)
    if by.purpose_id is None:
        return _of_everything(found.verdict, by.channel) % named
    if found.verdict is Verdict.ALLOWED:
        until = valid_until(by.said_at, purpose.months)
        if purpose.basis == "consent" and until is not None:
            named["until"] = day_of_year(until, at)
            if not by.is_dated:
                return (
                    _("Agreed, nobody told when; noted on %(day)s, and that holds until %(until)s.") % named
                )
            return _("Agreed on %(day)s; that holds until %(until)s.") % named
        return (
            _("Agreed on %(day)s.") if by.is_dated else _("Agreed, nobody told when; noted on %(day)s.")
        ) % named
    return str(_SAID_ON[found.verdict]) % named


def _of_everything(verdict: Verdict, channel: str) -> str:
    if channel:
        return _("Wants nothing %(by)s since %(day)s.")
    if verdict is Verdict.WITHDRAWN:
        return _("Withdrew every consent on %(day)s.")
    return _("Objected to everything on %(day)s.")


_UNSAID: Mapping[Verdict, str | Promise] = {
    Verdict.ALLOWED: gettext_lazy("%(basis)s: nobody objected."),
    Verdict.NOT_ASKED: gettext_lazy("Needs consent, and nobody gave any."),
    Verdict.NOT_USED: gettext_lazy("%(purpose)s is not sent %(by)s."),
}
_SAID_ON: Mapping[Verdict, str | Promise] = {
    Verdict.OBJECTED: gettext_lazy("Objected on %(day)s."),
    Verdict.WITHDRAWN: gettext_lazy("Withdrew on %(day)s."),
    Verdict.EXPIRED: gettext_lazy("Agreed on %(day)s, which is too long ago."),
    Verdict.PENDING: gettext_lazy("Asked for on %(day)s, and not confirmed yet."),
}
