-- The registry of payment gateways: which components there are, and which of them stores may use.
SET LOCAL ROLE stoa_owner;

CREATE TABLE platform.gateway_versions (
    -- The SHA-256 of the component.
    id              bytea       NOT NULL CHECK (length(id) = 32),
    -- What the gateway calls itself, for good: `zarinpal`.
    gateway         text        NOT NULL CHECK (gateway ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
    -- Semantic version; with `+` and a part of the hash where the build brings other bytes under the same number.
    version         text        NOT NULL CHECK (length(version) BETWEEN 5 AND 64),
    name            text        NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- The version of the contract that it was built for.
    contract        text        NOT NULL CHECK (length(contract) BETWEEN 1 AND 20),
    imports         text[]      NOT NULL,
    -- The only hosts that it may talk to.
    hosts           text[]      NOT NULL,
    -- What it can do besides taking payments.
    capabilities    text[]      NOT NULL,
    -- ISO 4217; none means every one.
    currencies      text[]      NOT NULL,
    -- JSON Schema (2020-12), as the component says it.
    settings_schema text        NOT NULL CHECK (octet_length(settings_schema) <= 65536),
    size            bigint      NOT NULL CHECK (size > 0),
    component       bytea       NOT NULL CHECK (octet_length(component) = size),
    state           text        NOT NULL CHECK (state IN ('uploaded', 'approved', 'withdrawn')),
    -- Whether it came with a build of the program instead of an upload.
    bundled         boolean     NOT NULL,
    row_version     bigint      NOT NULL DEFAULT 1,
    -- Who changed its state last; all zeros for the program itself and for its shell.
    operator_id     uuid        NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    CONSTRAINT gateway_versions_pkey PRIMARY KEY (id),
    CONSTRAINT gateway_versions_once UNIQUE (gateway, version)
);
COMMENT ON TABLE platform.gateway_versions IS
    'Versions of payment gateways. None is ever deleted: payments that were begun with one end with it. The application reaches it through functions only.';
-- Components don't get smaller, and are read as a whole.
ALTER TABLE platform.gateway_versions ALTER COLUMN component SET STORAGE EXTERNAL;
ALTER TABLE platform.gateway_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.gateway_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_only ON platform.gateway_versions TO stoa_platform, stoa_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON platform.gateway_versions TO stoa_platform;
GRANT UPDATE (state, row_version, operator_id, updated_at) ON platform.gateway_versions TO stoa_platform;

-- What a store may know of versions: those that are named, or, where none is named, all that are approved. Nothing of it
-- belongs to a store; whoever asks must be in one.
CREATE FUNCTION platform.gateways(wanted bytea[])
    RETURNS TABLE (id bytea, gateway text, version text, name text, hosts text[], capabilities text[], currencies text[],
                   settings_schema text, state text, created_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT v.id, v.gateway, v.version, v.name, v.hosts, v.capabilities, v.currencies, v.settings_schema, v.state,
               v.created_at
        FROM platform.gateway_versions v
        WHERE public.current_tenant() IS NOT NULL
          AND CASE WHEN wanted IS NULL THEN v.state = 'approved' ELSE v.id = ANY (wanted) END;
    END;
GRANT EXECUTE ON FUNCTION platform.gateways(bytea[]) TO stoa_app, stoa_worker;

-- The bytes of one version, to be run.
CREATE FUNCTION platform.gateway_component(wanted bytea)
    RETURNS bytea
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT v.component FROM platform.gateway_versions v
        WHERE v.id = wanted AND public.current_tenant() IS NOT NULL;
    END;
GRANT EXECUTE ON FUNCTION platform.gateway_component(bytea) TO stoa_app, stoa_worker;
