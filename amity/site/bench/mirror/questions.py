"""What is asked of both worlds: addresses of pages and of the API, with ids of what everybody may see."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from urllib.parse import quote
from uuid import UUID

from amity.activity.models import Activity, Attachment
from amity.channels.models import ImportRun, Source
from amity.commerce.models import Order, Product
from amity.conversations.models import Conversation
from amity.insight.queries.registry import FIGURES
from amity.people.models import Organisation, Person
from amity.site.bench.mirror.world import NAMES, OPEN

API = "/api/v1"
_WORDS = ("han", "quentin", "hidden", "grinder", "customers", "spy oulu", "o4", "linde", "aaa", "other")
_MISTYPED = (
    "hnana",
    "hana annha",
    "quetnin",
    "hiddne house",
    "roastrey nroth",
    "customrs",
    "oskra",
    "zoltna",
    "tostadroes",
)
_BOXES = ("waiting", "mine", "unassigned", "promised", "snoozed", "closed", "all")
_SHOWN_PEOPLE = 4


def questions() -> list[str]:
    """All of them. Ask for them in the world before anything hidden is added."""
    return list(dict.fromkeys([*_lists(), *_records(), *_figures()]))


def addresses_of(made: dict[str, list[UUID]]) -> list[str]:
    """Addresses of records by their ids, by the name of their table: what is hidden is asked for too."""
    pages = {
        "conversation": ("/inbox/{}/", API + "/conversations/{}", API + "/conversations/{}/thread"),
        "person": ("/people/{}/", API + "/people/{}", API + "/people/{}/timeline", "/people/{}/orders/"),
        "organisation": ("/organisations/{}/", API + "/organisations/{}"),
        "order": ("/orders/{}/", API + "/orders/{}"),
        "attachment": ("/files/{}/", "/files/{}/picture/"),
        "import": ("/imports/{}/", API + "/imports/{}"),
        "source": (API + "/conversations?box=all&source_id={}", API + "/orders?source_id={}", "/orders/?source={}",
                   "/inbox/?view=all&source={}", API + "/activities?source_id={}"),
    }  # fmt: skip
    return [page.format(id) for table, ids in made.items() for id in ids for page in pages[table]]


def ids_now() -> dict[str, list[UUID]]:
    """The ids of everything that has an address."""
    tables = {
        "conversation": Conversation, "person": Person, "organisation": Organisation, "order": Order,
        "attachment": Attachment, "import": ImportRun, "source": Source,
    }  # fmt: skip
    return {
        name: list(model._default_manager.order_by("pk").values_list("pk", flat=True))
        for name, model in tables.items()
    }


def _lists() -> Iterator[str]:
    yield from ("/", "/navigation/counts/", f"{API}/me", f"{API}/colleagues", f"{API}/conversations/boxes")
    yield from ("/imports/", f"{API}/imports", f"{API}/sources", f"{API}/products", "/settings/")
    yield from ("/status/", "/status.json")
    yield from (
        "/people/filters/",
        "/orders/filters/",
        "/inbox/filters/",
        "/people/export/",
        "/organisations/",
    )
    for order, narrowed in product(("", "recent", "name", "first_seen"), _PEOPLE):
        yield f"/people/?order={order}&{narrowed}"
        yield f"{API}/people?limit=5&{narrowed}" + (f"&order={order}" if order else "")
    yield f"{API}/people?fields=name,last_activity_at&limit=3"
    yield f"{API}/people?fields=id,country,language&limit=100"
    for narrowed in ("", "q=o4", "status=paid", "status=cancelled", "least=100&most=900", "from=2026-03-14"):
        yield f"/orders/?{narrowed}"
        yield f"{API}/orders?limit=4&{narrowed.replace('from=2026-03-14', 'since=2026-03-14T00:00:00Z')}"
    for box, narrowed in product(_BOXES, _TALKS):
        yield f"/inbox/?view={box}&{narrowed}"
        yield f"{API}/conversations?limit=4&box={box}&{narrowed}"
    for typed in _WORDS + _MISTYPED:
        yield from (
            f"/find/?q={quote(typed)}",
            f"{API}/search?q={quote(typed)}",
            f"/people/?q={quote(typed)}",
        )
        yield from (f"{API}/organisations?q={quote(typed)}", f"/organisations/?q={quote(typed)}")
    for narrowed in ("", "direction=in", "channel=chat", "since=2026-03-15T00:00:00Z"):
        yield f"{API}/activities?limit=7&{narrowed}"


_PEOPLE = (
    "", "q=hanna", "q=zzz", "q=hidden+house", "country=PT", "country=FI", "language=pt", "language=en",
    "network=phone", "network=email", "is=bought", "is=waiting",
)  # fmt: skip
_TALKS = ("", "q=grinder", "channel=chat", "assignee=me", "mood=angry", "language=de", "late=true")


def _records() -> Iterator[str]:
    names = NAMES[:_SHOWN_PEOPLE]
    people = Person.objects.filter(name__in=[f"{who} {who[::-1].title()}" for who in names]).order_by("name")
    for one in people.values_list("id", flat=True):
        yield from (f"/people/{one}/", f"/people/{one}/?tab=who", f"/people/{one}/orders/")
        yield from (f"/people/{one}/conversations/", f"/people/{one}/promises/", f"{API}/people/{one}")
        yield from (f"{API}/people/{one}?fields=name,email,facts", f"{API}/people/{one}/timeline?limit=3")
        yield from (f"{API}/people/{one}/decisions", f"{API}/people/{one}/comparison")
        yield f"{API}/orders?person_id={one}"
    for organisation in Organisation.objects.order_by("name").values_list("id", flat=True):
        yield from (f"/organisations/{organisation}/", f"{API}/organisations/{organisation}")
        yield from (
            f"/people/?organisation={organisation}",
            f"{API}/people?organisation_id={organisation}&limit=3",
        )
        yield f"{API}/orders?organisation_id={organisation}"
    for order in Order.objects.filter(source__key=OPEN).order_by("id").values_list("id", flat=True)[:3]:
        yield from (
            f"/orders/{order}/",
            f"{API}/orders/{order}",
            f"{API}/orders/{order}?fields=number,amount",
        )
    for sold in Product.objects.filter(name="Grinder").values_list("id", flat=True):
        yield from (f"/orders/?product={sold}", f"{API}/orders?product_id={sold}")
    open_ones = Conversation.objects.filter(source__key=OPEN).order_by("opened_at", "id")
    for talk in open_ones.values_list("id", flat=True)[:6]:
        yield from (f"/inbox/{talk}/", f"/inbox/{talk}/news/", f"{API}/conversations/{talk}")
        yield f"{API}/conversations/{talk}/thread?limit=2"
    talked = Activity.objects.filter(about_id__in=open_ones.values("customer_id")).order_by("id")
    for about in talked.values_list("about_id", flat=True)[:2]:
        yield f"{API}/activities?about_id={about}"


def _figures() -> Iterator[str]:
    yield from ("/figures/", f"{API}/figures")
    for one in FIGURES:
        yield from (
            f"/figures/{one.key}/",
            f"{API}/figures/{one.key}",
            f"{API}/figures/{one.key}/records?limit=3",
        )
