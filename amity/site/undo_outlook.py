"""What undoing an import would take away, counted with the rules of `amity.site.undo` and without touching anything."""

from __future__ import annotations

from django.db import connection

from amity.channels.models import ImportRun
from amity.channels.outlook import Outlook, provide_outlook
from amity.site.undo_heirs import LIVE

# A thread counts as worked on under the same conditions as in `undo._WORKED`.
_COUNTS = f"""
    WITH shared AS (
        SELECT DISTINCT i.id FROM channels_repeat r JOIN channels_importrun o ON o.id = r.run_id AND {LIVE}
        CROSS JOIN LATERAL unnest(r.digests) AS u(digest)
        JOIN channels_item i ON i.source_id = %(source)s AND i.digest = u.digest WHERE i.run_id = %(run)s),
    brought AS (
        SELECT thread_id, object_type, object_id, about_id FROM activity_activity
        WHERE run_id = %(run)s AND item_id NOT IN (SELECT id FROM shared)),
    threads AS (SELECT DISTINCT thread_id FROM brought WHERE thread_id IS NOT NULL),
    worked AS (
        SELECT t.thread_id FROM threads t WHERE
            EXISTS (SELECT 1 FROM activity_activity w WHERE w.thread_id = t.thread_id AND w.run_id IS NULL
                    AND w.staff_id IS NOT NULL)
            OR EXISTS (SELECT 1 FROM teamwork_promise p WHERE p.thread_id = t.thread_id)
            OR EXISTS (SELECT 1 FROM conversations_conversationthread c
                       JOIN kernel_transition k ON k.subject = 'assignment' AND k.subject_id = c.conversation_id
                       WHERE c.thread_id = t.thread_id AND k.staff_id IS NOT NULL))
    SELECT
        (SELECT count(*) FROM brought WHERE object_type <> 'order'),
        (SELECT count(*) FROM commerce_order WHERE run_id = %(run)s
            AND id IN (SELECT object_id FROM brought WHERE object_type = 'order')),
        (SELECT count(*) FROM people_person p WHERE p.created_run_id = %(run)s AND NOT EXISTS (
            SELECT 1 FROM people_link l JOIN activity_activity a ON a.about_id = l.identity_id
            WHERE l.person_id = p.id AND a.run_id = %(run)s AND a.item_id IN (SELECT id FROM shared))),
        (SELECT count(DISTINCT conversation_id) FROM conversations_conversationthread JOIN threads USING (thread_id)),
        (SELECT count(*) FROM brought JOIN worked USING (thread_id)),
        (SELECT count(DISTINCT conversation_id) FROM conversations_conversationthread JOIN worked USING (thread_id)),
        (SELECT count(*) FROM shared)
"""


def look(run: ImportRun) -> Outlook:
    """Counts for the page that offers the undo."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"run": run.id, "source": run.source_id})
        return Outlook(*(cursor.fetchone() or ()))


provide_outlook(look)
