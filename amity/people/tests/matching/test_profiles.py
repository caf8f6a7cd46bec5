"""Links of profiles: where they lead, and what it is worth that one leads to the other, or both to each other."""

from __future__ import annotations

from functools import cache
from uuid import UUID, uuid4

import pytest

from amity.people.domain.matching.engine import (
    LINK_PROBABILITY,
    PROPOSE_PROBABILITY,
    TOPICS,
    Resolution,
    bits_of,
    prepared,
    resolve,
)
from amity.people.domain.matching.keys import keys_of
from amity.people.domain.matching.profiles import account_of, links_in, profile_of
from amity.people.domain.matching.records import Said
from amity.people.domain.matching.saved import from_json, to_json
from amity.people.matching.reading import Row, said_in
from amity.people.tests.matching.people_of_ours import resolved_town, town
from amity.people.tests.records import AT
from amity.people.web.evidence import told

ANA_SOCIAL = "mastodon:ana@social.example"
ANA_CODE = "github:anacodes"


@pytest.mark.parametrize(
    ("link", "profile"),
    [
        ("https://social.example/@Ana", "mastodon:ana@social.example"),
        ("https://social.example/users/ana", "mastodon:ana@social.example"),
        ("https://social.example/@ana@other.example", "mastodon:ana@other.example"),
        ("@ana@social.example", "mastodon:ana@social.example"),
        ("acct:ana@social.example", "mastodon:ana@social.example"),
        ("https://x.com/ana_a?lang=de", "twitter:ana_a"),
        ("http://www.twitter.com/ana_a/", "twitter:ana_a"),
        ("twitter.com/@ana_a", "twitter:ana_a"),
        ("https://github.com/AnaCodes", "github:anacodes"),
        ("https://bsky.app/profile/ana.example", "bluesky:ana.example"),
        ("https://www.instagram.com/ana.a/#", "instagram:ana.a"),
        ("https://facebook.com/ana.a", "facebook:ana.a"),
        ("https://m.facebook.com/profile.php?id=4711", "facebook:4711"),
        ("https://de.linkedin.com/in/ana-a-12/", "linkedin:ana-a-12"),
        ("https://www.youtube.com/@ana", "youtube:ana"),
        ("https://ana.example/", "web:ana.example"),
        ("https://www.Ana.example/About?x=1#y", "web:ana.example/about"),
        ("https://linktr.ee/ana", "web:linktr.ee/ana"),
        # no profile, and no page of anybody
        ("https://x.com/home", ""),
        ("https://github.com/AnaCodes/repository", ""),
        ("https://youtube.com/watch?v=1", ""),
        ("https://facebook.com/sharer.php?u=x", ""),
        ("ftp://ana.example/", ""),
        ("javascript:alert(1)", ""),
        ("http://[broken", ""),
        ("not a link at all.", ""),
        ("", ""),
    ],
)
def test_links_are_brought_into_one_spelling(link: str, profile: str) -> None:
    assert profile_of(link) == profile


@pytest.mark.parametrize(
    ("network", "address", "account"),
    [
        ("mastodon", "@Ana@social.example", "mastodon:ana@social.example"),
        ("x", "Ana_A", "twitter:ana_a"),
        ("bsky", "ana.example", "bluesky:ana.example"),
        ("website", "https://ana.example/", "web:ana.example"),
        ("github", "https://github.com/AnaCodes", "github:anacodes"),
        ("email", "ana@ana.example", ""),
        ("phone", "+49341", ""),
        ("customer:shop", "5521", ""),
    ],
)
def test_accounts_are_spelt_like_the_links_that_lead_to_them(
    network: str, address: str, account: str
) -> None:
    assert account_of(network, address) == account


def test_links_are_found_in_a_biography() -> None:
    words = "Beans (https://ana.example/beans), code: https://github.com/AnaCodes."
    assert [profile_of(one) for one in links_in(words)] == ["web:ana.example/beans", ANA_CODE]


def test_what_sources_told_of_links_is_read_with_the_rest() -> None:
    def row(field: str, value: str) -> Row:
        return (PERSON, "mastodon", "Ana@social.example", field, value, AT)

    said = said_in(
        [
            row("verified_link", "https://ana.example/"),
            row("website", "https://shop.example/ana"),
            row("bio", "Also https://github.com/AnaCodes"),
            row("notes", "https://elsewhere.example"),
        ]
    )
    assert said.accounts == (ANA_SOCIAL,)
    assert said.verified == ("web:ana.example",)
    assert said.profiles == ("web:shop.example/ana", ANA_CODE)


PERSON: UUID = uuid4()
SOCIAL = Said(full_name="Ana Calloway", accounts=(ANA_SOCIAL,), profiles=(ANA_CODE,))
CODE = Said(full_name="anacodes", accounts=(ANA_CODE,), profiles=(ANA_SOCIAL,))
SILENT = Said(full_name="anacodes", accounts=(ANA_CODE,))


