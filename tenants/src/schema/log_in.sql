-- Why whoever logged in is not fit for the work of the role $1. No row: there is no reason.
SELECT CASE WHEN fits THEN 'log_in_too_strong' ELSE 'log_in_of_another_kind' END AS rule, me.rolname::text AS object,
       concat_ws(', ', CASE WHEN me.rolsuper THEN 'is superuser' END, CASE WHEN me.rolbypassrls THEN 'has BYPASSRLS' END,
                 CASE WHEN me.rolcreaterole THEN 'has CREATEROLE' END, CASE WHEN me.rolreplication THEN 'has REPLICATION' END,
                 CASE WHEN owns THEN 'owns tables' END, 'is a member of ' || others,
                 CASE WHEN NOT fits THEN 'is not ' || $1 || ' nor a member of it' END) AS detail
FROM pg_roles me
CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                   WHERE n.nspname IN ('public', 'platform') AND c.relkind IN ('r', 'p') AND c.relowner = me.oid),
           -- A superuser is a member of everything, and is named as what it is.
           (SELECT string_agg(other.rolname, ', ' ORDER BY other.rolname) FROM pg_roles other
            WHERE NOT me.rolsuper AND other.rolname <> $1 AND other.oid <> me.oid AND pg_has_role(me.oid, other.oid, 'MEMBER')
              -- Inside a store a worker is the app.
              AND ($1, other.rolname) <> ('stoa_worker', 'stoa_app')),
           EXISTS (SELECT FROM pg_roles r WHERE r.rolname = $1 AND pg_has_role(me.oid, r.oid, 'MEMBER'))
) found (owns, others, fits)
WHERE me.rolname IN (session_user, current_user)
  AND (me.rolsuper OR me.rolbypassrls OR me.rolcreaterole OR me.rolreplication OR owns OR others IS NOT NULL OR NOT fits)
