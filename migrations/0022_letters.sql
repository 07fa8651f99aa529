-- The token of an invitation is made when its letter is written, which may be done again.
SET LOCAL ROLE stoa_owner;

GRANT UPDATE (hash) ON public.invitations TO stoa_app;
COMMENT ON COLUMN public.invitations.hash IS 'SHA-256 of the token, which only the mail holds. Until the letter is written, of one that nobody has.';
