"""The screens of the inbox: as plain pages and forms, and as fragments for htmx."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape
from typing import Any, cast
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from amity.activity.models import Activity, Attachment
from amity.activity.web.files import file
from amity.channels.models import OutboundMessage, OutboundState
from amity.channels.records import Attachment as Arrived
from amity.channels.records import Direction
from amity.conversations import services
from amity.conversations.models import Conversation, ReadMark
from amity.conversations.tests.factories import (
    a_colleague,
    a_conversation,
    a_message,
    a_source,
    arrive,
    signed_in,
)
from amity.kernel.actor import Role
from amity.kernel.errors import NotFound
from amity.kernel.models import Staff, Team, Transition
from amity.kernel.requests import ActingRequest
from amity.teamwork.models import Promise, PromiseState

pytestmark = pytest.mark.django_db
Response = Any  # the test client's own kind of response, which has more on it than the real one
FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}
HOUR = timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def ines() -> Staff:
    return a_colleague("Ines Okafor")


@pytest.fixture
def client(ines: Staff) -> Client:
    return signed_in(ines)


def _words(response: Response) -> str:
    """What a reader sees, in one line."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def _post(client: Client, name: str, conversation: Conversation, **fields: str) -> Response:
    return client.post(f"{reverse(name, args=[conversation.id])}?view=waiting", fields)


def _hx(client: Client, name: str, conversation: Conversation, **fields: str) -> Response:
    address = f"{reverse(name, args=[conversation.id])}?view=waiting"
    return client.post(address, fields, headers=FRAGMENT)


def _undo_of(response: Response) -> tuple[str, dict[str, str]]:
    """The form behind Undo in a page or a fragment."""
    html = response.content.decode()
    found = re.search(
        r'<form method="post" action="([^"]+)"[^>]*data-toast-undo>(.*?)</form>', html, re.DOTALL
    )
    assert found, "no undo is offered"
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', found.group(2)))
    return unescape(found.group(1)), {key: unescape(value) for key, value in fields.items()}


def test_the_list_says_who_waits_how_long_and_whose_it_is(client: Client, now: datetime) -> None:
    a_conversation(now, "Is my grinder affected?", waits=5 * HOUR, feels=(-0.9, 0.9))
    words = _words(client.get("/inbox/"))
    for said in ("Hanna", "Is my grinder affected?", "Late by 1 h", "angry", "Unassigned", "5 h"):
        assert said in words


def test_an_empty_inbox_says_what_will_be_there(client: Client) -> None:
    assert "Nobody waits for us" in _words(client.get("/inbox/"))


@pytest.mark.parametrize("view", ["waiting", "mine", "unassigned", "all"])
def test_no_box_calls_its_order_as_today_calls_its_own(client: Client, now: datetime, view: str) -> None:
    """Today ranks by points what is most urgent; the inbox is in the order in which answers are due."""
    for is_empty in (True, False):
        words = _words(client.get(f"/inbox/?view={view}"))
        assert "urgent" not in words.lower()
        assert ("Newest first" if view == "all" else "Due first") in words
        if is_empty:
            a_conversation(now)


def test_nothing_found_names_the_words_and_offers_to_drop_them(client: Client, now: datetime) -> None:
    a_conversation(now)
    response = client.get("/inbox/?view=waiting&q=zebra")
    assert "zebra" in _words(response)
    assert "Drop the filter" in _words(response)
    assert "Look in all boxes" in _words(response)


def test_opening_a_conversation_reads_it(client: Client, now: datetime, ines: Staff) -> None:
    one = a_conversation(now, "It chirps. Can I send it in?")
    words = _words(client.get(reverse("conversation", args=[one.id])))
    assert "They want Can I send it in?" in words
    assert ReadMark.objects.filter(staff=ines, conversation=one).exists()


