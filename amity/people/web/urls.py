from django.urls import path

from amity.people.web import (
    duplicates,
    merging,
    organisations,
    organising,
    people,
    person,
    reach,
    relating,
    splitting,
)

urlpatterns = [
    path("people/", people.people, name="people"),
    path("people/filters/", people.filters, name="people-filters"),
    path("people/export/", people.export, name="people-export"),
    path("people/<uuid:person_id>/", person.person, name="person"),
    path("people/<uuid:person_id>/merging/", merging.person_merging, name="person-merging"),
    path("people/<uuid:person_id>/splitting/", splitting.person_splitting, name="person-splitting"),
    path("people/<uuid:person_id>/choices/", splitting.person_choices, name="person-choices"),
    path("people/<uuid:person_id>/reach/", reach.person_reach, name="person-reach"),
    path("people/<uuid:person_id>/relations/", relating.person_relations, name="person-relations"),
    path("relations/<uuid:relation_id>/", relating.relation, name="relation"),
    path(
        "relations/<uuid:relation_id>/withdrawal/", relating.relation_withdrawal, name="relation-withdrawal"
    ),
    path(
        "relations/<uuid:relation_id>/restoration/",
        relating.relation_restoration,
        name="relation-restoration",
    ),
    path("people/<uuid:person_id>/distinctions/", splitting.person_distinctions, name="person-distinctions"),
    path(
        "people/<uuid:person_id>/distinctions/withdrawal/",
        splitting.distinction_withdrawal,
        name="distinction-withdrawal",
    ),
    path("merges/<uuid:merge_id>/withdrawal/", merging.merge_withdrawal, name="merge-withdrawal"),
    path("splits/<uuid:split_id>/withdrawal/", splitting.split_withdrawal, name="split-withdrawal"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/merging/", duplicates.duplicates_merging, name="duplicates-merging"),
    path("duplicates/look/", duplicates.duplicates_look, name="duplicates-look"),
    path("duplicates/<uuid:proposal_id>/merge/", duplicates.duplicate_merge, name="duplicate-merge"),
    path(
        "duplicates/<uuid:proposal_id>/distinction/",
        duplicates.duplicate_distinction,
        name="duplicate-distinction",
    ),
    path(
        "duplicates/<uuid:proposal_id>/postponement/",
        duplicates.duplicate_postponement,
        name="duplicate-postponement",
    ),
    path(
        "duplicates/<uuid:proposal_id>/reopening/", duplicates.duplicate_reopening, name="duplicate-reopening"
    ),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/<uuid:organisation_id>/", organisations.organisation, name="organisation"),
    path(
        "organisations/<uuid:organisation_id>/relations/",
        relating.organisation_relations,
        name="organisation-relations",
    ),
    path(
        "organisations/<uuid:organisation_id>/name/", organising.organisation_name, name="organisation-name"
    ),
    path(
        "organisations/<uuid:organisation_id>/merging/",
        organising.organisation_merging,
        name="organisation-merging",
    ),
    path(
        "organisations/<uuid:organisation_id>/domains/",
        organising.organisation_domains,
        name="organisation-domains",
    ),
    path(
        "organisation-merges/<uuid:merge_id>/withdrawal/",
        organising.organisation_merge_withdrawal,
        name="organisation-merge-withdrawal",
    ),
]
