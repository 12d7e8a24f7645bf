-- What a database holds, a JSON array a part: name, count, SHA-256. Worked out by the server, in the transaction that is
-- open, so that no row leaves it. psql is told whether sequences count by their values (sequence_values), and whether
-- unlogged tables do (unlogged): a base backup brings neither back as they were. PostgreSQL 13 or later.

-- Whatever is set for the server, the database or the role: a value has one text, and no limit ends this.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET extra_float_digits = 3;
SET DateStyle = 'ISO, YMD';
SET IntervalStyle = 'postgres';
SET TimeZone = 'UTC';
SET bytea_output = 'hex';
SET lc_monetary = 'C';
SET xmlbinary = 'base64';
SET quote_all_identifiers = off;
SET search_path = '';
SET row_security = off;
SET jit = off;

-- Each table: a row is its columns in the order of their names, as that of a child may be another once it is restored.
-- Rows count in the order of their digests; groups by their first byte keep what is joined below 1 GB.
WITH extension_table AS (
    SELECT d.objid AS oid, x.extcondition[array_position(x.extconfig, d.objid)] AS condition
    FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
), own AS (
    SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name, e.condition,
        (SELECT coalesce(string_agg(format('t.%I', a.attname), ', ' ORDER BY a.attname::text COLLATE "C"), '')
         FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN extension_table e ON e.oid = c.oid
    WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND (e.oid IS NULL OR e.condition IS NOT NULL)  -- of an extension's tables, what pg_dump takes
        AND (c.relpersistence = 'p' OR (c.relpersistence = 'u' AND :'unlogged'::boolean))
)
SELECT format(
    $$SELECT json_build_array(%L, coalesce(sum(many), 0),
        encode(sha256(coalesce(string_agg(digest, ''::bytea ORDER BY first), ''::bytea)), 'hex'))
    FROM (
        SELECT substr(one, 1, 1) AS first, count(*) AS many, sha256(string_agg(one, ''::bytea ORDER BY one)) AS digest
        FROM (SELECT sha256(convert_to(ROW(%s)::text, getdatabaseencoding())) AS one FROM ONLY %s AS t %s) AS every
        GROUP BY 1
    ) AS every$$,
    'table ' || name, columns, name, condition)
FROM own ORDER BY name \gexec

-- Each sequence.
SELECT format(
    $$SELECT json_build_array(%L, 1, encode(sha256(format('%%s %%s', last_value, is_called)::bytea), 'hex')) FROM %s$$,
    'sequence ' || name, name)
FROM (
    SELECT format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'S' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND c.relpersistence <> 't' AND :'sequence_values'::boolean
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
            AND d.deptype = 'e')
) AS every ORDER BY name \gexec

-- Large objects, by their numbers.
SELECT json_build_array('large objects', count(*),
    encode(sha256(coalesce(string_agg(one, ''::bytea ORDER BY oid), ''::bytea)), 'hex'))
FROM (SELECT oid, sha256(format('%s ', oid)::bytea || sha256(lo_get(oid))) AS one FROM pg_largeobject_metadata) AS every
HAVING count(*) > 0;

-- The schema, by names and types. Expressions are not compared: a server may write one in another way once it is loaded.
WITH extension_member AS (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), own AS (
    SELECT c.oid, c.relkind, c.relrowsecurity, format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relpersistence <> 't'
        AND ('pg_class'::regclass, c.oid) NOT IN (SELECT classid, objid FROM extension_member)
), line AS (
    SELECT format('database %s %s %s', pg_encoding_to_char(encoding), datcollate, datctype) AS text
    FROM pg_database WHERE datname = current_database()
    UNION ALL SELECT format('extension %I', extname) FROM pg_extension
    UNION ALL SELECT format('relation %s %s %s', relkind, name, relrowsecurity) FROM own WHERE relkind NOT IN ('i', 'I')
    UNION ALL SELECT format('column %s.%I %s %s %s %s %s', name, attname, format_type(atttypid, atttypmod), attnotnull,
            atthasdef, attgenerated, attidentity)
        FROM own JOIN pg_attribute ON attrelid = oid
        WHERE relkind IN ('r', 'p', 'f', 'c', 'v', 'm') AND attnum > 0 AND NOT attisdropped
    UNION ALL SELECT format('index %s %s %s %s %s', own.name, indrelid::regclass, indisunique, indisprimary,
            (SELECT string_agg(coalesce(a.attname, '?'), ',' ORDER BY key.at)
             FROM unnest(indkey) WITH ORDINALITY AS key (attnum, at)
             LEFT JOIN pg_attribute a ON a.attrelid = indrelid AND a.attnum = key.attnum AND key.attnum <> 0))
        FROM own JOIN pg_index ON indexrelid = own.oid WHERE indisvalid
    UNION ALL SELECT format('constraint %s %I %s %s', own.name, conname, contype, convalidated)
        FROM own JOIN pg_constraint ON conrelid = own.oid WHERE conparentid = 0 AND contype IN ('c', 'f', 'p', 'u', 'x')
    UNION ALL SELECT format('trigger %s %I %s', own.name, tgname, tgenabled)
        FROM own JOIN pg_trigger ON tgrelid = own.oid WHERE NOT tgisinternal AND tgparentid = 0
    UNION ALL SELECT format('policy %s %I %s', own.name, polname, polcmd) FROM own JOIN pg_policy ON polrelid = own.oid
    UNION ALL SELECT format('function %s %s %s', p.oid::regprocedure, prokind,
            encode(sha256(convert_to(prosrc, getdatabaseencoding())), 'hex'))
        FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            AND ('pg_proc'::regclass, p.oid) NOT IN (SELECT classid, objid FROM extension_member)
    UNION ALL SELECT format('enum %s %s', enumtypid::regtype, string_agg(quote_ident(enumlabel), ',' ORDER BY enumsortorder))
        FROM pg_enum WHERE ('pg_type'::regclass, enumtypid) NOT IN (SELECT classid, objid FROM extension_member)
        GROUP BY enumtypid
    UNION ALL SELECT format('domain %s %s', t.oid::regtype, format_type(typbasetype, typtypmod))
        FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace
        WHERE typtype = 'd' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            AND ('pg_type'::regclass, t.oid) NOT IN (SELECT classid, objid FROM extension_member)
)
SELECT json_build_array('schema', count(*), encode(sha256(string_agg(one, ''::bytea ORDER BY one)), 'hex'))
FROM (SELECT sha256(convert_to(text, getdatabaseencoding())) AS one FROM line) AS every;

SELECT json_build_array('end');
