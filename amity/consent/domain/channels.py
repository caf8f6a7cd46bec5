"""By which channels people are contacted, and which of them an account is for."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """A way to reach somebody. What it is follows from the network of an account."""

    EMAIL = "email"
    PHONE = "phone"
    TEXT = "text"  # a text message to a number
    LETTER = "letter"
    DIRECT = "direct"  # a message to an account of a network


_OF_NETWORK = {
    "email": frozenset({Channel.EMAIL}),
    "phone": frozenset({Channel.PHONE, Channel.TEXT}),
    "erased": frozenset[Channel](),
}
_NUMBER_OF_A_SOURCE = "customer:"


def channels_of(network: str) -> frozenset[Channel]:
    """What an account of this network is for. Letters go to a person: every account stands for them."""
    if network in _OF_NETWORK:
        own = _OF_NETWORK[network]
    else:
        own = frozenset() if network.startswith(_NUMBER_OF_A_SOURCE) else frozenset({Channel.DIRECT})
    return own | {Channel.LETTER}


def reaches(network: str, channel: Channel) -> bool:
    """Whether an account of this network is reached by this channel."""
    return channel in channels_of(network)
