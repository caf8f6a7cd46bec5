-- What the audit trail does inside the database.

-- The trail only grows.
CREATE FUNCTION kernel_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege',
              HINT = 'Correct a mistake by a new entry.';
END $$;

CREATE TRIGGER kernel_audit_append_only BEFORE UPDATE OR DELETE ON kernel_audit_entry
    FOR EACH ROW EXECUTE FUNCTION kernel_audit_refuse();
CREATE TRIGGER kernel_audit_not_emptied BEFORE TRUNCATE ON kernel_audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_audit_refuse();
CREATE TRIGGER kernel_audit_append_only BEFORE UPDATE OR DELETE ON kernel_audit_seal
    FOR EACH ROW EXECUTE FUNCTION kernel_audit_refuse();
CREATE TRIGGER kernel_audit_not_emptied BEFORE TRUNCATE ON kernel_audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION kernel_audit_refuse();

-- Whatever writes an entry, the sealer hears of it.
CREATE FUNCTION kernel_audit_await_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO kernel_audit_unsealed (entry_id) VALUES (NEW.id);
    RETURN NULL;
END $$;

CREATE TRIGGER kernel_audit_await_seal AFTER INSERT ON kernel_audit_entry
    FOR EACH ROW EXECUTE FUNCTION kernel_audit_await_seal();

-- A changed row of a watched table. Arguments: subject, columns of its id, secret columns, quiet columns.
CREATE FUNCTION kernel_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told jsonb := nullif(current_setting('amity.acting', true), '')::jsonb;
    acted text := current_setting('amity.actor', true);
    secret text[] := string_to_array(TG_ARGV[2], ',');
    quiet text[] := string_to_array(TG_ARGV[3], ',');
    old_row jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}' ELSE to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}' ELSE to_jsonb(NEW) END;
    any_row jsonb := CASE WHEN TG_OP = 'DELETE' THEN old_row ELSE new_row END;
    old_part jsonb;
    new_part jsonb;
    id text;
BEGIN
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY (secret) THEN '"(kept out)"' ELSE old_row -> key END)
               FILTER (WHERE old_row ? key AND old_row -> key <> 'null'),
           jsonb_object_agg(key, CASE WHEN key = ANY (secret) THEN '"(kept out)"' ELSE new_row -> key END)
               FILTER (WHERE new_row ? key AND (TG_OP = 'UPDATE' OR new_row -> key <> 'null'))
    INTO old_part, new_part
    FROM jsonb_object_keys(any_row) AS key
    WHERE key <> ALL (quiet) AND old_row -> key IS DISTINCT FROM new_row -> key;
    IF old_part IS NULL AND new_part IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT string_agg(any_row ->> key, '/' ORDER BY place) INTO id
    FROM unnest(string_to_array(TG_ARGV[1], ',')) WITH ORDINALITY AS of_id (key, place);
    INSERT INTO kernel_audit_entry
        (actor_id, actor_name, role, via, address, token_id, on_behalf_of, action, subject, subject_id, before, after)
    VALUES (
        CASE WHEN acted <> 'system' THEN acted::uuid END,
        coalesce(told ->> 'name', ''), coalesce(told ->> 'role', ''), coalesce(told ->> 'via', ''),
        coalesce(told ->> 'address', ''), coalesce(told ->> 'token_id', ''),
        nullif(told ->> 'on_behalf_of', '')::uuid,
        CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END,
        TG_ARGV[0], coalesce(id, ''), old_part, new_part);
    RETURN NULL;
END $$;
