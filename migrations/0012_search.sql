-- What visitors search, filter, sort and count products by.
SET LOCAL ROLE stoa_owner;

-- How many were sold, for `best_selling`; orders count it.
ALTER TABLE public.products ADD COLUMN sold bigint NOT NULL DEFAULT 0 CHECK (sold >= 0);
COMMENT ON COLUMN public.products.sold IS 'How many were sold: counted by orders.';
CREATE INDEX products_best_selling ON public.products (tenant_id, sold, id) WHERE active;

CREATE TABLE public.search_documents (
    tenant_id   uuid     NOT NULL,
    product_id  uuid     NOT NULL,
    -- Copies of the product's columns, kept by a trigger: one narrow row tells all that a filter or an order asks.
    name        text     NOT NULL,
    active      boolean  NOT NULL,
    price_minor bigint   NOT NULL,
    on_sale     boolean  NOT NULL,
    in_stock    boolean  NOT NULL,
    sold        bigint   NOT NULL,
    -- The words of name, brand, category, attributes and SKUs, weighed: what relevance is told by.
    head        tsvector NOT NULL DEFAULT '',
    -- Everything it is found by, each word and facet behind the store's own prefix, so that a word's list in the index is
    -- one store's.
    lexemes     tsvector NOT NULL DEFAULT '',
    -- The keys of its facet values, eight bytes each.
    facets      bytea    NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, product_id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES public.products (tenant_id, id) ON DELETE CASCADE
) WITH (
    -- Room for prices that change, and long lists of lexemes beside the row: what is filtered and counted stays narrow.
    fillfactor = 85, toast_tuple_target = 256
);
ALTER TABLE public.search_documents ALTER COLUMN lexemes SET STORAGE EXTERNAL;
COMMENT ON TABLE public.search_documents IS 'One row a product: what it is found, filtered, sorted and counted by.';
-- Without a list of entries to come: a reader would have to walk it, and the longer it is the longer.
CREATE INDEX search_documents_lexemes ON public.search_documents USING gin (lexemes) WITH (fastupdate = off);
ALTER TABLE public.search_documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.search_documents FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.search_documents
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.search_documents TO stoa_app;

-- The one reader that no policy binds on this table, and that reads nothing else: under a policy no text search reaches
-- an index. It owns `search_products` and can't log in.
CREATE POLICY search_reads ON public.search_documents FOR SELECT TO stoa_search USING (true);
GRANT SELECT ON public.search_documents TO stoa_search;
GRANT EXECUTE ON FUNCTION public.current_tenant() TO stoa_search;

CREATE FUNCTION public.keep_search_document() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO public.search_documents (tenant_id, product_id, name, active, price_minor, on_sale, in_stock, sold)
        VALUES (NEW.tenant_id, NEW.id, NEW.name, NEW.active, NEW.price_minor, NEW.on_sale, NEW.in_stock, NEW.sold);
    ELSIF (NEW.name, NEW.active, NEW.price_minor, NEW.on_sale, NEW.in_stock, NEW.sold)
          IS DISTINCT FROM (OLD.name, OLD.active, OLD.price_minor, OLD.on_sale, OLD.in_stock, OLD.sold) THEN
        UPDATE public.search_documents d
        SET name = NEW.name, active = NEW.active, price_minor = NEW.price_minor,
            on_sale = NEW.on_sale, in_stock = NEW.in_stock, sold = NEW.sold
        WHERE d.tenant_id = NEW.tenant_id AND d.product_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION public.keep_search_document() IS 'Whoever writes a product, its search document says the same.';
CREATE TRIGGER keep_search_document AFTER INSERT OR UPDATE ON public.products
    FOR EACH ROW EXECUTE FUNCTION public.keep_search_document();

CREATE TABLE public.search_words (
    tenant_id uuid NOT NULL,
    -- As a normalised query has it.
    word      text NOT NULL CHECK (length(word) BETWEEN 1 AND 40),
    PRIMARY KEY (tenant_id, word)
);
COMMENT ON TABLE public.search_words IS 'The words that a store''s products are named by: what a misspelt one may have meant.';
ALTER TABLE public.search_words ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.search_words FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.search_words
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, DELETE ON public.search_words TO stoa_app;

