-- What an operator does from a shell of the server is written down, too.
SET LOCAL ROLE stoa_owner;

ALTER TABLE public.audit_entries
    DROP CONSTRAINT audit_entries_actor_kind_check,
    ADD CONSTRAINT audit_entries_actor_kind_check CHECK (actor_kind IN ('user', 'api_key', 'operator', 'shell'));
COMMENT ON COLUMN public.audit_entries.actor_id IS 'The user, key or operator; all zeros for the shell, which has no accounts.';
COMMENT ON COLUMN platform.audit_entries.operator_id IS 'All zeros for what was done from a shell of the server, which has no accounts.';
