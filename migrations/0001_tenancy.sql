-- The registry of stores, and the one rule by which a store's rows are its own.
SET LOCAL ROLE stoa_owner;

CREATE SCHEMA platform;
COMMENT ON SCHEMA platform IS 'What belongs to no single store: the registry of stores and hosts, operators.';
GRANT USAGE ON SCHEMA platform TO stoa_app, stoa_worker, stoa_platform;

-- What this role makes from here on is executable by nobody until it is granted.
ALTER DEFAULT PRIVILEGES FOR ROLE stoa_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- The store of this transaction, or none. Reads '' (never NULL) once a connection has had a store, hence the nullif.
CREATE FUNCTION public.current_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;
GRANT EXECUTE ON FUNCTION public.current_tenant() TO stoa_app, stoa_worker;

CREATE TABLE platform.stores (
    id              uuid        NOT NULL,
    slug            text        NOT NULL CHECK (slug ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$' AND length(slug) BETWEEN 3 AND 40),
    name            text        NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    currency        text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    status          text        NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'closing', 'erased')),
    -- Origins of other hosts whose pages may call the store's APIs from a browser.
    allowed_origins text[]      NOT NULL DEFAULT '{}' CHECK (cardinality(allowed_origins) <= 20),
    -- BCP 47: the language of the store's letters.
    language        text        NOT NULL DEFAULT 'en' CHECK (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
    version         bigint      NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    CONSTRAINT stores_pkey PRIMARY KEY (id),
    CONSTRAINT stores_slug_once UNIQUE (slug)
);
COMMENT ON TABLE platform.stores IS 'The registry of stores. The application reaches it through functions only.';
ALTER TABLE platform.stores ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.stores FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_only ON platform.stores TO stoa_platform, stoa_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON platform.stores TO stoa_platform;

CREATE TABLE platform.hosts (
    host        text        NOT NULL CHECK (host = lower(host)),
    store_id    uuid        NOT NULL REFERENCES platform.stores (id),
    -- When the store proved that the name is its own; before that it leads nowhere.
    verified_at timestamptz,
    CONSTRAINT hosts_pkey PRIMARY KEY (host)
);
COMMENT ON TABLE platform.hosts IS 'Custom domains. A host belongs to one store on the whole deployment.';
CREATE INDEX hosts_by_store ON platform.hosts (store_id);
ALTER TABLE platform.hosts ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.hosts FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_only ON platform.hosts TO stoa_platform, stoa_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.hosts TO stoa_platform;

-- Looks a store up by its custom domain, or by its slug. Answers what the edge must know before there is a tenant.
CREATE FUNCTION platform.find_store(by_host text, by_slug text)
    RETURNS TABLE (id uuid, slug text, name text, currency text, status text, allowed_origins text[], language text,
                   version bigint, created_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT s.id, s.slug, s.name, s.currency, s.status, s.allowed_origins, s.language, s.version, s.created_at
        FROM platform.stores s
        WHERE s.id = (SELECT h.store_id FROM platform.hosts h WHERE h.host = by_host AND h.verified_at IS NOT NULL)
        UNION ALL
        SELECT s.id, s.slug, s.name, s.currency, s.status, s.allowed_origins, s.language, s.version, s.created_at
        FROM platform.stores s WHERE s.slug = by_slug;
    END;
GRANT EXECUTE ON FUNCTION platform.find_store(text, text) TO stoa_app, stoa_worker;

-- Registers the store of this transaction. The tenant comes from the setting and can't be somebody else's: the id must
-- be new.
CREATE FUNCTION platform.open_store(new_slug text, new_name text, new_currency text, opened_at timestamptz)
    RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        INSERT INTO platform.stores (id, slug, name, currency, created_at)
        VALUES (public.current_tenant(), new_slug, new_name, new_currency, opened_at);
    END;
GRANT EXECUTE ON FUNCTION platform.open_store(text, text, text, timestamptz) TO stoa_app;

-- The registry's row of this transaction's store.
CREATE FUNCTION platform.this_store()
    RETURNS TABLE (id uuid, slug text, name text, currency text, status text, allowed_origins text[], language text,
                   version bigint, created_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT s.id, s.slug, s.name, s.currency, s.status, s.allowed_origins, s.language, s.version, s.created_at
        FROM platform.stores s WHERE s.id = public.current_tenant();
    END;
GRANT EXECUTE ON FUNCTION platform.this_store() TO stoa_app, stoa_worker;

-- Changes what a store's own staff may change of its row, where `expected` is still its version (any, if null).
CREATE FUNCTION platform.change_this_store(new_name text, new_origins text[], new_language text, expected bigint)
    RETURNS TABLE (id uuid, slug text, name text, currency text, status text, allowed_origins text[], language text,
                   version bigint, created_at timestamptz)
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        UPDATE platform.stores s
        SET name = coalesce(new_name, s.name), allowed_origins = coalesce(new_origins, s.allowed_origins),
            language = coalesce(new_language, s.language), version = s.version + 1
        WHERE s.id = public.current_tenant() AND s.version = coalesce(expected, s.version)
        RETURNING s.id, s.slug, s.name, s.currency, s.status, s.allowed_origins, s.language, s.version, s.created_at;
    END;
GRANT EXECUTE ON FUNCTION platform.change_this_store(text, text[], text, bigint) TO stoa_app;

CREATE TABLE public.store_settings (
    tenant_id            uuid    NOT NULL REFERENCES platform.stores (id),
    -- How long an order waits for its payment.
    order_expiry_minutes integer NOT NULL DEFAULT 15 CHECK (order_expiry_minutes BETWEEN 1 AND 10080),
    tax_included         boolean NOT NULL DEFAULT true,
    PRIMARY KEY (tenant_id)
);
COMMENT ON TABLE public.store_settings IS 'One row a store: how it trades. Its name and currency are in platform.stores.';
ALTER TABLE public.store_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.store_settings FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.store_settings
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE ON public.store_settings TO stoa_app;

CREATE TABLE public.locations (
    tenant_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    name       text        NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    is_default boolean     NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE public.locations IS 'Places that hold stock.';
CREATE UNIQUE INDEX locations_one_default ON public.locations (tenant_id) WHERE is_default;
ALTER TABLE public.locations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.locations FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.locations
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.locations TO stoa_app;
