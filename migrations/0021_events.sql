-- What happened in a store, and what of it was passed on.
SET LOCAL ROLE stoa_owner;

CREATE TABLE public.events (
    tenant_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    -- What happened, dotted: `customer.registered`.
    type       text        NOT NULL CHECK (type ~ '^[a-z_]+\.[a-z_]+$'),
    -- What it happened to.
    subject_id uuid        NOT NULL,
    -- Facts for who is told of it. No secrets, and of people ids only.
    payload    jsonb       NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE public.events IS 'Business events, each written by the transaction that made it true.';
CREATE INDEX events_by_subject ON public.events (tenant_id, subject_id, id);
CREATE INDEX events_by_type ON public.events (tenant_id, type, id);
CREATE INDEX events_by_age ON public.events (tenant_id, created_at);
ALTER TABLE public.events ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.events FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.events
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, DELETE ON public.events TO stoa_app;

CREATE TABLE public.event_deliveries (
    tenant_id  uuid        NOT NULL,
    event_id   uuid        NOT NULL,
    -- By which way: `letter`.
    kind       text        NOT NULL,
    -- To whom: a user's id.
    recipient  text        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, event_id, kind, recipient),
    FOREIGN KEY (tenant_id, event_id) REFERENCES public.events (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.event_deliveries IS 'What was already handed on of an event, so that handing on twice does nothing.';
ALTER TABLE public.event_deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.event_deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.event_deliveries
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT ON public.event_deliveries TO stoa_app;
