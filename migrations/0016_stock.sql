-- What a store has, where, and how it came to have it.
SET LOCAL ROLE stoa_owner;

ALTER TABLE public.locations ADD COLUMN version bigint NOT NULL DEFAULT 1;

-- Whether any variant has something left to sell. Written when the product's availability crosses zero, not at each sale.
ALTER TABLE public.products ADD COLUMN in_stock boolean NOT NULL DEFAULT false;

-- Up to how many left staff is warned.
ALTER TABLE public.store_settings ADD COLUMN stock_critical integer NOT NULL DEFAULT 10
    CHECK (stock_critical BETWEEN 0 AND 1000000);
ALTER TABLE public.store_settings ADD COLUMN stock_medium integer NOT NULL DEFAULT 50
    CHECK (stock_medium BETWEEN 0 AND 1000000);
ALTER TABLE public.store_settings ADD CONSTRAINT store_settings_stock_levels_in_order CHECK (stock_critical <= stock_medium);

CREATE TABLE public.stock_levels (
    tenant_id   uuid   NOT NULL,
    variant_id  uuid   NOT NULL,
    location_id uuid   NOT NULL,
    -- What lies there: the sum of the movements.
    on_hand     bigint NOT NULL CHECK (on_hand BETWEEN 0 AND 1000000000),
    -- What of it is promised to orders that are being paid: the sum of the reservations.
    reserved    bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    PRIMARY KEY (tenant_id, variant_id, location_id),
    CONSTRAINT stock_levels_nothing_promised_twice CHECK (reserved <= on_hand),
    -- Without a cascade: what has a stock history stays.
    CONSTRAINT stock_levels_variant_exists FOREIGN KEY (tenant_id, variant_id) REFERENCES public.variants (tenant_id, id),
    CONSTRAINT stock_levels_location_exists FOREIGN KEY (tenant_id, location_id) REFERENCES public.locations (tenant_id, id)
);
COMMENT ON TABLE public.stock_levels IS 'What a store has of a variant at a place. A variant without a row has none there.';
CREATE INDEX stock_levels_by_location ON public.stock_levels (tenant_id, location_id);
ALTER TABLE public.stock_levels ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.stock_levels FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.stock_levels
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE ON public.stock_levels TO stoa_app;

CREATE TABLE public.stock_movements (
    tenant_id   uuid        NOT NULL,
    id          uuid        NOT NULL,
    variant_id  uuid        NOT NULL,
    location_id uuid        NOT NULL,
    -- What came, or went where it is negative.
    delta       bigint      NOT NULL CHECK (delta <> 0),
    reason      text        NOT NULL
                CHECK (reason IN ('initial', 'received', 'counted', 'returned', 'damaged', 'lost', 'correction', 'sold', 'put_back')),
    note        text        CHECK (length(note) BETWEEN 1 AND 500),
    -- Who of the staff moved it, or which API key; none where an order did.
    actor_kind  text        CHECK (actor_kind IN ('user', 'api_key')),
    actor_id    uuid,
    order_id    uuid,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT stock_movements_somebody_moved CHECK ((actor_kind IS NULL) = (actor_id IS NULL)),
    CONSTRAINT stock_movements_orders_sell CHECK ((reason IN ('sold', 'put_back')) = (order_id IS NOT NULL)),
    CONSTRAINT stock_movements_level_exists FOREIGN KEY (tenant_id, variant_id, location_id)
        REFERENCES public.stock_levels (tenant_id, variant_id, location_id)
);
COMMENT ON TABLE public.stock_movements IS 'Every change of what lies somewhere. Append-only: the application may neither change nor remove a row.';
-- An order takes what it sells once, and gives it back once.
CREATE UNIQUE INDEX stock_movements_once_an_order
    ON public.stock_movements (tenant_id, order_id, variant_id, location_id, reason) WHERE order_id IS NOT NULL;
CREATE INDEX stock_movements_by_variant ON public.stock_movements (tenant_id, variant_id, id DESC);
ALTER TABLE public.stock_movements ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.stock_movements FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.stock_movements
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT ON public.stock_movements TO stoa_app;

CREATE TABLE public.stock_reservations (
    tenant_id   uuid        NOT NULL,
    order_id    uuid        NOT NULL,
    variant_id  uuid        NOT NULL,
    location_id uuid        NOT NULL,
    quantity    bigint      NOT NULL CHECK (quantity > 0),
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, order_id, variant_id, location_id),
    CONSTRAINT stock_reservations_level_exists FOREIGN KEY (tenant_id, variant_id, location_id)
        REFERENCES public.stock_levels (tenant_id, variant_id, location_id)
);
COMMENT ON TABLE public.stock_reservations IS 'What is promised to an order that is being paid. The row goes when the promise ends.';
CREATE INDEX stock_reservations_by_level ON public.stock_reservations (tenant_id, variant_id, location_id);
CREATE INDEX stock_reservations_by_end ON public.stock_reservations (tenant_id, expires_at);
ALTER TABLE public.stock_reservations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.stock_reservations FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.stock_reservations
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.stock_reservations TO stoa_app;

CREATE TABLE public.idempotency_keys (
    tenant_id  uuid        NOT NULL,
    -- The operation's name in the API's document.
    operation  text        NOT NULL CHECK (length(operation) BETWEEN 1 AND 100),
    -- SHA-256 of who asked: a user, a key, a visitor's token.
    caller     bytea       NOT NULL CHECK (length(caller) = 32),
    key        text        NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    -- SHA-256 of what was asked.
    request    bytea       NOT NULL CHECK (length(request) = 32),
    status     smallint    NOT NULL CHECK (status BETWEEN 200 AND 499),
    -- The answer, without secrets.
    answer     text        NOT NULL,
    -- The headers `Location` and `ETag`, where the answer has them.
    location   text,
    version    bigint,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, operation, caller, key)
);
COMMENT ON TABLE public.idempotency_keys IS 'First answers to requests that may be repeated; written in the transaction of their effect.';
CREATE INDEX idempotency_keys_by_end ON public.idempotency_keys (tenant_id, expires_at);
ALTER TABLE public.idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.idempotency_keys
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, DELETE ON public.idempotency_keys TO stoa_app;
