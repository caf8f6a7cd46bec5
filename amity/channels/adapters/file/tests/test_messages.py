from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from amity.channels.adapters.file import (
    DirectionRule,
    HandleSource,
    RawItem,
    Source,
    compile_reader,
    iter_items,
    read,
    sniff,
)
from amity.channels.adapters.file.shape import Container, Cursor, Format, Shape
from amity.channels.adapters.file.tests.making import make_file, messages, messages_mapping, read_all
from amity.channels.records import Direction, Handle, Unreadable

TWEETS = """tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id
11,TampCo,False,2024-05-06T08:00:00Z,"@4711 @Bean_Fan Sorry to hear, @someone will look",12,10
10,4711,True,Mon May 06 07:30:00 +0000 2024,.@TampCo my grinder hums 😡,11,
12,4711,True,2024-05-06T09:00:00Z,thanks @TampCo,,"11,9"
"""


def test_support_tweets_become_a_conversation(tmp_path: Path) -> None:
    ours, first, last = messages(make_file(tmp_path, TWEETS))
    assert ours.author == Handle("twitter", "tampco")
    assert [handle.address for handle in ours.recipients] == ["4711", "bean_fan"]
    assert (ours.direction, first.direction) == (Direction.OUT, Direction.IN)
    assert (ours.in_reply_to, first.in_reply_to, last.in_reply_to) == (("10",), (), ("11", "9"))
    assert first.occurred_at == datetime(2024, 5, 6, 7, 30, tzinfo=UTC)
    assert first.recipients == (Handle("twitter", "tampco"),)
    assert last.recipients == ()
    assert first.text == ".@TampCo my grinder hums 😡"
    assert first.is_public
    assert first.channel == "tweet"


def test_broken_rows_are_refused_one_by_one_with_the_column(tmp_path: Path) -> None:
    rows = (
        b"id,at,text,from\n"
        b"1,2024-05-06,fine,ada@example.org\n"
        b"2,yesterday,late,ada@example.org\n"
        b"3,2024-05-06,no author,\n"
        b"4,2024-05-06,too few\n"
        b"5,2024-05-06,too,many,cells\n"
        b"6,2024-05-06,b\xe4d bytes,ada@example.org\n"
        b"7,,undated,ada@example.org\n"
        b",,,\n"
        b"8,2024-05-06,also f\xc3\xafne \xc3\xa9\xc3\xa8\xc3\xa0\xc3\xa7,ada@example.org\n"
    )
    records, refused = read_all(make_file(tmp_path, rows), messages_mapping())
    assert [record.external_id for record in records] == ["1", "8"]
    assert [(error.code, "“" in error.reason) for error in refused] == [
        ("date", True),
        ("author_missing", True),
        ("too_few_cells", True),
        ("too_many_cells", True),
        ("encoding", True),
        ("date_missing", True),
    ]
    assert "“text”" in refused[4].reason


def test_nul_and_lone_surrogates_do_not_reach_a_record(tmp_path: Path) -> None:
    csv = make_file(tmp_path, "id,at,text,from\n1,2024-05-06,hal\x00lo,ada@example.org\n")
    assert messages(csv, messages_mapping())[0].text == "hallo"
    line = '{"id": "1", "at": "2024-05-06", "text": "a\\ud83db\\u0000c \\ud83d\\ude00", "from": "ada@example.org"}\n'
    jsonl = make_file(tmp_path, line, name="a.jsonl")
    mapping = messages_mapping(formats=(Format.JSONL,))
    assert messages(jsonl, mapping)[0].text == "abc 😀"
    wide = make_file(
        tmp_path,
        b"\xff\xfe"
        + "id,at,text,from\n1,2024-05-06,a".encode("utf-16-le")
        + b"\x3d\xd8"
        + "b,ada@example.org\n2,2024-05-06,c,ada@example.org\n".encode("utf-16-le"),
        name="w.csv",
    )
    assert [message.text for message in messages(wide, messages_mapping())] == ["ab", "c"]


def test_a_row_without_id_gets_the_same_id_in_every_import(tmp_path: Path) -> None:
    mapping = messages_mapping(fields={"at": Source(("at",)), "text": Source(("text",))})
    text = "at,text,from\n2024-05-06,hello,ada@example.org\n2024-05-06,hello!,ada@example.org\n"
    once, again = (messages(make_file(tmp_path, text, name=name), mapping) for name in ("a.csv", "b.csv"))
    assert [m.external_id for m in once] == [m.external_id for m in again]
    assert len({m.external_id for m in once}) == 2


