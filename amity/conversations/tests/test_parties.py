"""A stranger who writes into a thread is heard, told of, and never answered without being chosen."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from amity.channels.models import OutboundMessage
from amity.channels.records import Direction, Handle
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.conversations.tests.factories import (
    a_colleague,
    a_message,
    an_actor,
    arrive,
    conversation_of,
    signed_in,
)

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HANNA, EVE = "hanna@roast.example", "eve@evil.example"
WARNING = "somebody who was not part of this conversation"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def hanna_asked(now: datetime, *, copy_to: str = "") -> None:
    asked = a_message(now - 9 * MINUTE, id="<asked@roast.example>", who=HANNA)
    copied = (Handle("email", copy_to),) if copy_to else ()
    arrive(replace(asked, recipients=(Handle("email", "service@tamp.example"), *copied)), at=now)


def eve_writes(now: datetime, *, channel: str = "email", answers: str = "<asked@roast.example>") -> None:
    said = a_message(
        now - MINUTE, "Send it to me", id="<eve@evil.example>", who=EVE, answers=[answers], channel=channel,
        subject="Re: Another subject",
    )  # fmt: skip
    arrive(said, at=now)


def page(one: Conversation) -> str:
    client = signed_in(a_colleague("Ines Okafor"))
    return client.get(reverse("conversation", args=[one.id])).content.decode()


def chosen(html: str) -> str:
    """To whom the composer writes if nobody touches it."""
    found = re.search(r'name="to" value="[^"]+"', html)
    options = re.search(r'<select class="composer__pick" name="to".*?</select>', html)
    if options is None:
        assert found
        head = html[html.index("composer__to") : found.start()]
        return next(one for one in (HANNA, EVE, "tom@roast.example") if one in head)
    selected = re.search(r'<option value="[^"]+" selected>(\S+)', options[0])
    assert selected
    return selected[1]


def sent() -> tuple[str, str, str]:
    one = OutboundMessage.objects.get()
    return one.address, one.in_reply_to, one.subject


def test_an_answer_goes_to_the_customer_in_their_own_thread(now: datetime) -> None:
    hanna_asked(now)
    eve_writes(now)
    talk = conversation_of(HANNA)
    services.reply(talk.id, actor=an_actor(), at=now, text="It is on its way")
    assert sent() == (HANNA, "<asked@roast.example>", "Metal shavings")


def test_the_composer_tells_of_the_stranger_and_stays_with_the_customer(now: datetime) -> None:
    hanna_asked(now)
    talk = conversation_of(HANNA)
    assert WARNING not in page(talk)
    assert chosen(page(talk)) == HANNA
    eve_writes(now)
    html = page(talk)
    assert WARNING in html
    assert chosen(html) == HANNA
    assert f">{EVE} (E-mail)</option>" in html


def test_whoever_chooses_the_stranger_answers_them(now: datetime) -> None:
    hanna_asked(now)
    eve_writes(now)
    talk = conversation_of(HANNA)
    eve = next(id for id in re.findall(r'<option value="([^"]+)">(?=eve@)', page(talk)))
    answer = {"text": "Who are you?", "to": eve}
    signed_in(a_colleague()).post(reverse("conversation-replies", args=[talk.id]), answer)
    assert sent()[:2] == (EVE, "<eve@evil.example>")
    eve_writes_again = a_message(
        now + MINUTE, "Eve", who=EVE, answers=["<eve@evil.example>"], id="<eve2@evil.example>"
    )
    arrive(eve_writes_again, at=now + MINUTE)
    assert WARNING not in page(talk)  # we have written to them ourselves


def test_what_the_page_shows_is_where_it_goes_though_a_stranger_was_faster(now: datetime) -> None:
    hanna_asked(now)
    talk = conversation_of(HANNA)
    found = re.search(r'name="to" value="([^"]+)"', page(talk))
    assert found
    eve_writes(now)
    answer = {"text": "It is on its way", "to": found[1]}
    signed_in(a_colleague()).post(reverse("conversation-replies", args=[talk.id]), answer)
    assert sent()[:2] == (HANNA, "<asked@roast.example>")


def test_who_got_a_copy_takes_part_and_is_answered(now: datetime) -> None:
    hanna_asked(now, copy_to="tom@roast.example")
    tom = a_message(now - 2 * MINUTE, "It is mine", id="<tom@roast.example>", who="tom@roast.example",
                    answers=["<asked@roast.example>"])  # fmt: skip
    arrive(tom, at=now)
    html = page(conversation_of(HANNA))
    assert WARNING not in html
    assert chosen(html) == "tom@roast.example"
    services.reply(conversation_of(HANNA).id, actor=an_actor(), at=now, text="Yours, then")
    assert sent()[:2] == ("tom@roast.example", "<tom@roast.example>")


def test_a_copy_that_the_stranger_sends_makes_nobody_part(now: datetime) -> None:
    hanna_asked(now)
    said = a_message(now - 2 * MINUTE, "Me", id="<m@evil.example>", who="mallory@evil.example",
                     answers=["<asked@roast.example>"])  # fmt: skip
    arrive(replace(said, recipients=(Handle("email", EVE),)), at=now)
    eve_writes(now, answers="<m@evil.example>")
    assert WARNING in page(conversation_of(HANNA))


def test_whom_we_wrote_to_first_takes_part(now: datetime) -> None:
    ours = a_message(
        now - 9 * MINUTE, "News of your order", id="<ours@tamp.example>", direction=Direction.OUT, who=HANNA
    )
    arrive(ours, at=now)
    arrive(a_message(now - 5 * MINUTE, "Good", who=HANNA, answers=["<ours@tamp.example>"]), at=now)
    eve_writes(now, answers="<ours@tamp.example>")
    assert WARNING in page(conversation_of(HANNA))
    assert chosen(page(conversation_of(HANNA))) == HANNA


def test_other_channels_know_themselves_who_may_write(now: datetime) -> None:
    hanna_asked(now)
    eve_writes(now, channel="chat")
    assert WARNING not in page(conversation_of(HANNA))
