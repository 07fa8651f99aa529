-- Every way in which the schema could let a row out of its store. No rows: none was found.
-- `rule` is stable; `object` is what breaks it; `detail` says how.
WITH
-- What came with an extension is its author's work and holds no store's rows.
of_extensions AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e'),
relations AS (
    SELECT c.oid, n.nspname AS schema, c.relname AS name, format('%I.%I', n.nspname, c.relname) AS object, c.relkind,
           c.relrowsecurity, c.relforcerowsecurity, c.reloptions, c.relacl, c.relowner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'platform') AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
      AND NOT EXISTS (SELECT FROM of_extensions e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid)
),
tables AS (SELECT * FROM relations WHERE relkind IN ('r', 'p')),
tenant_tables AS (
    SELECT t.*, a.attnum AS tenant, a.attnotnull, a.atthasdef, a.atttypid
    FROM tables t LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    WHERE t.schema = 'public'
),
policies AS (
    SELECT p.polrelid, p.polname, p.polpermissive, p.polcmd, p.polroles,
           replace(pg_get_expr(p.polqual, p.polrelid), 'public.', '') AS qual,
           replace(pg_get_expr(p.polwithcheck, p.polrelid), 'public.', '') AS with_check
    FROM pg_policy p
),
functions AS (
    SELECT p.oid, n.nspname AS schema, format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) AS object,
           format('%I.%I(%s)', n.nspname, p.proname, oidvectortypes(p.proargtypes)) AS signature,
           p.prosecdef, p.proconfig, p.proacl, p.proowner, p.proargtypes, p.proargnames, p.proleakproof
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND NOT EXISTS (SELECT FROM of_extensions e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid)
),
-- The functions that may see past the policies of who calls them. Each was looked at: none gives away another store's rows.
listed_definers (signature) AS (
    VALUES ('platform.find_store(text, text)'),
           ('platform.find_store_by_id(uuid)'),
           ('platform.open_store(text, text, text, timestamp with time zone)'),
           ('platform.this_store()'),
           ('platform.change_this_store(text, text[], text, bigint)'),
           ('platform.gateways(bytea[])'),
           ('platform.gateway_component(bytea)'),
           ('public.forget_in_audit(text[], uuid[])'),
           ('public.search_products(text[], integer[], boolean[], tsquery, tsquery, boolean, bigint, bigint, boolean, boolean)')
),
request_roles AS (
    SELECT oid, rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication
    FROM pg_roles WHERE rolname IN ('stoa_app', 'stoa_worker', 'stoa_platform')
),
grants AS (
    SELECT t.object, t.schema, t.name, t.relkind, g.grantee, coalesce(r.rolname, 'PUBLIC') AS role, g.privilege_type AS privilege
    FROM relations t CROSS JOIN aclexplode(t.relacl) g LEFT JOIN pg_roles r ON r.oid = g.grantee
    UNION
    SELECT format('%s.%I', t.object, a.attname), t.schema, t.name, t.relkind, g.grantee, coalesce(r.rolname, 'PUBLIC'), g.privilege_type
    FROM relations t JOIN pg_attribute a ON a.attrelid = t.oid CROSS JOIN aclexplode(a.attacl) g
    LEFT JOIN pg_roles r ON r.oid = g.grantee
)
SELECT 'current_tenant_changed' AS rule, 'public.current_tenant()' AS object,
       'the function that every policy asks is not the one of the migrations' AS detail
