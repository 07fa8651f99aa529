-- An answer that is kept while a gateway is still being asked is not the last word: who repeats the request is told to wait.
SET LOCAL ROLE stoa_owner;

ALTER TABLE public.idempotency_keys
    -- Until when the last word is waited for; none where this is it. After that, what asked was killed, and this has to do.
    ADD COLUMN waits_until timestamptz;
GRANT UPDATE (waits_until) ON public.idempotency_keys TO stoa_app;
