-- Who did what: append-only, in the transaction that did it.
SET LOCAL ROLE stoa_owner;

CREATE TABLE public.audit_entries (
    tenant_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    at         timestamptz NOT NULL,
    actor_kind text        NOT NULL CHECK (actor_kind IN ('user', 'api_key', 'operator')),
    actor_id   uuid        NOT NULL,
    -- The operation's name in the API's document.
    action     text        NOT NULL,
    -- What was written to, and its id or name.
    thing      text        NOT NULL,
    thing_id   text        NOT NULL,
    request_id uuid        NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE public.audit_entries IS 'Every write by staff, keys and operators to a store. Nothing here names a person but by id.';
CREATE INDEX audit_entries_by_actor ON public.audit_entries (tenant_id, actor_id, id);
CREATE INDEX audit_entries_by_thing ON public.audit_entries (tenant_id, thing, thing_id, id);
ALTER TABLE public.audit_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.audit_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.audit_entries
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT ON public.audit_entries TO stoa_app;

CREATE TABLE public.audit_details (
    tenant_id uuid NOT NULL,
    entry_id  uuid NOT NULL,
    -- Where the request came from.
    address   text NOT NULL,
    -- What was there and what is there now; secrets are redacted.
    before    jsonb,
    after     jsonb,
    PRIMARY KEY (tenant_id, entry_id),
    FOREIGN KEY (tenant_id, entry_id) REFERENCES public.audit_entries (tenant_id, id)
);
COMMENT ON TABLE public.audit_details IS 'What of an entry may be personal, apart so that erasing a person can empty it and leave the entry.';
ALTER TABLE public.audit_details ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.audit_details FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.audit_details
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT ON public.audit_details TO stoa_app;

CREATE TABLE platform.audit_entries (
    id          uuid        NOT NULL,
    at          timestamptz NOT NULL,
    operator_id uuid        NOT NULL,
    action      text        NOT NULL,
    thing       text        NOT NULL,
    thing_id    text        NOT NULL,
    request_id  uuid        NOT NULL,
    address     text        NOT NULL,
    before      jsonb,
    after       jsonb,
    CONSTRAINT audit_entries_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE platform.audit_entries IS 'Every write by operators to the platform.';
ALTER TABLE platform.audit_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.audit_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_only ON platform.audit_entries TO stoa_platform, stoa_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON platform.audit_entries TO stoa_platform;

-- Tokens that a mail to an operator carries.
CREATE TABLE platform.operator_tokens (
    hash        bytea       NOT NULL CHECK (length(hash) = 32),
    operator_id uuid        NOT NULL REFERENCES platform.operators (id) ON DELETE CASCADE,
    purpose     text        NOT NULL CHECK (purpose IN ('reset')),
    expires_at  timestamptz NOT NULL,
    CONSTRAINT operator_tokens_pkey PRIMARY KEY (hash)
);
CREATE INDEX operator_tokens_by_operator ON platform.operator_tokens (operator_id);
ALTER TABLE platform.operator_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE platform.operator_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY platform_only ON platform.operator_tokens TO stoa_platform, stoa_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON platform.operator_tokens TO stoa_platform;