def test_a_fragment_is_the_conversation_without_the_page(client: Client, now: datetime) -> None:
    one = a_conversation(now)
    html = client.get(reverse("conversation", args=[one.id]), headers=FRAGMENT).content.decode()
    assert "<html" not in html
    assert 'hx-target="#context"' in html
    assert f'hx-target="#row-{one.id}"' in html
    restored = client.get(
        reverse("conversation", args=[one.id]), headers={"HX-Request": "true", "HX-Request-Type": "full"}
    )
    assert b"<html" in restored.content


def test_text_that_looks_like_html_stays_text(client: Client, now: datetime) -> None:
    one = a_conversation(now, "<script>alert(1)</script> <b>x</b>")
    html = client.get(reverse("conversation", args=[one.id])).content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_answering_works_as_a_plain_form(client: Client, now: datetime) -> None:
    one = a_conversation(now)
    response = _post(client, "conversation-replies", one, text="It is not.")
    assert response.status_code == 302
    assert OutboundMessage.objects.get().text == "It is not."
    page = client.get(response["Location"])
    assert "It is not." in _words(page)
    assert "Sent" in _words(page)


def test_an_answer_is_appended_and_can_be_taken_back(client: Client, now: datetime) -> None:
    one = a_conversation(now)
    html = client.get(reverse("conversation", args=[one.id])).content.decode()
    known = re.search(r'name="known" value="([^"]+)"', html)
    assert known
    response = _hx(client, "conversation-replies", one, text="It is not.", known=known.group(1))
    words = _words(response)
    assert "It is not." in words
    appended = (
        response.content.decode().split('hx-target="#talk" hx-swap="beforeend"')[1].split("</hx-partial>")[0]
    )
    assert "It is not." in appended
    assert "Is my grinder" not in appended
    assert "They answer" in words
    address, fields = _undo_of(response)
    back = client.post(address, fields | {"here": str(one.id)}, headers=FRAGMENT)
    assert 'name="text"' in back.content.decode()
    assert "It is not." in back.content.decode()
    assert not Activity.objects.filter(direction=Direction.OUT).exists()
    assert Conversation.objects.get().waiting_since == one.waiting_since


def test_a_plain_undo_brings_the_words_back_into_the_draft(client: Client, now: datetime) -> None:
    one = a_conversation(now)
    _post(client, "conversation-replies", one, text="It is not.")
    message = OutboundMessage.objects.get()
    response = client.post(reverse("reply-withdrawal", args=[message.id]), follow=True)
    assert re.search(r"<textarea[^>]*>It is not\.</textarea>", response.content.decode())
    assert OutboundMessage.objects.get().state == OutboundState.WITHDRAWN


def test_an_empty_answer_is_refused_with_the_words_beside_the_field(client: Client, now: datetime) -> None:
    one = a_conversation(now)
    for response in (
        _post(client, "conversation-replies", one, text="  "),
        _hx(client, "conversation-replies", one, text="  "),
    ):
        assert response.status_code == 422
        assert "Write something first." in _words(response)
        assert 'aria-describedby="reply-error"' in response.content.decode()
    assert not OutboundMessage.objects.exists()


def test_a_faster_colleague_is_told_and_the_draft_is_kept(client: Client, now: datetime) -> None:
    one = a_conversation(now)
    jonas = a_colleague("Jonas Brandt")
    services.reply(one.id, actor=jonas.actor(), at=now, text="It is.")
    seen = (now - HOUR).isoformat()
    response = _hx(client, "conversation-replies", one, text="It is not.", seen_at=seen)
    assert response.status_code == 409
    assert response["HX-Retarget"] == "#composer"
    assert "Jonas Brandt answered while you wrote" in _words(response)
    assert ">It is not.</textarea>" in response.content.decode()
    assert OutboundMessage.objects.count() == 1
    sent = _hx(client, "conversation-replies", one, text="It is not.", seen_at=seen, anyway="1")
    assert sent.status_code == 200
    assert OutboundMessage.objects.count() == 2


