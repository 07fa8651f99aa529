-- Whoever changes what visitors see of a catalogue counts its version up: answers are remembered under it.
SET LOCAL ROLE stoa_owner;

-- At the end of the transaction and once, so that the row that all writers of a store share is held for the commit alone.
CREATE FUNCTION public.count_catalog_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    store uuid := coalesce(NEW.tenant_id, OLD.tenant_id);
    mark text := pg_current_xact_id()::text || store::text;
BEGIN
    IF current_setting('app.catalog_counted', true) = mark THEN
        RETURN NULL;
    END IF;
    UPDATE public.catalog_state s SET version = s.version + 1 WHERE s.tenant_id = store;
    -- Of a store that goes, nothing is to be left.
    IF NOT FOUND AND TG_OP <> 'DELETE' THEN
        INSERT INTO public.catalog_state (tenant_id, version) VALUES (store, 1)
        ON CONFLICT (tenant_id) DO UPDATE SET version = catalog_state.version + 1;
    END IF;
    PERFORM set_config('app.catalog_counted', mark, true);
    RETURN NULL;
END $$;
COMMENT ON FUNCTION public.count_catalog_change() IS 'What is remembered of a store''s catalogue is older than its version then.';

CREATE CONSTRAINT TRIGGER count_rows AFTER INSERT OR DELETE ON public.products
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.count_catalog_change();
-- What is sold changes an order at most, and by every order: lists may be a minute behind with that.
CREATE CONSTRAINT TRIGGER count_changes AFTER UPDATE ON public.products
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.slug, OLD.name, OLD.description, OLD.brand_id, OLD.category_id, OLD.active, OLD.price_minor, OLD.list_minor,
           OLD.compare_minor, OLD.options, OLD.in_stock, OLD.rating_sum, OLD.rating_count)
          IS DISTINCT FROM
          (NEW.slug, NEW.name, NEW.description, NEW.brand_id, NEW.category_id, NEW.active, NEW.price_minor, NEW.list_minor,
           NEW.compare_minor, NEW.options, NEW.in_stock, NEW.rating_sum, NEW.rating_count))
    EXECUTE FUNCTION public.count_catalog_change();

CREATE CONSTRAINT TRIGGER count_rows AFTER INSERT OR DELETE ON public.variants
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.count_catalog_change();
CREATE CONSTRAINT TRIGGER count_changes AFTER UPDATE ON public.variants
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION public.count_catalog_change();

-- A sale changes what is seen where the last one goes, and where one comes back.
CREATE CONSTRAINT TRIGGER count_rows AFTER INSERT OR DELETE ON public.stock_levels
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.count_catalog_change();
CREATE CONSTRAINT TRIGGER count_changes AFTER UPDATE ON public.stock_levels
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((OLD.on_hand > OLD.reserved) <> (NEW.on_hand > NEW.reserved))
    EXECUTE FUNCTION public.count_catalog_change();

CREATE CONSTRAINT TRIGGER count_changes AFTER UPDATE ON public.search_documents
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.head, OLD.lexemes, OLD.facets) IS DISTINCT FROM (NEW.head, NEW.lexemes, NEW.facets))
    EXECUTE FUNCTION public.count_catalog_change();
CREATE CONSTRAINT TRIGGER count_changes AFTER INSERT OR UPDATE OR DELETE ON public.product_images
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.count_catalog_change();
CREATE CONSTRAINT TRIGGER count_changes AFTER INSERT OR UPDATE OR DELETE ON public.brands
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.count_catalog_change();
CREATE CONSTRAINT TRIGGER count_changes AFTER INSERT OR UPDATE OR DELETE ON public.categories
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.count_catalog_change();
CREATE CONSTRAINT TRIGGER count_changes AFTER INSERT OR UPDATE OR DELETE ON public.category_ancestors
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.count_catalog_change();
CREATE CONSTRAINT TRIGGER count_changes AFTER INSERT OR UPDATE OR DELETE ON public.category_products
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.count_catalog_change();
CREATE CONSTRAINT TRIGGER count_changes AFTER INSERT OR UPDATE OR DELETE ON public.attributes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.count_catalog_change();
CREATE CONSTRAINT TRIGGER count_changes AFTER INSERT OR UPDATE OR DELETE ON public.product_attributes
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.count_catalog_change();
CREATE CONSTRAINT TRIGGER count_changes AFTER INSERT OR DELETE ON public.search_labels
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.count_catalog_change();
