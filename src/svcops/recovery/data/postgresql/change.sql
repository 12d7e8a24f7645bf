-- Make one value of one row another, of the first table that has a column that nothing refers to; say which.
SET search_path = '';
SET session_replication_role = replica;
DO $do$
DECLARE
    place record;
    many bigint;
BEGIN
    FOR place IN
        SELECT format('%I.%I', n.nspname, c.relname) AS name, a.attname AS column,
            CASE
                WHEN y.typcategory = 'N' THEN format('coalesce(%I, 0) + 1', a.attname)
                WHEN y.typcategory = 'B' THEN format('NOT coalesce(%I, false)', a.attname)
                WHEN y.typcategory = 'D' THEN format('%I + interval ''1 day''', a.attname)
                WHEN y.typname = 'bytea' THEN format('set_byte(%1$I, 0, get_byte(%1$I, 0) # 1)', a.attname)
                ELSE format('overlay(%1$I::text PLACING CASE left(%1$I::text, 1) WHEN ''x'' THEN ''y'' ELSE ''x'' END'
                    ' FROM 1 FOR 1)', a.attname)
            END AS value
        FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            JOIN pg_type y ON y.oid = a.atttypid
        WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            AND (y.typcategory IN ('N', 'B', 'D', 'S') OR y.typname = 'bytea')
            AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey))
            AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND a.attnum = ANY (k.conkey))
        ORDER BY n.nspname, c.relname, a.attnum
    LOOP
        BEGIN
            EXECUTE format('WITH row AS (SELECT ctid FROM ONLY %1$s WHERE %2$I IS DISTINCT FROM %3$s LIMIT 1)'
                ' UPDATE ONLY %1$s AS t SET %2$I = %3$s FROM row WHERE t.ctid = row.ctid',
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
