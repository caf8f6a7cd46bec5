"""Reads of people and organisations: who the actor may know of, what is shown of them, lists, search."""

from amity.people.queries.finding import (
    FoundKnown,
    FoundOrganisation,
    FoundPerson,
    Spelling,
    find_known,
    find_organisations,
    find_people,
    people_called,
)
from amity.people.queries.listing import (
    ListedPerson,
    PeoplePage,
    PeopleWanted,
    count_people,
    list_people,
    walk_people,
)
from amity.people.queries.organisations import (
    ListedOrganisation,
    list_organisations,
    organisation_of,
)
from amity.people.queries.record import (
    FactShown,
    KnownAs,
    PersonRecord,
    person_record,
)
from amity.people.queries.visibility import (
    known_organisations,
    known_people,
    names_of,
    people_of,
    shown_as,
)

__all__ = [
    "FactShown",
    "FoundKnown",
    "FoundOrganisation",
    "FoundPerson",
    "KnownAs",
    "ListedOrganisation",
    "ListedPerson",
    "PeoplePage",
    "PeopleWanted",
    "PersonRecord",
    "Spelling",
    "count_people",
    "find_known",
    "find_organisations",
    "find_people",
    "known_organisations",
    "known_people",
    "list_organisations",
    "list_people",
    "names_of",
    "organisation_of",
    "people_called",
    "people_of",
    "person_record",
    "shown_as",
    "walk_people",
]
