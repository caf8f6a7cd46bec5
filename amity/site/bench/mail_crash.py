"""`amity bench mail-crash`: kill -9 of web, worker, PostgreSQL and the IMAP server while mail comes and goes.

Real servers on the loopback: OpenSMTPD takes the mails of customers, dovecot holds our mailbox and theirs. Every round
delivers mails and answers some of those that came, through the same verbs as the screens; after the last one, what is
on record and what lies in the customers' mailboxes is compared with what was accepted.
"""

from __future__ import annotations

import random
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import psycopg
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, close_old_connections, connections
from django.utils import timezone

from amity.activity.models import Activity
from amity.channels import accounts, outbox
from amity.channels.models import OutboundMessage, OutboundState, Source
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.errors import DomainError
from amity.kernel.models import Staff
from amity.kernel.postgres import Cluster
from amity.site.bench.crash import _Alive, _kill
from amity.site.bench.mail_servers import DOMAIN, MailServers, has_opensmtpd, letter, missing
from amity.site.bench.processes import wait_until_healthy

ROUNDS, MAILS_A_ROUND, ANSWERS_A_ROUND = 50, 4, 2
VICTIMS = ("worker", "imap", "postgres", "web")
SETTLED_WITHIN_S = 300.0
SUPPORT = f"support@{DOMAIN}"
_TOKEN = re.compile(rb"token-(\d+-\d+)-end")


class NotHere(DomainError):
    """The mail servers that this bench needs are not installed, or it does not run as root."""

    code = "bench.not_here"


def settings() -> dict[str, int]:
    """What was done."""
    return {"rounds": ROUNDS, "mails_a_round": MAILS_A_ROUND, "answers_a_round": ANSWERS_A_ROUND}


