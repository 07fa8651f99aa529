-- What shoppers say of products, and which of them they wish for.
SET LOCAL ROLE stoa_owner;

-- The stars and the number of the approved reviews, kept in the transaction that approves or takes one away.
ALTER TABLE public.products ADD COLUMN rating_sum bigint NOT NULL DEFAULT 0;
ALTER TABLE public.products ADD COLUMN rating_count bigint NOT NULL DEFAULT 0;
ALTER TABLE public.products ADD CONSTRAINT products_rating_adds_up
    CHECK (rating_count >= 0 AND rating_sum BETWEEN rating_count AND 5 * rating_count);

CREATE TABLE public.reviews (
    tenant_id         uuid        NOT NULL,
    id                uuid        NOT NULL,
    product_id        uuid        NOT NULL,
    -- Who wrote it; none where that was a visitor.
    customer_id       uuid,
    -- The name that it is signed with.
    author            text        NOT NULL CHECK (length(author) BETWEEN 1 AND 100),
    stars             bigint      NOT NULL CHECK (stars BETWEEN 1 AND 5),
    title             text        CHECK (length(title) BETWEEN 1 AND 120),
    body              text        NOT NULL CHECK (length(body) BETWEEN 1 AND 5000),
    -- Only approved ones are seen in the shop and counted in the product's rating.
    state             text        NOT NULL CHECK (state IN ('waiting', 'approved', 'rejected')),
    -- Whether its writer had bought the product when it was written.
    verified_purchase boolean     NOT NULL,
    version           bigint      NOT NULL DEFAULT 1,
    created_at        timestamptz NOT NULL,
    -- When staff last decided about it.
    decided_at        timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT reviews_customer_once UNIQUE (tenant_id, customer_id, product_id),
    CONSTRAINT reviews_product_exists FOREIGN KEY (tenant_id, product_id)
        REFERENCES public.products (tenant_id, id) ON DELETE CASCADE,
    -- Without a cascade: an account is deleted by the operation that takes its reviews out of the ratings first.
    CONSTRAINT reviews_customer_exists FOREIGN KEY (tenant_id, customer_id) REFERENCES public.users (tenant_id, id)
);
COMMENT ON TABLE public.reviews IS 'What shoppers say of products. Their texts are personal, and go with the account.';
CREATE INDEX reviews_by_product ON public.reviews (tenant_id, product_id, state, id);
CREATE INDEX reviews_by_state ON public.reviews (tenant_id, state, id);
ALTER TABLE public.reviews ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.reviews FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.reviews
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.reviews TO stoa_app;

CREATE TABLE public.wishlist_items (
    tenant_id   uuid        NOT NULL,
    customer_id uuid        NOT NULL,
    product_id  uuid        NOT NULL,
    -- Time-ordered: the order in which the items were added.
    id          uuid        NOT NULL,
    added_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, customer_id, product_id),
    CONSTRAINT wishlist_items_customer_exists FOREIGN KEY (tenant_id, customer_id)
        REFERENCES public.users (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT wishlist_items_product_exists FOREIGN KEY (tenant_id, product_id)
        REFERENCES public.products (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.wishlist_items IS 'The products that a customer wishes for: one list a customer.';
CREATE UNIQUE INDEX wishlist_items_in_order ON public.wishlist_items (tenant_id, customer_id, id);
CREATE INDEX wishlist_items_by_product ON public.wishlist_items (tenant_id, product_id);
ALTER TABLE public.wishlist_items ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.wishlist_items FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.wishlist_items
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, DELETE ON public.wishlist_items TO stoa_app;
