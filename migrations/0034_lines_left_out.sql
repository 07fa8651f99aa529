-- A merged cart says what had no room in it.
SET LOCAL ROLE stoa_owner;

ALTER TABLE public.carts ADD COLUMN left_out integer NOT NULL DEFAULT 0 CHECK (left_out >= 0);
COMMENT ON COLUMN public.carts.left_out IS 'How many lines of another cart had no room when that became a part of this one; until it is changed.';
