-- Make one value of one row another, of the first table that has one which can be; say which. Columns of keys, indexes
-- and constraints come last, as the row may be refused; those of foreign keys never: a dump whose rows refer to what is
-- not there does not load, which is another fault than another content.
SET search_path = '';
SET session_replication_role = replica;
DO $do$
DECLARE
    place record;
    many bigint;
BEGIN
    FOR place IN
        SELECT format('%I.%I', n.nspname, c.relname) AS name, a.attname AS column, y.value
        FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            CROSS JOIN LATERAL (
                SELECT CASE
                    WHEN typcategory = 'N' THEN format('coalesce(%I, 0) + 1', a.attname)
                    WHEN typcategory = 'B' THEN format('NOT coalesce(%I, false)', a.attname)
                    WHEN typcategory = 'D' THEN format('%I + interval ''1 day''', a.attname)
                    WHEN typcategory = 'S' THEN format('overlay(%1$I::text PLACING CASE left(%1$I::text, 1)'
                        ' WHEN ''x'' THEN ''y'' ELSE ''x'' END FROM 1 FOR 1)', a.attname)
                    WHEN typcategory = 'A' THEN format('array_append(%I, NULL)', a.attname)
                    WHEN typcategory = 'E'
                        THEN format('(SELECT e FROM unnest(enum_range(%1$I)) e WHERE e <> %1$I LIMIT 1)', a.attname)
                    WHEN typname = 'bytea' THEN format('set_byte(%1$I, 0, get_byte(%1$I, 0) # 1)', a.attname)
                    WHEN typname IN ('json', 'jsonb') THEN format('to_%s(%L::text)', typname, 'changed by a drill')
                    WHEN typname = 'uuid' THEN 'gen_random_uuid()'
                    ELSE 'NULL'
                END AS value
                FROM pg_type WHERE oid = a.atttypid
            ) AS y
        WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            AND NOT EXISTS (SELECT FROM pg_depend d
                WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
            AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.contype = 'f'
                AND ((k.conrelid = c.oid AND a.attnum = ANY (k.conkey))
                    OR (k.confrelid = c.oid AND a.attnum = ANY (k.confkey))))
        ORDER BY EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey))
                OR EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND a.attnum = ANY (k.conkey)),
            y.value = 'NULL', n.nspname, c.relname, a.attnum
    LOOP
        BEGIN
            EXECUTE format('WITH row AS (SELECT ctid FROM ONLY %1$s WHERE %2$I::text IS DISTINCT FROM (%3$s)::text'
                ' LIMIT 1) UPDATE ONLY %1$s AS t SET %2$I = %3$s FROM row WHERE t.ctid = row.ctid',
                place.name, place.column, place.value);
            GET DIAGNOSTICS many = ROW_COUNT;
        EXCEPTION WHEN OTHERS THEN
            many := 0;
        END;
        IF many = 1 THEN
            RAISE NOTICE 'changed: % of one row of table %', place.column, place.name;
            RETURN;
        END IF;
    END LOOP;
    RAISE EXCEPTION 'no table has a row of which a value could be another';
END
$do$;
