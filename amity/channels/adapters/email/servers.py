"""What an account says of its servers, and what is guessed for an address."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

TLS, STARTTLS, PLAIN = "tls", "starttls", "plain"


@dataclass(frozen=True, slots=True)
class Server:
    """Where to connect. `security` is `tls`, `starttls` or `plain` (own private servers only)."""

    host: str
    port: int
    security: str = TLS


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The settings of a mail account, kept as JSON; it holds no secret.

    `aliases` are further addresses of ours. `days` is how far back the first reading goes (None: all). `allow` names
    servers of the own network that an administrator has allowed. `trust` is the certificate of a private authority.
    """

    imap: Server
    smtp: Server
    user: str
    name: str = ""  # as the sender's name, before the colleague's: "Ines at Tamp & Co"
    aliases: tuple[str, ...] = ()
    folders: tuple[str, ...] = ("INBOX",)
    sent_folder: str = ""
    append_sent: bool = True  # off where the server keeps a copy itself
    days: int | None = 90
    poll_s: int = 60
    sign_in: str = "password"  # or oauth2
    thread_by_address: bool = False  # answers go to support+<token>@, for programs that drop header fields
    allow: tuple[str, ...] = ()
    trust: str = ""
    oauth: dict[str, str] = field(default_factory=dict)  # token_url, client_id, scope

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(found: dict[str, Any]) -> MailSettings:
        known = {one.name for one in fields(MailSettings)}
        plain = {key: value for key, value in found.items() if key in known}
        for key in ("imap", "smtp"):
            plain[key] = Server(**plain[key])
        for key in ("aliases", "folders", "allow"):
            if key in plain:
                plain[key] = tuple(plain[key])
        return MailSettings(**plain)


@dataclass(frozen=True, slots=True)
class Guess:
    """Servers for an address. `note` is the code of something that people have to do at their provider first."""

    imap: Server
    smtp: Server
    append_sent: bool = True
    thread_by_address: bool = False
    note: str = ""


_MICROSOFT = Guess(
    Server("outlook.office365.com", 993),
    Server("smtp.office365.com", 587, STARTTLS),
    append_sent=False,
    note="oauth",
)
_KNOWN = {
    "gmail.com": Guess(
        Server("imap.gmail.com", 993), Server("smtp.gmail.com", 465), False, True, note="app-password"
    ),
    "outlook.com": _MICROSOFT,
    "hotmail.com": _MICROSOFT,
    "live.com": _MICROSOFT,
    "yahoo.com": Guess(
        Server("imap.mail.yahoo.com", 993), Server("smtp.mail.yahoo.com", 465), False, note="app-password"
    ),
    "icloud.com": Guess(
        Server("imap.mail.me.com", 993),
        Server("smtp.mail.me.com", 587, STARTTLS),
        thread_by_address=True,
        note="app-password",
    ),
    "fastmail.com": Guess(
        Server("imap.fastmail.com", 993),
        Server("smtp.fastmail.com", 465),
        thread_by_address=True,
        note="app-password",
    ),
    "gmx.net": Guess(Server("imap.gmx.net", 993), Server("mail.gmx.net", 465), note="switch-on-imap"),
    "gmx.de": Guess(Server("imap.gmx.net", 993), Server("mail.gmx.net", 465), note="switch-on-imap"),
    "web.de": Guess(Server("imap.web.de", 993), Server("smtp.web.de", 465), note="switch-on-imap"),
    "mailbox.org": Guess(
        Server("imap.mailbox.org", 993), Server("smtp.mailbox.org", 465), thread_by_address=True
    ),
    "posteo.de": Guess(Server("posteo.de", 993), Server("posteo.de", 465), thread_by_address=True),
}
_KNOWN |= {"googlemail.com": _KNOWN["gmail.com"], "me.com": _KNOWN["icloud.com"]}


def guess(address: str) -> Guess:
    """Servers that an address probably has: those of a known provider, else `imap.` and `smtp.` of its domain."""
    domain = address.rpartition("@")[2].strip().lower()
    return _KNOWN.get(domain) or Guess(Server(f"imap.{domain}", 993), Server(f"smtp.{domain}", 465))
