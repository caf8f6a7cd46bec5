from __future__ import annotations

from pathlib import Path

import pytest

from amity.channels.adapters.file import (
    Guess,
    RecordKind,
    compile_reader,
    guess_mapping,
    shipped_mappings,
    sniff,
)
from amity.channels.adapters.file.guess import by_columns
from amity.channels.adapters.file.mapping import Mapping
from amity.channels.adapters.file.tests.making import make_file, messages, orders
from amity.channels.records import Direction


def guess_for(folder: Path, text: str, encoding: str = "utf-8", name: str = "export.csv") -> Guess:
    return guess_mapping(sniff(make_file(folder, text, encoding=encoding, name=name)), shipped_mappings())[0]


def columns_by_field(guess: Guess) -> dict[str, str]:
    return {column.field: column.column for column in guess.columns if column.field}


HEADERS = {
    "twitter-support": "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id",
    "retail-invoices": "invoice,customer_id,invoice_date,lines,items,amount,country",
    "retail-lines": "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country",
    "google-contacts": "Name,Given Name,E-mail 1 - Value,Phone 1 - Value,Organization 1 - Name",
    "outlook-contacts": "First Name,Last Name,Company,E-mail Address,Business Phone,Mobile Phone",
    "hubspot-contacts": "Record ID,First Name,Last Name,Email,Phone Number,Lifecycle Stage,Create Date",
    "zendesk-tickets": "Id,Requester,Requester id,Requester email,Subject,Status,Created at,Assignee",
    "zammad-tickets": "number,title,customer,owner,group,state,priority,created_at",
    "chatwoot-contacts": "id,name,email,phone_number,identifier",
    "chatwoot-messages": "id,conversation_id,message_type,content,created_at,sender_name,sender_email",
    "shopify-orders": "Name,Email,Financial Status,Currency,Total,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price",
    "woocommerce-orders": "order_id,order_date,status,order_total,order_currency,billing_email,billing_first_name",
    "mailchimp-audience": "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,LAST_CHANGED,EUID",
    "trustpilot-reviews": "Review Id,Review Created (UTC),Review Stars,Review Title,Review Content,Review Url",
    "google-reviews-csv": "review_id,reviewer_name,star_rating,comment,create_time,reply_comment",
}


@pytest.mark.parametrize("name", HEADERS)
def test_well_known_exports_are_recognised_by_their_columns_alone(tmp_path: Path, name: str) -> None:
    guess = guess_for(tmp_path, HEADERS[name] + "\n" + "," * HEADERS[name].count(",") + "\n")
    assert guess.mapping.name == name
    assert guess.confidence > 0.8
    shape = sniff(tmp_path / "export.csv")
    assert guess.mapping.problems(shape) == ()
    compile_reader(guess.mapping, shape)


def test_a_german_mail_list_is_understood(tmp_path: Path) -> None:
    text = (
        "Vorgangsnummer;Absender;Betreff;Nachricht;Eingang;Richtung\n"
        "V-1;ada@example.org;Mühle;Die Mühle brummt seit gestern sehr laut;25.02.2024 10:00;eingehend\n"
        "V-1;hilfe@shop.example;Re: Mühle;Das tut uns leid, wir schicken Ersatz;26.02.2024 09:30;ausgehend\n"
        "V-2;bob@example.org;Bürste;Wann kommt meine Bürste denn endlich an?;27.02.2024 18:15;eingehend\n"
    )
    guess = guess_for(tmp_path, text, encoding="cp1252")
    assert guess.mapping.record is RecordKind.MESSAGE
    assert columns_by_field(guess) == {
        "thread": "Vorgangsnummer",
        "email": "Absender",
        "subject": "Betreff",
        "text": "Nachricht",
        "at": "Eingang",
        "direction": "Richtung",
    }
    found = messages(tmp_path / "export.csv", guess.mapping)
    assert [message.direction for message in found] == [Direction.IN, Direction.OUT, Direction.IN]
    assert found[0].occurred_at.isoformat() == "2024-02-25T10:00:00+00:00"


