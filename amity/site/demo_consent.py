"""What the invented customers of the demo company agreed to and refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from amity.consent.domain.answering import Said
from amity.consent.models import How, Statement
from amity.consent.purposes import add_purpose, begin, change_purpose
from amity.consent.queries.purposes import purposes_by_key
from amity.consent.statements import ALL, Evidence, say_consent
from amity.kernel.actor import SYSTEM
from amity.people.models import Person

PEOPLE = 120
NEWSLETTER = (
    "Yes, write to me once a month about beans, machines and offers. I can unsubscribe in every mail."
)
TASTINGS = "Yes, invite me to tastings in my city."
FORM = "https://tamp.example/newsletter"


@dataclass(frozen=True, slots=True)
class _Line:
    """What every so many-th customer said, beginning with the one at `first`."""

    first: int
    every: int
    said: Said
    purpose: str
    channel: str
    how: How
    proof: str
    url: str = ""


_LINES = (
    _Line(0, 2, Said.GIVEN, "newsletter", "email", How.FORM, "Ticked: yes, write to me once a month.", FORM),
    _Line(1, 8, Said.PENDING, "newsletter", "email", How.FORM, "The mail to confirm it was sent.", FORM),
    _Line(4, 12, Said.WITHDRAWN, "newsletter", "email", How.LIST_UNSUBSCRIBE, ""),
    _Line(2, 6, Said.GIVEN, "tastings", "email", How.IN_PERSON, "Wrote themselves into the list at the counter."),
    _Line(3, 10, Said.OBJECTED, "surveys", "email", How.MAIL, "Please no questionnaires."),
    _Line(5, 40, Said.OBJECTED, ALL, ALL, How.PHONE, "Wants no mail and no calls from us any more."),
)  # fmt: skip


def seed_consent(now: datetime) -> None:
    """Write the wordings, add a purpose, and note what some customers said. Doing it twice is doing it once."""
    if Statement.objects.exists():
        return
    began = now - timedelta(days=700)
    begin(began)
    change_purpose("newsletter", {"wording": NEWSLETTER, "months": 36}, actor=SYSTEM, at=began)
    if "tastings" not in purposes_by_key():
        add_purpose(
            {
                "name": "Tastings", "words": "Invitations to tastings and courses in your city.", "basis": "consent",
                "channels": ["email", "text"], "months": 24, "wording": TASTINGS,
            },
            actor=SYSTEM, at=began,
        )  # fmt: skip
    people = Person.objects.filter(merged_into__isnull=True).exclude(email="")
    for place, person in enumerate(people.order_by("-last_activity_at", "id")[:PEOPLE]):
        for line in _LINES:
            if place % line.every == line.first:
                _say(person, line, now - timedelta(days=1 + (place * 37) % 600, hours=place % 9))


def _say(person: Person, line: _Line, at: datetime) -> None:
    later = timedelta(hours=20) if line.said.is_refusal else timedelta()
    say_consent(
        person.id, line.said, purpose=line.purpose, channel=line.channel, actor=SYSTEM, at=at + later,
        evidence=Evidence(line.how, line.proof, line.url),
    )  # fmt: skip
