"""Somebody with distinctive invented values in every field and every place, and neighbours who stay as they are."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from uuid import UUID

from amity.activity.shaping import identity_id
from amity.channels.records import Handle
from amity.kernel.acting import acting
from amity.kernel.actor import Actor
from amity.people import erasures
from amity.people.models import Link, PersonErasure
from tests.flows.stories import message, order

MAIL, OTHER_MAIL, PHONE = "zubrowka.quill@vexmail.example", "zq-private@vexmail.example", "+493055512983"
NAME, STREET, CITY = "Zubrowka Quillfeather", "Vexgasse 7117", "Quillstadt-Nord"
SAID, ASKED, ANSWERED = "grumblefitz wobbles", "snarkleberry leaks", "we replace the plinthwidget"
NOTED, PROMISED, NUMBER = "note: flimflamish caller", "ring her about twizzlecrank", "VXQ-77120-Z"
HABIT, TITLE = "hoards teaspoonlets", "Chief Bobbinmaker"
SWORN = "agreed to beanogram leaflets"
KINSHIP, FIRM, FAVOUR = "her wambling godmother", "Snoutfizz Tannery", "she once saved the quagmire booth"
FILE_WORDS, SUBJECT = "scanned zorptastic receipt", "Kerfuffle with the gubbins"

EVERYTHING = (
    MAIL, OTHER_MAIL, PHONE, "55512983", NAME, "Quillfeather", "Zubrowka", STREET, CITY, "grumblefitz", "snarkleberry",
    "teaspoonlets", "Bobbinmaker", "plinthwidget", "flimflamish", "twizzlecrank", NUMBER, "zorptastic", "Kerfuffle",
    "gubbins", "wambling", "snoutfizz", "quagmire", "beanogram",
    "2001:db8::7a",
)  # fmt: skip
"""What nobody else says or is called: after an erasure none of it may stand anywhere."""

NEIGHBOUR, SHARER = "hanna@roast.example", "sven@roast.example"


def person_of(address: str, network: str = "email") -> UUID:
    identity = identity_id(Handle(network, address))
    return Link.objects.get(identity_id=identity, revoked_at__isnull=True).person_id


def messages(at: datetime) -> list[dict[str, object]]:
    """Mails of theirs, one thread that they share with somebody else, and those of a neighbour."""
    quill = {"network": "email", "address": MAIL, "name": NAME}
    return [
        message("<q1@vexmail.example>", at, MAIL, text=f"The {SAID}", subject=SUBJECT, **{"from": quill}),
        message("<q2@vexmail.example>", at + timedelta(hours=1), MAIL, text=ASKED, **{"from": quill}),
        message("<n1@roast.example>", at, NEIGHBOUR, text="My own words about beans"),
        message("<s1@roast.example>", at, SHARER, text="A question for all"),
        message("<q3@vexmail.example>", at + timedelta(hours=2), MAIL, text=f"Me too, the {SAID}",
                in_reply_to=["<s1@roast.example>"], **{"from": quill}),
    ]  # fmt: skip


def orders(at: datetime) -> list[dict[str, object]]:
    return [
        order(NUMBER, at, [("email", MAIL)], "731.40", number=NUMBER, facts={"name": NAME, "street": STREET}),
        order("N-1", at, [("email", NEIGHBOUR)], "20.00"),
    ]


def address_book(path: Path) -> Path:
    """As somebody exports it from their mail program."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["E-Mail", "Telefon", "Name", "Straße", "Ort"])
        writer.writerow([OTHER_MAIL, "+49 30 55512983", NAME, STREET, CITY])
        writer.writerow([NEIGHBOUR, "", "Hanna Roast", "Am Markt 1", "Turku"])
    return path


def mbox(path: Path, at: datetime) -> Path:
    """A mail of theirs with a file, as a mail program keeps it: the words stand in base64."""
    letter = EmailMessage()
    letter["From"] = f"{NAME} <{MAIL}>"
    letter["To"] = "care@tamp.example"
    letter["Message-ID"] = "<with-file@vexmail.example>"
    letter["Date"] = format_datetime(at + timedelta(hours=5))
    letter["Subject"] = SUBJECT
    letter.set_content(f"Here it is, {SAID}", cte="base64")
    letter.add_attachment(FILE_WORDS.encode(), maintype="text", subtype="plain", filename="Vexgasse 7117.txt")
    path.write_bytes(b"From quill Tue Mar 17 09:30:00 2026\n" + letter.as_bytes() + b"\n")
    return path


def broken_rows(path: Path) -> Path:
    """Rows that nobody can read, and one that can be."""
    rows = [
        {"type": "message", "id": "b1", "at": "the day before yesterday", "text": SAID, "from": {
            "network": "email", "address": MAIL}},
        {"type": "message", "id": "b2", "at": "2026-03-01T10:00:00Z", "text": "Fine beans", "from": {
            "network": "email", "address": SHARER}},
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def erased(person_id: UUID, owner: Actor, at: datetime) -> PersonErasure:
    """Have somebody erased at once, to the end."""
    with acting(owner, via="page"):
        asked = erasures.ask(person_id, ground="request", actor=owner, at=at, now=True)
    return erasures.work_on(asked.pk, clock=lambda: at)
