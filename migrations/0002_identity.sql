-- Who signs in: people of a store, and the operators of the platform.
SET LOCAL ROLE stoa_owner;

CREATE TABLE public.users (
    tenant_id     uuid        NOT NULL,
    id            uuid        NOT NULL,
    email         text        NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    name          text        NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- argon2id, in PHC format.
    password_hash text        NOT NULL,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT users_email_once UNIQUE (tenant_id, email)
);
COMMENT ON TABLE public.users IS 'People of one store. The same e-mail in two stores is two people.';
ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.users FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.users
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.users TO stoa_app;

CREATE TABLE public.user_roles (
    tenant_id uuid NOT NULL,
    user_id   uuid NOT NULL,
    role      text NOT NULL CHECK (role ~ '^[a-z][a-z0-9_-]{0,39}$'),
    PRIMARY KEY (tenant_id, user_id, role),
    FOREIGN KEY (tenant_id, user_id) REFERENCES public.users (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.user_roles IS 'Roles of staff. Someone without a role here is no staff.';
ALTER TABLE public.user_roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.user_roles FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.user_roles
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
-- UPDATE only to lock rows.
GRANT SELECT, INSERT, UPDATE, DELETE ON public.user_roles TO stoa_app;

CREATE TABLE public.sessions (
    tenant_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    user_id    uuid        NOT NULL,
    -- The API that the log-in is for.
    surface    text        NOT NULL CHECK (surface IN ('storefront', 'admin')),
    created_at timestamptz NOT NULL,
    -- When it ends if it is not renewed.
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES public.users (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.sessions IS 'Log-ins that go on. Renewing and ending one lock its row, so that they follow one another.';
CREATE INDEX sessions_by_user ON public.sessions (tenant_id, user_id);
CREATE INDEX sessions_by_end ON public.sessions (tenant_id, expires_at);
ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.sessions
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.sessions TO stoa_app;

CREATE TABLE public.refresh_tokens (
    tenant_id  uuid        NOT NULL,
    -- SHA-256 of the token, which itself is kept nowhere.
    hash       bytea       NOT NULL CHECK (length(hash) = 32),
    session_id uuid        NOT NULL,
    -- Using a token twice ends its session.
    used_at    timestamptz,
    PRIMARY KEY (tenant_id, hash),
    FOREIGN KEY (tenant_id, session_id) REFERENCES public.sessions (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.refresh_tokens IS 'Single-use tokens that renew a session.';
CREATE INDEX refresh_tokens_by_session ON public.refresh_tokens (tenant_id, session_id, used_at);
ALTER TABLE public.refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.refresh_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.refresh_tokens
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.refresh_tokens TO stoa_app;

CREATE TABLE platform.operators (
    id            uuid        NOT NULL,
    email         text        NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    name          text        NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- argon2id, in PHC format.
    password_hash text        NOT NULL,
    created_at    timestamptz NOT NULL,
    CONSTRAINT operators_pkey PRIMARY KEY (id),
    CONSTRAINT operators_email_once UNIQUE (email)
);
COMMENT ON TABLE platform.operators IS 'People who run the platform. They are users of no store.';
ALTER TABLE platform.operators ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.operators FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_only ON platform.operators TO stoa_platform, stoa_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.operators TO stoa_platform;

CREATE TABLE platform.operator_sessions (
    id          uuid        NOT NULL,
    operator_id uuid        NOT NULL REFERENCES platform.operators (id) ON DELETE CASCADE,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    CONSTRAINT operator_sessions_pkey PRIMARY KEY (id)
);
CREATE INDEX operator_sessions_by_operator ON platform.operator_sessions (operator_id);
ALTER TABLE platform.operator_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.operator_sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_only ON platform.operator_sessions TO stoa_platform, stoa_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.operator_sessions TO stoa_platform;

CREATE TABLE platform.operator_refresh_tokens (
    -- SHA-256 of the token, which itself is kept nowhere.
    hash       bytea       NOT NULL CHECK (length(hash) = 32),
    session_id uuid        NOT NULL REFERENCES platform.operator_sessions (id) ON DELETE CASCADE,
    used_at    timestamptz,
    CONSTRAINT operator_refresh_tokens_pkey PRIMARY KEY (hash)
);
COMMENT ON TABLE platform.operator_refresh_tokens IS 'Single-use tokens that renew an operator''s session.';
CREATE INDEX operator_refresh_tokens_by_session ON platform.operator_refresh_tokens (session_id, used_at);
ALTER TABLE platform.operator_refresh_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.operator_refresh_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_only ON platform.operator_refresh_tokens TO stoa_platform, stoa_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON platform.operator_refresh_tokens TO stoa_platform;
