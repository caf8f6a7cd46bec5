"""The screens of data quality as a colleague uses them, by plain forms."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from amity.channels.records import Handle
from amity.kernel.actor import Role
from amity.kernel.models import Team, WorkspaceSetting
from amity.people.tests.records import email, listed, make_source, make_staff, person_of, take_in
from amity.quality.looking import look_at_all
from amity.quality.models import Day, Repair
from amity.quality.queries.known import settings

pytestmark = pytest.mark.django_db
BACKEND = "amity.site.signin.StaffBackend"


def client_of(role: Role = Role.AGENT, *teams: Team) -> Client:
    signed_in = Client()
    signed_in.force_login(make_staff(role, "Ines Okafor", *teams), backend=BACKEND)
    return signed_in


@pytest.fixture
def client() -> Client:
    return client_of()


@pytest.fixture
def world() -> None:
    now = timezone.now()
    take_in(
        make_source("shop"), listed(email("anna@gmial.com"), at=now, name="Anna Vogel", country="Germany")
    )
    take_in(
        make_source("desk"),
        listed(email("bo@tamp.example"), at=now, name="Bo Lind", country="DE", city="Bonn"),
    )
    look_at_all(at=now)


def page(client: Client, name: str = "quality", query: str = "") -> str:
    answer = client.get(reverse(name) + query)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def test_before_the_first_look_the_screen_says_what_will_be_here(client: Client) -> None:
    assert "Nobody has looked yet" in page(client)


def test_the_answer_comes_first_and_every_figure_opens_its_people(client: Client, world: None) -> None:
    shown = page(client)
    assert "Your customer data is" in shown
    links = re.findall(
        r'href="(/quality/records/\?[^"]+)"[^>]*>(?:<span[^>]*>[^<]*</span>)[^<]*<small>(\d+)<', shown
    )
    assert len(links) > 5
    for address, bad in links:
        opened = client.get(address.replace("&amp;", "&")).content.decode()
        assert opened.count('data-row href="/people/') == int(bad), address
        people = re.search(r'href="(/people/\?is=[^"]+)"', opened)
        assert people is not None
        among = client.get(people.group(1)).content.decode()
        assert f'<span class="pane__count">{bad}</span>' in among, address


def test_suggestions_are_applied_and_taken_back_with_one_click_each(client: Client, world: None) -> None:
    records = "?field=email&problem=invalid"
    assert "anna@gmail.com" in page(client, "quality-records", records)
    answer = client.post(
        reverse("quality-repairs"),
        {"field": "email", "problem": "invalid", "next": f"/quality/records/{records}"},
        follow=True,
    )
    assert "1 value was put right" in answer.content.decode()
    assert "Nobody is left here" in answer.content.decode()
    assert person_of(email("anna@gmail.com")).email == "anna@gmail.com"
    client.post(reverse("quality-repair-withdrawal", args=[Repair.objects.get().pk]))
    assert "anna@gmail.com" in page(client, "quality-records", records)
    assert person_of(email("anna@gmial.com")).email == "anna@gmial.com"


def test_a_missing_value_is_filled_in_its_row_and_a_wrong_one_is_told(client: Client, world: None) -> None:
    anna = person_of(email("anna@gmial.com"))
    fill = reverse("quality-person", args=[anna.pk])
    answer = client.post(fill, {"field": "phone", "value": "030 1234567"}, follow=True)
    assert "breaks the rule of this field" in answer.content.decode()
    client.post(fill, {"field": "phone", "value": "+49 30 1234567"})
    assert person_of(Handle("phone", "+49301234567")).pk == anna.pk


def test_a_source_and_a_team_are_asked_for_alone(world: None) -> None:
    team = Team.objects.create(name="Works council")
    secret = make_source("secret", team=team)
    take_in(secret, listed(email("cleo@tamp.example"), name="Cleo"))
    look_at_all(at=timezone.now())
    member, outsider = client_of(Role.AGENT, team), client_of()
    assert "Secret" in page(member)
    assert "What Works council says is" in page(member, query=f"?scope=team:{team.pk}")
    assert "Secret" not in page(outsider)
    for scope in (f"team:{team.pk}", f"source:{secret.pk}"):
        assert outsider.get(f"{reverse('quality')}?scope={scope}").status_code == 404
        asked = f"?field=phone&problem=missing&scope={scope}"
        assert outsider.get(reverse("quality-records") + asked).status_code == 404
        flag = f"quality:phone:missing:{scope}"
        everybody = page(outsider, "people", f"?is={flag}")
        assert everybody.count("data-row") == page(outsider, "people").count("data-row")


def test_fields_that_are_not_for_a_role_are_nowhere(world: None) -> None:
    analyst = client_of(Role.ANALYST)
    shown = page(analyst)
    assert "Country" in shown
    assert "E-mail" not in shown
    assert analyst.get(reverse("quality-records") + "?field=email&problem=invalid").status_code == 404
    assert page(analyst, "people", "?is=quality:email:invalid").count("data-row") == 2


def test_the_trend_is_drawn_from_the_second_day_on(client: Client, world: None) -> None:
    assert "from tomorrow" in page(client)
    Day.objects.update(on=timezone.now().date() - timedelta(days=1))
    look_at_all(at=timezone.now())
    assert 'class="sparkline"' in page(client)


def test_an_administrator_sets_weights_and_rules_and_nobody_else(client: Client, world: None) -> None:
    owner = client_of(Role.OWNER)
    body = {
        f"dimension-{name}": "1"
        for name in ("completeness", "validity", "uniqueness", "freshness", "consistency")
    }
    fields = re.findall(r'name="weight-([^"]+)"', page(owner, "quality-rules"))
    body |= {f"weight-{name}": "0" for name in fields} | {"weight-phone": "5", "months": "12"}
    body |= {"required-name": "refuse", "valid-email": "flag"}
    assert client.post(reverse("quality-rules-change"), body).status_code == 403
    assert not WorkspaceSetting.objects.filter(key="quality").exists()
    assert owner.post(reverse("quality-rules-change"), body).status_code == 302
    assert settings().months == 12
    assert settings().rules == {"name": {"required": "refuse"}, "email": {"valid": "flag"}}
    assert "Your customer data is 0 of 100" in page(client)  # nobody has a phone, and nothing else counts
    wrong = owner.post(reverse("quality-rules-change"), body | {"months": "soon"})
    assert wrong.status_code == 422
    assert "Give whole numbers." in wrong.content.decode()
    assert settings().months == 12


def test_the_report_asks_as_few_questions_for_many_sources(
    client: Client, world: None, django_assert_max_num_queries: object
) -> None:
    for number in range(20):
        take_in(make_source(f"more-{number}"), listed(email(f"p{number}@tamp.example")))
    look_at_all(at=timezone.now())
    page(client)
    with django_assert_max_num_queries(30):  # type: ignore[operator]  # a fixture of pytest-django
        page(client)
