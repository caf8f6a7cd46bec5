"""What somebody newly wrote is told from what they quote, and nothing is lost by it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.channels.mime import html_to_text, split_reply, split_reply_html

ANNOUNCEMENTS = [
    "On Tue, 3 Mar 2026 at 10:00, Lena Krug <lena@example.org> wrote:",
    "On Tue, 3 Mar 2026 at 10:00, Lena Krug\n<lena@example.org> wrote:",
    "Am 03.03.2026 um 10:00 schrieb Lena Krug <lena@example.org>:",
    "El mar, 3 mar 2026 a las 10:00, Lena Krug (<lena@example.org>) escribió:",
    "Le mar. 3 mars 2026 à 10:00, Lena Krug <lena@example.org> a écrit :",
    "Il giorno mar 3 mar 2026 alle ore 10:00 Lena Krug <lena@example.org> ha scritto:",
    "Em ter., 3 de mar. de 2026 às 10:00, Lena Krug <lena@example.org> escreveu:",
    "Op di 3 mrt 2026 om 10:00 schreef Lena Krug <lena@example.org>:",
    "Den tis 3 mars 2026 kl 10:00 skrev Lena Krug <lena@example.org>:",
    "W dniu 3.03.2026 o 10:00, Lena Krug <lena@example.org> pisze:",
    "Dne 3. 3. 2026 v 10:00 Lena Krug <lena@example.org> napsal(a):",
    "-----Original Message-----",
    "-----Ursprüngliche Nachricht-----",
    "From: Lena Krug <lena@example.org>\nSent: Tuesday, March 3, 2026 10:00\nTo: Tamp\nSubject: Burr",
    "Von: Lena Krug <lena@example.org>\nGesendet: Dienstag, 3. März 2026 10:00\nAn: Tamp\nBetreff: Mahlwerk",
    "De : Lena Krug <lena@example.org>\nEnvoyé : mardi 3 mars 2026 10:00\nÀ : Tamp\nObjet : Meule",
    "________________________________\nFrom: Lena Krug <lena@example.org>\nSent: 3 March 2026\nTo: Tamp",
    "---- Lena Krug wrote ----",
    "##- Please type your reply above this line -##",
]


@pytest.mark.parametrize("announcement", ANNOUNCEMENTS)
def test_quoted_text_is_folded_in_the_words_of_every_program(announcement: str) -> None:
    reply = split_reply(f"Yes please.\n\n{announcement}\n\nShall we send a new burr?\n")
    assert reply.visible == "Yes please."
    assert reply.quoted.startswith(announcement)
    assert reply.quoted.endswith("new burr?")


@pytest.mark.parametrize(
    "announcement",
    ["12 марта 2026 г., Лена написал:", "2026年3月3日(火) 10:00 Lena <lena@example.org>のメール:"],
)
def test_a_weak_announcement_counts_above_marked_lines(announcement: str) -> None:
    assert split_reply(f"Yes.\n\n{announcement}\n> A new burr?\n").visible == "Yes."


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I called.\nNobody answered.",
        "My neighbour wrote:\n\nThe grinder is too loud.",
        "In 2024 the shop wrote: we repair it.\nYou did not.",
        "From: Berlin\nTo: Paris\nDate: 3 May\n\nPlease quote a price for shipping.",
        "Two things:\n- the burr\n- the hopper",
        "It is broken -- again.\n\nWhat now?",
        "FYI\n\n---------- Forwarded message ---------\nFrom: a@example.org\nDate: 3 Mar 2026\nSubject: x\nTo: b\n\nHi",
    ],
)
def test_what_only_looks_like_a_quote_stays(text: str) -> None:
    reply = split_reply(text)
    assert (reply.visible, reply.quoted, reply.signature) == (text, "", "")


def test_answers_between_quoted_lines_are_all_visible() -> None:
    reply = split_reply("On 3 Mar 2026 at 10:00 Lena wrote:\n> One?\n\nYes.\n\n> Two?\n\nNo.\n")
    assert reply.visible == "Yes.\n\nNo."


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nLena Krug\n+49 30 1234",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Get Outlook for iOS",
        "-Lena",
    ],
)
def test_a_signature_is_folded(signature: str) -> None:
    reply = split_reply(f"It works now.\n\n{signature}\n\nOn 3 Mar 2026 at 10:00 Lena wrote:\n> Well?\n")
    assert (reply.visible.strip(), reply.signature) == ("It works now.", signature)
    assert reply.unquoted == f"It works now.\n\n{signature}"


LINES = st.sampled_from(
    ["> quoted", "", "Hello", "-- ", "On 3 Mar 2026 at 10:00 Lena wrote:", "From: a@example.org", "Sent: 3 Mar 2026",
     "Subject: x", "-----Original Message-----", "---------- Forwarded message ----------", "-Lena", "_" * 40]
)  # fmt: skip


@given(st.lists(LINES | st.text(max_size=30), max_size=25).map("\n".join))
def test_folding_loses_nothing(text: str) -> None:
    joined = "".join(part for _, part in split_reply(text).parts)
    assert joined == text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize(
    "quote",
    [
        (
            '<div class="gmail_quote"><div class="gmail_attr">On 3 Mar 2026 at 10:00 L wrote:<br></div>'
            '<blockquote class="gmail_quote">Old words</blockquote></div>'
        ),
        '<blockquote type="cite">Old words</blockquote>',
        (
            '<div class="moz-cite-prefix">Am 03.03.26 um 10:00 schrieb L:<br></div><blockquote type="cite">Old words'
            "</blockquote>"
        ),
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> L</div><div>Old words</div>',
        '<div class="yahoo_quoted"><div>Old words</div></div>',
        (
            '<div style="border-top:solid 1pt"><p><b>From:</b> L &lt;l@example.org&gt;<br><b>Sent:</b> 3 March 2026<br>'
            "<b>To:</b> Tamp<br><b>Subject:</b> Burr</p></div><p>Old words</p>"
        ),
        '<div name="quote">Old words</div>',
        "<div>-----Original Message-----</div><div>Old words</div>",
    ],
)
def test_the_containers_of_mail_programs_are_folded(quote: str) -> None:
    reply = split_reply_html(f"<div>New <b>words</b></div>{quote}")
    assert html_to_text(reply.visible).strip() == "New words"
    assert "Old words" in reply.quoted
    assert "<b>words</b>" in reply.visible


def test_a_body_that_is_only_a_plain_quote_stays_visible() -> None:
    assert "A saying" in split_reply_html("<blockquote>A saying</blockquote>").visible


def test_a_forwarded_mail_in_a_quote_container_stays_visible() -> None:
    html = '<p>See</p><div class="gmail_quote">---------- Forwarded message ---------<br>From: L<br>The news</div>'
    assert "The news" in split_reply_html(html).visible


def test_a_marked_html_signature_is_folded() -> None:
    reply = split_reply_html('<p>Thanks</p><div class="gmail_signature">Lena Krug</div>')
    assert html_to_text(reply.visible) == "Thanks"
    assert html_to_text(reply.signature) == "Lena Krug"


@given(st.text("<>/=\"'abdivqr &#;!-", max_size=80))
def test_any_html_can_be_split_and_read(html: str) -> None:
    split_reply_html(f"<div>{html}<blockquote type=cite>{html}")
    html_to_text(html)


@pytest.mark.parametrize(
    "unit", ["On 2 May 2020 12:00 x\n", "From: a@b\n", "-----Original ", "> x\ny\n", "- \n", "\n"]
)
def test_a_hostile_megabyte_of_text_is_split_in_seconds(unit: str) -> None:
    started = time.process_time()
    split_reply((unit * (1_000_000 // len(unit) + 1))[:1_000_000])
    assert time.process_time() - started < 20
