-- Two more reasons for which staff has to look at a payment, and how the payments are found that somebody has to see to.
SET LOCAL ROLE stoa_owner;

ALTER TABLE public.payments
    DROP CONSTRAINT payments_held_for_check,
    -- `unanswered`: its gateway was asked for long, and did not say what became of it. `promise`: its gateway does not let go.
    ADD CONSTRAINT payments_held_for_check CHECK (held_for IN ('amount', 'transaction', 'unanswered', 'promise'));
CREATE INDEX payments_to_see_to ON public.payments (tenant_id, id) WHERE held_for IS NOT NULL OR doing IN ('capture', 'void');
