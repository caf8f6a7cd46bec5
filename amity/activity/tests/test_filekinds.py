"""What a file is follows from its bytes and its folded name, never from what it claims."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.activity.domain.filekinds import UNKNOWN, Risk, is_picture, risk_of, safe_name, sniff

EXE = b"MZ\x90\x00" + b"\x00" * 60
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'>", "text/html"),
        (b"\xef\xbb\xbf  <?xml version='1.0'?><!-- a --><svg>", "text/html"),
        (b"<!DOCTYPE HTML><script>", "text/html"),
        (EXE, "application/x-msdownload"),
        (b"GIF89a/*<script>*/=1", "image/gif"),
        (b"plain words", UNKNOWN),
        (b"", UNKNOWN),
    ],
)
def test_a_type_is_told_from_the_first_bytes(head: bytes, media_type: str) -> None:
    assert sniff(head) == media_type


def test_only_raster_pictures_are_shown() -> None:
    assert is_picture("image/png")
    assert not is_picture("image/svg+xml")
    assert not is_picture(sniff(b"<svg onload=x()>"))


@pytest.mark.parametrize(
    ("name", "head", "risk"),
    [
        ("photo.png", PNG, Risk.NONE),
        ("invoice.pdf", b"%PDF-1.4", Risk.NONE),
        ("Setup.EXE", EXE, Risk.PROGRAM),
        ("invoice.pDf.eXe", b"", Risk.PROGRAM),
        ("invoice.exe. .", b"", Risk.PROGRAM),
        ("archive.pHaR.Js", b"", Risk.PROGRAM),
        ("invoice\u202efdp.exe", b"", Risk.PROGRAM),
        ("invoice.pdf", EXE, Risk.DISGUISED),
        ("photo.png", b"<html><script>", Risk.DISGUISED),
        ("page.HTML", b"hello", Risk.PAGE),
        ("drawing.svg", b"<svg>", Risk.PAGE),
        ("orders.xlsm", b"PK\x03\x04", Risk.MACROS),
        ("noending", EXE, Risk.PROGRAM),
    ],
)
def test_a_risk_is_told_whatever_the_name_pretends(name: str, head: bytes, risk: Risk) -> None:
    assert risk_of(name, sniff(head)) is risk


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\evil.dll", "evil.dll"),
        ("a\r\nSet-Cookie: b.txt", "a__Set-Cookie_ b.txt"),
        ("photo\u202egnp.exe", "photo_gnp.exe"),
        ("con.txt", "_con.txt"),
        ("..", "file"),
        ("", "file"),
        ("Rechnung März.pdf", "Rechnung März.pdf"),
        ("請求書.pdf", "請求書.pdf"),
    ],
)
def test_a_name_is_safe_anywhere_and_keeps_its_letters(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=400))
def test_no_name_leads_out_of_a_folder(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert safe not in {".", ".."}
    assert not set(safe) & set('/\\\0\r\n"<>:|?*')
    assert len(safe) <= 201
