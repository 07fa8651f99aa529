-- Payments that go through gateways: what a gateway said of each, and what it is being asked.
SET LOCAL ROLE stoa_owner;

ALTER TABLE public.payments
    -- The SHA-256 of the component that it was begun with, and ends with; none where nobody has to be asked.
    ADD COLUMN gateway_version bytea CHECK (length(gateway_version) = 32),
    -- Whether no real money moves.
    ADD COLUMN sandbox boolean NOT NULL DEFAULT false,
    -- The gateway's name for it.
    ADD COLUMN reference text CHECK (length(reference) BETWEEN 1 AND 200),
    -- What the gateway calls the money's movement.
    ADD COLUMN transaction_id text CHECK (length(transaction_id) BETWEEN 1 AND 200),
    -- What was paid with, masked.
    ADD COLUMN instrument text CHECK (length(instrument) BETWEEN 1 AND 100),
    -- What the gateway wants back with every call.
    ADD COLUMN session bytea CHECK (octet_length(session) <= 16384),
    -- What the buyer has to do: `{"kind", "url", "fields"}`.
    ADD COLUMN next jsonb,
    -- What is on its way back: refunds that the gateway has not answered for good.
    ADD COLUMN returning_minor bigint NOT NULL DEFAULT 0,
    -- Money that its order has no use for: all of it is to be given back.
    ADD COLUMN surplus boolean NOT NULL DEFAULT false,
    -- Why staff has to look at it.
    ADD COLUMN held_for text CHECK (held_for IN ('amount', 'transaction')),
    -- What the gateway is being asked to do; until it has answered, it is asked nothing else.
    ADD COLUMN doing text CHECK (doing IN ('create', 'capture', 'void')),
    -- Until when whoever asks is waited for.
    ADD COLUMN busy_until timestamptz,
    -- SHA-256 of who began it with which idempotency key, and of what was asked then.
    ADD COLUMN start_key bytea CHECK (length(start_key) = 32),
    ADD COLUMN start_request bytea CHECK (length(start_request) = 32),
    DROP CONSTRAINT payments_no_more_refunded_than_captured,
    ADD CONSTRAINT payments_no_more_refunded_than_captured
        CHECK (refunded_minor >= 0 AND returning_minor >= 0 AND refunded_minor + returning_minor <= captured_minor),
    ADD CONSTRAINT payments_reference_once UNIQUE (tenant_id, gateway, reference),
    ADD CONSTRAINT payments_transaction_once UNIQUE (tenant_id, gateway, transaction_id);
COMMENT ON COLUMN public.payments.refunded_minor IS 'What was given back, for good.';
-- An answer that was kept with the asking is replaced by what came of it.
GRANT UPDATE (status, answer, location, version) ON public.idempotency_keys TO stoa_app;
CREATE INDEX payments_by_start ON public.payments (tenant_id, start_key, id DESC) WHERE start_key IS NOT NULL;

ALTER TABLE public.refunds
    -- What the gateway calls it, and its own word.
    ADD COLUMN reference text CHECK (length(reference) BETWEEN 1 AND 200),
    ADD COLUMN raw_code text CHECK (length(raw_code) BETWEEN 1 AND 200),
    -- When the gateway was asked; none before.
    ADD COLUMN asked_at timestamptz,
    DROP CONSTRAINT refunds_status_check,
    ADD CONSTRAINT refunds_status_check CHECK (status IN ('pending', 'indeterminate', 'succeeded', 'failed'));
COMMENT ON TABLE public.refunds IS
    'What is given back of a payment: those that succeeded add up to its `refunded_minor`, those under way to its `returning_minor`.';
-- One under way a payment, so that what the gateway says of it can be told apart.
CREATE UNIQUE INDEX refunds_one_under_way ON public.refunds (tenant_id, payment_id) WHERE status IN ('pending', 'indeterminate');
