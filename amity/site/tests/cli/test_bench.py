"""The list of benches, and the object that each of them prints."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from amity.kernel.errors import NotFound
from amity.site.bench import memory
from amity.site.cli import bench


@pytest.mark.parametrize("name", bench.BENCHES)
def test_every_bench_of_the_list_is_there(name: str) -> None:
    assert find_spec(bench.BENCHES[name].place) is not None


def test_the_object_has_name_figures_settings_and_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = ModuleType("trial_bench")
    trial.run = lambda data: {"per_s": 2.5}  # type: ignore[attr-defined]
    trial.settings = lambda: {"rounds": 3}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "trial_bench", trial)
    monkeypatch.setattr(bench, "BENCHES", {"trial": bench.Bench("trial_bench", "A trial.")})
    monkeypatch.setenv("AMITY_SECRET_KEY", "not for the eyes of others")
    printed = CliRunner().invoke(bench.command, ["trial", "--json"], standalone_mode=False).stdout
    found = json.loads(printed)
    assert found["name"] == "trial"
    assert found["figures"] == {"per_s": 2.5}
    assert found["settings"]["rounds"] == 3
    assert found["machine"]["cpus"] >= 1
    assert "not for the eyes of others" not in printed


def test_an_unknown_bench_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="memory"):
        bench.measure("speed", None)


def test_memory_is_counted_for_the_whole_family_of_a_process() -> None:
    parents = {1: 0, 10: 1, 11: 10, 12: 11, 99: 1}
    assert list(memory.lineage(12, parents)) == [12, 11, 10, 1]


def test_this_process_has_a_size_and_a_parent() -> None:
    import os

    assert memory.pss_kb(os.getpid()) > 5_000
    assert memory.parent_of_each()[os.getpid()] == os.getppid()


def test_a_process_that_is_gone_weighs_nothing() -> None:
    assert memory.pss_kb(2**22 + 1) == 0


def test_a_home_without_a_server_has_no_postmaster(tmp_path: Path) -> None:
    assert memory.postmasters(tmp_path) == []
