-- Payments of orders, what was given back of them, and what happened to them.
SET LOCAL ROLE stoa_owner;

CREATE TABLE public.payments (
    tenant_id      uuid        NOT NULL,
    id             uuid        NOT NULL,
    order_id       uuid        NOT NULL,
    -- Which way it is paid: `cash-on-delivery`.
    gateway        text        NOT NULL CHECK (gateway ~ '^[a-z0-9][a-z0-9-]{0,63}$'),
    status         text        NOT NULL CHECK (status IN ('created', 'pending', 'authorized', 'captured', 'voided', 'failed',
                                                          'cancelled', 'indeterminate', 'partially_refunded', 'refunded')),
    -- Minor units of the order's currency.
    amount_minor   bigint      NOT NULL CHECK (amount_minor BETWEEN 0 AND 999999999999999),
    currency       text        NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    captured_minor bigint      NOT NULL DEFAULT 0,
    -- What was given back, and what is on its way back.
    refunded_minor bigint      NOT NULL DEFAULT 0,
    -- Where the buyer's browser goes when it comes back.
    return_url     text        CHECK (length(return_url) <= 2000),
    version        bigint      NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT payments_no_more_captured_than_asked CHECK (captured_minor BETWEEN 0 AND amount_minor),
    CONSTRAINT payments_no_more_refunded_than_captured CHECK (refunded_minor BETWEEN 0 AND captured_minor),
    FOREIGN KEY (tenant_id, order_id) REFERENCES public.orders (tenant_id, id)
);
COMMENT ON TABLE public.payments IS 'One row a payment; it moves by compare-and-set.';
-- One open payment an order.
CREATE UNIQUE INDEX payments_one_open ON public.payments (tenant_id, order_id)
    WHERE status IN ('created', 'pending', 'authorized', 'indeterminate');
CREATE INDEX payments_by_order ON public.payments (tenant_id, order_id, id);
CREATE INDEX payments_by_status ON public.payments (tenant_id, status, id DESC);
ALTER TABLE public.payments ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.payments FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.payments
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE ON public.payments TO stoa_app;

CREATE TABLE public.refunds (
    tenant_id    uuid        NOT NULL,
    id           uuid        NOT NULL,
    payment_id   uuid        NOT NULL,
    amount_minor bigint      NOT NULL CHECK (amount_minor BETWEEN 1 AND 999999999999999),
    status       text        NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
    reason       text        CHECK (length(reason) BETWEEN 1 AND 500),
    actor_kind   text        CHECK (actor_kind IN ('user', 'api_key')),
    actor_id     uuid,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT refunds_somebody_gave CHECK ((actor_kind IS NULL) = (actor_id IS NULL)),
    FOREIGN KEY (tenant_id, payment_id) REFERENCES public.payments (tenant_id, id)
);
COMMENT ON TABLE public.refunds IS 'What was given back of a payment; those that did not fail add up to its `refunded_minor`.';
CREATE INDEX refunds_by_payment ON public.refunds (tenant_id, payment_id, id);
ALTER TABLE public.refunds ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.refunds FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.refunds
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE ON public.refunds TO stoa_app;

CREATE TABLE public.payment_entries (
    tenant_id   uuid        NOT NULL,
    payment_id  uuid        NOT NULL,
    id          uuid        NOT NULL,
    kind        text        NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
    from_status text,
    to_status   text        NOT NULL,
    detail      jsonb       NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, payment_id, id),
    FOREIGN KEY (tenant_id, payment_id) REFERENCES public.payments (tenant_id, id)
);
COMMENT ON TABLE public.payment_entries IS 'The log of payments: each step, with what a gateway said. Append-only.';
ALTER TABLE public.payment_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.payment_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.payment_entries
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT ON public.payment_entries TO stoa_app;