CREATE TABLE public.search_grams (
    tenant_id uuid NOT NULL,
    -- Three letters of the word in a row, `^` before its first and `$` behind its last.
    gram      text NOT NULL CHECK (length(gram) = 3),
    word      text NOT NULL,
    PRIMARY KEY (tenant_id, gram, word),
    FOREIGN KEY (tenant_id, word) REFERENCES public.search_words (tenant_id, word) ON DELETE CASCADE
);
COMMENT ON TABLE public.search_grams IS 'Which words hold which three letters: how words like a misspelt one are found.';
ALTER TABLE public.search_grams ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.search_grams FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.search_grams
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, DELETE ON public.search_grams TO stoa_app;

CREATE TABLE public.search_labels (
    tenant_id uuid NOT NULL,
    -- A word of the name, or a stem of one behind `~`.
    word      text NOT NULL CHECK (length(word) BETWEEN 1 AND 40),
    -- The brand or the category.
    named     uuid NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('brand', 'category')),
    PRIMARY KEY (tenant_id, word, named)
);
COMMENT ON TABLE public.search_labels IS 'The words that brands and categories are named by: renaming one touches no product.';
CREATE INDEX search_labels_by_named ON public.search_labels (tenant_id, named);
ALTER TABLE public.search_labels ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.search_labels FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.search_labels
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, DELETE ON public.search_labels TO stoa_app;

CREATE TABLE public.search_facets (
    tenant_id uuid   NOT NULL,
    -- What search_documents.facets holds: the first eight bytes of SHA-256 over the id and the value.
    key       bigint NOT NULL,
    kind      text   NOT NULL CHECK (kind IN ('brand', 'category', 'attribute')),
    -- The brand, the category or the attribute.
    named     uuid   NOT NULL,
    -- The attribute's value.
    value     text   CHECK (length(value) BETWEEN 1 AND 100),
    PRIMARY KEY (tenant_id, key),
    CHECK ((kind = 'attribute') = (value IS NOT NULL))
);
COMMENT ON TABLE public.search_facets IS 'What the keys of facets stand for. Rows stay when nothing is left that has the value.';
ALTER TABLE public.search_facets ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.search_facets FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.search_facets
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, DELETE ON public.search_facets TO stoa_app;

-- Before each lexeme of the store of this transaction. The random half of its id: no two stores share it.
CREATE FUNCTION public.search_prefix() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN translate(substr(encode(substring(uuid_send(public.current_tenant()) FROM 9), 'base64'), 1, 11), '+/', '-_');
GRANT EXECUTE ON FUNCTION public.search_prefix() TO stoa_app, stoa_search;

