"""The conversations that the pictures show, and the others who wait for an answer at `now`."""

from __future__ import annotations

from random import Random
from typing import Any

from amity.site.demo.chatter import Customers, Writer
from amity.site.demo.clock import HOUR, MINUTE, Office
from amity.site.demo.company import BY_KEY
from amity.site.demo.dice import dice
from amity.site.demo.fault import TOPICS
from amity.site.demo.grammar import Scene, load
from amity.site.demo.people import Person, Population
from amity.site.demo.threads import Line, Thread, speaks_with

_LONG_LINE = (
    "Messung {n}: Stufe {setting}, 18,0 Gramm hinein, {out} Gramm heraus in {seconds} Sekunden, "
    "Ring außen zu {share} Prozent berührt, Raumluft {humidity} Prozent feucht."
)


def _instant(office: Office, row: dict[str, Any]) -> int:
    if "ago" in row:
        hours, minutes = row["ago"].split(":")
        return office.now - int(hours) * HOUR - int(minutes) * MINUTE
    return office.clock(row["day"], row["clock"])


def _text(row: dict[str, Any]) -> str:
    """The scripted words, with the long tail that ugly data asks for."""
    text: str = row["text"]
    rng = dice(len(text), row["channel"])
    for place in range(row.get("repeat", 0)):
        line = _LONG_LINE.format(
            n=place + 1,
            setting=rng.randint(3, 9),
            out=rng.randint(30, 42),
            seconds=rng.randint(19, 41),
            share=rng.randint(40, 100),
            humidity=rng.randint(31, 62),
        )
        text += "\n\n" + line
    if "quote_lines" in row:
        lines = [f"> {place + 1}. Zeile der früheren Nachricht" for place in range(row["quote_lines"] - 1)]
        text += "\n\n> Am Dienstag schrieb Ines Okafor:\n" + "\n".join(lines)
    return text


def _line(office: Office, population: Population, row: dict[str, Any], subject: str) -> Line:
    who = population.by_key[row["who"]] if "who" in row else None
    language = row.get("language", who.language if who else "")
    if not language:
        language = BY_KEY[row["staff"]].locale[:2]
    staff = BY_KEY[row["staff"]] if "staff" in row else None
    has_subject = row["channel"] in ("email", "community") and not row.get("note", False)
    return Line(
        _instant(office, row),
        row["channel"],
        _text(row),
        who,
        staff,
        row.get("note", False),
        language,
        subject if has_subject else "",
        row.get("extra", {}),
    )


def _thread(office: Office, population: Population, row: dict[str, Any]) -> Thread:
    subject = row.get("subject", "")
    lines = [_line(office, population, one, subject) for one in row["messages"]]
    customer = next(line.who for line in lines if line.who)
    thread = Thread(row["topic"], "unhappy", customer, lines, row["state"], row["assignee"])
    thread.key, thread.draft, thread.approver = row["key"], row.get("draft", ""), row.get("approver", "")
    return thread


def scripted(office: Office, population: Population) -> list[Thread]:
    """The conversations of `story.toml`."""
    return [_thread(office, population, row) for row in load("story")["thread"]]


def _spoken_by(person: Person, threads: list[Thread]) -> tuple[int, int]:
    said = sum(1 for thread in threads for line in thread.lines if line.who is person)
    ours = [line for t in threads if t.customer is person for line in t.lines if line.staff]
    return said, len(ours)


def earlier_talk(office: Office, seed: int, population: Population, threads: list[Thread]) -> list[Thread]:
    """Older posts and answers of the people whose figures the pictures count, until the figures agree."""
    rng = dice(seed, "earlier")
    found = []
    for person in population.people:
        said, did = _spoken_by(person, threads)
        channels = [channel for channel in ("post", "community") if speaks_with(person, channel)]
        for place in range(max(0, person.said - said)):
            at = office.clock(rng.randint(20, 720), f"{rng.randint(8, 20)}:{rng.randint(0, 59):02d}")
            facts = {"given": person.given, "staff": "Maite", "city": person.city}
            facts |= {"colleague": "Jonas", "workshop": "Jonas"}
            scene = Scene(rng, person.language, facts)
            channel = rng.choice(channels)
            topic = rng.choice(("setting", "chirp", "alignment", "static", "noise"))
            text = scene.about(topic, "peer" if channel == "community" else "short")
            thread = Thread(topic, "neutral", person, assignee="maite")
            thread.lines.append(Line(at, channel, text, person, language=scene.language))
            if place < person.did - did:
                reply = f"{scene.common('our_public')} {scene.about(topic, 'reply')}"
                later = at + rng.randint(10, 240) * MINUTE
                thread.lines.append(
                    Line(later, channel, reply, staff=BY_KEY["maite"], language=scene.language)
                )
            found.append(thread)
    return found


def _waiting_person(
    rng: Random, customers: Customers, taken: set[str], topic: str, channel: str, language: str
) -> Person:
    pool, _ = customers.pool(channel, language)
    free = [one for one in pool if one.human not in taken and not one.is_cafe]
    if topic in TOPICS - {"press"}:
        owners = [p for p in free if any(order.has_kestrel for order in customers.bought.get(p.key, ()))]
        free = owners or free
    person = rng.choice(free)
    taken.add(person.human)
    return person


def others_waiting(office: Office, seed: int, customers: Customers) -> list[Thread]:
    """Those of `story.toml` who wait besides the people of the pictures, each a different person."""
    rng = dice(seed, "waiting")
    writer = Writer(rng, office, customers)
    taken: set[str] = set()
    threads = []
    for topic, language, channel, minutes, assignee in load("story")["others"]["waiting"]:
        person = _waiting_person(rng, customers, taken, topic, channel, language)
        at = office.now - minutes * MINUTE
        mood = {"slow": "angry", "shavings": "unhappy", "refund": "unhappy"}.get(topic, "neutral")
        if topic in TOPICS or channel in ("community", "call") or rng.random() < 0.6:
            writer.begin(topic, mood, channel, person, at)
        else:
            writer.begin(topic, mood, channel, person, at - rng.randint(30, 60) * HOUR)
            writer.us(writer.answer())
            if writer.at >= at - 10 * MINUTE:
                writer.thread.lines[-1].at = at - rng.randint(2, 20) * HOUR
            writer.customer(writer.say("followup"), at=at)
        thread = writer.thread
        thread.state, thread.assignee = "waiting", assignee
        threads.append(thread)
    return threads