def test_own_addresses_and_words_decide_who_speaks(tmp_path: Path) -> None:
    text = (
        "id,at,text,from,kind\n1,2024-05-06,a,help@shop.example,customer\n2,2024-05-06,b,ada@example.org,AGENT\n"
        "3,2024-05-06,c,ada@example.org,note\n4,2024-05-06,d,ada@example.org,\n"
    )
    rule = DirectionRule(Source(("kind",)), ours=("agent",), internal=("note",), theirs=("customer",))
    mapping = messages_mapping(direction=rule, own_addresses=("Help@shop.example",))
    found = [message.direction for message in messages(make_file(tmp_path, text), mapping)]
    assert found == [Direction.OUT, Direction.OUT, Direction.INTERNAL, Direction.IN]


def test_several_handles_facts_and_extras_are_kept(tmp_path: Path) -> None:
    text = "id,at,text,from,tel,city,stars\n1,2024-05-06,a,Ada L <Ada@Example.org>,0049 228 123456,Bonn,5\n"
    base = messages_mapping()
    mapping = replace(
        base,
        fields={**base.fields, "facts.city": Source(("city",)), "extra.rating": Source(("stars",))},
        handles=(*base.handles, HandleSource("phone", Source(("tel",)))),
    )
    [message] = messages(make_file(tmp_path, text), mapping)
    assert message.author == Handle("email", "ada@example.org", "Ada L")
    assert message.extra == {
        "facts": {"city": "Bonn"},
        "rating": "5",
        "handles": [["phone", "+49228123456"]],
    }


def test_sources_join_fall_back_translate_and_transform(tmp_path: Path) -> None:
    text = "id,day,clock,body,from,lang\n1,2024-05-06,10:30,<p>Hello<br>there</p>,ada@example.org,GERMAN\n"
    mapping = messages_mapping(
        fields={
            "id": Source(("id",)),
            "at": Source(("day", "clock"), join=" "),
            "text": Source(("missing", "body"), transform="html"),
            "language": Source(("lang",), values={"german": "de"}),
            "subject": Source(("missing",), constant="none"),
        },
        timezone="Europe/Berlin",
    )
    [message] = messages(make_file(tmp_path, text), mapping)
    assert message.occurred_at == datetime(2024, 5, 6, 8, 30, tzinfo=UTC)
    assert message.text == "Hello\nthere"
    assert (message.language, message.subject) == ("de", "none")


def test_html_is_made_harmless_and_quoted_mail_is_folded(tmp_path: Path) -> None:
    body = "Still broken.\n\nOn Mon, 6 May 2024 at 10:00, Tamp & Co <help@shop.example> wrote:\n> Try again."
    text = f'id,at,text,html,from\n1,2024-05-06,"{body}","<b onclick=x()>Hi</b><script>x()</script>",ada@example.org\n'
    base = messages_mapping(options={"fold_quotes": True})
    mapping = replace(base, fields={**base.fields, "html": Source(("html",))})
    [message] = messages(make_file(tmp_path, text), mapping)
    assert message.text == "Still broken."
    assert message.full_text == body
    assert message.html == "<b>Hi</b>"


def test_an_answer_in_the_same_row_is_a_message_of_ours(tmp_path: Path) -> None:
    text = (
        "Review Id,Review Created (UTC),Review Stars,Review Title,Review Content,Company Reply Text,"
        "Company Reply Date (UTC),Review User Email\n"
        "r1,2024-05-06 08:00:00,2,Loud,It hums,We are sorry,2024-05-07 09:00:00,ada@example.org\n"
        "r2,2024-05-06 08:00:00,5,Great,Love it,,,\n"
    )
    review, answer, other = messages(make_file(tmp_path, text))
    assert (review.subject, review.text, review.extra["rating"]) == ("Loud", "It hums", "2")
    assert (answer.direction, answer.in_reply_to, answer.recipients) == (
        Direction.OUT,
        ("r1",),
        (review.author,),
    )
    assert answer.occurred_at == datetime(2024, 5, 7, 9, 0, tzinfo=UTC)
    assert other.author == Handle("customer:trustpilot", "r2")


def test_slack_threads_name_their_first_message(tmp_path: Path) -> None:
    lines = (
        '{"type": "message", "user": "U1", "text": "It hums", "ts": "1715000000.000100"}\n'
        '{"type": "message", "user": "U2", "text": "Since when?", "ts": "1715000060.000200",'
        ' "thread_ts": "1715000000.000100"}\n'
    )
    first, second = messages(make_file(tmp_path, lines, name="slack.jsonl"))
    assert second.in_reply_to == (first.external_id,) == ("1715000000.000100",)
    assert first.author == Handle("slack", "u1")


