"""`fetch`: one request, redirects followed as far as allowed, each of them a new address."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext as _

from amity.kernel.http import resolving
from amity.kernel.http.deadline import Deadline
from amity.kernel.http.errors import Refused, Unreachable
from amity.kernel.http.exchanging import MOST_BYTES, Answer, Question, exchange
from amity.kernel.http.places import Place, is_peer, joined, place_of

_PERSONAL = frozenset({"authorization", "cookie", "proxy-authorization"})
_OF_THE_BODY = frozenset({"content-type", "content-encoding", "content-language"})


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    timeout_s: float = 15,
    most_bytes: int = MOST_BYTES,
    cut: bool = False,
    follow: int = 0,
    allow: Collection[str] = (),
) -> Answer:
    """Ask `url` and return the answer, whatever its status.

    `timeout_s` is for everything together: names, connections, redirects, the last byte. `most_bytes` counts the body
    after decompression; a longer one raises `TooLarge`, or with `cut` is returned without its rest. `follow` is how
    many redirects may be followed (with none, a redirect is the answer). `allow` names peers (`host:port`) that may be
    private, beside those of `AMITY_PEERS`.

    Raises `Refused` before anything is sent to an address that is not allowed, `Unreachable` (also `TimedOut`,
    `TooLarge`) if no whole answer came.
    """
    deadline = Deadline(timeout_s)
    place = place_of(url, allow)
    question = Question(method.upper(), dict(headers or {}), body)
    for left in range(follow, -1, -1):
        answer = exchange(place, question, deadline, most_bytes=most_bytes, cut=cut, allow=allow)
        if follow == 0 or not answer.is_redirect:
            return answer
        if left > 0:
            place, question = redirected(place, question, answer, allow)
    raise Unreachable(_("%(url)s sends from one address to the next without an end.") % {"url": place.host})


def redirected(
    place: Place, question: Question, answer: Answer, allow: Collection[str] = ()
) -> tuple[Place, Question]:
    """What is asked next, and where. Raises `Refused` as for every address."""
    to = place_of(joined(place, answer.headers["location"]), allow)
    if place.scheme == "https" and to.scheme != "https":
        raise Refused(_("%(host)s sends on to an address without encryption.") % {"host": place.host})
    is_elsewhere = (to.host, to.port) != (place.host, place.port)
    if is_elsewhere and is_peer(to, allow) and not is_peer(place, allow):
        raise Refused(_("%(host)s sends on to a server of the inner network.") % {"host": place.host})
    headers = {
        name: value
        for name, value in question.headers.items()
        if not (is_elsewhere and name.lower() in _PERSONAL)
    }
    if answer.status == 303 or (answer.status in {301, 302} and question.method == "POST"):
        method = "HEAD" if question.method == "HEAD" else "GET"
        headers = {name: value for name, value in headers.items() if name.lower() not in _OF_THE_BODY}
        return to, Question(method, headers, None)
    return to, Question(question.method, headers, question.body)


def check(url: str, *, timeout_s: float = 5, allow: Collection[str] = ()) -> None:
    """Refuse an address when it is typed in rather than when it is first used. Raises `Refused`, `Unreachable`.

    What holds now need not hold later: `fetch` checks again.
    """
    place = place_of(url, allow)
    addresses = resolving.addresses_of(place.host, Deadline(timeout_s))
    if not is_peer(place, allow):
        resolving.check_addresses(addresses, place.host, place.peer_name)
