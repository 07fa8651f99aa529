-- What a store sells.
SET LOCAL ROLE stoa_owner;

CREATE TABLE public.categories (
    tenant_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    parent_id  uuid,
    slug       text        NOT NULL CHECK (length(slug) BETWEEN 1 AND 100),
    name       text        NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    version    bigint      NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT categories_slug_once UNIQUE (tenant_id, slug),
    CONSTRAINT categories_parent_exists FOREIGN KEY (tenant_id, parent_id) REFERENCES public.categories (tenant_id, id)
);
COMMENT ON TABLE public.categories IS 'A tree: a category without parent is at its top.';
CREATE INDEX categories_by_parent ON public.categories (tenant_id, parent_id);
ALTER TABLE public.categories ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.categories FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.categories
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.categories TO stoa_app;

CREATE TABLE public.products (
    tenant_id     uuid        NOT NULL,
    id            uuid        NOT NULL,
    slug          text        NOT NULL CHECK (length(slug) BETWEEN 1 AND 100),
    name          text        NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    description   text        NOT NULL,
    category_id   uuid,
    -- Only active products are seen by visitors.
    active        boolean     NOT NULL,
    -- Minor units of the store's currency; the lowest price of its variants.
    price_minor   bigint      NOT NULL CHECK (price_minor BETWEEN 0 AND 999999999999999),
    -- What it is said to have cost before; above the price, the product is on sale.
    compare_minor bigint      CHECK (compare_minor BETWEEN 0 AND 999999999999999),
    -- [{"name": "Size", "values": ["S", "M"]}]: shown, never searched by.
    options       jsonb       NOT NULL DEFAULT '[]',
    version       bigint      NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT products_slug_once UNIQUE (tenant_id, slug),
    CONSTRAINT products_category_exists FOREIGN KEY (tenant_id, category_id) REFERENCES public.categories (tenant_id, id)
);
-- One index a sort order, and one a sort order within a category. Ids are time-ordered, so `newest` is their order.
-- Names sort by the root collation of Unicode, the same on every server that has ICU.
CREATE INDEX products_newest ON public.products (tenant_id, id DESC) WHERE active;
CREATE INDEX products_price ON public.products (tenant_id, price_minor, id) WHERE active;
CREATE INDEX products_name ON public.products (tenant_id, name COLLATE "und-x-icu", id) WHERE active;
CREATE INDEX products_category_newest ON public.products (tenant_id, category_id, id DESC);
CREATE INDEX products_category_price ON public.products (tenant_id, category_id, price_minor, id);
CREATE INDEX products_category_name ON public.products (tenant_id, category_id, name COLLATE "und-x-icu", id);
ALTER TABLE public.products ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.products FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.products
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.products TO stoa_app;

CREATE TABLE public.variants (
    tenant_id   uuid    NOT NULL,
    id          uuid    NOT NULL,
    product_id  uuid    NOT NULL,
    -- The order in which a product shows its variants.
    position    integer NOT NULL,
    sku         text    CHECK (length(sku) BETWEEN 1 AND 32),
    -- {"Size": "S"}: one value for each option of the product.
    options     jsonb   NOT NULL DEFAULT '{}',
    price_minor bigint  NOT NULL CHECK (price_minor BETWEEN 0 AND 999999999999999),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT variants_sku_once UNIQUE (tenant_id, sku),
    CONSTRAINT variants_position_once UNIQUE (tenant_id, product_id, position) DEFERRABLE INITIALLY IMMEDIATE,
    FOREIGN KEY (tenant_id, product_id) REFERENCES public.products (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.variants IS 'What is really bought. Every product has at least one.';
ALTER TABLE public.variants ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.variants FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.variants
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.variants TO stoa_app;
