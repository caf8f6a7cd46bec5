"""Amity as it is run for customers: `amity run` behind a real nginx with our own configuration, over TLS."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests
from requests.adapters import HTTPAdapter

from amity.kernel.postgres import Cluster
from amity.site.bench.memory import free_pair
from amity.site.tests.certificates import make_certificates
from amity.site.tests.prepared import give_tables

ROOT = Path(__file__).resolve().parents[2]
EMAIL, PASSWORD = "mara@tamp.example", "a long enough sentence"
SKIPPED = "nginx is not installed"


def eventually(fact: Callable[[], bool], within_s: float = 60.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if fact():
            return True
        time.sleep(0.1)
    return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


class From(HTTPAdapter):
    """Connections leave from this address of the loopback network."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        super().init_poolmanager(*arguments, source_address=(self.address, 0), **more)


@dataclass
class Production:
    """`pages` is the port of Amity itself, `tls` that of nginx before it."""

    folder: Path
    pages: int = field(default_factory=free_pair)
    tls: int = field(default_factory=free_port)
    plain: int = field(default_factory=free_port)
    told: list[str] = field(default_factory=list)
    process: subprocess.Popen[bytes] | None = None

    @property
    def site(self) -> str:
        return f"https://localhost:{self.tls}"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def log(self) -> str:
        return (self.folder / "run.log").read_text()

    def environ(self) -> dict[str, str]:
        return {
            **os.environ,
            "AMITY_HOME": str(self.home),
            "AMITY_URL": self.site,
            "AMITY_PROXIES": "1",
            "AMITY_TRACING": "tests.production.slow_job:register",
            "PYTHONPATH": str(ROOT),
            "AMITY_LOG_LEVEL": "INFO",
            "NOTIFY_SOCKET": str(self.folder / "notify"),
        }

    def ask(self, *arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "amity", *arguments],
            env=self.environ(),
            capture_output=True,
            text=True,
            check=False,
            **more,
        )

    def start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "amity", "run", "--no-demo", "--port", str(self.pages)]
        with (self.folder / "run.log").open("w") as log:
            return subprocess.Popen(
                command, env=self.environ(), stdout=log, stderr=log, start_new_session=True
            )

    def nginx(self, program: str) -> subprocess.Popen[bytes]:
        """Start nginx with deploy/nginx/amity.conf, for other ports, names and files."""
        text = (ROOT / "deploy/nginx/amity.conf").read_text()
        for before, after in (
            ("listen 443", f"listen 127.0.0.1:{self.tls}"),
            ("listen 80", f"listen 127.0.0.1:{self.plain}"),
            ("127.0.0.1:8000", f"127.0.0.1:{self.pages}"),
            ("127.0.0.1:8001", f"127.0.0.1:{self.pages + 1}"),
            ("amity.example.org;", "localhost;"),
            ("/etc/letsencrypt/live/amity.example.org/fullchain.pem", str(self.folder / "good.pem")),
            ("/etc/letsencrypt/live/amity.example.org/privkey.pem", str(self.folder / "good.pem")),
        ):
            assert before in text, before
            text = text.replace(before, after)
        (self.folder / "amity.conf").write_text(text)
        temporary = "".join(
            f"{name}_temp_path {self.folder}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "nginx.conf").write_text(
            f"daemon off;\nerror_log {self.folder}/nginx.log;\npid {self.folder}/nginx.pid;\nevents {{}}\n"
            f"http {{\naccess_log off;\n{temporary}include {self.folder}/amity.conf;\n}}\n"
        )
        command = [program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stderr
        return subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def caddy(self, program: str, port: int) -> subprocess.Popen[bytes]:
        """Start Caddy with deploy/caddy/Caddyfile on another port, with our own certificate."""
        text = (ROOT / "deploy/caddy/Caddyfile").read_text()
        for before, after in (
            (
                "amity.example.org {",
                f"https://localhost:{port} {{\n\ttls {self.folder}/good.pem {self.folder}/good.pem",
            ),
            ("127.0.0.1:8000", f"127.0.0.1:{self.pages}"),
            ("127.0.0.1:8001", f"127.0.0.1:{self.pages + 1}"),
        ):
            assert before in text, before
            text = text.replace(before, after)
        options = "{\n\tadmin off\n\tauto_https off\n\tdefault_bind 127.0.0.1\n}\n"
        (self.folder / "Caddyfile").write_text(options + text)
        environ = {**os.environ, "HOME": str(self.folder)}
        command = [program, "run", "--config", str(self.folder / "Caddyfile"), "--adapter", "caddyfile"]
        with (self.folder / "caddy.log").open("w") as log:
            return subprocess.Popen(command, env=environ, stdout=log, stderr=log)

    def at(self, port: int) -> Production:
        """The same Amity, behind the proxy at another port."""
        return dataclasses.replace(self, tls=port)

    def browser(self, address: str = "127.0.0.1") -> requests.Session:
        """Somebody at `address` who trusts our authority."""
        session = requests.Session()
        session.mount("https://", From(address))
        session.trust_env = False  # nor to the proxies and authorities of this machine
        session.verify = str(self.folder / "ca.pem")
        session.headers.update({"Accept": "text/html"})
        return session

    def sign_in(
        self, browser: requests.Session, password: str = PASSWORD, **headers: str
    ) -> requests.Response:
        page = browser.get(f"{self.site}/login/").text
        token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
        fields = {"csrfmiddlewaretoken": token, "email": EMAIL, "password": password}
        sent = {"Origin": self.site, "Referer": f"{self.site}/login/", **headers}
        return browser.post(f"{self.site}/login/", data=fields, headers=sent, allow_redirects=False)

    def database(self) -> psycopg.Connection[Any]:
        return psycopg.connect(Cluster(self.home).url(), autocommit=True)


@pytest.fixture(scope="session")
def production() -> Iterator[Production]:
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip(SKIPPED)
    # not tmp_path: as root, the account of the database server has to reach it
    folder = Path(tempfile.mkdtemp(prefix="amity-production-"))
    folder.chmod(0o755)
    found = Production(folder)
    make_certificates(folder)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
        notified.bind(str(folder / "notify"))
        notified.settimeout(300)
        give_tables(found.home)
        amity, nginx = found.start(), found.nginx(program)
        found.process = amity
        try:
            found.told.append(notified.recv(1_000).decode())
            added = found.ask(
                "user",
                "add",
                EMAIL,
                "--name",
                "Mara Lind",
                "--role",
                "owner",
                "--password-stdin",
                input=PASSWORD,
            )
            assert added.returncode == 0, added.stderr
            yield found
        finally:
            for process in (nginx, amity):
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)
                process.wait(timeout=120)
            Cluster(found.home).stop("immediate")
            shutil.rmtree(folder, ignore_errors=True)
