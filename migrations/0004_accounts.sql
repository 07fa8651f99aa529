-- The rest of identity: customers, one-time tokens, a store's own roles, API keys.
SET LOCAL ROLE stoa_owner;

-- When the person proved that the address is its own.
ALTER TABLE public.users ADD COLUMN email_confirmed_at timestamptz;
ALTER TABLE public.users ADD COLUMN version bigint NOT NULL DEFAULT 1;

CREATE TABLE public.customers (
    tenant_id  uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    phone      text        CHECK (length(phone) BETWEEN 3 AND 32),
    birth_date date,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES public.users (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.customers IS 'Users who shop. Made with the user, in one transaction.';
ALTER TABLE public.customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.customers FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.customers
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.customers TO stoa_app;

CREATE TABLE public.account_tokens (
    tenant_id  uuid        NOT NULL,
    -- SHA-256 of the token, which only the mail holds.
    hash       bytea       NOT NULL CHECK (length(hash) = 32),
    user_id    uuid        NOT NULL,
    purpose    text        NOT NULL CHECK (purpose IN ('confirm', 'reset')),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, hash),
    FOREIGN KEY (tenant_id, user_id) REFERENCES public.users (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.account_tokens IS 'Tokens that a mail carries, each good once: it is deleted when used.';
CREATE INDEX account_tokens_by_user ON public.account_tokens (tenant_id, user_id, purpose);
CREATE INDEX account_tokens_by_end ON public.account_tokens (tenant_id, expires_at);
ALTER TABLE public.account_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.account_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.account_tokens
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, DELETE ON public.account_tokens TO stoa_app;

CREATE TABLE public.invitations (
    tenant_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    -- SHA-256 of the token, which only the mail holds.
    hash       bytea       NOT NULL CHECK (length(hash) = 32),
    email      text        NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    name       text        NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    roles      text[]      NOT NULL CHECK (cardinality(roles) BETWEEN 1 AND 20),
    invited_by uuid        NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT invitations_hash_once UNIQUE (tenant_id, hash),
    CONSTRAINT invitations_email_once UNIQUE (tenant_id, email),
    FOREIGN KEY (tenant_id, invited_by) REFERENCES public.users (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.invitations IS 'Staff to be. Roles are given when the invitation is taken up, by whoever reads the mail, as far as its sender may then.';
CREATE INDEX invitations_by_sender ON public.invitations (tenant_id, invited_by);
ALTER TABLE public.invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.invitations
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, DELETE ON public.invitations TO stoa_app;

CREATE TABLE public.roles (
    tenant_id   uuid        NOT NULL,
    name        text        NOT NULL CHECK (name ~ '^[a-z][a-z0-9_-]{0,39}$'),
    label       text        NOT NULL CHECK (length(label) BETWEEN 1 AND 100),
    -- Names of permissions; one that this build does not know gives nothing.
    permissions text[]      NOT NULL CHECK (cardinality(permissions) <= 100),
    version     bigint      NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
COMMENT ON TABLE public.roles IS 'Roles of a store''s own, beside the built-in ones, which are in the policy.';
ALTER TABLE public.roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.roles FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.roles
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.roles TO stoa_app;

CREATE TABLE public.api_keys (
    tenant_id    uuid        NOT NULL,
    id           uuid        NOT NULL,
    name         text        NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- SHA-256 of the secret, which was shown once.
    hash         bytea       NOT NULL CHECK (length(hash) = 32),
    -- Names of permissions. The key never does more than its maker may at the time.
    scopes       text[]      NOT NULL CHECK (cardinality(scopes) BETWEEN 1 AND 100),
    made_by      uuid        NOT NULL,
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT api_keys_hash_once UNIQUE (tenant_id, hash),
    FOREIGN KEY (tenant_id, made_by) REFERENCES public.users (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.api_keys IS 'Keys of back-office integrations. A key ends with its maker''s account.';
CREATE INDEX api_keys_by_maker ON public.api_keys (tenant_id, made_by);
ALTER TABLE public.api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.api_keys
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE ON public.api_keys TO stoa_app;

-- Looks a store up by its id, for a request that an API key alone names.
CREATE FUNCTION platform.find_store_by_id(by_id uuid)
    RETURNS TABLE (id uuid, slug text, name text, currency text, status text, allowed_origins text[], language text,
                   version bigint, created_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT s.id, s.slug, s.name, s.currency, s.status, s.allowed_origins, s.language, s.version, s.created_at
        FROM platform.stores s WHERE s.id = by_id;
    END;
GRANT EXECUTE ON FUNCTION platform.find_store_by_id(uuid) TO stoa_app, stoa_worker;