def test_closing_shows_the_one_that_is_due_next_and_can_be_undone(client: Client, now: datetime) -> None:
    first = a_conversation(now, who="ann@roast.example", waits=3 * HOUR)
    second = a_conversation(now, who="ben@roast.example", waits=2 * HOUR)
    response = _hx(client, "conversation-closure", first)
    assert response["HX-Push-Url"].startswith(reverse("conversation", args=[second.id]))
    assert f'hx-target="#row-{first.id}" hx-swap="delete"' in response.content.decode()
    address, fields = _undo_of(response)
    client.post(address, fields)
    assert Conversation.objects.get(pk=first.id).state == "open"


def test_closing_as_a_plain_form_leads_to_the_next_and_from_the_last_to_the_list(
    client: Client, now: datetime
) -> None:
    first = a_conversation(now, who="ann@roast.example", waits=3 * HOUR)
    second = a_conversation(now, who="ben@roast.example", waits=2 * HOUR)
    assert _post(client, "conversation-closure", first)["Location"].startswith(
        reverse("conversation", args=[second.id])
    )
    assert _post(client, "conversation-closure", second)["Location"] == "/inbox/?view=waiting"


def test_sent_and_closed_is_undone_in_one_step(client: Client, now: datetime) -> None:
    one = a_conversation(now)
    response = _hx(client, "conversation-replies", one, text="It is not.", close="1")
    assert Conversation.objects.get().state == "closed"
    address, fields = _undo_of(response)
    client.post(address, fields)
    assert Conversation.objects.get().state == "open"
    assert not Activity.objects.filter(direction=Direction.OUT).exists()


def test_what_slept_sleeps_on_when_its_answer_is_taken_back(
    client: Client, now: datetime, ines: Staff
) -> None:
    one = a_conversation(now)
    services.snooze(one.id, actor=ines.actor(), at=now, until=now + 5 * HOUR)
    address, fields = _undo_of(_hx(client, "conversation-replies", one, text="It is not.", close="1"))
    client.post(address, fields)
    back = Conversation.objects.get()
    assert (back.state, back.snoozed_until, back.assignee_id) == ("snoozed", now + 5 * HOUR, None)


def test_snoozing_until_a_time_of_ones_own(client: Client, now: datetime, ines: Staff) -> None:
    one = a_conversation(now)
    wanted = (now + timedelta(days=2)).astimezone(ines.zone).replace(second=0, microsecond=0)
    assert "Sleeps until" in _words(
        _hx(client, "conversation-snooze", one, until=(now + HOUR).isoformat(), known="x")
    )
    services.reopen(one.id, actor=ines.actor(), at=now)
    _post(client, "conversation-snooze", one, until_other=wanted.strftime("%Y-%m-%dT%H:%M"))
    assert Conversation.objects.get().snoozed_until == wanted
    words = _words(client.get("/inbox/?view=snoozed"))
    assert "Until" in words


def test_a_time_that_cannot_be_read_changes_nothing(client: Client, now: datetime) -> None:
    one = a_conversation(now)
    assert _hx(client, "conversation-snooze", one, until="tomorrow").status_code == 422
    assert Conversation.objects.get().state == "open"


def test_assigning_is_told_in_the_talk_and_undone(client: Client, now: datetime) -> None:
    one = a_conversation(now)
    jonas = a_colleague("Jonas Brandt")
    html = client.get(reverse("conversation", args=[one.id])).content.decode()
    known = re.search(r'name="known" value="([^"]+)"', html)
    assert known
    response = _hx(client, "conversation-assignment", one, assignee=str(jonas.id), known=known.group(1))
    assert "gave it to Jonas Brandt" in _words(response)
    address, fields = _undo_of(response)
    client.post(address, fields)
    assert Conversation.objects.get().assignee_id is None


