"""The queue of duplicates as a colleague goes through it: by plain forms, with a way back after each."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from amity.channels.records import Handle
from amity.kernel.actor import SYSTEM, Role
from amity.kernel.models import Team
from amity.people.merging import merge
from amity.people.models import Distinction, FieldLock, Merge, Proposal, ProposalState
from amity.people.proposing import look_for_duplicates
from amity.people.tests.records import AT, days, email, listed, make_source, make_staff, person_of, take_in

pytestmark = pytest.mark.django_db

ASKING = "div#duplicates-look"
TOMAS, ARRIETA = (
    email("tomas@lindero.example", "Tomás Arrieta"),
    Handle("customer:shop", "5521", "T. Arrieta"),
)


@pytest.fixture
def client() -> Client:
    signed_in = Client()
    signed_in.force_login(make_staff(Role.AGENT), backend="amity.site.signin.StaffBackend")
    return signed_in


@pytest.fixture
def pair() -> Proposal:
    source = make_source()
    take_in(source, listed(TOMAS, city="Bilbao", at=AT - days(400)), listed(ARRIETA, city="Getxo"))
    one, other = sorted((person_of(TOMAS).id, person_of(ARRIETA).id))
    lines = [
        ["prior", "", "", -12.0],
        ["family_name.same", "arrieta", "arrieta", 14.0],
        ["place.different", "", "", -1.5],
    ]
    return Proposal.objects.create(one_id=one, other_id=other, bits=0.5, evidence=lines, found_at=AT)


def page(client: Client, query: str = "") -> str:
    return client.get(reverse("duplicates") + query).content.decode()


def test_before_anybody_looked_the_page_says_what_will_be_here(client: Client) -> None:
    assert "Nobody has looked yet" in page(client)


def test_the_surest_pair_is_open_with_what_speaks_for_and_against_it(client: Client, pair: Proposal) -> None:
    shown = page(client)
    for words in (
        "Tomás Arrieta",
        "T. Arrieta",
        "Family name the same: Arrieta",
        "Place: different",
        "Any two people",
    ):
        assert words in shown
    assert reverse("duplicate-merge", args=[pair.pk]) in shown
    assert "Bilbao" in shown
    assert "Getxo" in shown


def test_merging_keeps_the_chosen_value_and_is_undone_from_the_toast(client: Client, pair: Proposal) -> None:
    stays = person_of(TOMAS).id
    done = client.post(
        reverse("duplicate-merge", args=[pair.pk]), {"into": str(stays), "chosen.city": "Bilbao"}, follow=True
    )
    assert "Merged" in done.content.decode()
    assert reverse("duplicate-reopening", args=[pair.pk]) in done.content.decode()
    assert (person_of(ARRIETA).id, person_of(ARRIETA).city) == (stays, "Bilbao")
    late = client.post(reverse("duplicate-merge", args=[pair.pk]), {"into": str(stays)})
    assert late.status_code == 409
    assert "Somebody decided on this pair already." in late.content.decode()
    assert "Take it back" in page(client, f"?pair={pair.pk}")
    client.post(reverse("duplicate-reopening", args=[pair.pk]))
    assert person_of(ARRIETA).id != stays
    assert not Merge.objects.filter(revoked_at__isnull=True).exists()


def test_the_other_one_stays_where_somebody_says_so(client: Client, pair: Proposal) -> None:
    other = person_of(ARRIETA).id
    swapped = client.post(
        reverse("duplicate-merge", args=[pair.pk]), {"stays": str(other), "chosen.city": "Getxo"}
    )
    assert swapped.status_code == 302
    shown = client.get(swapped["Location"]).content.decode()
    assert f'name="into" value="{other}"' in shown
    assert not Merge.objects.exists()


def test_two_people_and_later_take_the_pair_out_of_the_queue(client: Client, pair: Proposal) -> None:
    client.post(reverse("duplicate-distinction", args=[pair.pk]))
    assert Distinction.objects.filter(revoked_at__isnull=True).count() == 1
    assert "Family name the same" not in page(client)
    client.post(reverse("duplicate-reopening", args=[pair.pk]))
    assert not Distinction.objects.filter(revoked_at__isnull=True).exists()
    client.post(reverse("duplicate-postponement", args=[pair.pk]))
    pair.refresh_from_db()
    assert pair.state == ProposalState.LATER


def test_those_ticked_are_merged_together(client: Client, pair: Proposal) -> None:
    done = client.post(reverse("duplicates-merging"), {"pair": [str(pair.pk), "nonsense"]}, follow=True)
    assert "1 pair merged" in done.content.decode()
    nothing = client.post(reverse("duplicates-merging"), follow=True)
    assert "Tick the pairs that are one person." in nothing.content.decode()


def test_a_look_is_asked_for_once(client: Client) -> None:
    first = client.post(reverse("duplicates-look"), follow=True).content.decode()
    again = client.post(reverse("duplicates-look"), follow=True).content.decode()
    assert "Looking for duplicates." in first
    assert "It is being looked for already." in again


def test_the_page_asks_how_far_a_look_is_and_shows_its_result_without_being_loaded_again(
    client: Client,
) -> None:
    def told(query: str) -> tuple[str, str]:
        answer = client.get(
            reverse("duplicates") + query, headers={"HX-Request": "true", "HX-Target": ASKING}
        )
        return answer.content.decode(), answer.headers.get("HX-Refresh", "")

    begun = client.post(reverse("duplicates-look"), follow=True).content.decode()
    assert 'hx-trigger="amity:refresh throttle:1s, every 3s"' in begun
    assert 'data-live-topic="duplicates"' in begun
    fragment, refresh = told("?seen=&empty=1")
    assert ("A worker begins soon." in fragment, "<html" in fragment, refresh) == (True, False, "")
    ProcrastinateJob.objects.filter(status="todo").update(status="succeeded")
    take_in(make_source(), listed(TOMAS), listed(ARRIETA))
    look_for_duplicates(at=AT)
    fragment, refresh = told("?seen=&empty=1")
    assert "2 people compared, 0 pairs wait" in fragment
    assert "every 3s" not in fragment
    assert refresh == "true", "nothing stood there that somebody may be reading"
    fragment, refresh = told("?seen=")
    assert ("Show what was found" in fragment, refresh) == (True, "")
    assert "Show what was found" not in page(client)


@pytest.mark.usefixtures("pair")
def test_who_does_not_see_every_source_is_told_why_nothing_stands_here(
    client: Client, pair: Proposal
) -> None:
    make_source("vip", team=Team.objects.create(name="VIP"))
    shown = page(client, f"?pair={pair.pk}")
    assert "For who sees every source" in shown
    assert "Arrieta" not in shown
    assert client.post(reverse("duplicate-merge", args=[pair.pk])).status_code == 404


def test_an_analyst_looks_and_decides_nothing(pair: Proposal) -> None:
    analyst = Client()
    analyst.force_login(make_staff(Role.LEGAL), backend="amity.site.signin.StaffBackend")
    assert "Two people" not in page(analyst, f"?pair={pair.pk}")
    assert analyst.post(reverse("duplicate-distinction", args=[pair.pk])).status_code == 403


def test_what_would_be_shown_anyway_is_no_choice(client: Client, pair: Proposal) -> None:
    stays = person_of(TOMAS).id
    client.post(reverse("duplicate-merge", args=[pair.pk]), {"into": str(stays), "chosen.city": "Getxo"})
    assert person_of(ARRIETA).city == "Getxo"
    assert not FieldLock.objects.exists()


def test_what_a_rule_merged_is_looked_at_by_keyboard_and_counted(client: Client, pair: Proposal) -> None:
    pair.is_by_rule, pair.state = True, ProposalState.MERGED
    pair.act_id = merge(pair.one_id, [pair.other_id], actor=SYSTEM, at=AT)
    pair.save()
    assert "Look at a sample" in page(client)
    shown = page(client, f"?of=checks&pair={pair.pk}")
    assert "Was the rule right?" in shown
    url = reverse("duplicate-check", args=[pair.pk])
    assert "one person" in client.post(url, {"right": "1"}, follow=True).content.decode()
    assert "Of 1 merge by rule that was looked at, 0 was wrong: at most 79.3" in page(client)
    client.post(reverse("duplicate-unchecking", args=[pair.pk]))
    client.post(url, {"right": "0"})
    pair.refresh_from_db()
    assert (pair.state, pair.was_right) == (ProposalState.TWO, False)
    assert Distinction.objects.filter(revoked_at__isnull=True).exists()


def test_the_waterfall_shows_from_where_colleagues_are_asked(client: Client, pair: Proposal) -> None:
    assert "ask a person" in page(client)
    assert "merge alone" not in page(client)


def test_a_program_walks_the_queue_page_by_page(client: Client, pair: Proposal) -> None:
    hannah = email("hannah@vogel.example", "Hannah Vogel")
    take_in(make_source("other"), listed(hannah))
    one, other = sorted((person_of(TOMAS).id, person_of(hannah).id))
    surer = Proposal.objects.create(one_id=one, other_id=other, bits=4.25, evidence=[], found_at=AT)
    first = client.get("/api/v1/duplicates", {"limit": 1}).json()
    assert [item["id"] for item in first["items"]] == [str(surer.pk)]
    rest = client.get("/api/v1/duplicates", {"limit": 1, "after": first["after"]}).json()
    assert [item["id"] for item in rest["items"]] == [str(pair.pk)]
