"""Which addresses are refused: our corpus, the harmless neighbours of it, and what a law says about all of them."""

from __future__ import annotations

import csv
import socket
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from amity.kernel.http import Refused, Unreachable, check, checked_socket
from amity.kernel.http.addresses import why_not_public
from amity.kernel.http.bench import PUBLIC, names_resolve_to
from amity.kernel.http.places import place_of

with (Path(__file__).parent.parent / "corpus.csv").open(encoding="utf-8") as lines:
    HOSTILE = [row["url"] for row in csv.DictReader(lines)]
HARMLESS = [
    "https://shop.example/",
    "https://shop.example./hook?next=http://127.0.0.1/",
    "https://shop.example/#@127.0.0.1",
    "https://127.0.0.1.shop.example/",
    "https://localhost.shop.example/",
    "https://bücher.example/",
    "https://xn--bcher-kva.example/",
    "https://_acme.shop.example:8443/a_b",
    "http://1.1.1.1:8080/",
    "https://[2606:4700:4700::1111]/",
    "https://172.15.255.255/",
    "https://172.32.0.1/",
    "https://100.63.255.255/",
    "https://169.253.255.255/",
]


@pytest.mark.parametrize("url", HOSTILE)
def test_an_address_that_hides_another_is_refused_before_anything_is_sent(url: str) -> None:
    with names_resolve_to(lambda _host: [PUBLIC]), pytest.raises(Refused) as refused:
        check(url)
    assert len(refused.value.message) > 30  # in words


@pytest.mark.parametrize("url", HARMLESS)
def test_an_address_of_the_public_internet_is_not_refused(url: str) -> None:
    with names_resolve_to(lambda _host: [PUBLIC, "2606:2800:220:1::1"]):
        check(url)


@given(st.ip_addresses(v=4))
def test_an_address_hidden_in_ipv6_is_never_taken(hidden: IPv4Address) -> None:
    number = int(hidden)
    for prefix in ("::ffff:0:0", "::", "64:ff9b::", "64:ff9b:1::", "::ffff:0:0:0", "fe80::5efe:0:0"):
        assert why_not_public(IPv6Address(int(IPv6Address(prefix)) | number)) is not None
    assert why_not_public(IPv6Address(int(IPv6Address("2002::")) | number << 80)) is not None


@given(st.ip_addresses(v=4))
def test_python_and_we_agree_about_what_is_not_global(address: IPv4Address) -> None:
    if not address.is_global or address.is_multicast:
        assert why_not_public(address) is not None


@given(st.ip_addresses(v=6))
def test_python_and_we_agree_about_what_is_not_global_in_ipv6(address: IPv6Address) -> None:
    if not address.is_global or address.is_multicast:
        assert why_not_public(address) is not None


@pytest.mark.parametrize(
    "second", ["127.0.0.1", "10.0.0.7", "::ffff:169.254.169.254", "fe80::1%eth0", "fd00::5"]
)
def test_a_name_with_one_bad_address_among_good_ones_is_refused(second: str) -> None:
    with names_resolve_to(lambda _host: [PUBLIC, second]), pytest.raises(Refused):
        check("https://shop.example/")


def test_a_public_address_of_this_very_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Probe(socket.socket):
        def connect(self, _to: object) -> None:
            pass

        def getsockname(self) -> tuple[str, int]:
            return (PUBLIC, 9)

    monkeypatch.setattr(socket, "socket", Probe)
    with names_resolve_to(lambda _host: [PUBLIC]), pytest.raises(Refused, match="this machine"):
        check("https://shop.example/")


def test_a_name_that_does_not_exist_says_so() -> None:
    with (
        names_resolve_to(lambda _host: []),
        pytest.raises(Unreachable, match=r"no server called shop\.example"),
    ):
        check("https://shop.example/")


def test_what_is_read_is_written_in_one_way() -> None:
    place = place_of("HTTPS://Bücher.Example.:443/ä b/../x?q=ü%20&[1]#top".replace(" ", "%20"))
    assert place.host == "xn--bcher-kva.example"
    assert place.url == "https://xn--bcher-kva.example/%C3%A4%20b/../x?q=%C3%BC%20&[1]"


def test_a_peer_may_be_private_on_exactly_its_port(settings: Settings) -> None:
    settings.PEERS = ("10.0.0.7:9000", "Mail.local:25", "[fd00::5]:443")
    for good in ("http://10.0.0.7:9000/", "https://[fd00:0::5]/", "http://mail.local:25/"):
        place_of(good)
    for bad in ("http://10.0.0.7/", "http://10.0.0.8:9000/", "http://0xa000007:9000/"):
        with pytest.raises(Refused):
            place_of(bad)
    place_of("http://10.0.0.8:9000/", allow=["10.0.0.8:9000"])


def test_a_mail_server_of_the_house_is_reached_only_knowingly() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(Refused):
            checked_socket("127.0.0.1", port)
        with checked_socket("127.0.0.1", port, private=True, timeout_s=3) as sock:
            assert sock.getpeername() == ("127.0.0.1", port)
            assert sock.gettimeout() == 3


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "0.0.0.0", "100.100.100.200", "fe80::1", "::ffff:127.0.0.1"]
)
def test_not_even_knowingly_is_a_key_store_of_a_cloud_a_mail_server(host: str) -> None:
    with pytest.raises(Refused):
        checked_socket(host, 143, private=True)
    with names_resolve_to(lambda _host: [host]), pytest.raises(Refused):
        checked_socket("mail.shop.example", 143, private=True)


def test_a_mail_server_outside_listens_on_a_port_of_mail() -> None:
    with names_resolve_to(lambda _host: [PUBLIC]), pytest.raises(Refused, match="6379"):
        checked_socket("mail.shop.example", 6379)
