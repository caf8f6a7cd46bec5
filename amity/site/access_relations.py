"""The doors of relations, organisations, households, reach and tiers; a part of the table in `amity.site.access`."""

from __future__ import annotations

from amity.site.doors import Door, verb

PAGES: dict[str, Door] = {
    "settings-tiers": Door("settings", post="write"),
    "person-tier": Door("person", post="write", of="person_id"),
    "tier-choice-withdrawal": Door("person", get="", post="write", unless=(404,)),
    "tier-choice-restoration": Door("person", get="", post="write", unless=(404,)),
    "person-household": Door("person", post="write", of="person_id"),
    "household-refusal": verb("person", "person_id"),
    "household-withdrawal": Door("person", get="", post="write", of="household_id"),
    "household-restoration": Door("person", get="", post="write", of="household_id"),
    "person-reach": Door("person", of="person_id"),
    "person-relations": Door("person", get="write", post="write", of="person_id"),
    "relation": verb("person", "relation_id"),
    "relation-withdrawal": verb("person", "relation_id"),
    "relation-restoration": verb("person", "relation_id"),
    "organisation-relations": Door("organisation", get="write", post="write", of="organisation_id"),
    "organisation-name": verb("organisation", "organisation_id"),
    "organisation-merging": Door("organisation", get="write", post="write", of="organisation_id"),
    "organisation-domains": verb("organisation", "organisation_id"),
    "organisation-merge-withdrawal": Door("organisation", get="", post="write", unless=(404,)),
}
OPERATIONS: dict[str, Door] = {
    "tier_of_person": Door("person", of="person_id"),
    "choose_tier_of_person": Door("person", get="", put="write", of="person_id"),
    "drop_tier_of_person": Door("person", get="", delete="write", of="person_id"),
    "list_of_tiers": Door("settings"),
    "change_tiers_of_company": Door("settings", get="", put="write"),
    "households_about_person": Door("person", of="person_id"),
    "put_people_together": verb("person", "person_id"),
    "take_people_out": verb("person", "household_id"),
    "put_people_back": verb("person", "household_id"),
    "refuse_household": verb("person", "person_id"),
    "orders_around_instant": Door("order", of="person_id"),
    "reach_of_person": Door("person", of="person_id"),
    "relations_about_person": Door("person", of="person_id"),
    "relate_person": verb("person", "person_id"),
    "update_relation": Door("person", get="", patch="write", of="relation_id"),
    "take_back_relation_of_person": verb("person", "relation_id"),
    "restore_relation": verb("person", "relation_id"),
    "relations_about_organisation": Door("organisation", of="organisation_id"),
    "relate_organisation": verb("organisation", "organisation_id"),
    "rename_one_organisation": Door("organisation", get="", put="write", of="organisation_id"),
    "merge_one_organisation": verb("organisation", "organisation_id"),
    "take_back_merge_of_organisation": Door("organisation", get="", post="write", unless=(404,)),
    "put_domain_of_organisation": Door("organisation", get="", put="write", of="organisation_id"),
}
