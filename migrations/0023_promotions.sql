-- Coupons, and who used them.
SET LOCAL ROLE stoa_owner;

CREATE TABLE public.coupons (
    tenant_id          uuid        NOT NULL,
    id                 uuid        NOT NULL,
    -- Upper case: codes that differ in case alone are one.
    code               text        NOT NULL CHECK (code ~ '^[A-Z0-9_-]{1,40}$'),
    description        text        NOT NULL DEFAULT '' CHECK (length(description) <= 500),
    kind               text        NOT NULL CHECK (kind IN ('percentage', 'amount', 'free_shipping')),
    -- Of a percentage: parts in ten thousand.
    basis_points       integer     CHECK (basis_points BETWEEN 1 AND 10000),
    -- Of an amount: minor units of the store's currency.
    amount_minor       bigint      CHECK (amount_minor BETWEEN 1 AND 999999999999999),
    -- What the covered lines must cost at least, before coupons.
    minimum_minor      bigint      CHECK (minimum_minor BETWEEN 0 AND 999999999999999),
    -- What it covers; both empty: everything. Without keys, so that what is removed does not widen what is left.
    product_ids        uuid[]      NOT NULL DEFAULT '{}' CHECK (cardinality(product_ids) <= 100),
    category_ids       uuid[]      NOT NULL DEFAULT '{}' CHECK (cardinality(category_ids) <= 100),
    first_order_only   boolean     NOT NULL,
    -- Whether it goes together with other coupons that do.
    stackable          boolean     NOT NULL,
    -- How often it can be used, by all and by one buyer.
    total_limit        bigint      CHECK (total_limit BETWEEN 1 AND 1000000000),
    per_customer_limit bigint      CHECK (per_customer_limit BETWEEN 1 AND 1000000000),
    starts_at          timestamptz,
    ends_at            timestamptz,
    active             boolean     NOT NULL,
    -- Uses that were taken and not given back.
    used               bigint      NOT NULL DEFAULT 0 CHECK (used >= 0),
    version            bigint      NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT coupons_code_once UNIQUE (tenant_id, code),
    CONSTRAINT coupons_value_of_kind CHECK ((basis_points IS NOT NULL) = (kind = 'percentage')
                                        AND (amount_minor IS NOT NULL) = (kind = 'amount')),
    CONSTRAINT coupons_dates_in_order CHECK (ends_at > starts_at),
    CONSTRAINT coupons_used_within_limit CHECK (used <= total_limit)
);
COMMENT ON TABLE public.coupons IS 'Codes that take something off an order.';
ALTER TABLE public.coupons ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.coupons FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.coupons
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.coupons TO stoa_app;

CREATE TABLE public.coupon_uses (
    tenant_id      uuid        NOT NULL,
    id             uuid        NOT NULL,
    coupon_id      uuid        NOT NULL,
    order_id       uuid        NOT NULL,
    -- SHA-256 of the store and the buyer's e-mail address: one buyer, logged in or not. The address is with the order.
    buyer          bytea       NOT NULL CHECK (length(buyer) = 32),
    customer_id    uuid,
    -- Whether the coupon was for first orders only, then.
    first_order    boolean     NOT NULL,
    -- What it took off.
    discount_minor bigint      NOT NULL CHECK (discount_minor BETWEEN 0 AND 999999999999999),
    taken_at       timestamptz NOT NULL,
    given_back_at  timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT coupon_uses_once UNIQUE (tenant_id, order_id, coupon_id),
    CONSTRAINT coupon_uses_coupon_exists FOREIGN KEY (tenant_id, coupon_id) REFERENCES public.coupons (tenant_id, id)
);
COMMENT ON TABLE public.coupon_uses IS 'One row for each coupon of an order, taken with it and given back with it.';
CREATE INDEX coupon_uses_by_coupon ON public.coupon_uses (tenant_id, coupon_id, id DESC);
CREATE INDEX coupon_uses_by_buyer ON public.coupon_uses (tenant_id, coupon_id, buyer) WHERE given_back_at IS NULL;
-- A buyer has one first order, whatever happens at the same moment.
CREATE UNIQUE INDEX coupon_uses_one_first_order ON public.coupon_uses (tenant_id, buyer)
    WHERE first_order AND given_back_at IS NULL;
ALTER TABLE public.coupon_uses ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.coupon_uses FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.coupon_uses
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE ON public.coupon_uses TO stoa_app;
