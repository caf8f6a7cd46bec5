"""Mails of every state become a `ParsedMail` or an `Unreadable` with a code, never anything else."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.channels.mime import ParsedMail, decode_text, parse_mail
from amity.channels.records import Handle, Unreadable

HEAD = b"From: Lena Krug <Lena@Example.org>\r\nMessage-ID: <1@example.org>\r\n"
MIXED = HEAD + b'Content-Type: multipart/mixed; boundary="cut"\r\n\r\n'


def mail(headers: bytes = b"", body: bytes = b"Good morning\r\n") -> ParsedMail:
    return parse_mail(HEAD + headers + b"\r\n" + body)


def test_the_fields_of_a_plain_mail_are_read() -> None:
    read = mail(
        b"To: shop@tamp.example, =?utf-8?q?Zo=C3=AB?= <zoe@example.org>\r\nSubject: Burr\r\n worn\r\n"
        b"Date: Tue, 3 Mar 2026 10:00:00 +0100\r\nIn-Reply-To: <0@example.org>\r\n"
        b"References: <a@example.org>\r\n <0@example.org>\r\nList-Id: Talk <TALK.example.org>\r\n"
    )
    assert read.sender == Handle("email", "lena@example.org", "Lena Krug")
    assert read.to == (Handle("email", "shop@tamp.example"), Handle("email", "zoe@example.org", "Zoë"))
    assert (read.subject, read.text, read.list_id) == ("Burr worn", "Good morning", "talk.example.org")
    assert read.date == datetime(2026, 3, 3, 9, tzinfo=UTC)
    assert read.in_reply_to == ("<0@example.org>",)
    assert read.references == ("<a@example.org>", "<0@example.org>")
    assert (read.message_id, read.problems, read.auto_submitted) == ("<1@example.org>", (), False)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "mail.empty"),
        (b"\x00\r\n \x00", "mail.empty"),
        (b"just a note", "mail.not_mail"),
    ],
)
def test_what_cannot_be_read_says_why(raw: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse_mail(raw)
    assert refused.value.code == code
    assert refused.value.reason.endswith(".")


def test_mails_without_a_sender_are_kept_each_from_somebody_of_its_own() -> None:
    named, nameless = (
        parse_mail(raw)
        for raw in (b"From: Zora Blum\r\n\r\nhi", b"From \nList-Id: <talk@talk.example>\n\nNo date\n")
    )
    assert (named.sender.name, nameless.sender.name, nameless.text) == ("Zora Blum", "", "No date")
    assert named.sender.address != nameless.sender.address
    assert all(read.sender.address.endswith("@no-sender.invalid") for read in (named, nameless))
    assert any("cannot be answered" in problem for problem in nameless.problems)


def test_a_missing_message_id_is_made_from_the_bytes_and_stays_the_same() -> None:
    raw = b"From: a@example.org\r\n\r\nhi"
    first, again, other = parse_mail(raw), parse_mail(raw), parse_mail(raw + b"!")
    assert first.message_id == again.message_id != other.message_id
    assert first.message_id.startswith("<")


def test_a_missing_date_is_taken_from_the_oldest_stamp() -> None:
    stamps = (
        b"Received: from b by c; Tue, 3 Mar 2026 10:00:05 +0000\r\n"
        b"Received: from a by b; Tue, 3 Mar 2026 10:00:01 +0000\r\n"
    )
    oldest = datetime(2026, 3, 3, 10, 0, 1, tzinfo=UTC)
    assert mail(stamps).date == mail(stamps + b"Date: soon\r\n").date == oldest
    assert mail(stamps + b"Date: Tue, 3 Mar 2037 10:00:00 +0000\r\n").date == oldest
    assert mail(b"Date: the day after\r\n").date is None


def test_html_alone_becomes_text_and_an_alternative_is_not_said_twice() -> None:
    only = mail(b"Content-Type: text/html\r\n", b"<style>p{}</style><p>One</p><p>Two</p>")
    assert only.text == "One\n\nTwo"
    both = parse_mail(
        HEAD + b"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n\r\nplain\r\n"
        b"--x\r\nContent-Type: text/html\r\n\r\n<p>rich</p>\r\n--x--\r\n"
    )
    assert (both.text, both.html) == ("plain", "<p>rich</p>")


def test_attachments_keep_name_type_and_bytes() -> None:
    read = parse_mail(
        MIXED + b"--cut\r\n\r\nsee below\r\n--cut\r\nContent-Type: application/pdf\r\n"
        b"Content-Disposition: attachment; filename*0*=utf-8''R%C3%A9; filename*1=sume.pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\nContent-ID: <p1>\r\n\r\nJVBERg\r\n--cut--\r\n"
    )
    (attachment,) = read.attachments
    assert (attachment.filename, attachment.content_type) == ("Résume.pdf", "application/pdf")
    assert (attachment.content, attachment.size_bytes, attachment.content_id) == (b"%PDF", 4, "p1")
    assert "base64 with errors, decoded as far as it goes" in read.problems


def test_a_path_in_a_filename_is_cut_off() -> None:
    read = mail(b'Content-Disposition: attachment; filename="..\\\\..\\\\etc/passwd"\r\n')
    assert read.attachments[0].filename == "passwd"


def test_two_senders_are_named_as_a_problem_and_the_first_is_taken() -> None:
    read = parse_mail(b"From: a@example.org\r\nFrom: b@example.org\r\n\r\nhi")
    assert read.sender.address == "a@example.org"
    assert "more than one From field, the first is taken" in read.problems


def test_an_encoded_line_break_does_not_start_a_new_header() -> None:
    read = mail(b"Subject: =?utf-8?q?Hi=0D=0ABcc:_victim@example.org?=\r\n")
    assert read.subject == "Hi Bcc: victim@example.org"


def test_a_field_in_plain_eight_bits_is_read() -> None:
    assert mail("Subject: Zu groß für Zoë\r\n".encode()).subject == "Zu groß für Zoë"
    assert mail("Subject: Zu groß für Zoë\r\n".encode("cp1252")).subject == "Zu groß für Zoë"


def test_a_character_cut_between_two_encoded_words_is_whole_again() -> None:
    assert mail(b"Subject: =?utf-8?q?Caf=C3?= =?utf-8?q?=A9_now?=\r\n").subject == "Café now"


def test_nul_and_lone_surrogates_never_reach_the_database() -> None:
    read = mail(b"Subject: a\x00b\r\nContent-Type: text/plain; charset=utf-8\r\n", b"x\x00y \xed\xa0\x80 z")
    assert "\x00" not in read.subject + read.text
    read.text.encode("utf-8")


@pytest.mark.parametrize(
    "header", [b"Auto-Submitted: auto-replied", b"Precedence: bulk", b"X-Autoreply: yes"]
)
def test_a_program_is_told_from_a_person(header: bytes) -> None:
    assert mail(header + b"\r\n").auto_submitted
    assert not mail(b"Auto-Submitted: no\r\nPrecedence: list\r\n").auto_submitted


@pytest.mark.parametrize(
    ("raw", "declared", "text"),
    [
        ("Größe".encode("cp1252"), "us-ascii", "Größe"),
        ("Größe".encode(), "iso-8859-1", "Größe"),
        ("“quoted”".encode("cp1252"), "iso-8859-1", "“quoted”"),
        ("日本".encode("iso2022_jp"), None, "日本"),
        ("日本".encode("cp932"), "Shift_JIS", "日本"),
        (b"plain", "rot13", "plain"),
        (b"plain", "no-such-thing", "plain"),
        (b"\xef\xbb\xbfmarked", "latin-1", "marked"),
    ],
)
def test_text_is_decoded_whatever_was_declared(raw: bytes, declared: str | None, text: str) -> None:
    assert decode_text(raw, declared) == text


def test_a_long_text_in_an_undeclared_charset_is_guessed() -> None:
    said = "Добрый день, кофемолка приехала вчера, но жернова не вращаются. Что делать? " * 5
    assert decode_text(said.encode("cp1251"), None) == said


@given(st.binary(max_size=400), st.text(max_size=20))
def test_decoding_never_raises_and_can_always_be_stored(raw: bytes, declared: str) -> None:
    text = decode_text(raw, declared)
    assert "\x00" not in text
    text.encode("utf-8")


PIECES = st.sampled_from(
    [
        b"From: a@example.org\r\n", b"From: (((\r\n", b"To: \"x\r\n", b"Subject: =?utf-8?b?////=?=\r\n", b"\r\n",
        b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: text/html; charset=\xff\r\n", b"--b\r\n",
        b"Content-Transfer-Encoding: base64\r\n", b"Content-Disposition: attachment; filename*=x'y\r\n", b"--b--\r\n",
        b"Date: 99 Foo 0000 99:99:99 +9999\r\n", b"Content-Type: message/rfc822\r\n", b"<p>&#99999999999;\r\n",
        b"Content-Transfer-Encoding: x-uuencode\r\n", b"begin 644 x\r\n", b"References: <<>>\r\n", b"\x00", b"\xff\xfe",
        b"Message-ID: <>\r\n", b"Received: ;\r\n", b"name*0*=''%\r\n", b"Content-Type: text/plain; format=flowed\r\n",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.binary(max_size=30), max_size=25))
def test_no_bytes_make_the_parser_raise_anything_but_unreadable(pieces: list[bytes]) -> None:
    try:
        read = parse_mail(b"From: a@example.org\r\n" + b"".join(pieces))
    except Unreadable:
        return
    said = read.text + read.html + read.subject + read.message_id + read.sender.name + read.list_id
    said += "".join(file.filename + file.content_id for file in read.attachments)
    assert "\x00" not in said
    said.encode("utf-8")


@pytest.mark.parametrize(
    "raw",
    [
        b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(15_000)
        ),
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100_000,
        b"To: " + b"(" * 1_000_000,
        b"Subject: " + b"=?" * 500_000,
        b"Content-Type: text/plain" + b"; a" * 300_000,
        b"X: " + b"y\r\n " * 250_000,
    ],
    ids=["nested", "many parts", "comments", "encoded words", "parameters", "folded"],
)
def test_a_hostile_megabyte_is_read_in_seconds(raw: bytes) -> None:
    started = time.process_time()
    parse_mail(HEAD + raw)
    assert time.process_time() - started < 5