def run(data: Path | None = None, *, rounds: int | None = None) -> dict[str, float]:  # noqa: ARG001  # as all benches
    """Figures: kills by victim; mails `accepted`, `lost`, `doubled`; answers `written`, `arrived`, `sent_twice`,
    `unknown` (says that it does not know), `answers_lost` (claims to be sent, and is not there); `seen_s_…`: seconds
    from the acceptance of a mail to its conversation, in the quiet before the first kill."""
    if not has_opensmtpd() or missing():
        raise NotHere("Install dovecot-imapd, dovecot-lmtpd and opensmtpd, and run this as root.")
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    cluster = Cluster(Path(django_settings.HOME))
    outbox.TIME_TO_UNDO = timedelta(0)
    with tempfile.TemporaryDirectory(prefix="amity-mail-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        mail = MailServers(Path(folder))
        try:
            mail.start()
            return _Story(mail, cluster).tell(ROUNDS if rounds is None else rounds)
        finally:
            mail.stop()


class _Story:
    def __init__(self, mail: MailServers, cluster: Cluster) -> None:
        self._mail = mail
        self._cluster = cluster
        self._alive = _Alive()
        self._random = random.Random(5)
        self._accepted: list[str] = []
        self._answered: list[str] = []
        self._kills: Counter[str] = Counter()

    def tell(self, rounds: int) -> dict[str, float]:
        source = self._connect()
        self._alive.revive()
        try:
            wait_until_healthy(self._alive.port)
            quiet = [self._seconds_until_seen(number) for number in range(5)]
            for number in range(rounds):
                self._round(number)
            self._wait_until_settled()
        finally:
            self._alive.stop()
        return self._figures(source, quiet)

    def _connect(self) -> Source:
        now = timezone.now()
        self._ines = Staff.objects.create(
            email="ines@tamp.example", name="Ines", role=Role.AGENT, joined_at=now
        )
        account = accounts.connect(
            adapter="email", address=SUPPORT, name="Support", actor=SYSTEM, at=now,
            settings=dict(self._mail.settings(SUPPORT)), secret={"password": self._mail.password},
        )  # fmt: skip
        return account.source

    def _actor(self) -> Actor:
        return Actor(Role.AGENT, self._ines.id, name="Ines")

    def _deliver(self, token: str) -> None:
        customer = f"c{token}@mail.example"
        told = letter(f"Order {token}", f"Where is it? token-{token}-end", sender=customer, to=SUPPORT)
        self._mail.deliver(told, to=SUPPORT, sender=customer)
        self._accepted.append(token)

    def _seconds_until_seen(self, number: int) -> float:
        token = f"0-{number}"
        if number == 0:
            self._patiently(self._is_watched)
        self._deliver(token)
        started = time.monotonic()
        self._patiently(lambda: Conversation.objects.filter(subject=f"Order {token}").exists(), pause_s=0.02)
        return time.monotonic() - started

    def _is_watched(self) -> bool:
        account = accounts.account_of(Source.objects.get(name="Support").id)
        return account is not None and account.watching

    def _round(self, number: int) -> None:
        for _ in range(ANSWERS_A_ROUND):
            self._answer_one()
        for index in range(MAILS_A_ROUND):
            self._deliver(f"{number + 1}-{index}")
        time.sleep(self._random.uniform(0.0, 0.8))  # at some moment of what follows
        victim = VICTIMS[number % len(VICTIMS)]
        if victim == "imap":
            self._mail.kill("imap")
            time.sleep(0.2)
            self._mail.start("imap")
        else:
            _kill(victim, self._alive, Path(django_settings.HOME))
        self._kills[victim] += 1
        self._cluster.ensure_running()
        self._alive.revive()

    def _answer_one(self) -> None:
        """Answer the newest conversation without an answer; wait for one, so that the worker is at work."""

        def answer() -> bool:
            waiting = Conversation.objects.filter(assignee=None, subject__startswith="Order")
            talk = waiting.exclude(subject__in=self._answered).order_by("-opened_at").first()
            if talk is None:
                return False
            text = f"It comes. {talk.subject} answered"
            services.reply(talk.id, actor=self._actor(), at=timezone.now(), text=text)
            self._answered.append(talk.subject)
            return True

        self._patiently(answer)

    def _patiently(self, true: Callable[[], bool], *, pause_s: float = 0.1, within_s: float = 90.0) -> None:
        """Until it is true; a database that was just killed is asked again."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            try:
                close_old_connections()
                if true():
                    return
            except (OperationalError, InterfaceError, psycopg.OperationalError):
                connections.close_all()
            time.sleep(pause_s)
        raise NotSettled("What was to come did not come in time.")

    def _wait_until_settled(self) -> None:
        def is_settled() -> bool:
            self._alive.revive()
            self._cluster.ensure_running()
            open_ones = OutboundMessage.objects.filter(
                state__in=[OutboundState.QUEUED, OutboundState.SENDING]
            ).exists()
            return not open_ones and len(_tokens_on_record()) >= len(self._accepted)

        try:
            self._patiently(is_settled, pause_s=1.0, within_s=SETTLED_WITHIN_S)
        except NotSettled:
            return  # the figures say what is missing
        time.sleep(2.0)  # whatever would come a second time

    def _figures(self, source: Source, quiet: list[float]) -> dict[str, float]:
        connections.close_all()
        on_record = Counter(_tokens_on_record())
        arrived = Counter(self._arrived())
        states = dict(OutboundMessage.objects.filter(source=source).values_list("subject", "state"))
        sent = {subject for subject, state in states.items() if state == OutboundState.SENT}
        return {
            **{f"kills_{victim}": self._kills[victim] for victim in VICTIMS},
            "accepted": len(self._accepted),
            "lost": len(set(self._accepted) - on_record.keys()),
            "doubled": sum(times - 1 for times in on_record.values()),
            "written": len(states),
            "arrived": len(arrived),
            "sent_twice": sum(times - 1 for times in arrived.values()),
            "answers_lost": len(sent - arrived.keys()),
            "failed": sum(state == OutboundState.FAILED for state in states.values()),
            "unknown": sum(state == OutboundState.UNKNOWN for state in states.values()),
            "unknown_arrived": sum(
                state == OutboundState.UNKNOWN and subject in arrived for subject, state in states.items()
            ),
            "seen_s_median": statistics.median(quiet),
            "seen_s_max": max(quiet),
        }

    def _arrived(self) -> list[str]:
        """The subjects of the answers in the mailboxes of all customers, as often as they lie there."""
        found = []
        for place in (self._mail.home / "mail").glob("c*@mail.example"):
            for raw in self._mail.mails_of(place.name):
                subject = re.search(rb"(?m)^Subject: Re: (Order [\d-]+)", raw)
                if subject:
                    found.append(subject[1].decode())
        return found


class NotSettled(DomainError):
    """Something did not come to its end in time."""

    code = "bench.not_settled"


def _tokens_on_record() -> list[str]:
    texts = Activity.objects.filter(direction="in").values_list("text", flat=True)
    return [token[1].decode() for text in texts if (token := _TOKEN.search(text.encode()))]
