-- What somebody wants to buy.
SET LOCAL ROLE stoa_owner;

CREATE TABLE public.carts (
    tenant_id   uuid        NOT NULL,
    id          uuid        NOT NULL,
    -- A customer's cart, or else
    customer_id uuid,
    -- that of whoever has the token: its SHA-256.
    token_hash  bytea       CHECK (length(token_hash) = 32),
    -- [{"variant", "quantity", "seen_minor", "name", "slug"}]: what is wanted, the price that was seen, and what it was called
    -- then. In the row, so that locking the row locks all of it; without keys, so that what vanishes can be told.
    items       jsonb       NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(items) = 'array' AND jsonb_array_length(items) <= 100),
    -- The codes of its coupons.
    codes       text[]      NOT NULL DEFAULT '{}' CHECK (cardinality(codes) <= 5),
    version     bigint      NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL,
    -- When it was last changed.
    touched_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT carts_of_one CHECK ((customer_id IS NULL) <> (token_hash IS NULL)),
    CONSTRAINT carts_one_a_customer UNIQUE (tenant_id, customer_id),
    CONSTRAINT carts_one_a_token UNIQUE (tenant_id, token_hash),
    CONSTRAINT carts_customer_exists FOREIGN KEY (tenant_id, customer_id)
        REFERENCES public.users (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.carts IS 'One row a cart. It holds no stock and promises no price.';
CREATE INDEX carts_abandoned ON public.carts (tenant_id, touched_at) WHERE token_hash IS NOT NULL;
ALTER TABLE public.carts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.carts FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.carts
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.carts TO stoa_app;
