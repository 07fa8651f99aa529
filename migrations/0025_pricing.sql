-- What totals are made of beside the catalogue: how goods travel, and how they are taxed.
SET LOCAL ROLE stoa_owner;

CREATE TABLE public.shipping_methods (
    tenant_id        uuid        NOT NULL,
    id               uuid        NOT NULL,
    name             text        NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- Minor units of the store's currency.
    price_minor      bigint      NOT NULL CHECK (price_minor BETWEEN 0 AND 999999999999999),
    -- From this spend on, after discounts, it costs nothing.
    free_above_minor bigint      CHECK (free_above_minor BETWEEN 0 AND 999999999999999),
    -- ISO 3166-1 alpha-2; empty: everywhere.
    countries        text[]      NOT NULL DEFAULT '{}' CHECK (cardinality(countries) <= 249),
    active           boolean     NOT NULL,
    version          bigint      NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE public.shipping_methods IS 'How a store''s goods travel, and for how much.';
ALTER TABLE public.shipping_methods ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.shipping_methods FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.shipping_methods
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.shipping_methods TO stoa_app;

CREATE TABLE public.tax_rates (
    tenant_id    uuid        NOT NULL,
    id           uuid        NOT NULL,
    name         text        NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    -- ISO 3166-1 alpha-2; null: wherever no other rate applies.
    country      text        CHECK (country ~ '^[A-Z]{2}$'),
    -- Null: wherever in the country no other rate applies.
    region       text        CHECK (length(region) BETWEEN 1 AND 100),
    -- What is in it or below it; null: everything else.
    category_id  uuid,
    -- Parts in ten thousand: 1900 is 19 %.
    basis_points integer     NOT NULL CHECK (basis_points BETWEEN 0 AND 10000),
    -- Whether shipping bears it, too.
    on_shipping  boolean     NOT NULL,
    version      bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT tax_rates_region_in_country CHECK (region IS NULL OR country IS NOT NULL),
    CONSTRAINT tax_rates_category_not_on_shipping CHECK (category_id IS NULL OR NOT on_shipping),
    -- A category that is removed holds no products: a rate for it is of no more use.
    CONSTRAINT tax_rates_category_exists FOREIGN KEY (tenant_id, category_id)
        REFERENCES public.categories (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.tax_rates IS 'How much tax, on what, where. The nearest place decides, then the nearest category.';
CREATE UNIQUE INDEX tax_rates_once ON public.tax_rates (tenant_id, country, lower(region), category_id) NULLS NOT DISTINCT;
CREATE INDEX tax_rates_by_category ON public.tax_rates (tenant_id, category_id);
ALTER TABLE public.tax_rates ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tax_rates FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.tax_rates
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.tax_rates TO stoa_app;
