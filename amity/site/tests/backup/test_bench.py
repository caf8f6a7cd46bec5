"""The bench of backups in small: writers, a restore elsewhere, damaged copies, and as root a full disk."""

from __future__ import annotations

import os

import pytest

from amity.site.bench import backup


@pytest.mark.server
def test_nothing_is_lost_while_others_write_nor_on_a_full_disk() -> None:
    found = backup.run(rate=120, rows=2_000, refusals=10, messages=500)
    assert {name: found[name] for name in ("counts_equal", "chain_valid", "refused_share")} == {
        "counts_equal": 1, "chain_valid": 1, "refused_share": 1
    }  # fmt: skip
    gone = ("missing", "invented", "torn", "files_missing", "writes_failed")
    assert {name: found[name] for name in gone} == dict.fromkeys(gone, 0)
    assert found["writes_per_s"] > 0
    if "full_told" in found:
        lost = [
            name
            for name in found
            if name.startswith("full_") and name.endswith(("lost", "missing", "doubled", "files"))
        ]
        assert {name: found[name] for name in lost} == dict.fromkeys(lost, 0)
        assert found["full_chain_valid"] == found["full_backup_refused"] == found["full_restore_refused"] == 1
        assert found["full_failed"] > 0
    else:
        assert os.geteuid() != 0 or not os.access("/", os.W_OK), "root here can mount a disk, and did not"