@pytest.mark.parametrize(
    "header",
    [
        "order number;order date;customer email;total;currency",
        "Bestellnummer;Bestelldatum;E-Mail;Gesamtbetrag;Währung",
        "numéro commande;date commande;courriel;montant total;devise",
        "número pedido;fecha pedido;correo electrónico;importe total;moneda",
    ],
)
def test_orders_are_understood_in_four_languages(tmp_path: Path, header: str) -> None:
    rows = "".join(f"A-{n};2024-05-{n:02};kunde{n}@example.org;{n * 10},50;EUR\n" for n in range(1, 25))
    guess = guess_for(tmp_path, f"{header}\n{rows}")
    assert guess.mapping.record is RecordKind.ORDER
    assert set(columns_by_field(guess)) == {"id", "at", "email", "amount", "currency"}
    assert guess.mapping.decimal_comma
    found = orders(tmp_path / "export.csv", guess.mapping)
    assert (len(found), str(found[0].amount), found[0].currency) == (24, "10.50", "EUR")


def test_a_column_of_no_is_not_in_norwegian(tmp_path: Path) -> None:
    rows = (
        "ada@roast.example,Ada Lund,no,no\nbo@roast.example,Bo Berg,no,en\ncy@roast.example,Cy Dahl,yes,de\n"
    )
    found = columns_by_field(guess_for(tmp_path, f"E-mail,Name,Is a member,Locale\n{rows}"))
    assert found["language"] == "Locale"
    assert "language" not in columns_by_field(
        guess_for(tmp_path, f"E-mail,Name,Is a member,Colour\n{rows[:33]}\n")
    )


def test_days_of_birth_in_several_notations_are_days_of_birth(tmp_path: Path) -> None:
    rows = "".join(
        f"p{number}@roast.example,No {number},{born}\n"
        for number, born in enumerate(("1984-03-12", "12.03.1984", "05/06/1995", "1990-12-01"))
    )
    found = columns_by_field(guess_for(tmp_path, f"E-mail,Name,Birthday\n{rows}"))
    assert found["birthday"] == "Birthday"


def test_people_are_understood_also_where_names_say_nothing(tmp_path: Path) -> None:
    rows = "".join(f"x{n},person{n}@example.org,+49 228 12345{n}\n" for n in range(10))
    guess = guess_for(tmp_path, f"a,b,c\n{rows}")
    assert guess.mapping.record is RecordKind.PERSON
    assert columns_by_field(guess) | {"id": ""} == {"email": "b", "phone": "c", "id": ""}
    reasons = {column.column: column.reason for column in guess.columns}
    assert reasons["b"] == "it looks like e-mail addresses in 10 of 10 rows"


def test_short_messages_are_messages_and_notes_about_contacts_are_not(tmp_path: Path) -> None:
    said = "Name,E-Mail,Date,Subject,Message\nAnn,ann@example.org,2026-11-27,Late,Where is my parcel\n"
    assert guess_for(tmp_path, said).mapping.record is RecordKind.MESSAGE
    noted = "Name,Email,Created,Notes\nAnn,ann@example.org,2026-11-27,Likes tea\n"
    assert guess_for(tmp_path, noted, name="notes.csv").mapping.record is RecordKind.PERSON


def test_a_table_can_be_read_as_anything_and_says_what_is_missing_for_it(tmp_path: Path) -> None:
    for number, text in enumerate((
        "a,b\n1,2\n", "Name,Email\nAnn,ann@example.org\n", "to,text\nx,Hello there\n", "only\n\n",
        "Order,E-Mail,Date,Amount\n1,ann@example.org,2026-11-27,9.00\n",
    )):  # fmt: skip
        shape = sniff(make_file(tmp_path, text, name=f"{number}.csv"))
        offered = by_columns(shape)
        assert [mapping.record for mapping in offered] == [
            RecordKind.MESSAGE,
            RecordKind.ORDER,
            RecordKind.PERSON,
        ]
        built = {guess.mapping.name for guess in guess_mapping(shape, ())}
        for mapping in offered:
            assert Mapping.from_json(mapping.to_json()) == mapping
            assert mapping.name in built or mapping.problems(shape)


