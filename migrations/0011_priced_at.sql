-- The moment that prices were last made for.
SET LOCAL ROLE stoa_owner;

ALTER TABLE public.catalog_state ADD COLUMN priced_at timestamptz;
COMMENT ON COLUMN public.catalog_state.priced_at IS
    'The latest moment for which all prices were made; none before the first. Nobody makes a price for an earlier one: who began before a discount and came after it would not see it.';