WHERE NOT EXISTS (
    SELECT FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.oid = to_regprocedure('public.current_tenant()') AND l.lanname = 'sql' AND p.prorettype = 'uuid'::regtype
      AND NOT p.prosecdef AND NOT p.proretset AND p.provolatile = 's' AND p.proconfig IS NULL
      AND p.proowner = (SELECT oid FROM pg_roles WHERE rolname = 'stoa_owner')
      AND pg_get_function_sqlbody(p.oid) = 'RETURN (NULLIF(current_setting(''app.tenant_id''::text, true), ''''::text))::uuid'
)
UNION ALL
SELECT 'row_security_off', object, 'row-level security is not enabled'
FROM tables WHERE NOT relrowsecurity
UNION ALL
SELECT 'row_security_not_forced', object, 'row-level security does not bind the owner'
FROM tables WHERE NOT relforcerowsecurity
UNION ALL
SELECT 'no_policy', object, 'no policy says whose the rows are'
FROM tables t WHERE NOT EXISTS (SELECT FROM policies p WHERE p.polrelid = t.oid)
UNION ALL
SELECT 'policy_not_of_the_one_form', t.object, format('policy %I: USING %s WITH CHECK %s', p.polname, p.qual, p.with_check)
FROM tenant_tables t JOIN policies p ON p.polrelid = t.oid
WHERE (p.qual IS DISTINCT FROM '(tenant_id = ( SELECT current_tenant() AS current_tenant))'
       OR p.with_check IS DISTINCT FROM '(tenant_id = ( SELECT current_tenant() AS current_tenant))'
       OR p.polcmd <> '*' OR NOT p.polpermissive)
  -- The one exception: who owns search_products reads the lexemes of all stores, and nothing but them.
  AND NOT (t.name = 'search_documents' AND p.polname = 'search_reads' AND p.polcmd = 'r' AND p.qual = 'true'
           AND p.polroles = ARRAY[(SELECT oid FROM pg_roles WHERE rolname = 'stoa_search')])
UNION ALL
SELECT 'platform_policy_for_everyone', t.object, format('policy %I is not limited to roles', p.polname)
FROM tables t JOIN policies p ON p.polrelid = t.oid
WHERE t.schema = 'platform' AND 0 = ANY (p.polroles)
UNION ALL
SELECT 'no_tenant_column', object, 'tenant_id must be there, uuid, NOT NULL, without a default'
FROM tenant_tables WHERE tenant IS NULL OR NOT attnotnull OR atthasdef OR atttypid <> 'uuid'::regtype
UNION ALL
SELECT 'no_primary_key', object, 'every table has a primary key'
FROM tables t WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary)
UNION ALL
SELECT 'key_without_tenant', t.object, format('%I does not begin with tenant_id', c.relname)
FROM tenant_tables t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class c ON c.oid = i.indexrelid
WHERE (i.indisunique OR i.indisexclusion) AND i.indkey[0] IS DISTINCT FROM t.tenant
UNION ALL
SELECT 'foreign_key_without_tenant', t.object, format('%I does not begin with tenant_id on both sides', k.conname)
FROM tenant_tables t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
LEFT JOIN tenant_tables other ON other.oid = k.confrelid
WHERE k.conkey[1] IS DISTINCT FROM t.tenant
   OR NOT (k.confkey[1] IS NOT DISTINCT FROM other.tenant OR k.confrelid = to_regclass('platform.stores'))
UNION ALL
SELECT 'foreign_key_sets_tenant_null', t.object, format('%I would set tenant_id to NULL or a default', k.conname)
FROM tenant_tables t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
WHERE k.confdeltype IN ('n', 'd') AND (k.confdelsetcols IS NULL OR t.tenant = ANY (k.confdelsetcols))
UNION ALL
SELECT 'foreign_key_into_a_store', t.object, format('%I of a platform table leads into a store''s rows', k.conname)
FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
JOIN tenant_tables other ON other.oid = k.confrelid WHERE t.schema = 'platform'
UNION ALL
SELECT 'view_of_its_owner', object, 'a view sees what its owner sees unless it is security_invoker'
FROM relations
WHERE relkind = 'v' AND NOT coalesce(reloptions && ARRAY['security_invoker=true', 'security_invoker=on', 'security_invoker=1', 'security_invoker=yes'], false)
UNION ALL
SELECT 'materialized_view', object, 'a materialized view has no policies' FROM relations WHERE relkind = 'm'
UNION ALL
SELECT 'foreign_table', object, 'a foreign table has no policies' FROM relations WHERE relkind = 'f'
UNION ALL
SELECT 'unknown_schema', format('%I.%I', n.nspname, c.relname), 'tables live in public and platform'
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname NOT IN ('public', 'platform', 'migrations', 'information_schema') AND n.nspname NOT LIKE 'pg\_%'
UNION ALL
SELECT 'stray_in_migrations', format('%I.%I', n.nspname, c.relname), 'schema migrations holds the list of migrations alone'
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'migrations' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relname <> '_sqlx_migrations'
UNION ALL
SELECT 'rule_on_table', t.object, format('rule %I rewrites what is asked of it', w.rulename)
FROM relations t JOIN pg_rewrite w ON w.ev_class = t.oid WHERE w.rulename <> '_RETURN'
UNION ALL
SELECT 'definer_not_listed', object, 'a SECURITY DEFINER function sees past policies; only those listed in faults.sql may'
FROM functions WHERE prosecdef AND signature NOT IN (SELECT signature FROM listed_definers)
UNION ALL
SELECT 'definer_without_tenant', object, 'a SECURITY DEFINER function that looks no store up works on the store of the setting'
FROM functions
WHERE prosecdef AND signature IN (SELECT signature FROM listed_definers) AND signature NOT LIKE 'platform.find\_store%'
  AND strpos(coalesce(pg_get_function_sqlbody(oid), ''), 'current_tenant()') = 0
UNION ALL
SELECT 'definer_takes_tenant', object, 'a SECURITY DEFINER function in public takes its tenant from the setting alone'
FROM functions
WHERE prosecdef AND schema = 'public'
  AND ('uuid'::regtype = ANY (proargtypes::oid[]) OR array_to_string(proargnames, ' ') ~* '(tenant|store)')
UNION ALL
SELECT 'definer_without_search_path', object, 'a SECURITY DEFINER function fixes its search_path'
FROM functions
WHERE prosecdef AND NOT EXISTS (SELECT FROM unnest(proconfig) setting WHERE setting LIKE 'search_path=%')
UNION ALL
SELECT 'definer_of_superuser', f.object, 'a SECURITY DEFINER function must not run as a superuser'
FROM functions f JOIN pg_roles r ON r.oid = f.proowner WHERE f.prosecdef AND r.rolsuper
UNION ALL
SELECT 'owner_past_policies', object, format('its owner %s is superuser or has BYPASSRLS', r.rolname)
FROM (SELECT object, relowner FROM tables UNION ALL SELECT object, proowner FROM functions WHERE prosecdef) o (object, owner)
JOIN pg_roles r ON r.oid = o.owner WHERE r.rolsuper OR r.rolbypassrls
UNION ALL
SELECT 'leakproof_function', object, 'functions of our own are never LEAKPROOF' FROM functions WHERE proleakproof
UNION ALL
SELECT 'function_for_everyone', f.object, 'PUBLIC may execute it'
FROM functions f CROSS JOIN aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) g
WHERE g.grantee = 0 AND f.schema IN ('public', 'platform')
UNION ALL
SELECT 'table_for_everyone', object, format('PUBLIC has %s', privilege) FROM grants WHERE grantee = 0
UNION ALL
SELECT 'too_much_granted', object, format('%s has %s', role, privilege)
FROM grants WHERE role IN ('stoa_app', 'stoa_worker', 'stoa_platform') AND privilege IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')
UNION ALL
SELECT 'app_reads_platform', object, format('%s has %s', role, privilege)
FROM grants
WHERE schema = 'platform' AND role IN ('stoa_app', 'stoa_worker')
  -- The queue: a request puts a job in, the worker takes it out.
  AND NOT (name = 'jobs' AND (role = 'stoa_worker' OR privilege = 'INSERT'))
  AND NOT (name = 'job_slots' AND role = 'stoa_worker')
UNION ALL
SELECT 'platform_reads_stores', object, format('%s has %s', role, privilege)
FROM grants WHERE schema = 'public' AND role = 'stoa_platform'
UNION ALL
SELECT 'sequence_granted', format('%I.%I', n.nspname, c.relname), format('%s has %s; a sequence counts for all stores', coalesce(r.rolname, 'PUBLIC'), g.privilege_type)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN aclexplode(c.relacl) g
LEFT JOIN pg_roles r ON r.oid = g.grantee
WHERE n.nspname = 'public' AND c.relkind = 'S' AND (g.grantee = 0 OR g.grantee IN (SELECT oid FROM request_roles))
UNION ALL
SELECT 'granted_by_default', coalesce(n.nspname, 'every schema'),
       format('what %s makes is granted to %s', pg_get_userbyid(d.defaclrole), coalesce(r.rolname, 'PUBLIC'))
FROM pg_default_acl d CROSS JOIN aclexplode(d.defaclacl) g
LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace LEFT JOIN pg_roles r ON r.oid = g.grantee
WHERE (g.grantee = 0 OR g.grantee IN (SELECT oid FROM request_roles))
  -- Types and functions are everyone's unless PostgreSQL is told otherwise; `function_for_everyone` sees to the functions.
  AND NOT (g.grantee = 0 AND d.defaclnamespace = 0 AND d.defaclobjtype IN ('T', 'f'))
UNION ALL
SELECT 'setting_kept', coalesce(r.rolname, 'every role') || coalesce(' in ' || b.datname, ''),
       format('%s is set; only timeouts may be', split_part(setting, '=', 1))
FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) setting
LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database b ON b.oid = s.setdatabase
WHERE (s.setdatabase = 0 OR b.datname = current_database())
  AND (s.setrole = 0 OR r.rolname IN ('stoa_owner', 'stoa_migrator', 'stoa_search', session_user) OR r.oid IN (SELECT oid FROM request_roles))
  AND split_part(setting, '=', 1) NOT IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')
UNION ALL
SELECT 'setting_of_the_server', name, format('a connection begins with it as `%s`', value)
FROM (VALUES ('app.tenant_id', '', current_setting('app.tenant_id', true)),
             ('row_security', 'on', current_setting('row_security')),
             ('session_replication_role', 'origin', current_setting('session_replication_role'))) s (name, sound, value)
WHERE coalesce(value, '') <> sound
UNION ALL
SELECT 'role_too_strong', rolname, 'must not be superuser, BYPASSRLS, CREATEROLE, CREATEDB or REPLICATION'
FROM request_roles WHERE rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
UNION ALL
SELECT 'searcher_too_strong', r.rolname, 'must not log in, nor be superuser, BYPASSRLS, CREATEROLE, CREATEDB or REPLICATION'
FROM pg_roles r
WHERE r.rolname = 'stoa_search'
  AND (r.rolcanlogin OR r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication)
UNION ALL
SELECT 'searcher_too_strong', r.rolname, format('is a member of %s', other.rolname)
FROM pg_roles r JOIN pg_roles other ON other.oid <> r.oid AND pg_has_role(r.oid, other.oid, 'MEMBER')
WHERE r.rolname = 'stoa_search' AND NOT r.rolsuper
UNION ALL
SELECT 'searcher_too_strong', g.object, format('%s has %s', g.role, g.privilege)
FROM grants g WHERE g.role = 'stoa_search' AND (g.object, g.privilege) <> ('public.search_documents', 'SELECT')
UNION ALL
SELECT 'searcher_too_strong', object, 'stoa_search owns nothing but search_products'
FROM (SELECT object, relowner FROM relations
      UNION ALL SELECT object, proowner FROM functions WHERE object NOT LIKE 'public.search_products(%') o (object, owner)
JOIN pg_roles r ON r.oid = o.owner WHERE r.rolname = 'stoa_search'
UNION ALL
SELECT 'role_owns', r.rolname, format('owns %s', t.object)
FROM relations t JOIN request_roles r ON r.oid = t.relowner
UNION ALL
SELECT 'role_is_member', r.rolname, format('is a member of %s', other.rolname)
FROM request_roles r JOIN pg_roles other ON other.oid <> r.oid AND pg_has_role(r.oid, other.oid, 'MEMBER')
WHERE NOT r.rolsuper AND (r.rolname, other.rolname) <> ('stoa_worker', 'stoa_app')
UNION ALL
SELECT 'schema_open', n.nspname, format('%s has %s', coalesce(r.rolname, 'PUBLIC'), g.privilege_type)
FROM pg_namespace n CROSS JOIN aclexplode(n.nspacl) g LEFT JOIN pg_roles r ON r.oid = g.grantee
WHERE n.nspname IN ('public', 'platform', 'migrations')
  AND (g.privilege_type = 'CREATE' AND (g.grantee = 0 OR g.grantee IN (SELECT oid FROM request_roles) OR r.rolname = 'stoa_search')
       OR g.grantee = 0 AND n.nspname <> 'public')
ORDER BY 1, 2, 3
