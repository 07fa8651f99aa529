-- An order whose money was promised and never came ends one day.
SET LOCAL ROLE stoa_owner;

ALTER TABLE public.orders DROP CONSTRAINT orders_cancelled_for_check;
ALTER TABLE public.orders ADD CONSTRAINT orders_cancelled_for_check
    CHECK (cancelled_for IN ('buyer', 'staff', 'out_of_stock', 'deleted', 'lapsed'));