def test_a_promise_is_made_kept_and_reopened(client: Client, now: datetime, ines: Staff) -> None:
    one = a_conversation(now)
    due = (now + HOUR).isoformat()
    response = _hx(client, "conversation-promises", one, what="Burrs leave", due=due, owner=str(ines.id))
    assert "Burrs leave" in _words(response)
    promise = Promise.objects.get()
    settle = reverse("promise-settlement", args=[promise.id])
    kept = client.post(settle, {"to": "kept", "conversation": str(one.id)}, headers=FRAGMENT)
    address, fields = _undo_of(kept)
    assert Promise.objects.get().state == PromiseState.KEPT
    client.post(address, fields, headers=FRAGMENT)
    assert Promise.objects.get().state == PromiseState.OPEN


def test_many_are_closed_and_brought_back_at_once(client: Client, now: datetime) -> None:
    ids = [str(a_conversation(now, who=f"c{number}@roast.example").id) for number in range(3)]
    response = client.post("/inbox/bulk/?view=waiting", {"ids": ids[:2], "do": "close"})
    assert Conversation.objects.filter(state="closed").count() == 2
    assert response["Location"] == "/inbox/?view=waiting"
    page = client.get(response["Location"])
    toast = next(iter(page.context["messages"]))
    assert "Closed 2 conversations" in toast.message
    services.reopen(Conversation.objects.get(pk=ids[0]).id, actor=a_colleague().actor(), at=now)
    back = client.post(toast.undo_url, toast.undo_fields, follow=True)
    assert "1 is as it was 1 was changed since and stays." in _words(back).replace("was.", "was")
    assert Conversation.objects.filter(state="open").count() == 3


def test_many_are_given_to_a_colleague_and_put_aside(client: Client, now: datetime, ines: Staff) -> None:
    ids = [str(a_conversation(now, who=f"c{number}@roast.example").id) for number in range(2)]
    client.post("/inbox/bulk/", {"ids": ids, "do": f"assign:{ines.id}"})
    assert Conversation.objects.filter(assignee=ines).count() == 2
    client.post("/inbox/bulk/", {"ids": ids, "do": f"snooze:{(now + HOUR).isoformat()}"})
    assert Conversation.objects.filter(state="snoozed").count() == 2


@pytest.mark.parametrize("deed", ["", "delete", "assign:nobody", "snooze:soon"])
def test_a_deed_that_nobody_knows_changes_nothing(client: Client, now: datetime, deed: str) -> None:
    one = a_conversation(now)
    assert client.post("/inbox/bulk/", {"ids": [str(one.id)], "do": deed}).status_code == 422
    assert not Transition.objects.exists()


def test_an_undo_that_was_tampered_with_is_refused(client: Client) -> None:
    assert client.post("/inbox/undo/", {"undo": "x:y:z"}).status_code == 422


@pytest.mark.parametrize("role", [Role.ANALYST, Role.LEGAL])
def test_who_may_only_read_sees_no_controls_and_is_refused(now: datetime, role: Role) -> None:
    one = a_conversation(now)
    reader = signed_in(a_colleague("Samir Patel", role))
    html = reader.get(reverse("conversation", args=[one.id])).content.decode()
    assert "Is my grinder in the affected batch?" in html
    for control in ("conversation-closure", "conversation-replies", "conversation-assignment"):
        assert reverse(control, args=[one.id]) not in html
    assert 'name="ids"' not in html
    before = Transition.objects.count(), Activity.objects.count()
    for name, fields in (
        ("conversation-replies", {"text": "x"}),
        ("conversation-notes", {"text": "x"}),
        ("conversation-closure", {}),
        ("conversation-reopening", {}),
        ("conversation-assignment", {"assignee": ""}),
        ("conversation-snooze", {"until": (now + HOUR).isoformat()}),
        ("conversation-promises", {"what": "x", "due": (now + HOUR).isoformat()}),
    ):
        assert _post(reader, name, one, **fields).status_code == 403
    assert reader.post("/inbox/bulk/", {"ids": [str(one.id)], "do": "close"}).status_code == 403
    assert (Transition.objects.count(), Activity.objects.count()) == before


def test_an_analyst_reads_no_address(now: datetime) -> None:
    one = a_conversation(now)
    html = signed_in(a_colleague("Samir Patel", Role.ANALYST)).get(reverse("conversation", args=[one.id]))
    assert b"hanna@roast.example" not in html.content


