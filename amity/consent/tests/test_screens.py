"""The screens of consent: the panel, the history with proofs, the form, filters and exports of people."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from amity.consent.domain.answering import Said
from amity.consent.models import Statement
from amity.consent.queries.answers import Answered, may_contact
from amity.consent.tests.test_statements import ADA, BO, PHONE, note
from amity.kernel.actor import Actor, Role
from amity.people.merging import merge
from amity.people.tests.records import AT, listed, make_source, make_staff, person_of, take_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("beginning")]
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def ines() -> Actor:
    take_in(make_source(), listed(ADA, PHONE), listed(BO))
    return make_staff(Role.AGENT).actor()


def signed_in(role: Role = Role.OWNER) -> Client:
    client = Client()
    client.force_login(make_staff(role), backend="amity.site.signin.StaffBackend")
    return client


def now(actor: Actor) -> Answered:
    """What is said on a screen is said now."""
    return may_contact(person_of(ADA).id, "newsletter", "email", actor=actor, at=timezone.now())


def page(handle: object = ADA) -> str:
    return reverse("person-consent", args=[person_of(handle).id])  # type: ignore[arg-type]


def text_of(client: Client, address: str, **more: object) -> str:
    answer = client.get(address, **more)  # type: ignore[arg-type]
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_panel_says_each_answer_in_words(ines: Actor) -> None:
    note(ines, ADA, Said.GIVEN)
    panel = text_of(signed_in(), page(), headers=FRAGMENT)
    assert "Newsletter by e-mail: Agreed on" in panel
    assert "Support by phone: Contract: nobody objected." in panel
    assert "<html" not in panel


def test_whoever_wants_to_be_left_alone_has_a_mark_on_their_page(ines: Actor) -> None:
    client = signed_in()
    address = reverse("person", args=[person_of(ADA).id])
    assert "Leave alone" not in text_of(client, address)
    note(ines, ADA, Said.OBJECTED, purpose="", channel="")
    shown = text_of(client, address)
    assert "Leave alone" in shown
    assert "Refused everything on" in shown


def test_a_statement_is_noted_without_a_script_and_undone(ines: Actor) -> None:
    client = signed_in(Role.AGENT)
    told = {
        "said": "given",
        "purpose": "newsletter",
        "channel": "email",
        "how": "phone",
        "proof": "<b>She said yes</b>",
    }
    answer = client.post(page(), told | {"back": "newsletter:email"})
    assert answer.status_code == 302
    shown = text_of(client, answer["Location"])
    assert "&lt;b&gt;She said yes" in shown
    assert "on the phone" in shown
    row = Statement.objects.get()
    client.post(reverse("consent-mistake", args=[person_of(ADA).id, row.act_id]), {"why": "Undone at once"})
    assert not now(ines).is_allowed
    assert "Noted by mistake" in text_of(client, page())
    client.post(reverse("consent-restoration", args=[person_of(ADA).id, row.act_id]))
    assert now(ines).is_allowed


def test_what_cannot_be_said_is_told_beside_what_was_typed(ines: Actor) -> None:
    client = signed_in(Role.AGENT)
    answer = client.post(
        page(), {"said": "given", "purpose": "*", "channel": "email", "proof": "On the fair"}
    )
    assert answer.status_code == 422
    assert "Consent is given for one purpose." in answer.content.decode()
    assert "On the fair" in answer.content.decode()
    assert client.post(page(), {"said": "maybe"}).status_code == 422
    assert client.post(page(), {"said": "objected", "said_on": "2999-01-01"}).status_code == 422


def chosen_in(page: str, name: str) -> str:
    body = page.partition(f'name="{name}"')[2].partition("</select>")[0]
    found = re.search(r'value="([^"]*)" selected', body)
    return found.group(1) if found else ""


def test_the_form_begins_with_the_purpose_and_channel_from_which_it_was_opened(ines: Actor) -> None:
    client = signed_in(Role.AGENT)
    panel = text_of(client, page(), headers=FRAGMENT)
    for query, begins in (
        ("?purpose=newsletter&amp;channel=email#history", ("newsletter", "email")),
        ("?purpose=newsletter#consent-note", ("newsletter", "email")),  # the one channel that it uses
        ("?purpose=support#consent-note", ("support", "")),
    ):
        assert f'href="{page()}{query}"' in panel
        shown = text_of(client, page() + query.replace("&amp;", "&"))
        assert (chosen_in(shown, "purpose"), chosen_in(shown, "channel")) == begins
    plain = text_of(client, page())
    assert (chosen_in(plain, "purpose"), chosen_in(plain, "channel")) == ("", "")
    assert 'name="purpose" required' in plain


def test_nobody_refuses_everything_because_nothing_was_chosen(ines: Actor) -> None:
    client = signed_in(Role.AGENT)
    for told in ({"purpose": "newsletter"}, {"channel": "email"}, {"purpose": "", "channel": ""}, {}):
        answer = client.post(page(), {"said": "objected", **told})
        assert answer.status_code == 422
        assert "Choose for what." in answer.content.decode() or "Choose by which" in answer.content.decode()
    assert not Statement.objects.exists()
    everything = {"said": "objected", "purpose": "*", "channel": "*"}
    assert client.post(page(), everything).status_code == 302
    assert not Statement.objects.exclude(purpose__isnull=True, channel="").exists()
    assert Statement.objects.exists()


def test_characters_that_no_database_keeps_are_left_out(ines: Actor) -> None:
    told = {
        "said": "objected",
        "purpose": "*",
        "channel": "*",
        "proof": "No\0pe",
        "url": "https://tamp.example/\0join",
    }
    assert signed_in(Role.AGENT).post(page(), told).status_code == 302
    row = Statement.objects.filter(how="staff").first()
    assert row is not None
    assert (row.proof, row.url) == ("Nope", "https://tamp.example/join")


def test_of_one_day_a_refusal_counts_after_what_was_given(ines: Actor) -> None:
    client = signed_in(Role.AGENT)
    for said in ("withdrawn", "given"):
        told = {"said": said, "purpose": "newsletter", "channel": "email", "said_on": "2026-01-05"}
        assert client.post(page(), told).status_code == 302
    assert now(ines).reason.startswith("Withdrew on")


def test_who_only_reads_gets_no_form(ines: Actor) -> None:
    client = signed_in(Role.ANALYST)
    assert "Note what they said" not in text_of(client, page())
    assert client.post(page(), {"said": "objected"}).status_code == 403


def test_the_preview_of_a_merge_says_what_becomes_stricter(ines: Actor) -> None:
    note(ines, ADA, Said.GIVEN)
    note(ines, BO, Said.WITHDRAWN)
    address = f"{reverse('person-merging', args=[person_of(ADA).id])}?with={person_of(BO).id}"
    shown = text_of(signed_in(), address)
    assert "What will be stricter" in shown
    assert "Newsletter: no more by e-mail" in shown


def test_people_are_listed_by_whether_they_may_be_contacted(ines: Actor) -> None:
    client = signed_in()
    note(ines, ADA, Said.GIVEN)
    note(ines, BO, Said.OBJECTED, purpose="surveys")
    people = reverse("people")

    def listed_by(key: str) -> tuple[bool, bool]:
        shown = text_of(client, f"{people}?is={key}", headers=FRAGMENT)
        return str(person_of(ADA).id) in shown, str(person_of(BO).id) in shown

    assert listed_by("consent:newsletter:email:yes") == (True, False)
    assert listed_by("consent:newsletter:email:no") == (False, False)
    assert listed_by("consent:surveys:email:yes") == (True, False)
    assert listed_by("consent:surveys:email:no") == (False, True)
    assert listed_by("consent:support:phone:yes") == (True, False)
    note(ines, BO, Said.OBJECTED, purpose="", channel="")
    assert listed_by("consent:nothing") == (False, True)
    assert "Newsletter by e-mail: may be contacted" in text_of(client, reverse("people-filters"))


def test_exports_have_a_column_for_each_purpose_and_channel(ines: Actor) -> None:
    note(ines, ADA, Said.GIVEN)
    note(ines, BO, Said.OBJECTED, purpose="surveys")
    client = signed_in()
    answer = client.get(reverse("people-export"), {"form": "csv"})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows["Ada"]["consent:newsletter:email"] == "allowed"
    assert rows["Bo"]["consent:newsletter:email"] == "not_asked"
    assert rows["Ada"]["consent:support:phone"] == "allowed"
    assert rows["Bo"]["consent:support:phone"] == ""
    answer = client.get(reverse("people-export"), {"form": "jsonl"})
    lines = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    told = {line["handles"][0]["address"]: line.get("extra") for line in map(json.loads, lines)}
    assert told == {ADA.address: None, BO.address: {"consent:surveys:email": "objected"}}


def test_settings_say_what_people_are_contacted_for() -> None:
    client = signed_in()
    shown = text_of(client, reverse("settings-purposes"))
    assert "Nobody wrote down what people agree to" in shown
    told = {
        "name": "Tastings", "basis": "consent", "channels": ["email", "text"], "wording": "Yes, invite me.",
        "months": "24",
    }  # fmt: skip
    assert client.post(reverse("settings-purpose-new"), told).status_code == 302
    assert client.post(reverse("settings-purpose-new"), told).status_code == 422
    one = reverse("settings-purpose", args=["tastings"])
    assert "Yes, invite me." in text_of(client, one)
    assert client.post(one, told | {"wording": "Yes, invite me in."}).status_code == 302
    assert "Earlier versions of the wording" in text_of(client, one)
    undo = told | {"channels": "email,text", "wording": "Yes, invite me."}
    assert client.post(one, undo).status_code == 302
    client.post(reverse("settings-purpose-hiding", args=["tastings"]))
    assert "1 hidden purpose" in text_of(client, reverse("settings-purposes"))
    client.post(reverse("settings-purpose-return", args=["tastings"]))
    client.post(reverse("settings-purpose-move", args=["tastings"]), {"to": "up"})
    reader = signed_in(Role.MARKETER)
    assert "Add a purpose" not in text_of(reader, reverse("settings-purposes"))
    assert reader.post(one, told).status_code == 403


def test_a_merged_person_is_asked_for_by_either_address(ines: Actor) -> None:
    ada, bo = person_of(ADA).id, person_of(BO).id
    merge(ada, [bo], actor=ines, at=AT)
    shown = text_of(signed_in(), reverse("person-consent", args=[bo]))
    assert reverse("person", args=[ada]) in shown
    assert BO.address in shown
