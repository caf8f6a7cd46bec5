"""Whether somebody may be contacted: decided by plain rules, whatever is merged and in whatever order it is noted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import chain
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as some

from amity.consent.domain.answering import (
    Account,
    Answer,
    Basis,
    Said,
    Statement,
    Terms,
    Verdict,
    answer,
    bearers,
    valid_until,
    verdicts,
)
from amity.consent.domain.channels import Channel

AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
NETWORKS = ("email", "phone", "mastodon", "customer:shop")
NEWSLETTER = Terms(1, Basis.CONSENT, frozenset({Channel.EMAIL}))
WORK, HOME, PHONE = (
    Account(UUID(int=number), network) for number, network in enumerate(("email", "email", "phone"))
)


def said(
    what: Said,
    account: Account = WORK,
    days: int = 1,
    *,
    purpose: int | None = 1,
    channel: str = "email",
    id: int = 1,
    is_dated: bool = True,
) -> Statement:
    return Statement(UUID(int=id), account.id, purpose, channel, what, AT - timedelta(days=days), is_dated)


def asked(
    *statements: Statement, accounts: tuple[Account, ...] = (WORK,), terms: Terms = NEWSLETTER
) -> Answer:
    return answer(terms, Channel.EMAIL, accounts, statements, AT)


def test_consent_has_to_be_given_before() -> None:
    assert asked().verdict is Verdict.NOT_ASKED
    given = said(Said.GIVEN)
    assert asked(given) == Answer(Verdict.ALLOWED, (given,), (WORK.id,))


def test_other_bases_allow_until_somebody_objects() -> None:
    surveys = Terms(1, Basis.LEGITIMATE_INTERESTS, frozenset({Channel.EMAIL}))
    assert asked(terms=surveys) == Answer(Verdict.ALLOWED, (), (WORK.id,))
    objected = said(Said.OBJECTED)
    assert asked(objected, terms=surveys) == Answer(Verdict.OBJECTED, (objected,))
    assert asked(objected, said(Said.GIVEN, days=0), terms=surveys).is_allowed


def test_the_last_word_counts_and_of_one_instant_the_strictest() -> None:
    assert asked(said(Said.GIVEN, days=2), said(Said.WITHDRAWN, days=1)).verdict is Verdict.WITHDRAWN
    assert asked(said(Said.WITHDRAWN, days=2), said(Said.GIVEN, days=1)).is_allowed
    assert asked(said(Said.GIVEN, id=9), said(Said.WITHDRAWN, id=1)).verdict is Verdict.WITHDRAWN
    assert asked(said(Said.WITHDRAWN, id=9), said(Said.OBJECTED, id=1)).verdict is Verdict.OBJECTED


def test_a_consent_without_a_date_is_one_and_lifts_no_refusal() -> None:
    undated = said(Said.GIVEN, days=0, is_dated=False)
    assert asked(undated).is_allowed
    assert asked(undated, said(Said.WITHDRAWN, days=400)).verdict is Verdict.WITHDRAWN
    assert asked(undated, said(Said.OBJECTED, days=400, is_dated=False)).verdict is Verdict.OBJECTED
    assert asked(said(Said.WITHDRAWN, days=2), undated, said(Said.GIVEN, days=1)).is_allowed
    everything = said(Said.OBJECTED, days=400, purpose=None, channel="")
    assert asked(undated, everything).verdict is Verdict.OBJECTED


def test_a_refusal_without_a_date_counts_from_when_it_was_noted() -> None:
    no = said(Said.WITHDRAWN, days=1, is_dated=False)
    assert asked(said(Said.GIVEN, days=2), no).verdict is Verdict.WITHDRAWN
    assert asked(no, said(Said.GIVEN, days=0)).is_allowed


def test_what_is_said_later_than_asked_counts_not_yet() -> None:
    assert asked(said(Said.GIVEN, days=-1)).verdict is Verdict.NOT_ASKED


def test_a_consent_that_is_too_old_has_expired() -> None:
    yearly = Terms(1, Basis.CONSENT, frozenset({Channel.EMAIL}), months=12)
    assert asked(said(Said.GIVEN, days=365), terms=yearly).verdict is Verdict.EXPIRED
    assert asked(said(Said.GIVEN, days=364), terms=yearly).is_allowed


def test_months_end_where_the_calendar_ends_them() -> None:
    assert valid_until(datetime(2026, 1, 31, tzinfo=UTC), 1) == datetime(2026, 2, 28, tzinfo=UTC)
    assert valid_until(datetime(2024, 2, 29, tzinfo=UTC), 12) == datetime(2025, 2, 28, tzinfo=UTC)
    assert valid_until(datetime(2026, 12, 5, tzinfo=UTC), 1) == datetime(2027, 1, 5, tzinfo=UTC)
    assert valid_until(AT, None) is None


def test_what_is_not_confirmed_changes_no_answer() -> None:
    assert asked(said(Said.PENDING)).verdict is Verdict.PENDING
    assert asked(said(Said.GIVEN, days=2), said(Said.PENDING)).is_allowed
    assert asked(said(Said.WITHDRAWN, days=2), said(Said.PENDING)).verdict is Verdict.WITHDRAWN


def test_consent_is_for_the_address_of_which_it_was_given() -> None:
    found = asked(said(Said.GIVEN, HOME), accounts=(WORK, HOME))
    assert found.usable == (HOME.id,)


def test_a_refusal_on_one_address_is_one_of_the_person() -> None:
    found = asked(said(Said.GIVEN, HOME, days=0), said(Said.WITHDRAWN, WORK), accounts=(WORK, HOME))
    assert found.verdict is Verdict.WITHDRAWN


def test_whoever_refuses_everything_by_every_channel_is_left_alone_by_accounts_to_come() -> None:
    nothing = said(Said.OBJECTED, purpose=None, channel="")
    calls = Terms(2, Basis.CONTRACT, frozenset({Channel.PHONE}))
    assert answer(calls, Channel.PHONE, (WORK, PHONE), [nothing], AT).verdict is Verdict.OBJECTED


def test_recalls_and_invoices_reach_who_wants_to_be_left_alone_unless_just_they_are_refused() -> None:
    recalls = Terms(2, Basis.VITAL_INTERESTS, frozenset({Channel.EMAIL}))
    assert asked(said(Said.OBJECTED, purpose=None, channel=""), terms=recalls).is_allowed
    assert asked(said(Said.OBJECTED, purpose=2), terms=recalls).verdict is Verdict.OBJECTED


def test_a_channel_that_reaches_none_of_their_accounts_is_no_way_to_them() -> None:
    calls = Terms(2, Basis.CONTRACT, frozenset({Channel.PHONE, Channel.LETTER}))
    assert answer(calls, Channel.PHONE, (WORK,), [], AT).verdict is Verdict.NO_ACCOUNT
    assert answer(calls, Channel.TEXT, (PHONE,), [], AT).verdict is Verdict.NOT_USED
    assert answer(calls, Channel.LETTER, (WORK,), [], AT).is_allowed


def test_what_a_person_says_stands_on_each_account_that_it_is_about() -> None:
    everybody = (WORK, HOME, PHONE)
    assert bearers(Said.WITHDRAWN, "email", everybody, ()) == (WORK.id, HOME.id)
    assert bearers(Said.OBJECTED, "", everybody, ()) == (WORK.id, HOME.id, PHONE.id)
    assert bearers(Said.OBJECTED, "direct", everybody, ()) == (WORK.id, HOME.id, PHONE.id)
    assert bearers(Said.GIVEN, "direct", everybody, ()) == ()
    assert bearers(Said.GIVEN, "phone", everybody, {WORK.id}) == (PHONE.id, WORK.id)


# ------------------------------------------------------------------------------------------------------------ laws

PURPOSES = some.builds(
    Terms,
    some.integers(1, 2),
    some.sampled_from(Basis),
    some.sets(some.sampled_from(Channel), min_size=1).map(frozenset),
    some.sampled_from((None, 1, 12)),
)


@some.composite
def people(draw: some.DrawFn) -> list[tuple[tuple[Account, ...], tuple[Statement, ...]]]:
    """Up to four persons with accounts of their own, and what was said of these."""
    found, number = [], 100
    for _person in range(draw(some.integers(1, 4))):
        accounts, statements = [], []
        for network in draw(some.lists(some.sampled_from(NETWORKS), min_size=1, max_size=3)):
            number += 1
            accounts.append(Account(UUID(int=number), network))
            for _statement in range(draw(some.integers(0, 3))):
                what = draw(some.sampled_from(Said))
                number += 1
                statements.append(
                    Statement(
                        UUID(int=number),
                        accounts[-1].id,
                        draw(some.sampled_from((1, 2, None) if what.is_refusal else (1, 2))),
                        draw(some.sampled_from(("", *Channel))),
                        what,
                        AT - timedelta(days=draw(some.sampled_from((-1, 0, 1, 20, 40, 500)))),
                        draw(some.booleans()),
                    )
                )
        found.append((tuple(accounts), tuple(statements)))
    return found


@given(PURPOSES, some.sampled_from(Channel), people())
def test_merging_lifts_no_refusal_and_opens_no_address(
    terms: Terms, channel: Channel, those: list[tuple[tuple[Account, ...], tuple[Statement, ...]]]
) -> None:
    apart = [answer(terms, channel, accounts, statements, AT) for accounts, statements in those]
    accounts = tuple(chain.from_iterable(accounts for accounts, _said in those))
    statements = tuple(chain.from_iterable(statements for _accounts, statements in those))
    together = answer(terms, channel, accounts, statements, AT)
    refused = {Verdict.OBJECTED, Verdict.WITHDRAWN}
    if any(one.verdict in refused for one in apart):
        assert together.verdict in refused
    assert set(together.usable) <= set(chain.from_iterable(one.usable for one in apart))
    assert together.is_allowed == bool(together.usable)
    # Taken apart again, each is as before: what was said stands on accounts, and merging writes nothing.
    assert apart == [answer(terms, channel, accounts, statements, AT) for accounts, _said in those]


@given(PURPOSES, some.sampled_from(Channel), people(), some.randoms())
def test_when_it_was_noted_does_not_matter_only_when_it_was_said(
    terms: Terms,
    channel: Channel,
    those: list[tuple[tuple[Account, ...], tuple[Statement, ...]]],
    draw: object,
) -> None:
    for accounts, statements in those:
        shuffled = list(statements)
        draw.shuffle(shuffled)  # type: ignore[attr-defined]
        assert answer(terms, channel, accounts, shuffled, AT) == answer(
            terms, channel, accounts, statements, AT
        )


@given(PURPOSES, some.sampled_from(Channel), people())
def test_a_later_word_of_the_person_decides(
    terms: Terms, channel: Channel, those: list[tuple[tuple[Account, ...], tuple[Statement, ...]]]
) -> None:
    """Said for the whole person, it stands on accounts in such a way that it is the answer from then on."""
    accounts, statements = those[0]
    if channel not in terms.channels:
        return
    now = [one for one in statements if one.said_at <= AT]
    of_each = verdicts(terms, channel, accounts, now, AT)
    refused = {
        id for id, (verdict, _by) in of_each.items() if verdict in (Verdict.OBJECTED, Verdict.WITHDRAWN)
    }
    for what in (Said.GIVEN, Said.WITHDRAWN):
        on = bearers(what, channel, accounts, refused)
        added = [
            Statement(UUID(int=9_000 + place), one, terms.id, channel.value, what, AT + timedelta(seconds=1))
            for place, one in enumerate(on)
        ]
        found = answer(terms, channel, accounts, [*now, *added], AT + timedelta(seconds=1))
        if what is Said.WITHDRAWN:
            assert found.verdict in (Verdict.WITHDRAWN, Verdict.OBJECTED)
        elif on:
            assert found.is_allowed or found.verdict is Verdict.NO_ACCOUNT
