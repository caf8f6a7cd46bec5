"""The examples of the how-to do what it says, with curl, against a real server."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pytest_django.live_server_helper import LiveServer

from amity.people.models import Person
from amity.site.tests.api.calling import program

PAGE = Path(__file__).resolve().parents[4] / "docs/how-to/use-the-api.md"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed: the examples use it")
def test_the_examples_do_what_the_page_says(live_server: LiveServer) -> None:
    first, *examples = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    ask = first.splitlines()[1]
    environ = {**os.environ, "AMITY": f"{live_server.url}/api/v1", "TOKEN": program().secret}

    def run(example: str) -> dict[str, object]:
        script = f"{ask}\n{example}"
        done = subprocess.run(["sh", "-c", script], env=environ, capture_output=True, text=True, check=True)
        answer: dict[str, object] = json.loads(done.stdout)
        return answer

    read, write, bulk = examples
    assert run(read) == {"items": []}
    assert run(write) == run(write)
    assert run(bulk)["counts"] == {"updated": 1, "created": 1}
    assert sorted(Person.objects.values_list("name", "city")) == [("Hannah Vogel", "Bonn"), ("Otto Kern", "")]
