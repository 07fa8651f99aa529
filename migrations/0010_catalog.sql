-- The catalogue in full: brands, attributes, the tree of categories as it is searched, old slugs, discounts and the prices
-- that they make.
SET LOCAL ROLE stoa_owner;

CREATE TABLE public.brands (
    tenant_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    slug       text        NOT NULL CHECK (length(slug) BETWEEN 1 AND 100),
    name       text        NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    version    bigint      NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT brands_slug_once UNIQUE (tenant_id, slug)
);
COMMENT ON TABLE public.brands IS 'Who makes products. Visitors see those that have something for sale.';
ALTER TABLE public.brands ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.brands FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.brands
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.brands TO stoa_app;

CREATE TABLE public.attributes (
    tenant_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    slug       text        NOT NULL CHECK (length(slug) BETWEEN 1 AND 100),
    name       text        NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    version    bigint      NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT attributes_slug_once UNIQUE (tenant_id, slug),
    CONSTRAINT attributes_name_once UNIQUE (tenant_id, name)
);
COMMENT ON TABLE public.attributes IS 'What products are described by: `material`, Material. Their values are in product_attributes.';
ALTER TABLE public.attributes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.attributes FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.attributes
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.attributes TO stoa_app;

CREATE TABLE public.product_attributes (
    tenant_id    uuid NOT NULL,
    product_id   uuid NOT NULL,
    attribute_id uuid NOT NULL,
    value        text NOT NULL CHECK (length(value) BETWEEN 1 AND 100),
    PRIMARY KEY (tenant_id, product_id, attribute_id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES public.products (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT product_attributes_attribute_exists FOREIGN KEY (tenant_id, attribute_id)
        REFERENCES public.attributes (tenant_id, id)
);
COMMENT ON TABLE public.product_attributes IS 'One value of an attribute for a product, active or not: products.active is asked beside it.';
CREATE INDEX product_attributes_by_value ON public.product_attributes (tenant_id, attribute_id, value, product_id);
ALTER TABLE public.product_attributes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.product_attributes FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.product_attributes
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.product_attributes TO stoa_app;

-- What costs what. `price_minor` is what it costs now, after the dated discounts; `list_minor` what staff wrote.
ALTER TABLE public.products ADD COLUMN brand_id uuid;
ALTER TABLE public.products ADD CONSTRAINT products_brand_exists FOREIGN KEY (tenant_id, brand_id) REFERENCES public.brands (tenant_id, id);
CREATE INDEX products_by_brand ON public.products (tenant_id, brand_id) WHERE brand_id IS NOT NULL;
CREATE INDEX products_brand_newest ON public.products (tenant_id, brand_id, id DESC) WHERE active;
ALTER TABLE public.products ADD COLUMN list_minor bigint CHECK (list_minor BETWEEN 0 AND 999999999999999);
ALTER TABLE public.variants ADD COLUMN list_minor bigint CHECK (list_minor BETWEEN 0 AND 999999999999999);
ALTER TABLE public.variants ADD COLUMN version bigint NOT NULL DEFAULT 1;

CREATE TABLE public.category_ancestors (
    tenant_id   uuid   NOT NULL,
    category_id uuid   NOT NULL,
    ancestor_id uuid   NOT NULL,
    -- 0 for the category itself, 1 for its parent.
    distance    bigint NOT NULL CHECK (distance >= 0),
    PRIMARY KEY (tenant_id, category_id, ancestor_id),
    FOREIGN KEY (tenant_id, category_id) REFERENCES public.categories (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, ancestor_id) REFERENCES public.categories (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.category_ancestors IS 'Each category with itself and all above it: the tree, closed. Written where categories.parent_id is.';
CREATE INDEX category_ancestors_downwards ON public.category_ancestors (tenant_id, ancestor_id, category_id);
ALTER TABLE public.category_ancestors ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.category_ancestors FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.category_ancestors
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.category_ancestors TO stoa_app;

CREATE TABLE public.category_products (
    tenant_id   uuid   NOT NULL,
    category_id uuid   NOT NULL,
    product_id  uuid   NOT NULL,
    price_minor bigint NOT NULL,
    name        text   NOT NULL,
    PRIMARY KEY (tenant_id, product_id, category_id),
    FOREIGN KEY (tenant_id, category_id) REFERENCES public.categories (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, product_id) REFERENCES public.products (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.category_products IS
    'Each active product in its category and in all above it, with what lists sort by: a list of a category with all below it walks one index. Inactive products are not here, so counting it counts what visitors see. Written by the catalogue alone, beside products.';
CREATE INDEX category_products_newest ON public.category_products (tenant_id, category_id, product_id DESC);
CREATE INDEX category_products_price ON public.category_products (tenant_id, category_id, price_minor, product_id);
CREATE INDEX category_products_name ON public.category_products (tenant_id, category_id, name COLLATE "und-x-icu", product_id);
ALTER TABLE public.category_products ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.category_products FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.category_products
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.category_products TO stoa_app;

ALTER TABLE public.categories ADD COLUMN description text NOT NULL DEFAULT '' CHECK (length(description) <= 2000);
-- What staff shows first of a category; left empty, it is found.
ALTER TABLE public.categories ADD COLUMN top_product_id uuid;
ALTER TABLE public.categories ADD CONSTRAINT categories_top_product_exists FOREIGN KEY (tenant_id, top_product_id)
    REFERENCES public.products (tenant_id, id);
CREATE INDEX categories_by_top_product ON public.categories (tenant_id, top_product_id) WHERE top_product_id IS NOT NULL;

CREATE TABLE public.old_product_slugs (
    tenant_id  uuid NOT NULL,
    slug       text NOT NULL CHECK (length(slug) BETWEEN 1 AND 100),
    product_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, slug),
    FOREIGN KEY (tenant_id, product_id) REFERENCES public.products (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.old_product_slugs IS 'Slugs that products once had: links to them lead on, unless a product has the slug now. The last one that had it wins.';
CREATE INDEX old_product_slugs_by_product ON public.old_product_slugs (tenant_id, product_id);
ALTER TABLE public.old_product_slugs ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.old_product_slugs FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.old_product_slugs
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.old_product_slugs TO stoa_app;

CREATE TABLE public.old_category_slugs (
    tenant_id   uuid NOT NULL,
    slug        text NOT NULL CHECK (length(slug) BETWEEN 1 AND 100),
    category_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, slug),
    FOREIGN KEY (tenant_id, category_id) REFERENCES public.categories (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.old_category_slugs IS 'Slugs that categories once had, as old_product_slugs.';
CREATE INDEX old_category_slugs_by_category ON public.old_category_slugs (tenant_id, category_id);
ALTER TABLE public.old_category_slugs ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.old_category_slugs FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.old_category_slugs
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.old_category_slugs TO stoa_app;

CREATE TABLE public.discounts (
    tenant_id    uuid        NOT NULL,
    id           uuid        NOT NULL,
    name         text        NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- One of the two: parts in ten thousand of the price, or minor units of the store's currency.
    basis_points bigint      CHECK (basis_points BETWEEN 1 AND 10000),
    amount_minor bigint      CHECK (amount_minor BETWEEN 1 AND 999999999999999),
    -- For everything that the store sells, whatever discount_targets says.
    everything   boolean     NOT NULL,
    active       boolean     NOT NULL,
    starts_at    timestamptz NOT NULL,
    -- The first moment at which it is over; none for one without an end.
    ends_at      timestamptz,
    version      bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CHECK (num_nonnulls(basis_points, amount_minor) = 1),
    CHECK (ends_at > starts_at)
);
COMMENT ON TABLE public.discounts IS 'Dated discounts of products. They do not add up: the best one counts.';
CREATE INDEX discounts_active ON public.discounts (tenant_id, starts_at) WHERE active;
ALTER TABLE public.discounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.discounts FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.discounts
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.discounts TO stoa_app;

CREATE TABLE public.discount_targets (
    tenant_id   uuid NOT NULL,
    discount_id uuid NOT NULL,
    target_id   uuid NOT NULL,
    -- Which of the three the target is; a category is meant with all below it.
    product_id  uuid,
    category_id uuid,
    brand_id    uuid,
    PRIMARY KEY (tenant_id, discount_id, target_id),
    FOREIGN KEY (tenant_id, discount_id) REFERENCES public.discounts (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT discount_targets_product_exists FOREIGN KEY (tenant_id, product_id)
        REFERENCES public.products (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT discount_targets_category_exists FOREIGN KEY (tenant_id, category_id)
        REFERENCES public.categories (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT discount_targets_brand_exists FOREIGN KEY (tenant_id, brand_id)
        REFERENCES public.brands (tenant_id, id) ON DELETE CASCADE,
    CHECK (num_nonnulls(product_id, category_id, brand_id) = 1 AND target_id = coalesce(product_id, category_id, brand_id))
);
COMMENT ON TABLE public.discount_targets IS 'What a discount is for.';
CREATE INDEX discount_targets_by_product ON public.discount_targets (tenant_id, product_id) WHERE product_id IS NOT NULL;
CREATE INDEX discount_targets_by_category ON public.discount_targets (tenant_id, category_id) WHERE category_id IS NOT NULL;
CREATE INDEX discount_targets_by_brand ON public.discount_targets (tenant_id, brand_id) WHERE brand_id IS NOT NULL;
ALTER TABLE public.discount_targets ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.discount_targets FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.discount_targets
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.discount_targets TO stoa_app;

CREATE TABLE public.catalog_state (
    tenant_id            uuid        NOT NULL,
    -- Counts the transactions that changed what the storefront shows: what was remembered under another number is stale.
    version              bigint      NOT NULL,
    -- The next moment at which a discount begins or ends; from then on prices are to be made anew. None if there is none.
    next_price_change_at timestamptz,
    PRIMARY KEY (tenant_id)
);
COMMENT ON TABLE public.catalog_state IS 'At most one row a store; none before its catalogue was first written to.';
ALTER TABLE public.catalog_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.catalog_state FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.catalog_state
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.catalog_state TO stoa_app;

-- Fills in what the rows that are there lack. The policies bind the migrator, too, where the server did not let us make it
-- BYPASSRLS: a policy of its own, for as long as this takes.
CREATE POLICY backfill ON public.products TO stoa_migrator USING (true) WITH CHECK (true);
CREATE POLICY backfill ON public.variants TO stoa_migrator USING (true) WITH CHECK (true);
CREATE POLICY backfill ON public.categories TO stoa_migrator USING (true) WITH CHECK (true);
CREATE POLICY backfill ON public.category_ancestors TO stoa_migrator USING (true) WITH CHECK (true);
CREATE POLICY backfill ON public.category_products TO stoa_migrator USING (true) WITH CHECK (true);
RESET ROLE;
UPDATE public.products SET list_minor = price_minor;
UPDATE public.variants SET list_minor = price_minor;
WITH RECURSIVE up AS (
    SELECT c.tenant_id, c.id, c.id AS ancestor_id, c.parent_id, 0 AS distance FROM public.categories c
    UNION ALL
    SELECT up.tenant_id, up.id, c.id, c.parent_id, up.distance + 1
    FROM up JOIN public.categories c ON c.tenant_id = up.tenant_id AND c.id = up.parent_id
)
INSERT INTO public.category_ancestors (tenant_id, category_id, ancestor_id, distance)
SELECT tenant_id, id, ancestor_id, distance FROM up;
INSERT INTO public.category_products (tenant_id, category_id, product_id, price_minor, name)
SELECT p.tenant_id, a.ancestor_id, p.id, p.price_minor, p.name
FROM public.products p JOIN public.category_ancestors a ON a.tenant_id = p.tenant_id AND a.category_id = p.category_id
WHERE p.active;
SET LOCAL ROLE stoa_owner;
DROP POLICY backfill ON public.products;
DROP POLICY backfill ON public.variants;
DROP POLICY backfill ON public.categories;
DROP POLICY backfill ON public.category_ancestors;
DROP POLICY backfill ON public.category_products;

ALTER TABLE public.products ALTER COLUMN list_minor SET NOT NULL;
ALTER TABLE public.variants ALTER COLUMN list_minor SET NOT NULL;
ALTER TABLE public.products ADD COLUMN on_sale boolean NOT NULL GENERATED ALWAYS AS
    (price_minor < list_minor OR (compare_minor IS NOT NULL AND compare_minor > list_minor)) STORED;
COMMENT ON COLUMN public.products.price_minor IS 'What it costs now, after the dated discounts: the lowest of its variants.';
COMMENT ON COLUMN public.products.list_minor IS 'What it costs without a discount: the lowest of its variants.';
COMMENT ON COLUMN public.variants.price_minor IS 'What it costs now, after the dated discounts.';
COMMENT ON COLUMN public.variants.list_minor IS 'What it costs without a discount.';
COMMENT ON COLUMN public.products.on_sale IS 'Whether visitors are shown a higher price from before.';

-- Lists of a category walk category_products now.
DROP INDEX public.products_category_price;
DROP INDEX public.products_category_name;