-- The products of this transaction's store that fit. `wanted` is what is looked for: those with one number in
-- `groups` are alternatives, of which each group needs one; `prefixes` says which of them stand for all that begin with
-- them. `exact` and `loose` are the same words as queries, by which relevance is told. Null filters do not filter.
CREATE FUNCTION public.search_products(
    wanted text[], groups integer[], prefixes boolean[], exact tsquery, loose tsquery, is_active boolean,
    lowest bigint, highest bigint, is_on_sale boolean, is_in_stock boolean)
    RETURNS TABLE (product_id uuid, score bigint, name text, price_minor bigint, sold bigint, facets bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp ROWS 500
    BEGIN ATOMIC
        SELECT d.product_id,
               (1000000 * (4 * coalesce(ts_rank('{0.1, 0.25, 0.7, 1}', d.head, exact, 1), 0)
                           + coalesce(ts_rank('{0.1, 0.25, 0.7, 1}', d.head, loose, 1), 0)))::bigint,
               d.name, d.price_minor, d.sold, d.facets
        FROM public.search_documents d
        -- Told by the lexemes already, each of which is one store's; as no condition of an index, it costs a look at the row.
        WHERE (d.tenant_id = (SELECT public.current_tenant())) IS TRUE
          AND d.lexemes @@ (
              SELECT string_agg('(' || a.alternatives || ')', '&')::tsquery
              FROM (SELECT string_agg('''' || public.search_prefix() || replace(replace(w.lexeme, '\', '\\'), '''', '''''') || ''''
                                      || CASE WHEN w.is_prefix THEN ':*' ELSE '' END, '|') AS alternatives
                    FROM unnest(wanted, groups, prefixes) w (lexeme, number, is_prefix) GROUP BY w.number) a)
          AND d.active = coalesce(is_active, d.active)
          AND d.price_minor >= coalesce(lowest, d.price_minor) AND d.price_minor <= coalesce(highest, d.price_minor)
          AND d.on_sale = coalesce(is_on_sale, d.on_sale) AND d.in_stock = coalesce(is_in_stock, d.in_stock);
    END;
COMMENT ON FUNCTION public.search_products(text[], integer[], boolean[], tsquery, tsquery, boolean, bigint, bigint, boolean, boolean)
    IS 'Looks past the policy of search_documents, at the store of the setting alone.';
GRANT EXECUTE ON FUNCTION public.search_products(text[], integer[], boolean[], tsquery, tsquery, boolean, bigint, bigint, boolean, boolean)
    TO stoa_app;
GRANT CREATE ON SCHEMA public TO stoa_search;
RESET ROLE;
ALTER FUNCTION public.search_products(text[], integer[], boolean[], tsquery, tsquery, boolean, bigint, bigint, boolean, boolean)
    OWNER TO stoa_search;
SET LOCAL ROLE stoa_owner;
REVOKE CREATE ON SCHEMA public FROM stoa_search;

-- What is there already: found by the plain words of its name until it is next written. The policies bind the migrator,
-- too, where the server did not let us make it BYPASSRLS: a policy of its own, for as long as this takes.
CREATE POLICY backfill ON public.products TO stoa_migrator USING (true) WITH CHECK (true);
CREATE POLICY backfill ON public.product_attributes TO stoa_migrator USING (true) WITH CHECK (true);
CREATE POLICY backfill ON public.search_documents TO stoa_migrator USING (true) WITH CHECK (true);
CREATE POLICY backfill ON public.search_facets TO stoa_migrator USING (true) WITH CHECK (true);
RESET ROLE;
WITH facets AS (
    SELECT p.tenant_id, p.id, f.kind, f.named, f.value,
           substr(sha256(uuid_send(f.named) || convert_to(coalesce(f.value, ''), 'UTF8')), 1, 8) AS key
    FROM public.products p
    CROSS JOIN LATERAL (
        SELECT 'brand', p.brand_id, NULL WHERE p.brand_id IS NOT NULL
        UNION ALL SELECT 'category', p.category_id, NULL WHERE p.category_id IS NOT NULL
        UNION ALL SELECT 'attribute', a.attribute_id, a.value FROM public.product_attributes a
                  WHERE a.tenant_id = p.tenant_id AND a.product_id = p.id
    ) f (kind, named, value)
), named AS (
    INSERT INTO public.search_facets (tenant_id, key, kind, named, value)
    SELECT DISTINCT tenant_id, ('x' || encode(key, 'hex'))::bit(64)::bigint, kind, named, value FROM facets
)
INSERT INTO public.search_documents (tenant_id, product_id, name, active, price_minor, on_sale, in_stock, sold, head, lexemes, facets)
SELECT p.tenant_id, p.id, p.name, p.active, p.price_minor, p.on_sale,
       -- The column comes with a later file, unless it is there already.
       coalesce((to_jsonb(p) ->> 'in_stock')::boolean, false), p.sold,
       setweight(to_tsvector('simple', p.name), 'A'),
       array_to_tsvector(ARRAY(SELECT x.prefix || w.lexeme
                               FROM unnest(tsvector_to_array(to_tsvector('simple', p.name)) || '*'::text || f.lexemes) w (lexeme))),
       f.keys
FROM public.products p
CROSS JOIN LATERAL (
    SELECT translate(substr(encode(substring(uuid_send(p.tenant_id) FROM 9), 'base64'), 1, 11), '+/', '-_')
) x (prefix)
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg('#' || encode(facets.key, 'hex')), '{}'), coalesce(string_agg(facets.key, ''), '')
    FROM facets WHERE facets.tenant_id = p.tenant_id AND facets.id = p.id
) f (lexemes, keys);
SET LOCAL ROLE stoa_owner;
DROP POLICY backfill ON public.products;
DROP POLICY backfill ON public.product_attributes;
DROP POLICY backfill ON public.search_documents;
DROP POLICY backfill ON public.search_facets;
