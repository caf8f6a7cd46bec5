"""What the style page shows: invented people and things of Tamp & Co, plain and ugly.

Instants hang on the moment that is given.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _

LONG_NAME = "Anneliese Wilhelmina von Hohenstein-Kaltenbrunn zu Oberwiesenthal " * 5
HEBREW = "נוגה ברק מחיפה"
ARABIC = "المطحنة لا تعمل منذ أمس، serial 2241-0387"
INES, JONAS, MAITE = (
    {"id": "s1", "name": "Ines Okafor"},
    {"id": "s2", "name": "Jonas Brandt"},
    {"id": "s3", "name": "Maite Ruiz"},
)


Minutes = Callable[[int], datetime]


def queue(now: datetime) -> list[dict[str, Any]]:
    """Rows of an inbox: late, close, open, calm, and three that try to break it."""

    def ago(minutes: int) -> datetime:
        return now - timedelta(minutes=minutes)

    def due(minutes: int) -> datetime:
        return now + timedelta(minutes=minutes)

    rows = [*_usual_rows(ago, due), *_odd_rows(ago, due)]
    return [{"id": f"q{index}", "url": f"#q{index}", **row} for index, row in enumerate(rows)]


def _usual_rows(ago: Minutes, due: Minutes) -> list[dict[str, Any]]:
    return [
        {
            "channel": "post",
            "name": "Tomás Arrieta",
            "chip": _("Gold"),
            "waiting_since": ago(112),
            "is_unread": True,
            "words": "Segundo molino con el mismo ruido. ¿Alguien de Tamp lee esto?",
            "sentiment": "angry",
            "deadline_at": due(-22),
        },
        {
            "channel": "chat",
            "name": "Café Lindero",
            "chip": _("Gold"),
            "waiting_since": ago(38),
            "deadline_at": due(7),
            "words": "Dos Kestrel parados en hora punta. Necesito una solución hoy.",
            "sentiment": "angry",
            "assignee": JONAS,
            "is_unread": True,
        },
        {
            "channel": "email",
            "name": "Hannah Vogel",
            "chip": _("3 channels"),
            "waiting_since": ago(14),
            "deadline_at": due(46),
            "words": "Das wäre super. Ich brauche die Mühle am Samstag für einen Kurs.",
            "sentiment": "unhappy",
            "assignee": INES,
            "is_unread": True,
            "is_open": True,
        },
        {
            "channel": "email",
            "name": "Ottilie Brenner",
            "waiting_since": ago(1500),
            "deadline_at": due(130),
            "words": "Die Rechnung trägt noch die alte Adresse, bitte ändern.",
            "sentiment": "neutral",
            "assignee": INES,
        },
    ]


def _odd_rows(ago: Minutes, due: Minutes) -> list[dict[str, Any]]:
    return [
        {
            "channel": "community",
            "name": LONG_NAME,
            "chip": _("Deal"),
            "waiting_since": ago(320),
            "deadline_at": None,
            "words": LONG_NAME,
            "sentiment": "pleased",
            "assignee": MAITE,
        },
        {
            "channel": "sms",
            "name": HEBREW,
            "waiting_since": ago(64),
            "deadline_at": due(1300),
            "words": ARABIC,
            "sentiment": "unsure",
        },
        {
            "channel": "carrier pigeon",
            "name": "",
            "waiting_since": None,
            "deadline_at": None,
            "words": "",
            "sentiment": None,
        },
    ]


def messages(now: datetime) -> list[dict[str, Any]]:
    """A customer, an internal note, our answer with a promise, and a customer again with quoted text."""
    hannah = {"kind": "customer", "name": "Hannah Vogel", "person_id": "p1"}
    promise = {"what": _("New burrs leave by Fri 13 Mar, 12:00"), "owner": "Jonas", "left": _("21 h left")}
    return [
        {
            **hannah,
            "id": "m1",
            "at": now - timedelta(hours=6),
            "sentiment": "angry",
            "language": "de",
            "language_name": _("German"),
            "translate_url": "#m1",
            "text": "Mein Kestrel mahlt seit zwei Wochen ungleichmäßig, jetzt liegen Metallspäne im Sieb. Normal?",
        },
        {
            "kind": "internal",
            "name": "Jonas Brandt",
            "person_id": "s2",
            "id": "m2",
            "at": now - timedelta(hours=4),
            "text": "Serial 2241-0387, same chipped edge as the Lindero pair. Do not send her another 2241 set.",
        },
        {
            "kind": "ours",
            "name": "Ines Okafor",
            "person_id": "s1",
            "id": "m3",
            "how": _("e-mail"),
            "language": "de",
            "at": now - timedelta(hours=3),
            "promise": promise,
            "text": "Wir schicken Ihnen neue Mahlscheiben aus einer geprüften Charge, per Express.",
        },
        {
            **hannah,
            "id": "m4",
            "at": now - timedelta(minutes=14),
            "sentiment": "unhappy",
            "language": "de",
            "text": "Das wäre super. Ich brauche die Mühle am Samstag für einen Kurs mit zwölf Leuten.",
            "quoted": "Wir schicken Ihnen neue Mahlscheiben aus einer geprüften Charge.",
            "quoted_lines": 24,
            "attachments": [{"url": "#m4", "name": "scheiben-von-oben.jpg", "size": "1.2 MB"}],
        },
        {
            "kind": "ours",
            "name": "Maite Ruiz",
            "person_id": "s3",
            "id": "m5",
            "how": _("direct message"),
            "state": "failed",
            "at": now - timedelta(minutes=3),
            "text": _("This one did not leave the house."),
        },
    ]


def moments(now: datetime) -> list[dict[str, Any]]:
    """Entries of a timeline, newest first, one deed tied to the post that it answers."""
    return [
        {
            "id": "t1",
            "lane": "said",
            "title": _("E-mail"),
            "at": now - timedelta(minutes=14),
            "sentiment": "unhappy",
            "url": "#t1",
            "text": "Das wäre super. Ich brauche die Mühle am Samstag für einen Kurs mit zwölf Leuten.",
        },
        {
            "id": "t2",
            "lane": "did",
            "title": _("Ines promised"),
            "detail": _("burrs leave by Fri 13 Mar, 12:00"),
            "at": now - timedelta(hours=3),
            "url": "#t2",
            "left": _("21 h left"),
            "owner": _("Jonas owns it"),
        },
        {
            "id": "t3",
            "lane": "did",
            "title": _("Ines replied in public"),
            "detail": _("28 min after the post"),
            "at": now - timedelta(hours=5),
            "url": "#t3",
            "answers": "t4",
            "text": "Nein, das ist nicht normal.",
        },
        {
            "id": "t4",
            "lane": "said",
            "title": _("Public post"),
            "detail": _("on Mastodon"),
            "sentiment": "angry",
            "at": now - timedelta(hours=6),
            "url": "#t4",
            "is_chosen": True,
            "text": "Mein Kestrel mahlt seit zwei Wochen ungleichmäßig, jetzt liegen Metallspäne im Sieb.",
        },
        {
            "id": "t5",
            "lane": "bought",
            "title": _("Order 20418"),
            "url": "#t5",
            "detail": _("two bags of cleaning tablets, 24.80 €"),
            "at": now - timedelta(hours=7),
        },
        {
            "id": "t6",
            "lane": "said",
            "title": LONG_NAME,
            "detail": HEBREW,
            "at": now - timedelta(hours=8),
            "text": ARABIC,
        },
    ]


def people(now: datetime) -> list[dict[str, Any]]:
    """Rows of a table: one open, one with forty tags, one with nothing but an id."""
    tags = [f"{_('tag')} {number}" for number in range(1, 41)]
    return [
        {
            "id": "p1",
            "name": "Hannah Vogel",
            "place": "Leipzig",
            "tags": ["Gold", "Trainer"],
            "bought": 1213,
            "seen": now,
            "sentiment": "unhappy",
            "trend": [3, 4, 4, 6, 5, 7, 9],
        },
        {
            "id": "p2",
            "name": "Tomás Arrieta",
            "place": "Bilbao",
            "tags": tags,
            "bought": 2036,
            "sentiment": "angry",
            "seen": now - timedelta(hours=2),
            "trend": [1, 1, 2, 1, 2, 2, 1],
            "is_open": True,
        },
        {
            "id": "p3",
            "name": LONG_NAME,
            "place": "",
            "tags": [],
            "bought": None,
            "seen": now - timedelta(days=400),
            "sentiment": None,
            "trend": [],
        },
        {
            "id": "p4",
            "name": HEBREW,
            "place": "",
            "tags": ["VIP"],
            "bought": 18.5,
            "seen": now - timedelta(days=3),
            "sentiment": "delighted",
            "trend": [2, 2, 2, 2],
        },
    ]


def identities() -> list[dict[str, Any]]:
    """How a person is known: each with its confidence and the evidence as a sentence."""
    return [
        {
            "channel": "email",
            "address": "hannah@vogel-roest-und-mahlkurse.example",
            "confidence": 1.0,
            "evidence": _("Verified by reply, 4 May 2022"),
        },
        {
            "channel": "post",
            "address": "@hannahvogel, Mastodon",
            "confidence": 0.8,
            "evidence": _("Profile links to vogel-roest.example"),
        },
        {
            "channel": "address",
            "address": "H. Vogel, Karl-Heine-Str.",
            "confidence": 0.5,
            "evidence": _("Order name and place, joined by Ines"),
        },
    ]


def forms_error() -> str:
    """An error with its remedy."""
    return format_html(_("The part after the dot is missing, for example {}"), "service@tamp.example")