def test_a_partner_answers_without_learning_the_address(client: Client, ines: Staff, now: datetime) -> None:
    one = a_conversation(now)
    marek = a_colleague("Marek Novak", Role.PARTNER)
    services.assign(one.id, actor=ines.actor(), at=now, assignee_id=marek.id)
    place = reverse("conversation", args=[one.id])
    assert b"hanna@roast.example" in client.get(place).content
    assert b"hanna@roast.example" not in signed_in(marek).get(place).content


def test_an_outsider_finds_nothing(now: datetime) -> None:
    legal = Team.objects.create(name="Legal")
    hidden = a_conversation(now, source=a_source(now, "complaints", legal))
    outsider = signed_in(a_colleague())
    partner = signed_in(a_colleague("Marek Novak", Role.PARTNER))
    for name in ("conversation", "conversation-earlier", "conversation-news"):
        for who in (outsider, partner):
            assert who.get(reverse(name, args=[hidden.id])).status_code == 404
    assert _post(outsider, "conversation-closure", hidden).status_code == 404
    assert outsider.get(reverse("conversation", args=[uuid4()])).status_code == 404


def test_nobody_reads_without_signing_in(now: datetime) -> None:
    one = a_conversation(now)
    assert Client().get(reverse("conversation", args=[one.id])).status_code == 302


def test_a_long_talk_is_read_in_parts(client: Client, now: datetime) -> None:
    messages = [
        a_message(
            now - HOUR + timedelta(seconds=number),
            f"Line {number:03}",
            id=f"<{number}>",
            answers=[f"<{number - 1}>"] if number else [],
        )
        for number in range(70)
    ]
    arrive(*messages, at=now)
    one = Conversation.objects.get()
    html = client.get(reverse("conversation", args=[one.id])).content.decode()
    assert "Earlier, 40 messages" in html
    seen = re.findall(r"Line \d{3}", html.split('id="talk"')[1].split('id="talk-state"')[0])
    while found := re.search(r'hx-get="([^"]+/earlier/[^"]+)"', html):
        html = client.get(unescape(found.group(1)), headers=FRAGMENT).content.decode()
        seen = re.findall(r"Line \d{3}", html) + seen
    assert seen == [f"Line {number:03}" for number in range(70)]


def test_quoted_text_is_folded_with_a_count(client: Client, now: datetime) -> None:
    arrive(a_message(now, "It chirps.", full_text="It chirps.\n> one\n> two"), at=now)
    one = Conversation.objects.get()
    assert "Quoted text, 2 lines" in _words(client.get(reverse("conversation", args=[one.id])))


def test_a_message_of_another_conversation_is_not_shown_here(client: Client, now: datetime) -> None:
    one, other = a_conversation(now), a_conversation(now, who="uwe@roast.example")
    said = Activity.objects.get(about_id=other.customer_id)
    assert client.get(reverse("conversation-message", args=[one.id, said.id])).status_code == 404


def test_a_file_is_handed_out_to_be_saved_and_only_to_who_may_see_it(now: datetime) -> None:
    legal = Team.objects.create(name="Legal")
    page = Arrived("evil.html", "text/html", 20, b"<script>x()</script>")
    arrive(a_message(now, files=[page]), at=now, source=a_source(now, "complaints", legal))
    request = cast(ActingRequest, RequestFactory().get("/files/"))
    request.actor = a_colleague(teams=[legal]).actor()
    response = file(request, Attachment.objects.get().id)
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "application/octet-stream"
    assert "sandbox" in response["Content-Security-Policy"]
    request.actor = a_colleague().actor()
    with pytest.raises(NotFound):
        file(request, Attachment.objects.get().id)


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_a_message_that_did_not_surely_leave_can_be_sent_again(
    client: Client, now: datetime, state: str
) -> None:
    one = a_conversation(now)
    _post(client, "conversation-replies", one, text="It is not.")
    OutboundMessage.objects.update(state=state, error="The mailbox is full.")
    page = client.get(reverse("conversation", args=[one.id]))
    assert "The mailbox is full." in _words(page)
    assert "Send again" in _words(page)
    client.post(reverse("reply-retry", args=[OutboundMessage.objects.get().id]))
    assert OutboundMessage.objects.get().state == OutboundState.QUEUED