def test_a_mail_keeps_its_ancestors_nearest_first_and_its_direction(tmp_path: Path) -> None:
    raw = (
        "Message-ID: <c@example.org>\r\nIn-Reply-To: <b@example.org>\r\n"
        "References: <a@example.org>\r\n <b@example.org>\r\n"
        "From: Ada <Ada@example.org>\r\nTo: help@shop.example\r\nDate: Mon, 6 May 2024 10:00:00 +0200\r\n"
        "Subject: Re: Grinder\r\n\r\nIt still hums.\r\n"
    )
    path = make_file(tmp_path, raw, name="a.eml")
    [message] = messages(path)
    assert message.in_reply_to == ("<b@example.org>", "<a@example.org>")
    assert (message.channel, message.text) == ("email", "It still hums.")
    assert message.occurred_at == datetime(2024, 5, 6, 8, 0, tzinfo=UTC)
    shape = sniff(path)
    item = next(iter_items(path, shape))
    mapping = messages_mapping(formats=(Format.EML,), own_addresses=("ada@example.org",))
    [ours] = read(item, mapping, shape)
    assert getattr(ours, "direction", None) is Direction.OUT


def test_a_mail_without_date_stands_at_the_time_of_its_file(tmp_path: Path) -> None:
    path = make_file(tmp_path, "From: ada@example.org\nSubject: Hi\n\nHello\n", name="a.eml")
    [message] = messages(path)
    assert message.occurred_at == sniff(path).modified_at
    assert message.extra["date_is_unknown"] is True


CSV_SHAPE = Shape(Container.PLAIN, Format.CSV, columns=("id", "at", "text", "from"))
READ_ROW = compile_reader(messages_mapping(), CSV_SHAPE)


@given(st.binary(max_size=200))
@example(b'"1",a\rb,"c\nd",e')
@example(b'"1",a\nb,"c",e\r')
def test_no_row_of_bytes_raises_anything_but_unreadable(raw: bytes) -> None:
    with suppress(Unreadable):
        READ_ROW(RawItem(1, raw, "text/csv", Cursor()))


@pytest.mark.parametrize("code", ["unclosed-quote", "too-long", "unfinished"])
def test_an_item_that_was_cut_badly_says_why(code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        READ_ROW(RawItem(1, b'1,"x', f"text/csv; broken={code}", Cursor()))
    assert caught.value.code == code


def test_text_that_is_no_address_is_named_as_such(tmp_path: Path) -> None:
    path = make_file(tmp_path, "id,at,from,text\n1,2026-03-01,keine-adresse,Hello\n2,2026-03-01,,Hello\n")
    _, refused = read_all(path, messages_mapping())
    assert [error.code for error in refused] == ["handle", "author_missing"]
    assert "“from”: “keine-adresse” is not an e-mail address." in refused[0].reason


def test_a_wrong_date_is_refused_in_the_words_of_the_menu(tmp_path: Path) -> None:
    path = make_file(tmp_path, "id,at,from,text\n1,soon,ada@example.org,Hello\n")
    _, refused = read_all(path, messages_mapping(date_format="day_first"))
    assert "is not a date (day first, such as 31.12.2025)" in refused[0].reason


def test_a_further_address_of_the_author_that_is_none_is_left_out_and_told(tmp_path: Path) -> None:
    mapping = replace(
        messages_mapping(),
        handles=(HandleSource("email", Source(("from",))), HandleSource("phone", Source(("phone",)))),
    )
    text = (
        "id,at,text,from,phone\n1,2024-05-06,hello,ada@example.org,ask\n2,2024-05-06,hello,ada@example.org,\n"
    )
    first, second = messages(make_file(tmp_path, text), mapping)
    assert [(one.code, one.column, one.text) for one in first.left_out] == [("phone", "phone", "ask")]
    assert second.left_out == ()


def test_nothing_is_lost_of_a_cell_that_may_hold_an_address_or_a_name(tmp_path: Path) -> None:
    both = (HandleSource("email", Source(("from",))), HandleSource("customer:{source}", Source(("from",))))
    text = "id,at,text,from\n1,2024-05-06,hello,ada.lind\n2,2024-05-06,hello,ada@example.org\n"
    first, second = messages(make_file(tmp_path, text), replace(messages_mapping(), handles=both))
    assert (first.author.address, first.left_out) == ("ada.lind", ())
    assert (second.author.address, second.left_out) == ("ada@example.org", ())
