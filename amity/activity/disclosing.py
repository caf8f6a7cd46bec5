"""What somebody said and what we said to them, for their own eyes, with the files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from django.utils.translation import gettext_lazy as _

from amity.activity.models import Activity, Attachment
from amity.activity.queries import BEFORE, EARLIER, REMOVED, UNDER
from amity.channels.models import Source
from amity.channels.records import Direction
from amity.kernel import policy
from amity.kernel.disclosing import File, Row, Section, Whose, discloses

TOGETHER = 500


@discloses("activity", 20)
def tell(whose: Whose) -> Iterable[Section]:
    """Everything on their timeline but orders, oldest first; notes about them too."""
    yield Section(
        "messages", _("What was said"),
        {"at": _("When"), "direction": _("Direction"), "channel": _("Channel"), "subject": _("Subject"),
         "text": _("Words"), "source": _("Source"), "language": _("Language"), "sentiment": _("Mood as we judged it"),
         "files": _("Files")},
        _messages(whose), _files,
    )  # fmt: skip


def _messages(whose: Whose) -> Iterator[Row]:
    names = dict(Source.objects.values_list("pk", "name"))
    found = policy.visible(Activity.objects.about(list(whose.identity_ids)), whose.actor)
    rows = found.exclude(object_type="order").order_by("occurred_at", "id").iterator(chunk_size=TOGETHER)
    while some := list(islice(rows, TOGETHER)):
        attached = _attached(some)
        for one in some:
            files = attached.get(one.id, [])
            yield {
                "id": one.id, "at": one.occurred_at, "direction": one.direction, "channel": one.channel,
                "subject": one.subject, "text": _words(one), "source": names.get(one.source_id, ""),
                "language": one.language, "sentiment": one.sentiment, "files": [file.filename for file in files],
                "digests": [file.digest for file in files],
            }  # fmt: skip


def _words(one: Activity) -> str:
    """All words that are held: also those of a note that was changed or removed a few days ago."""
    words: list[str | None] = [one.full_text or one.text]
    if one.direction == Direction.INTERNAL and one.thread_id is None:
        # Of others the payload holds whatever a file had in columns of any name.
        for kept in (one.payload or {}, (one.payload or {}).get(UNDER, {})):
            words += [kept.get(BEFORE), *kept.get(EARLIER, ()), kept.get(REMOVED)]
    return "\n\n".join(filter(None, words))


def _attached(some: Sequence[Activity]) -> dict[object, list[Attachment]]:
    found: dict[object, list[Attachment]] = defaultdict(list)
    for file in Attachment.objects.filter(activity_id__in=[one.id for one in some]).order_by("filename"):
        found[file.activity_id].append(file)
    return found


def _files(row: Row) -> Sequence[File]:
    pairs = zip(row["files"], row["digests"], strict=True)
    return [File(f"{row['id']}/{name}", digest) for name, digest in pairs if digest]
