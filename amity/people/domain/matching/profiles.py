"""Addresses of profiles at known networks, and of pages, each in one spelling: `mastodon:ana@social.example`.

A link in what somebody says of themselves leads to an account that is known as an identity, or to a page. Nothing is
fetched: the spelling alone tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote, urlsplit

_SAME = {
    "x": "twitter", "activitypub": "mastodon", "fediverse": "mastodon", "pleroma": "mastodon", "bsky": "bluesky",
    "atproto": "bluesky", "website": "web", "url": "web", "homepage": "web",
}  # fmt: skip
"""Networks that sources call by other words."""
WITHOUT_PROFILES = ("email", "phone", "customer", "chat")
_HOSTS = {
    "x.com": "twitter", "twitter.com": "twitter", "github.com": "github", "gitlab.com": "gitlab",
    "instagram.com": "instagram", "facebook.com": "facebook", "fb.com": "facebook", "t.me": "telegram",
    "telegram.me": "telegram",
}  # fmt: skip
"""Networks whose profiles are the first part of the path."""
_BEHIND = {
    ("bsky.app", "profile"): "bluesky",
    ("linkedin.com", "in"): "linkedin",
    ("reddit.com", "user"): "reddit",
    ("reddit.com", "u"): "reddit",
}
"""Networks whose profiles stand behind a word."""
_WITH_AT = {
    "youtube.com": "youtube",
    "tiktok.com": "tiktok",
    "threads.net": "threads",
    "threads.com": "threads",
    "medium.com": "medium",
}
"""Networks that write `@` before the name; on any other host it is a server of the Fediverse."""
_NO_NAMES = frozenset(
    "about account accounts ads api apps blog business contact developers dialog directory discover download explore "
    "events features feed groups hashtag help home i intent jobs join legal login marketplace news notifications "
    "p pages people photo photos policies posts press pricing privacy profile.php reel reels search security settings "
    "share sharer sharer.php shop signup site sponsors stories support terms topics tos trending tv watch web".split()
)
"""First parts of paths that are pages of the network itself."""
_ACCOUNT = re.compile(r"^(?:acct:)?@?([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)$")
_NAME = re.compile(r"^[\w][\w.+-]{0,99}$")
_LINK = re.compile(r"https?://[^\s<>\"'()\[\]{}]+", re.IGNORECASE)
_LANGUAGE_HOST = re.compile(r"^(?:www|m|mobile|[a-z]{2})\.(?=[^.]+\.[^.]+$)")
MOST_LINKS = 8


@lru_cache(maxsize=50_000)
def profile_of(link: str) -> str:
    """The network and address to which a link leads, `web:` and the page where it is no profile; "" for no link."""
    text = link.strip().rstrip(".,;")
    fediverse = _ACCOUNT.match(text) if text.startswith(("@", "acct:")) else None
    if fediverse:
        return f"mastodon:{fediverse[1]}@{fediverse[2]}".lower()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or "." not in host or " " in text:
        return ""
    host = _LANGUAGE_HOST.sub("", host.lower())
    path = [unquote(part) for part in parts.path.split("/") if part]
    return _at_network(host, path, parts.query) or _page(host, path)


def _at_network(host: str, path: list[str], query: str) -> str:
    first, second = [*path, "", ""][:2]
    name = ""
    if host == "facebook.com" and first == "profile.php":
        found = re.search(r"(?:^|&)id=(\d+)", query)
        return f"facebook:{found[1]}" if found else ""
    if host in _HOSTS:
        network, name = _HOSTS[host], first if len(path) == 1 else ""
    elif (host, first.lower()) in _BEHIND:
        network, name = _BEHIND[host, first.lower()], second if len(path) == 2 else ""
    elif host in _WITH_AT:
        network, name = _WITH_AT[host], first[1:] if first.startswith("@") and len(path) == 1 else ""
    else:
        return _fediverse(host, path)
    name = name.removeprefix("@").lower()
    return f"{network}:{name}" if _NAME.match(name) and name not in _NO_NAMES else ""


def _fediverse(host: str, path: list[str]) -> str:
    """`/@name` and `/users/name` are profiles of Mastodon and its kin; `/@name@other.example` is one of elsewhere."""
    if len(path) == 1 and path[0].startswith("@"):
        name, _at, other = path[0][1:].partition("@")
    elif len(path) == 2 and path[0] == "users":
        name, other = path[1], ""
    else:
        return ""
    return f"mastodon:{name}@{other or host}".lower() if _NAME.match(name) else ""


def _page(host: str, path: list[str]) -> str:
    if host in _HOSTS or host in _WITH_AT or host in {known for known, _ in _BEHIND}:
        return ""  # a page of a network that is nobody's profile says nothing
    return "web:" + "/".join([host, *path]).lower()[:300]


def account_of(network: str, address: str) -> str:
    """An identity in the same spelling; "" at a network where nobody has a profile."""
    kind, plain = network.lower().partition(":")[0], address.strip().lower()
    kind = _SAME.get(kind, kind)
    if kind in WITHOUT_PROFILES or not plain:
        return ""
    if kind == "web" or "://" in plain:
        return profile_of(plain)
    return f"{kind}:{plain.removeprefix('acct:').lstrip('@')}"


def links_in(text: str) -> list[str]:
    """The links that stand in words, such as a biography, at most `MOST_LINKS`."""
    return _LINK.findall(text[:5_000])[:MOST_LINKS]


def profiles_of(links: Iterable[str]) -> list[str]:
    """Where these links lead, distinct, in their order."""
    return list(dict.fromkeys(found for link in links if (found := profile_of(link))))
