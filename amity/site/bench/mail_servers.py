"""A real IMAP server (dovecot) and a real mail server (OpenSMTPD) on the loopback, for tests and benches.

Everything lies in a folder of their own; ports are free high ones. OpenSMTPD refuses to start for anybody but root: for
all others, or where it is not installed, a small mail server of our own stands in for it (`small_mail_server`).

With a certificate dovecot also speaks TLS, at `imaps` and by STARTTLS, and the small server takes mail at `smtps` and
`submission`, where signing in is needed; OpenSMTPD 6.8 with OpenSSL 3 breaks off its handshakes.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import smtplib  # noqa: TID251  # to servers of our own, on the loopback
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from amity.site.bench.small_mail_server import Rules, SmallMailServer

READY_WITHIN_S = 15.0
PASSWORD = "nobody-else-has-these-mailboxes"  # noqa: S105
DOMAIN = "tamp.example"
MAILER = f"mailer@{DOMAIN}"  # who may sign in where signing in is needed
REFUSING = "gone@mail.example"  # a mail to them is taken, and comes back with a report
_DOVECOT = """
protocols = imap
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
listen = 127.0.0.1
{ssl}
disable_plaintext_auth = no
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
mail_location = maildir:{home}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
first_valid_gid = 0
mailbox_idle_check_interval = 1 secs
auth_mechanisms = plain login
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail/%u
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
{lmtp}
"""
_LMTP = """
protocols = imap lmtp
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
}}
protocol lmtp {{
  auth_username_format = %n@%d
}}
recipient_delimiter = +
"""
_SMTPD = """
queue ttl 1h
table everybody {{ "@" = "{user}" }}
listen on 127.0.0.1 port {smtp}
action "nobody" mda "exit 67" virtual <everybody>
match from any for rcpt-to "{refusing}" action "nobody"
action "local" lmtp "127.0.0.1:{lmtp}" rcpt-to virtual <everybody>
match from any for any action "local"
"""
# Its queue and its control socket have fixed places: in a view of the file system that is its own they are ours.
_OWN_PLACES = (
    "chmod 711 {home}/spool && mkdir -p /var/spool/smtpd && mount --bind {home}/spool /var/spool/smtpd "
    "&& mount --bind {home}/socket /run && exec smtpd -d -f {home}/smtpd.conf"
)


def missing() -> list[str]:
    """The programs that are not here."""
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/dovecot"
    return [name for name in ("dovecot", "lmtp") if shutil.which(name, path=places) is None]


def has_opensmtpd() -> bool:
    """Whether OpenSMTPD is here, and may start."""
    places = f"{os.environ.get('PATH', '')}:/usr/sbin"
    return os.geteuid() == 0 and shutil.which("smtpd", path=places) is not None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class MailServers:
    """Both servers; every address has a mailbox, which is made when mail comes."""

    def __init__(self, home: Path, certificate: Path | None = None, *, small: bool | None = None) -> None:
        self.home = home
        self.imap, self.smtp, self._lmtp = free_port(), free_port(), free_port()
        self.imaps, self.smtps, self.submission = (free_port() if certificate else 0 for _ in range(3))
        self._certificate = certificate
        self._is_small = not has_opensmtpd() if small is None else small
        self._small: SmallMailServer | None = None
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._write()

    def _write(self) -> None:
        owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        for folder in ("mail", "run", "state", "spool", "socket"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        group = "nogroup" if os.geteuid() == 0 else _group(owner.pw_gid)
        if os.geteuid() == 0:
            os.chown(self.home / "mail", owner.pw_uid, owner.pw_gid)
        self._owner = owner
        files = f"ssl_cert = <{self._certificate}\nssl_key = <{self._certificate}"
        ssl = f"ssl = yes\n{files}" if self._certificate else "ssl = no"
        values = {"home": self.home, "ssl": ssl, "imaps": self.imaps,
                  "user": owner.pw_name, "group": group, "uid": owner.pw_uid, "gid": owner.pw_gid,
                  "password": PASSWORD, "imap": self.imap}  # fmt: skip
        lmtp = _LMTP.format(port=self._lmtp)
        (self.home / "dovecot.conf").write_text(_DOVECOT.format(lmtp=lmtp, **values))
        (self.home / "smtpd.conf").write_text(
            _SMTPD.format(smtp=self.smtp, lmtp=self._lmtp, user=owner.pw_name, refusing=REFUSING)
        )

    def start(self, *names: str) -> None:
        """Start what is not running of `imap` and `smtp`, and wait until it answers."""
        commands = {
            "imap": ["dovecot", "-F", "-c", str(self.home / "dovecot.conf")],
            "smtp": ["unshare", "-m", "sh", "-c", _OWN_PLACES.format(home=self.home)],
        }
        for name in names or tuple(commands):
            if name == "smtp" and self._start_small():
                continue
            process = self._processes.get(name)
            if process is None or process.poll() is not None:
                with (self.home / f"{name}.log").open("ab") as log:
                    self._processes[name] = subprocess.Popen(
                        commands[name], stdout=log, stderr=log, start_new_session=True,
                        env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin"},
                    )  # fmt: skip
            _wait_for(self.imap if name == "imap" else self.smtp)
            if name == "imap":
                _wait_for(self._lmtp)

    def _start_small(self) -> bool:
        """Start the small server where it has a port to listen on; whether it stands in for OpenSMTPD."""
        rules = Rules(self._lmtp, MAILER, PASSWORD, REFUSING, self._certificate)
        if self._small is None and (self._is_small or self._certificate):
            plain = self.smtp if self._is_small else None
            self._small = SmallMailServer(rules, plain=plain, starttls=self.submission, tls=self.smtps)
        return self._is_small

    def kill(self, name: str) -> None:
        """kill -9 of a server and all its processes."""
        process = self._processes.pop(name)
        for pid in [process.pid, *_children(process.pid)]:  # the first would replace the others
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(timeout=10)

    def stop(self) -> None:
        for name in list(self._processes):
            self.kill(name)
        if self._small is not None:
            self._small.stop()

    @property
    def password(self) -> str:
        return PASSWORD

    def settings(self, user: str, **more: object) -> dict[str, object]:
        """Settings of an account here, as they are kept."""
        return {
            "imap": {"host": "127.0.0.1", "port": self.imap, "security": "plain"},
            "smtp": {"host": "127.0.0.1", "port": self.smtp, "security": "plain"},
            "user": user,
            "allow": ["127.0.0.1"],
            "poll_s": 2,
            **more,
        }

    def deliver(self, mail: EmailMessage, *, to: str, sender: str = "hanna@mail.example") -> None:
        """Hand a mail to the mail server; returns when it has taken it."""
        with smtplib.SMTP("127.0.0.1", self.smtp, local_hostname="mail.example", timeout=20) as client:
            client.sendmail(sender, [to], mail.as_bytes(policy=SMTP))

    def mails_of(self, user: str, folder: str = "") -> list[bytes]:
        """The mails in somebody's mailbox, as files lie there."""
        place = self.home / "mail" / user / folder
        return [path.read_bytes() for kind in ("new", "cur") for path in sorted((place / kind).glob("*"))]


def letter(
    subject: str, text: str, *, sender: str = "Hanna Roast <hanna@mail.example>", to: str = f"support@{DOMAIN}",
    message_id: str = "", **fields: str,
) -> EmailMessage:  # fmt: skip
    """A mail from a customer."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = message_id or f"<{time.time_ns()}@mail.example>"
    for name, value in fields.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


@contextmanager
def mail_servers(home: Path, certificate: Path | None = None) -> Iterator[MailServers]:
    """Both servers, running."""
    servers = MailServers(home, certificate)
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


def _wait_for(port: int) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=2) as line:  # noqa: TID251
                if line.recv(1):
                    return
        except OSError:
            if time.monotonic() > until:
                raise
        time.sleep(0.05)


def _children(pid: int) -> list[int]:
    """All processes below one."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):
            fields = place.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid:
                child = int(place.parent.name)
                found += [*_children(child), child]
    return found


def _group(gid: int) -> str:
    import grp

    return grp.getgrgid(gid).gr_name
