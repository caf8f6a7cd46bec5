"""People by the end of a number, in any notation: of a phone, of a customer, of an account."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.functions import Reverse

from amity.kernel.actor import Actor
from amity.people.domain.patterns import digits_of
from amity.people.models import Identity, Person
from amity.people.queries.visibility import known_links, sees_addresses

# As in the index people_identity_number, word for word, or it is not used.
NUMBERED = r"^[^@]*[0-9]{4}[^@[:alpha:]]*$"
LOOKED_UP, LEAST_IN_COMMON = 8, 7


def with_number(people: QuerySet[Person], typed: str, actor: Actor) -> QuerySet[Person] | None:
    """Those of `people` who have a number that ends in what was typed, or the other way round, as one of them has the
    country and the other has not; None where no number was typed, or the actor may not see any."""
    digits = digits_of(typed)
    if not digits or not sees_addresses(actor):
        return None
    identities = _ending_in(digits)
    return people.filter(
        pk__in=known_links(actor).filter(identity_id__in=identities).values_list("person_id", flat=True)
    )


def _ending_in(digits: str) -> list[UUID]:
    bare = Func(
        F("address"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace", output_field=TextField()
    )
    near = (
        Identity.objects.annotate(backwards=Reverse(bare))
        .filter(address__regex=NUMBERED, backwards__startswith=digits[-LOOKED_UP:][::-1])
        .values_list("id", "backwards")
    )
    return [id for id, backwards in near if _same_number(digits, backwards[::-1])]


def _same_number(digits: str, stored: str) -> bool:
    if stored.endswith(digits):
        return True
    stored = stored.removeprefix("00").removeprefix("0")
    return len(stored) >= LEAST_IN_COMMON and digits.endswith(stored)