@cache
def world() -> Resolution:
    """The town, in which some have accounts and pages; thirty are of one company and name its page."""
    records = list(town()[0])
    for number, said in enumerate(records):
        links: tuple[str, ...] = (f"web:page{number}.example",)
        if number < 30:
            links = ("web:company.example",)
        records[number] = Said(
            **{name: getattr(said, name) for name in said.__slots__}
            | {"accounts": (f"mastodon:user{number}@social.example",), "profiles": links}
        )
    return resolve(records)


def bits(one: Said, other: Said) -> dict[str, float]:
    model = world().model
    score = model.score(model.prepare(one), model.prepare(other))
    return {"all": score.bits, **{line.code: line.bits for line in score.evidence}}


def test_profiles_that_lead_to_each_other_are_strong_and_the_waterfall_says_so() -> None:
    found = bits(SOCIAL, CODE)
    assert found["profile.both_ways"] >= 20
    assert found["all"] >= bits_of(PROPOSE_PROBABILITY)
    labels = [one.label for one in told([("profile.both_ways", "", "", 20.0)])]
    assert labels == ["Profile links: they lead to each other"]


def test_a_link_that_the_source_has_seen_lead_back_counts_as_both_ways() -> None:
    verified = Said(full_name="Ana Calloway", accounts=(ANA_SOCIAL,), verified=(ANA_CODE,))
    assert "profile.both_ways" in bits(verified, SILENT)


def test_whoever_puts_the_address_of_another_on_a_profile_is_not_joined_by_that() -> None:
    """An attacker names the account of Ana, and her page, and nothing else is known of the attacker."""
    ana = Said(full_name="Ana Calloway", accounts=(ANA_SOCIAL,), profiles=("web:ana.example",))
    attacker = Said(accounts=("github:attacker",), profiles=(ANA_SOCIAL, "web:ana.example"))
    found = bits(attacker, ana)
    assert 0 <= found["profile.one_way"] <= 4
    assert found["all"] < bits_of(PROPOSE_PROBABILITY)


def test_a_copied_name_and_a_link_that_is_not_returned_are_not_enough_to_link() -> None:
    attacker = Said(full_name="Ana Calloway", accounts=("github:attacker",), profiles=(ANA_SOCIAL,))
    assert bits(attacker, SOCIAL)["all"] < bits_of(LINK_PROBABILITY)


def test_an_attacker_who_verifies_a_page_of_their_own_gains_nothing() -> None:
    ana = Said(full_name="Ana Calloway", accounts=(ANA_SOCIAL,), profiles=("web:ana.example",))
    attacker = Said(accounts=("github:attacker",), verified=("web:attacker.example",), profiles=(ANA_SOCIAL,))
    assert bits(attacker, ana)["all"] < bits_of(PROPOSE_PROBABILITY)


def test_a_page_that_many_name_counts_for_little_one_that_few_name_for_more() -> None:
    colleagues = (
        Said(accounts=("github:one",), profiles=("web:company.example",)),
        Said(accounts=("github:two",), profiles=("web:company.example",)),
    )
    few = (
        Said(accounts=("github:one",), profiles=("web:ana.example",)),
        Said(accounts=("github:two",), profiles=("web:ana.example",)),
    )
    assert bits(*colleagues)["profile.same_page"] < bits(*few)["profile.same_page"] <= 4
    assert bits(*colleagues)["profile.same_page"] <= 1.5
    assert bits(*few)["all"] < bits_of(PROPOSE_PROBABILITY)


def test_that_nobody_names_the_other_says_nothing() -> None:
    assert bits(SOCIAL, Said(accounts=("github:x",)))["profile.neither"] == 0
    assert told([("profile.neither", "", "", 0.0)]) == []


def test_an_account_and_a_link_to_it_share_a_key() -> None:
    assert set(keys_of(prepared(SOCIAL))) & set(keys_of(prepared(SILENT)))


def test_the_batch_scores_links_as_the_live_path_does() -> None:
    found = resolve([*town()[0], SOCIAL, CODE])
    pairs = {
        (one, other): bits
        for one, other, bits in zip(
            found.one.tolist(), found.other.tolist(), found.bits.tolist(), strict=True
        )
    }
    count = len(town()[0])
    live = found.model.score(found.model.prepare(SOCIAL), found.model.prepare(CODE))
    assert pairs[count, count + 1] == pytest.approx(live.bits, abs=0.01)


def test_weights_that_were_learnt_before_there_were_links_can_still_be_read() -> None:
    kept = to_json(resolved_town()[2].model)
    del kept["comparisons"]["profile"]
    model = from_json(kept, TOPICS)
    score = model.score(model.prepare(SOCIAL), model.prepare(CODE))
    assert any(line.code == "profile.both_ways" and line.bits >= 20 for line in score.evidence)


def test_records_without_links_score_as_before() -> None:
    """What the benches measure: nothing of this has a say where nobody links."""
    records, _, found = resolved_town()
    model = found.model
    for one, other in ((0, 1), (1, 2), (5, 40)):
        score = model.score(model.prepare(records[one]), model.prepare(records[other]))
        assert not any(line.code.startswith("profile") for line in score.evidence)
