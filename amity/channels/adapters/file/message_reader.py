"""Rows that are messages: posts, tickets, chat lines, reviews."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from amity.channels.adapters.file.cells import Row
from amity.channels.adapters.file.left_out import day_columns, lost_beside, without_wrong_days
from amity.channels.adapters.file.mapping import Mapping
from amity.channels.adapters.file.shape import RawItem, Shape, digest_of
from amity.channels.adapters.file.sources import (
    column_name,
    handles_getter,
    instant_getter,
    make_handle,
    nothing,
    prefixed_getters,
    text_getter,
    wrong_address,
)
from amity.channels.adapters.file.values import is_yes
from amity.channels.mime import html_to_text, sanitise_html, split_reply
from amity.channels.records import Direction, Handle, LeftOut, MessageRecord, Record, Unreadable

_LEADING_MENTIONS = re.compile(r"\s*(?:\.?@\w{1,50}[\s,:]*)+")
_MENTION = re.compile(r"@(\w{1,50})")
_IDS = re.compile(r"[^\s,;]+")

RowReader = Callable[[Row, RawItem], list[Record]]
_Getter = Callable[[Row], Any]


def message_reader(mapping: Mapping, shape: Shape) -> RowReader:
    """A function from a row to one message, and to our answer where the row holds one as well."""

    def get(field: str) -> Callable[[Row], str]:
        return text_getter(mapping.fields.get(field), shape)

    get_id, get_subject, get_language = get("id"), get("subject"), get("language")
    get_replied, get_instant = get("in_reply_to"), instant_getter(mapping, shape)
    get_body, get_more = _body_getter(mapping, shape), _extra_getter(mapping, shape)
    get_author, wrong_addresses = _author_getter(mapping, shape), lost_beside(mapping.handles, mapping, shape)
    get_direction = _direction_getter(mapping, shape)
    get_recipients = _recipients_getter(mapping, shape)
    get_public = _public_getter(mapping, shape)
    get_answer = _answer_getter(mapping, shape)
    date_column, channel = column_name(mapping, "at", shape), mapping.channel

    def read_row(row: Row, item: RawItem) -> list[Record]:
        at = get_instant(row)
        if at is None:
            raise Unreadable(
                "date_missing", f"“{date_column}” is empty, so it is unknown when this was written."
            )
        authors = get_author(row)
        text, full_text, html = get_body(row)
        replied = get_replied(row)
        left_out = wrong_addresses(row)
        extra = get_more(row, authors, left_out)
        message = MessageRecord(
            external_id=get_id(row) or digest_of(item),
            occurred_at=at,
            author=authors[0],
            direction=get_direction(row, authors[0]),
            channel=channel,
            text=text,
            full_text=full_text,
            html=html,
            subject=get_subject(row),
            in_reply_to=tuple(_IDS.findall(replied)) if replied else (),
            recipients=get_recipients(row, text),
            language=get_language(row),
            is_public=get_public(row),
            extra=extra,
            left_out=tuple(left_out),
        )
        return [message] if get_answer is None else get_answer(row, message)

    return read_row


def _author_getter(mapping: Mapping, shape: Shape) -> Callable[[Row], list[Handle]]:
    get_handles = handles_getter(
        mapping.handles, mapping, shape, text_getter(mapping.fields.get("author_name"), shape)
    )
    why_none = wrong_address(mapping.handles, mapping, shape)
    names = " or ".join(f"“{column}”" for handle in mapping.handles for column in handle.source.columns[:1])

    def read(row: Row) -> list[Handle]:
        found = get_handles(row)
        if not found:
            raise why_none(row) or Unreadable(
                "author_missing", f"{names} does not say who wrote this. Fill it in."
            )
        return found

    return read


def _body_getter(mapping: Mapping, shape: Shape) -> Callable[[Row], tuple[str, str, str]]:
    """Text, full text where it differs, and safe HTML."""
    get_text = text_getter(mapping.fields.get("text"), shape)
    get_html = text_getter(mapping.fields.get("html"), shape)
    folds = mapping.option("fold_quotes")
    if get_html is nothing and not folds:
        return lambda row: (get_text(row), "", "")

    def read(row: Row) -> tuple[str, str, str]:
        html = get_html(row)
        full = get_text(row) or (html_to_text(html) if html else "")
        text = split_reply(full).visible if folds and full else full
        return text, "" if text == full else full, sanitise_html(html) if html else ""

    return read


def _direction_getter(mapping: Mapping, shape: Shape) -> Callable[[Row, Handle], Direction]:
    rule = mapping.direction
    get = text_getter(rule.source, shape)
    words: dict[str, Direction] = {}
    for texts, direction in (
        (rule.theirs, Direction.IN),
        (rule.internal, Direction.INTERNAL),
        (rule.ours, Direction.OUT),
    ):
        words.update({text.casefold(): direction for text in texts})
    get_direct = text_getter(mapping.fields.get("direction"), shape)
    otherwise = Direction(rule.otherwise)
    ours = {address.strip().removeprefix("@").lower() for address in mapping.own_addresses}
    named = {member.value: member for member in Direction}

    def read(row: Row, author: Handle) -> Direction:
        if author.address in ours:
            return Direction.OUT
        direct = named.get(get_direct(row).lower())
        return direct or words.get(get(row).casefold(), otherwise)

    return read


def _recipients_getter(mapping: Mapping, shape: Shape) -> Callable[[Row, str], tuple[Handle, ...]]:
    get = handles_getter(mapping.recipients, mapping, shape)
    network = mapping.handles[0].network.replace("{source}", mapping.source)
    if not mapping.recipients_from_mentions:
        return (lambda row, _text: tuple(get(row))) if mapping.recipients else (lambda _row, _text: ())

    def read(row: Row, text: str) -> tuple[Handle, ...]:
        named = get(row) if mapping.recipients else []
        if "@" not in text[:3] or not (leading := _LEADING_MENTIONS.match(text)):
            return tuple(named)
        found = {handle.address: handle for handle in named}
        for name in _MENTION.findall(leading.group()):
            found.setdefault(name.lower(), Handle(network, name.lower()))
        return tuple(found.values())

    return read


def _public_getter(mapping: Mapping, shape: Shape) -> Callable[[Row], bool]:
    is_public = mapping.is_public
    if "public" not in mapping.fields:
        return lambda _row: is_public
    get = text_getter(mapping.fields["public"], shape)
    return lambda row: is_yes(get(row))


def _extra_getter(
    mapping: Mapping, shape: Shape
) -> Callable[[Row, list[Handle], list[LeftOut]], dict[str, Any]]:
    """What a message record has no field for: thread, staff, facts of the author, further handles of theirs."""
    plain = prefixed_getters(mapping, shape, "extra")
    plain += [
        (key, text_getter(mapping.fields[key], shape)) for key in ("thread", "staff") if key in mapping.fields
    ]
    facts = prefixed_getters(mapping, shape, "facts")
    columns_of_days = day_columns(facts, mapping, shape)

    def read(row: Row, authors: list[Handle], left_out: list[LeftOut]) -> dict[str, Any]:
        extra: dict[str, Any] = {key: text for key, get in plain if (text := get(row))}
        if facts and (known := {key: text for key, get in facts if (text := get(row))}):
            extra["facts"] = without_wrong_days(known, columns_of_days, row, left_out)
        if len(authors) > 1:
            extra["handles"] = [[handle.network, handle.address] for handle in authors[1:]]
        return extra

    return read


def _answer_getter(mapping: Mapping, shape: Shape) -> Callable[[Row, MessageRecord], list[Record]] | None:
    """For exports that hold our answer in the same row, as review sites do."""
    if "reply_text" not in mapping.fields:
        return None
    get_text = text_getter(mapping.fields["reply_text"], shape)
    get_at = instant_getter(mapping, shape, "reply_at")
    get_author = text_getter(mapping.fields.get("reply_author"), shape)
    network = mapping.handles[0].network.replace("{source}", mapping.source)
    own = mapping.own_addresses[0] if mapping.own_addresses else mapping.source

    def read(row: Row, message: MessageRecord) -> list[Record]:
        text = get_text(row)
        if not text:
            return [message]
        answer = replace(
            message,
            external_id=f"{message.external_id}#reply",
            occurred_at=get_at(row) or message.occurred_at,
            author=make_handle(network, own, get_author(row)),
            direction=Direction.OUT,
            text=text,
            full_text="",
            html="",
            subject="",
            in_reply_to=(message.external_id,),
            recipients=(message.author,),
            extra={},
            left_out=(),
        )
        return [message, answer]

    return read
