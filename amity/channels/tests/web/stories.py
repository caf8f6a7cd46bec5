"""Invented files and colleagues for the stories of the import screens."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from amity.channels.models import ImportRun
from amity.kernel.actor import Role
from tests.flows.stories import colleague

BACKEND = "amity.site.signin.StaffBackend"


def signed_in(role: Role = Role.OWNER, email: str = "") -> Client:
    """The browser of a colleague."""
    client = Client()
    client.force_login(colleague(email or f"{role}@roast.example", role), backend=BACKEND)
    return client


def table(header: str, *rows: tuple[Any, ...], delimiter: str = ",") -> bytes:
    """A CSV file in bytes."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header.split())
    writer.writerows(rows)
    return text.getvalue().encode()


def messages_file(count: int = 30, *, broken: int = 0) -> bytes:
    """Messages of customers; the last `broken` of them have no date."""
    rows = [
        (f"m{n}", "2026-03-01 10:00" if n < count - broken else "some day", f"c{n % 7}@roast.example",
         f"Customer {n % 7}", f"Question {n}", f"Hello, my grinder {n} does not grind as fine as it did. What now?")
        for n in range(count)
    ]  # fmt: skip
    return table("id created_at email name subject message", *rows)


def german_orders(count: int = 12) -> bytes:
    """Orders with decimal commas and the day first."""
    rows = [
        (f"B-{n}", f"{13 + n % 15}.03.2026", f"k{n % 4}@laden.example", f"1.{n:03d},5{n % 10}", "bezahlt")
        for n in range(count)
    ]
    return table("Bestellnummer Datum E-Mail Betrag Status", *rows, delimiter=";")


def mailbox(count: int = 3) -> bytes:
    """A mailbox with one thread."""
    mails = []
    for n in range(count):
        answers = f"In-Reply-To: <m{n - 1}@roast.example>\n" if n else ""
        sender = "Service <service@tamp.example>" if n % 2 else "Hanna <hanna@roast.example>"
        mails.append(
            f"From x@y Mon Mar  2 10:0{n}:00 2026\nFrom: {sender}\nTo: list@tamp.example\nSubject: Burrs\n"
            f"Date: Mon, 02 Mar 2026 10:0{n}:00 +0000\nMessage-ID: <m{n}@roast.example>\n{answers}\n"
            f"Words number {n}.\n\n"
        )
    return "".join(mails).encode()


def upload(client: Client, content: bytes, name: str = "tickets.csv") -> ImportRun:
    """Choose one file on the screen and follow to its mapping."""
    answer = client.post("/imports/", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content.decode()[:2_000]
    run = ImportRun.objects.latest("created_at")
    assert answer["Location"] == f"/imports/{run.id}/mapping/"
    return run


def work() -> list[str]:
    """Do what waits in the queue, as the worker would; the names of the tasks in order."""
    done = []
    while (
        job := ProcrastinateJob.objects.filter(status="todo", task_name__startswith="site.")
        .order_by("id")
        .first()
    ):
        ProcrastinateJob.objects.filter(pk=job.pk).update(status="succeeded")
        app.tasks[job.task_name](**job.args)
        done.append(job.task_name)
    return done


def form_of(client: Client, run: ImportRun) -> dict[str, Any]:
    """The fields of the mapping form as a browser without scripts would send them."""
    page = client.get(f"/imports/{run.id}/mapping/").content.decode()
    form = page[page.index('id="import-form"') :]
    form = form[: form.index("</form>")]
    fields: dict[str, Any] = {}
    for tag, name, body in re.findall(
        r'<(select|textarea)[^>]*? name="([^"]+)"[^>]*>(.*?)</\1>', form, re.DOTALL
    ):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        first = re.search(r'<option value="([^"]*)"', body)
        value = (chosen or first).group(1) if tag == "select" and first else body
        fields[name] = [*fields[name], value] if name == "whom" and name in fields else [value]
    for attributes in re.findall(r"<input([^>]*)>", form):
        name, kind = _attribute(attributes, "name"), _attribute(attributes, "type")
        if kind in {"radio", "checkbox"} and not re.search(r"\bchecked\b", attributes):
            continue
        fields[name] = [*fields.get(name, []), _attribute(attributes, "value")]
    return fields


def _attribute(attributes: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', attributes)
    return found.group(1) if found else ""


def importing(client: Client, run: ImportRun, **changes: Any) -> ImportRun:
    """Press Import, with some fields changed, and let the worker work."""
    answer = client.post(f"/imports/{run.id}/start/", form_of(client, run) | changes)
    assert answer.status_code == 302, answer.content.decode()[:3_000]
    work()
    run.refresh_from_db()
    return run
