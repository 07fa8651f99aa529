-- The roles of a cluster: made once by an administrator, before the first migration. Safe to run again.
-- The log-ins get their passwords from the administrator: ALTER ROLE stoa_app PASSWORD '…'.
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['stoa_owner', 'stoa_migrator', 'stoa_app', 'stoa_worker', 'stoa_platform', 'stoa_search'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', role);
        END IF;
    END LOOP;
END $$;

-- Makes and changes tables as their owner; fills columns past the policies, where the server lets us grant that.
ALTER ROLE stoa_migrator LOGIN;
GRANT stoa_owner TO stoa_migrator;
DO $$
BEGIN
    ALTER ROLE stoa_migrator BYPASSRLS;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'stoa_migrator is not BYPASSRLS here: backfills use a policy of their own';
END $$;

-- Reads the lexemes of all stores, and nothing else: it owns the one function that searches, and nobody logs in as it.
GRANT stoa_search TO stoa_migrator;

-- Serves every request.
ALTER ROLE stoa_app LOGIN;
ALTER ROLE stoa_app SET statement_timeout = '15s';
ALTER ROLE stoa_app SET lock_timeout = '5s';
ALTER ROLE stoa_app SET idle_in_transaction_session_timeout = '30s';

-- Runs jobs: as the app inside a store, and the queue.
ALTER ROLE stoa_worker LOGIN;
GRANT stoa_app TO stoa_worker;
ALTER ROLE stoa_worker SET idle_in_transaction_session_timeout = '120s';

-- Runs the platform: stores and operators, no store's data.
ALTER ROLE stoa_platform LOGIN;
ALTER ROLE stoa_platform SET statement_timeout = '15s';
ALTER ROLE stoa_platform SET lock_timeout = '5s';
ALTER ROLE stoa_platform SET idle_in_transaction_session_timeout = '30s';
