-- Orders: what was bought, for how much, and what became of it.
SET LOCAL ROLE stoa_owner;

ALTER TABLE public.store_settings
    -- Whether buyers may pay the carrier.
    ADD COLUMN cash_on_delivery boolean NOT NULL DEFAULT true,
    -- Whether such an order counts as paid when it is made; else staff says so when the money is there.
    ADD COLUMN cash_on_delivery_is_paid boolean NOT NULL DEFAULT true;

CREATE TABLE public.order_counters (
    tenant_id uuid   NOT NULL,
    -- The highest number that was given.
    last      bigint NOT NULL CHECK (last >= 0),
    PRIMARY KEY (tenant_id)
);
COMMENT ON TABLE public.order_counters IS 'One row a store. Locked until the order that took the number is committed, so that none is missing.';
ALTER TABLE public.order_counters ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.order_counters FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.order_counters
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE ON public.order_counters TO stoa_app;

CREATE TABLE public.orders (
    tenant_id         uuid        NOT NULL,
    id                uuid        NOT NULL,
    -- 1, 2, 3 … in each store.
    number            bigint      NOT NULL CHECK (number > 0),
    status            text        NOT NULL CHECK (status IN ('open', 'completed', 'cancelled', 'expired')),
    payment_status    text        NOT NULL CHECK (payment_status IN
                      ('unpaid', 'pending', 'authorized', 'paid', 'partially_refunded', 'refunded', 'refund_due')),
    fulfilment_status text        NOT NULL CHECK (fulfilment_status IN ('unfulfilled', 'partial', 'fulfilled')),
    -- Who bought; none for visitors, and once the person is gone.
    customer_id       uuid,
    email             text        NOT NULL CHECK (length(email) BETWEEN 3 AND 254 AND email = lower(email)),
    -- SHA-256 of the token by which a visitor gets at the order.
    access_hash       bytea       CHECK (length(access_hash) = 32),
    currency          text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- Minor units of the currency.
    items_minor       bigint      NOT NULL CHECK (items_minor BETWEEN 0 AND 999999999999999),
    discount_minor    bigint      NOT NULL CHECK (discount_minor BETWEEN 0 AND items_minor),
    shipping_minor    bigint      NOT NULL CHECK (shipping_minor BETWEEN 0 AND 999999999999999),
    tax_minor         bigint      NOT NULL CHECK (tax_minor BETWEEN 0 AND 999999999999999),
    total_minor       bigint      NOT NULL CHECK (total_minor BETWEEN 0 AND 999999999999999),
    -- Whether the tax is in the prices, or on top.
    tax_included      boolean     NOT NULL,
    -- Copies: what the buyer said and saw then.
    shipping_address  jsonb       NOT NULL,
    shipping_method   jsonb,
    coupons           jsonb       NOT NULL DEFAULT '[]',
    note              text        CHECK (length(note) BETWEEN 1 AND 1000),
    -- Until when it waits for its payment; none once that is settled.
    expires_at        timestamptz,
    -- Why it was cancelled.
    cancelled_for     text        CHECK (cancelled_for IN ('buyer', 'staff', 'out_of_stock', 'deleted')),
    -- When it was removed from sight.
    deleted_at        timestamptz,
    version           bigint      NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT orders_number_once UNIQUE (tenant_id, number),
    CONSTRAINT orders_total_adds_up CHECK
        (total_minor = items_minor - discount_minor + shipping_minor + CASE WHEN tax_included THEN 0 ELSE tax_minor END),
    CONSTRAINT orders_cancelled_for_a_reason CHECK ((status = 'cancelled') = (cancelled_for IS NOT NULL))
);
COMMENT ON TABLE public.orders IS 'An order, with copies of what it was made from.';
CREATE INDEX orders_by_customer ON public.orders (tenant_id, customer_id, id DESC) WHERE customer_id IS NOT NULL;
CREATE INDEX orders_by_status ON public.orders (tenant_id, status, id DESC);
CREATE INDEX orders_by_payment ON public.orders (tenant_id, payment_status, id DESC);
CREATE INDEX orders_by_email ON public.orders (tenant_id, email, id DESC);
CREATE INDEX orders_by_end ON public.orders (tenant_id, expires_at) WHERE status = 'open' AND expires_at IS NOT NULL;
ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.orders FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.orders
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE ON public.orders TO stoa_app;

CREATE TABLE public.order_lines (
    tenant_id        uuid    NOT NULL,
    order_id         uuid    NOT NULL,
    variant_id       uuid    NOT NULL,
    -- The order in which they are shown.
    position         integer NOT NULL,
    product_id       uuid    NOT NULL,
    -- Copies: what the buyer saw then.
    product_slug     text    NOT NULL,
    name             text    NOT NULL,
    sku              text,
    options          jsonb   NOT NULL,
    unit_price_minor bigint  NOT NULL CHECK (unit_price_minor BETWEEN 0 AND 999999999999999),
    quantity         bigint  NOT NULL CHECK (quantity BETWEEN 1 AND 1000000),
    discount_minor   bigint  NOT NULL CHECK (discount_minor BETWEEN 0 AND unit_price_minor * quantity),
    tax_minor        bigint  NOT NULL CHECK (tax_minor BETWEEN 0 AND 999999999999999),
    total_minor      bigint  NOT NULL CHECK (total_minor BETWEEN 0 AND 999999999999999),
    -- How many have left.
    fulfilled        bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, order_id, variant_id),
    CONSTRAINT order_lines_no_more_than_bought CHECK (fulfilled BETWEEN 0 AND quantity),
    -- Deferred: the order's row is written last, with its number.
    FOREIGN KEY (tenant_id, order_id) REFERENCES public.orders (tenant_id, id) DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE public.order_lines IS 'What an order buys. The variant may be gone later; its name stays here.';
CREATE INDEX order_lines_by_product ON public.order_lines (tenant_id, product_id, order_id);
ALTER TABLE public.order_lines ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.order_lines FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.order_lines
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE ON public.order_lines TO stoa_app;

CREATE TABLE public.order_entries (
    tenant_id  uuid        NOT NULL,
    order_id   uuid        NOT NULL,
    id         uuid        NOT NULL,
    -- What happened, or `note` for what staff wrote.
    kind       text        NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
    -- Facts about it: amounts, quantities, words of staff.
    detail     jsonb       NOT NULL DEFAULT '{}',
    -- Whether the buyer sees it.
    shown      boolean     NOT NULL,
    -- Who of the staff did it, or which API key; none where the buyer or the shop itself did.
    actor_kind text        CHECK (actor_kind IN ('user', 'api_key')),
    actor_id   uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, order_id, id),
    CONSTRAINT order_entries_somebody_did CHECK ((actor_kind IS NULL) = (actor_id IS NULL)),
    FOREIGN KEY (tenant_id, order_id) REFERENCES public.orders (tenant_id, id) DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE public.order_entries IS 'The timeline of orders. Append-only.';
ALTER TABLE public.order_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.order_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.order_entries
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT ON public.order_entries TO stoa_app;

ALTER TABLE public.stock_reservations ADD CONSTRAINT stock_reservations_order_exists
    FOREIGN KEY (tenant_id, order_id) REFERENCES public.orders (tenant_id, id);
ALTER TABLE public.stock_movements ADD CONSTRAINT stock_movements_order_exists
    FOREIGN KEY (tenant_id, order_id) REFERENCES public.orders (tenant_id, id);
