-- A movement asks whether its level exists, by a plan that is made once a connection. While the table was small, an index
-- that knows two of the three columns looked as good as one that knows all, and a first large import read all levels of the
-- place for each of its lines.
SET LOCAL ROLE stoa_owner;

DROP INDEX public.stock_levels_by_location;
CREATE INDEX stock_levels_by_location ON public.stock_levels (tenant_id, location_id, variant_id);