def test_news_of_an_open_conversation_are_only_what_is_new(client: Client, now: datetime) -> None:
    arrive(a_message(now - HOUR, "First words", id="m1"), at=now)
    one = Conversation.objects.get()
    html = client.get(reverse("conversation", args=[one.id])).content.decode()
    known = re.search(r'name="known" value="([^"]+)"', html)
    assert known
    arrive(a_message(now, "Second words", id="m2", answers=["m1"]), at=now)
    address = reverse("conversation-news", args=[one.id])
    fresh = client.get(address, {"known": known.group(1)}, headers=FRAGMENT).content.decode()
    appended = fresh.split('hx-target="#talk" hx-swap="beforeend"')[1]
    assert "Second words" in appended
    assert "First words" not in appended.split("</hx-partial>")[0]


def test_new_arrivals_wait_behind_a_bar(client: Client, now: datetime) -> None:
    since = (now - HOUR).isoformat()
    a_conversation(now, waits=timedelta(minutes=1))
    assert "1 new" in _words(client.get("/inbox/new/", {"since": since}, headers=FRAGMENT))
    assert "new" not in _words(client.get("/inbox/new/", {"since": now.isoformat()}, headers=FRAGMENT))


def test_a_page_takes_as_many_queries_with_many_rows_as_with_one(client: Client, now: datetime) -> None:
    a_conversation(now)
    address = reverse("conversation", args=[Conversation.objects.get().id])

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(address, headers=FRAGMENT)
            client.get("/inbox/list/", headers=FRAGMENT)
        return len(captured)

    queries()  # the first request of a session writes when it was seen
    few = queries()
    assert 20 < few <= 54  # both answers together, with session, actor and rights
    for number in range(10):
        a_conversation(now, who=f"c{number}@roast.example")
    assert queries() == few


def test_the_list_takes_at_most_eight_queries_beside_those_of_the_session(
    client: Client, now: datetime
) -> None:
    for number in range(5):
        a_conversation(now, who=f"c{number}@roast.example")
    client.get("/inbox/list/", headers=FRAGMENT)
    with CaptureQueriesContext(connection) as captured:
        client.get("/inbox/list/", headers=FRAGMENT)
    of_the_frame = (
        "django_session",
        "kernel_staff_teams",
        "site_savedview",
        "SAVEPOINT",
        'kernel_staff"."email',
    )
    own = [
        one["sql"]
        for one in captured
        if not any(name in one["sql"].split(" WHERE ")[0] for name in of_the_frame)
    ]
    assert len(own) <= 8, "\n".join(own)


def test_the_count_beside_the_title_is_of_what_fits_the_filters(
    client: Client, ines: Staff, now: datetime
) -> None:
    conversation = a_conversation(now)
    a_conversation(now, who="milo@roast.example")
    Conversation.objects.filter(pk=conversation.pk).update(assignee=ines)
    html = client.get("/inbox/?view=waiting&assignee=me").content.decode()
    assert 'id="queue-count">1<' in html
    again = client.post(
        f"{reverse('conversation-notes', args=[conversation.id])}?view=waiting&assignee=me",
        {"text": "Noted for later"},
        headers=FRAGMENT,
    ).content.decode()
    assert '<hx-partial hx-target="#queue-count" hx-swap="innerHTML">1<' in again


def test_a_filter_can_be_chosen_without_scripts(client: Client, now: datetime) -> None:
    a_conversation(now)
    words = _words(client.get("/inbox/filters/?view=waiting&mood=angry"))
    for said in ("Channel", "Assigned to", "Mood", "angry"):
        assert said in words
