"""What is put right after a restore: steps run, and whoever was erased is erased again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from amity.kernel import restored
from amity.kernel.models import Erasure, Team
from amity.kernel.restored import Moment, erases, note_erasure, put_right, take_over_erasures

pytestmark = pytest.mark.django_db


@pytest.fixture
def eraser(monkeypatch: pytest.MonkeyPatch) -> None:
    """Teams stand for subjects here: the register knows kinds, not tables."""
    monkeypatch.setattr(restored, "_erasers", {})
    monkeypatch.setattr(restored, "_steps", {})

    @erases("team")
    def erase(subject_id: UUID, at: datetime) -> None:
        Team.objects.filter(pk=subject_id).delete()


@pytest.mark.usefixtures("eraser")
def test_whoever_was_erased_before_or_after_the_backup_is_erased_again(at: datetime) -> None:
    kept, before, after = (Team.objects.create(name=name) for name in ("kept", "before", "after"))
    note_erasure("team", before.id, at=at - timedelta(days=9))
    taken = take_over_erasures([("team", after.id, at), ("team", before.id, at)])
    assert taken == 1
    words = put_right(Moment(at - timedelta(days=1), at))
    assert list(Team.objects.all()) == [kept]
    assert words == ["2 erasures were applied again."]
    assert put_right(Moment(at, at)) == words  # again: nothing more to erase, and no error


@pytest.mark.usefixtures("eraser")
def test_an_erasure_that_nobody_can_apply_fails_aloud(at: datetime) -> None:
    note_erasure("ghost", uuid4(), at=at)
    with pytest.raises(KeyError, match="ghost"):
        put_right(Moment(at, at))


def test_erasing_twice_is_on_record_once(at: datetime) -> None:
    subject = uuid4()
    note_erasure("team", subject, at=at)
    note_erasure("team", subject, at=at + timedelta(days=1))
    assert Erasure.objects.get().erased_at == at
