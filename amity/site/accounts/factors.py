"""The second factor: codes of an app, passkeys, and recovery codes for the day when both are lost.

Kept as allauth's `Authenticator` rows. The seed of an app is sealed; of recovery codes only keyed hashes are kept; of
a passkey the public half. A code of the app counts once: the row remembers the last one, under a lock that every
process respects.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode

import qrcode
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from amity.kernel import vault
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Invalid
from amity.kernel.models import Staff
from amity.kernel.workspace import workspace
from amity.site.accounts import enforcement, mail, trail
from amity.site.accounts.adapters import FACTOR_PURPOSE

Type = Authenticator.Type
REAL = (Type.TOTP, Type.WEBAUTHN)  # recovery codes alone are none
PERIOD_S = 30
TOLERANCE = 1  # clocks of phones
CODES = 10
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like something else
_CODE_LETTERS = 10


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key that stays on a device. `last_used_at` is None until it was used."""

    id: int
    name: str
    added_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What a colleague has set up."""

    has_app: bool
    passkeys: tuple[Passkey, ...]
    codes_left: int | None  # None: no recovery codes

    @property
    def is_on(self) -> bool:
        """Whether signing in with the password asks for more."""
        return self.has_app or bool(self.passkeys)


def factors(staff: Staff) -> Factors:
    """What this colleague has set up."""
    rows = list(Authenticator.objects.filter(user=staff).order_by("created_at"))
    codes = next((row for row in rows if row.type == Type.RECOVERY_CODES), None)
    return Factors(
        has_app=any(row.type == Type.TOTP for row in rows),
        passkeys=tuple(
            Passkey(row.pk, row.data.get("name", ""), row.created_at, row.last_used_at)
            for row in rows
            if row.type == Type.WEBAUTHN
        ),
        codes_left=len(codes.data["hashes"]) if codes else None,
    )


@dataclass(frozen=True, slots=True)
class AppPicture:
    """What an authenticator app reads: the path of a QR code in a square of `size`, or the secret typed by hand."""

    path: str
    size: int
    secret: str
    address: str


def new_app_secret() -> str:
    """A fresh secret for an app, sealed: it travels in the session until its first code was typed."""
    return vault.seal(generate_totp_secret(), purpose=FACTOR_PURPOSE)


def app_picture(staff: Staff, sealed: str) -> AppPicture:
    """The secret as apps take it (key URI format of Google Authenticator, SHA-1, 6 digits, 30 seconds)."""
    secret = vault.unseal(sealed, purpose=FACTOR_PURPOSE)
    issuer = workspace().name
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    address = f"otpauth://totp/{quote(f'{issuer}:{staff.email}')}?{query}"
    code = qrcode.QRCode(border=2)
    code.add_data(address)
    dots = code.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(dots) for x, is_dark in enumerate(row) if is_dark
    )
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return AppPicture(path, len(dots), grouped, address)


@transaction.atomic
def add_app(staff: Staff, sealed: str, code: str, *, at: datetime) -> list[str]:
    """Turn the app on, proven by its first code; returns new recovery codes if there were none. Raises `Invalid`."""
    _lock(staff)
    if Authenticator.objects.filter(user=staff, type=Type.TOTP).exists():
        raise Conflict(_("An app is set up already. Remove it first to use another one."))
    counter = _counter_of(vault.unseal(sealed, purpose=FACTOR_PURPOSE), code, at)
    if counter is None:
        wrong = _(
            "This is not the code of this moment. Codes change every 30 seconds; check the clock of the phone."
        )
        raise Invalid(wrong, fields={"code": wrong})
    Authenticator.objects.create(
        user=staff, type=Type.TOTP, data={"secret": sealed, "last_counter": counter}, created_at=at
    )
    return added(staff, "app", _("Codes of an app are now asked for when you sign in."), at=at)


def added(staff: Staff, kind: str, words: str, *, at: datetime) -> list[str]:
    """What follows a new factor: recovery codes if there are none, a mail, an entry in the trail."""
    enforcement.refresh(staff)
    mail.tell(staff, "factor_changed", what=words)
    trail.note("factor.added", actor=staff.actor(), at=at, subject_id=staff.pk, after={"kind": kind})
    if Authenticator.objects.filter(user=staff, type=Type.RECOVERY_CODES).exists():
        return []
    return make_codes(staff, at=at)


@transaction.atomic
def remove(
    staff: Staff, *, actor: Actor, at: datetime, kind: Authenticator.Type, id: int | None = None
) -> None:
    """Take one factor away; the last one takes the recovery codes with it."""
    _lock(staff)
    rows = Authenticator.objects.filter(user=staff, type=kind)
    removed, _by_model = (rows if id is None else rows.filter(pk=id)).delete()
    if not removed:
        raise Conflict(_("It was removed already."))
    if not Authenticator.objects.filter(user=staff, type__in=REAL).exists():
        Authenticator.objects.filter(user=staff).delete()
    enforcement.refresh(staff)
    mail.tell(staff, "factor_changed", what=_("A second factor was removed from your account."))
    trail.note("factor.removed", actor=actor, at=at, subject_id=staff.pk, before={"kind": str(kind)})


@transaction.atomic
def remove_all(staff: Staff, *, actor: Actor, at: datetime) -> None:
    """Take every factor away: the phone is lost, and the recovery codes too."""
    _lock(staff)
    kinds = sorted(Authenticator.objects.filter(user=staff).values_list("type", flat=True))
    Authenticator.objects.filter(user=staff).delete()
    enforcement.refresh(staff)
    mail.tell(
        staff, "factor_changed", what=_("An administrator removed the second factors from your account.")
    )
    trail.note("factor.reset", actor=actor, at=at, subject_id=staff.pk, before={"kinds": kinds})


@transaction.atomic
def make_codes(staff: Staff, *, at: datetime) -> list[str]:
    """Ten fresh recovery codes, shown once; those before no longer work."""
    _lock(staff)
    if not Authenticator.objects.filter(user=staff, type__in=REAL).exists():
        raise Conflict(_("Set up an app or a passkey first. Recovery codes stand in for them."))
    codes = ["".join(secrets.choice(_ALPHABET) for _letter in range(_CODE_LETTERS)) for _code in range(CODES)]
    Authenticator.objects.filter(user=staff, type=Type.RECOVERY_CODES).delete()
    Authenticator.objects.create(
        user=staff,
        type=Type.RECOVERY_CODES,
        data={"hashes": [_code_hash(staff, code) for code in codes]},
        created_at=at,
    )
    trail.note("factor.codes_made", actor=staff.actor(), at=at, subject_id=staff.pk)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


@transaction.atomic
def code_fits(staff: Staff, code: str, *, at: datetime) -> str:
    """Whether this is a code of the colleague's app, or one of their recovery codes: `app`, `recovery` or "".

    Either counts once, whoever else tries it at the same moment.
    """
    typed = "".join(letter for letter in code.lower() if letter.isalnum())
    rows = {row.type: row for row in _locked(staff)}
    app, codes = rows.get(Type.TOTP), rows.get(Type.RECOVERY_CODES)
    if app is not None and typed.isdigit():
        counter = _counter_of(vault.unseal(app.data["secret"], purpose=FACTOR_PURPOSE), typed, at)
        if counter is not None and counter > app.data.get("last_counter", 0):
            app.data["last_counter"], app.last_used_at = counter, at
            app.save(update_fields=["data", "last_used_at"])
            return "app"
    if codes is not None and typed:
        wanted = _code_hash(staff, typed)
        left = [kept for kept in codes.data["hashes"] if not hmac.compare_digest(kept, wanted)]
        if len(left) < len(codes.data["hashes"]):
            codes.data["hashes"], codes.last_used_at = left, at
            codes.save(update_fields=["data", "last_used_at"])
            return "recovery"
    return ""


def _counter_of(secret: str, code: str, at: datetime) -> int | None:
    typed = "".join(letter for letter in code if letter.isdigit())
    now = int(at.timestamp()) // PERIOD_S
    found = None
    for counter in range(now - TOLERANCE, now + TOLERANCE + 1):
        if hmac.compare_digest(format_hotp_value(hotp_value(secret, counter)), typed):
            found = counter
    return found


def _code_hash(staff: Staff, code: str) -> str:
    key = hashlib.sha256(f"recovery code:{settings.SECRET_KEY}".encode()).digest()
    return hmac.digest(key, f"{staff.pk}:{code}".encode(), "sha256").hex()


def _lock(staff: Staff) -> None:
    Staff.objects.select_for_update().get(pk=staff.pk)


def _locked(staff: Staff) -> list[Authenticator]:
    return list(Authenticator.objects.select_for_update().filter(user=staff).order_by("pk"))
