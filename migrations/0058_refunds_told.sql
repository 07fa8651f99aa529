-- Refunds of which nobody says what became of them are staff's to look at.
SET LOCAL ROLE stoa_owner;

ALTER TABLE public.refunds
    -- When staff was told so.
    ADD COLUMN told_at timestamptz;
