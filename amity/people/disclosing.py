"""Who somebody is to us, for their own eyes: accounts, what sources say, what was decided."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amity.kernel import policy
from amity.kernel.disclosing import Row, Section, Whose, discloses
from amity.kernel.purposes import known_as, purposes_of
from amity.kernel.rights import purposes_in_words
from amity.people.domain.relations import ORGANISATION
from amity.people.models import UNREACHABLE, Fact, HeldAccount, LegalHold
from amity.people.queries.decided import decided_of
from amity.people.queries.fields import all_fields
from amity.people.queries.households import households_of
from amity.people.queries.record import PersonRecord, person_record, source_names
from amity.people.queries.relations import relations_of_person


@discloses("people", 10)
def tell(whose: Whose) -> Iterable[Section]:
    """The record as it is shown, where it comes from, and what it may be used for."""
    record = person_record(whose.actor, whose.person_id)
    yield _record(record)
    yield Section(
        "accounts", _("Accounts and addresses"),
        {"network": _("Where"), "address": _("Address"), "since": _("Since"), "source": _("Source")},
        [
            {"network": one.network, "address": one.address, "since": one.since, "source": one.source}
            for one in record.identities
        ],
    )  # fmt: skip
    yield _facts(whose)
    yield _belongs_with(whose)
    yield _decisions(whose)
    yield _holds(whose)


def _record(record: PersonRecord) -> Section:
    golden = record.golden
    fields = {
        "name": golden.name, "email": golden.email, "city": golden.city, "country": golden.country,
        "language": golden.language, "job_title": golden.job_title, "organisation": record.organisation,
        "first_seen_at": record.first_seen_at,
    }  # fmt: skip
    rows = [{"field": field, "value": value} for field, value in fields.items() if value]
    return Section(
        "record",
        _("How we know you"),
        {"field": _("Field"), "value": _("Value")},
        rows,
    )


def _facts(whose: Whose) -> Section:
    sources = source_names(whose.actor)
    found = Fact.objects.filter(identity_id__in=whose.identity_ids, source_id__in=list(sources)).order_by(
        "field", "-observed_at"
    )
    titles = {one.fact: one.label for one in all_fields()}
    rows = (
        {
            "field": titles.get(one.field, one.field), "value": one.value, "source": sources[one.source_id],
            "observed_at": one.observed_at, "purposes": _may_be_used_for(one.field),
        }
        for one in found.iterator()
        if policy.sees_field(whose.actor, "person", known_as("person", one.field))
    )  # fmt: skip
    return Section(
        "facts", _("What sources say of you"),
        {"field": _("Field"), "value": _("Value"), "source": _("Source"),
         "observed_at": _("When"), "purposes": _("May be used for")},
        rows,
    )  # fmt: skip


def _may_be_used_for(field: str) -> str:
    purposes = purposes_of("person", known_as("person", field)) if field != UNREACHABLE else None
    return ", ".join(purposes_in_words(purposes)) if purposes else ""


def _belongs_with(whose: Whose) -> Section:
    day = timezone.localtime(whose.at).date()
    rows: list[Row] = [
        {
            "what": one.kind,
            "side": gettext("You are this to them") if one.is_from else gettext("They are this to you"),
            "of": one.other if one.what == ORGANISATION else "", "words": one.words,
            "from_on": one.from_on, "until_on": one.until_on, "at": one.at,
        }
        for one in relations_of_person(whose.actor, whose.person_id, day)
    ]  # fmt: skip
    rows += [
        {
            "what": "household",
            "words": gettext("%(count)s people live together") % {"count": len(one.members)},
        }
        for one in households_of(whose.actor, whose.person_id)
    ]
    return Section(
        "belongs_with", _("Whom you belong with, by the word of colleagues (people are not named)"),
        {"what": _("What"), "side": _("Who to whom"), "of": _("Organisation"),
         "words": _("Words"), "from_on": _("From"), "until_on": _("Until"),
         "at": _("When")},
        rows,
    )  # fmt: skip


def _decisions(whose: Whose) -> Section:
    decided = decided_of(whose.actor, whose.person_id)
    rows = [{"what": "merged", "of": one.name, "at": one.said.at} for one in decided.merges]
    rows += [{"what": "split", "of": one.name, "at": one.said.at} for one in decided.splits]
    rows += [{"what": "chosen", "of": f"{one.field}: {one.value}", "at": one.at} for one in decided.choices]
    return Section(
        "decisions", _("What colleagues decided about this record"),
        {"what": _("What"), "of": _("Of what"), "at": _("When")}, rows,
    )  # fmt: skip


def _holds(whose: Whose) -> Section:
    named = HeldAccount.objects.filter(identity_id__in=whose.identity_ids).values("hold_id")
    found = LegalHold.objects.visible_to(whose.actor).filter(pk__in=named).order_by("placed_at", "id")
    rows = [{"since": one.placed_at, "until": one.released_at, "why": one.reason} for one in found]
    return Section(
        "holds", _("Legal holds: why nothing of you may be erased"),
        {"since": _("Since"), "until": _("Until"), "why": _("Why")}, rows,
    )  # fmt: skip
