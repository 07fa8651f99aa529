-- What is kept for a while is found by its age; stores say whether staff has letters.
SET LOCAL ROLE stoa_owner;

ALTER TABLE public.store_settings ADD COLUMN staff_letters boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN public.store_settings.staff_letters IS 'Whether staff has letters about what waits for it, such as reviews.';
CREATE INDEX invitations_by_end ON public.invitations (tenant_id, expires_at);
CREATE INDEX operator_sessions_by_end ON platform.operator_sessions (expires_at);
CREATE INDEX operator_tokens_by_end ON platform.operator_tokens (expires_at);
