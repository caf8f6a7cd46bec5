from django.urls import path

from amity.people.web import (
    adding,
    addresses,
    disclosing,
    duplicates,
    erasing,
    holding,
    merging,
    noting,
    organisation_values,
    organisations,
    organising,
    people,
    person,
    reach,
    relating,
    splitting,
    typing,
)

urlpatterns = [
    path("people/", people.people, name="people"),
    path("people/filters/", people.filters, name="people-filters"),
    path("people/export/", people.export, name="people-export"),
    path("people/new/", adding.person_new, name="person-new"),
    path("people/new/alike/", adding.alike, name="person-alike"),
    path("people/<uuid:person_id>/", person.person, name="person"),
    path("people/<uuid:person_id>/removal/", adding.person_removal, name="person-removal"),
    path(
        "people/<uuid:person_id>/values/withdrawal/", typing.value_withdrawal, name="person-value-withdrawal"
    ),
    path("people/<uuid:person_id>/values/<str:field>/", typing.person_value, name="person-value"),
    path("people/<uuid:person_id>/addresses/", addresses.person_addresses, name="person-addresses"),
    path("people/<uuid:person_id>/addresses/return/", addresses.address_return, name="person-address-return"),
    path(
        "people/<uuid:person_id>/addresses/<uuid:identity_id>/",
        addresses.person_address,
        name="person-address",
    ),
    path(
        "people/<uuid:person_id>/addresses/<uuid:identity_id>/removal/",
        addresses.address_removal,
        name="person-address-removal",
    ),
    path("people/<uuid:person_id>/notes/", noting.person_notes, name="person-notes"),
    path("people/<uuid:person_id>/notes/<uuid:note_id>/", noting.person_note, name="person-note"),
    path(
        "people/<uuid:person_id>/notes/<uuid:note_id>/removal/",
        noting.note_removal,
        name="person-note-removal",
    ),
    path(
        "people/<uuid:person_id>/notes/<uuid:note_id>/restoration/",
        noting.note_restoration,
        name="person-note-restoration",
    ),
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
    path("people/<uuid:person_id>/disclosure/", disclosing.person_disclosure, name="person-disclosure"),
    path("disclosures/<uuid:disclosure_id>/", disclosing.disclosure, name="disclosure"),
    path("disclosures/<uuid:disclosure_id>/file/", disclosing.disclosure_file, name="disclosure-file"),
    path("people/<uuid:person_id>/erasure/", erasing.person_erasure, name="person-erasure"),
    path("people/<uuid:person_id>/hold/", holding.person_hold, name="person-hold"),
    path("holds/<uuid:hold_id>/", holding.hold, name="hold"),
    path("holds/<uuid:hold_id>/release/", holding.hold_release, name="hold-release"),
    path("erasures/", erasing.erasures_page, name="erasures"),
    path("erasures/<uuid:erasure_id>/", erasing.erasure, name="erasure"),
    path("erasures/<uuid:erasure_id>/stop/", erasing.erasure_stop, name="erasure-stop"),
    path("erasures/<uuid:erasure_id>/beginning/", erasing.erasure_beginning, name="erasure-beginning"),
    path("erasures/<uuid:erasure_id>/certificate/", erasing.erasure_certificate, name="erasure-certificate"),
    path("merges/<uuid:merge_id>/withdrawal/", merging.merge_withdrawal, name="merge-withdrawal"),
    path("splits/<uuid:split_id>/withdrawal/", splitting.split_withdrawal, name="split-withdrawal"),
    path("duplicates/", duplicates.duplicates, name="duplicates"),
    path("duplicates/merging/", duplicates.duplicates_merging, name="duplicates-merging"),
    path("duplicates/look/", duplicates.duplicates_look, name="duplicates-look"),
    path("duplicates/<uuid:proposal_id>/merge/", duplicates.duplicate_merge, name="duplicate-merge"),
    path("duplicates/<uuid:proposal_id>/check/", duplicates.duplicate_check, name="duplicate-check"),
    path(
        "duplicates/<uuid:proposal_id>/unchecking/",
        duplicates.duplicate_unchecking,
        name="duplicate-unchecking",
    ),
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
    path("organisations/export/", organisations.export, name="organisations-export"),
    path("organisations/<uuid:organisation_id>/", organisations.organisation, name="organisation"),
    path(
        "organisations/<uuid:organisation_id>/values/withdrawal/",
        organisation_values.value_withdrawal,
        name="organisation-value-withdrawal",
    ),
    path(
        "organisations/<uuid:organisation_id>/values/<slug:key>/",
        organisation_values.organisation_value,
        name="organisation-value",
    ),
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
