-- What an administrator runs once in a new database, as its owner or a superuser. Safe to run again.
-- Only the four log-ins come in, and nobody makes schemas or temporary tables but the owner.
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO stoa_app, stoa_worker, stoa_platform, stoa_migrator', current_database());
END $$;

-- Large objects have no row-level security: one store could read another's. Nobody makes or reads any, where the server
-- lets us see to that.
DO $$
DECLARE
    function text;
BEGIN
    FOR function IN
        SELECT p.oid::regprocedure
        FROM pg_catalog.pg_proc p CROSS JOIN pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) g
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND g.grantee = 0
          AND (p.proname LIKE 'lo\_%' OR p.proname IN ('loread', 'lowrite'))
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', function);
    END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'large objects can be made here: only a superuser may close them';
END $$;