def test_an_ambiguous_date_is_asked_about(tmp_path: Path) -> None:
    rows = "nr,datum,mail,betrag,währung\n1,01/02/2024,a@example.org,1.50,EUR\n2,03/04/2024,b@example.org,2.50,EUR\n"
    guess = guess_for(tmp_path, rows)
    assert "Is the first number of 01/02/2024 the day or the month?" in guess.questions


def test_american_dates_of_a_shipped_mapping_are_read_as_such(tmp_path: Path) -> None:
    text = HEADERS["woocommerce-orders"] + "\n7,9/26/2024 6:29:00,completed,19.90,USD,ada@example.org,Ada\n"
    guess = guess_for(tmp_path, text)
    assert guess.mapping.date_format == "month_first"
    [order] = orders(tmp_path / "export.csv", guess.mapping)
    assert order.ordered_at.isoformat() == "2024-09-26T06:29:00+00:00"


def test_a_currency_that_is_missing_is_asked_for(tmp_path: Path) -> None:
    rows = "order,date,email,total\n1,2024-05-06,a@example.org,1.50\n2,2024-05-07,b@example.org,2.50\n"
    guess = guess_for(tmp_path, rows)
    assert any("currency" in question for question in guess.questions)


def test_a_chat_export_with_an_agent_flag_knows_who_is_who(tmp_path: Path) -> None:
    text = (
        "message_id,timestamp,user,is_agent,message\n"
        "1,1715000000,ada,false,my grinder hums like a jet plane\n"
        "2,1715000100,zoe,true,we will send you new burrs today\n"
    )
    guess = guess_for(tmp_path, text)
    assert guess.mapping.record is RecordKind.MESSAGE
    first, second = messages(tmp_path / "export.csv", guess.mapping)
    assert (first.direction, second.direction) == (Direction.IN, Direction.OUT)
    assert first.occurred_at.isoformat() == "2024-05-06T12:53:20+00:00"


def test_nothing_is_guessed_about_a_table_without_people(tmp_path: Path) -> None:
    shape = sniff(make_file(tmp_path, "planet,moons\nEarth,1\nMars,2\n"))
    assert guess_mapping(shape, shipped_mappings()) == []


def test_mail_asks_which_addresses_are_ours(tmp_path: Path) -> None:
    guess = guess_for(tmp_path, "From: a@example.org\nSubject: Hi\n\nHello\n", name="a.eml")
    assert (guess.mapping.name, guess.confidence) == ("mail", 1.0)
    assert guess.questions


@pytest.mark.parametrize("header", ["Kunde", "Customer", "client", "Cliente", "author"])
def test_a_column_of_customers_that_holds_names_is_the_name_and_no_number(
    tmp_path: Path, header: str
) -> None:
    people = ("Ada Lind", "Bob van Dyk", "Cleo Roth")
    rows = "".join(
        f"2026-03-0{day};{name};Die Mühle brummt seit gestern sehr laut\n"
        for day, name in enumerate(people, 1)
    )
    guess = guess_for(tmp_path, f"Datum;{header};Nachricht\n{rows}")
    assert columns_by_field(guess)["name"] == header
    assert "customer" not in columns_by_field(guess)
    found = messages(tmp_path / "export.csv", guess.mapping)
    assert [message.author.name for message in found] == list(people)


def test_a_column_of_customers_that_holds_numbers_stays_the_number(tmp_path: Path) -> None:
    rows = "".join(f"2026-03-0{n};K-100{n};Die Mühle brummt seit gestern sehr laut\n" for n in range(1, 6))
    guess = guess_for(tmp_path, f"Datum;Kunde;Nachricht\n{rows}")
    assert columns_by_field(guess)["customer"] == "Kunde"
