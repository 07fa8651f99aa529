-- Which gateways a store takes payments through, and with which settings.
SET LOCAL ROLE stoa_owner;

CREATE TABLE public.store_gateways (
    tenant_id  uuid        NOT NULL,
    gateway    text        NOT NULL CHECK (gateway ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
    -- The version in platform.gateway_versions that new payments begin with.
    version_id bytea       NOT NULL CHECK (length(version_id) = 32),
    -- Whether buyers can choose it. One that was switched off keeps what payments through it still need.
    enabled    boolean     NOT NULL,
    -- Whether new payments move no real money.
    sandbox    boolean     NOT NULL,
    -- The settings that are no secrets.
    settings   jsonb       NOT NULL CHECK (jsonb_typeof(settings) = 'object' AND octet_length(settings::text) <= 65536),
    version    bigint      NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, gateway)
);
COMMENT ON TABLE public.store_gateways IS 'One row a gateway that the store has switched on at least once.';
ALTER TABLE public.store_gateways ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.store_gateways FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.store_gateways
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE ON public.store_gateways TO stoa_app;

CREATE TABLE public.store_gateway_secrets (
    tenant_id uuid  NOT NULL,
    gateway   text  NOT NULL,
    name      text  NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- Tells which key it is sealed with.
    key_id    bytea NOT NULL CHECK (length(key_id) = 8),
    -- A nonce of 24 bytes, and the secret under XChaCha20-Poly1305 with store, gateway and name as associated data.
    sealed    bytea NOT NULL CHECK (octet_length(sealed) BETWEEN 40 AND 8192),
    PRIMARY KEY (tenant_id, gateway, name),
    FOREIGN KEY (tenant_id, gateway) REFERENCES public.store_gateways (tenant_id, gateway)
);
COMMENT ON TABLE public.store_gateway_secrets IS
    'Secrets of gateways, sealed with a key that is not in the database. They are opened for a call of the gateway, and part of no export.';
ALTER TABLE public.store_gateway_secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.store_gateway_secrets FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.store_gateway_secrets
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.store_gateway_secrets TO stoa_app;
