"""Functions that look for words in what was said since an instant, with one plan for all questions.

Planning a question over 26 months takes 8 ms and answering it 0.3. A function keeps its plan for as long as its session
lasts. Its time has no end: with one on both sides the plan takes all of that time from the primary key first.
"""

from django.db import migrations

# Words are cut as the texts were, the last one (`tail`, of which a link makes several) also as a beginning. They are not
# read a second time: PostgreSQL would make phrases of links and of words with a hyphen, for which it cuts the text of each
# hit anew. `parts` are all of them without their signs: half of such a word is no beginning of it. What is found is put in
# order afterwards: else all of time may be walked backwards for a word that nobody ever said.
_MAKE = """
CREATE OR REPLACE FUNCTION activity_words(head text, tail text, parts text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (plainto_tsquery('simple', head) && coalesce((
            nullif(replace(plainto_tsquery('simple', tail)::text, ''' & ''', ''':* & '''), '') || ':*')::tsquery, ''))
        || coalesce((nullif(plainto_tsquery('simple', parts)::text, '') || ':*')::tsquery, '')
$$;
CREATE OR REPLACE FUNCTION activity_said(
    head text, tail text, parts text, hidden uuid[], spans timestamptz[], most int) RETURNS uuid[]
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    words tsquery := activity_words(head, tail, parts);
    since timestamptz;
    found uuid[];
BEGIN
    FOREACH since IN ARRAY spans LOOP
        WITH hit AS MATERIALIZED (
            SELECT a.thread_id, a.occurred_at FROM activity_activity a
            WHERE to_tsvector('simple', a.text) @@ words AND a.text <> '' AND a.occurred_at >= since
                AND a.thread_id IS NOT NULL AND a.source_id <> ALL(hidden))
        SELECT array_agg(thread_id) INTO found
            FROM (SELECT hit.thread_id FROM hit ORDER BY hit.occurred_at DESC LIMIT most) newest;
        EXIT WHEN cardinality(found) >= most;
    END LOOP;
    RETURN coalesce(found, '{}');
END $$;
CREATE OR REPLACE FUNCTION activity_noted(head text, tail text, parts text, hidden uuid[], since timestamptz, most int)
RETURNS TABLE (id uuid, about_id uuid, words text)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE asked tsquery := activity_words(head, tail, parts);
BEGIN
    RETURN QUERY WITH hit AS MATERIALIZED (
        SELECT a.id, a.occurred_at, a.about_id, left(a.text, 200) AS words FROM activity_activity a
        WHERE a.channel = 'note' AND a.thread_id IS NULL AND a.direction = 'internal' AND a.occurred_at >= since
            AND to_tsvector('simple', a.text) @@ asked AND a.text <> '' AND a.source_id <> ALL(hidden))
    SELECT hit.id, hit.about_id, hit.words FROM hit ORDER BY hit.occurred_at DESC, hit.id DESC LIMIT most;
END $$;
"""
_REMOVE = """
DROP FUNCTION IF EXISTS activity_said(text, text, text, uuid[], timestamptz[], int);
DROP FUNCTION IF EXISTS activity_noted(text, text, text, uuid[], timestamptz, int);
DROP FUNCTION IF EXISTS activity_words(text, text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("activity", "0006_notes_about_people")]

    operations = [migrations.RunSQL(_MAKE, _REMOVE)]
