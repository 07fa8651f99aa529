-- How many were sold of each product, and what the dashboard counts.
SET LOCAL ROLE stoa_owner;

CREATE TABLE public.sold_changes (
    tenant_id  uuid   NOT NULL,
    -- That of the movement.
    id         uuid   NOT NULL,
    variant_id uuid   NOT NULL,
    -- How many more were sold; fewer where they were put back.
    delta      bigint NOT NULL CHECK (delta <> 0),
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE public.sold_changes IS
    'What orders took and put back and `products.sold` does not count yet. A checkout appends here; a job adds up and removes.';
ALTER TABLE public.sold_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.sold_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.sold_changes
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.sold_changes TO stoa_app;

-- Whoever moves stock for an order, it is noted: in the same transaction, without touching the product.
CREATE FUNCTION public.note_sold() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp
AS $$
BEGIN
    INSERT INTO sold_changes (tenant_id, id, variant_id, delta) VALUES (NEW.tenant_id, NEW.id, NEW.variant_id, -NEW.delta);
    RETURN NULL;
END
$$;
CREATE TRIGGER stock_movements_note_sold AFTER INSERT ON public.stock_movements
    FOR EACH ROW WHEN (NEW.order_id IS NOT NULL) EXECUTE FUNCTION public.note_sold();

-- What was sold before is counted with the store's next order.
CREATE POLICY backfill ON public.stock_movements TO stoa_migrator USING (true);
CREATE POLICY backfill ON public.sold_changes TO stoa_migrator USING (true) WITH CHECK (true);
RESET ROLE;
INSERT INTO public.sold_changes (tenant_id, id, variant_id, delta)
SELECT m.tenant_id, m.id, m.variant_id, -m.delta FROM public.stock_movements m WHERE m.order_id IS NOT NULL;
SET LOCAL ROLE stoa_owner;
DROP POLICY backfill ON public.stock_movements;
DROP POLICY backfill ON public.sold_changes;

COMMENT ON COLUMN public.products.sold IS 'How many orders took and did not put back, but for what is in sold_changes.';
CREATE INDEX orders_by_day ON public.orders (tenant_id, created_at)
    INCLUDE (status, payment_status, fulfilment_status, total_minor, id) WHERE deleted_at IS NULL;
CREATE INDEX refunds_by_day ON public.refunds (tenant_id, created_at) INCLUDE (amount_minor, status);
