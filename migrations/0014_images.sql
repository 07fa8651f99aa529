-- Pictures of products. The pictures themselves are objects outside the database: an object is written before the row that
-- names it, and goes after that row, so that no row ever names what is not there.
SET LOCAL ROLE stoa_owner;

CREATE TABLE public.product_images (
    tenant_id  uuid        NOT NULL,
    id         uuid        NOT NULL,
    product_id uuid        NOT NULL,
    -- The place among the product's pictures, counted from 0 without gaps: the first stands for the product in lists.
    position   integer     NOT NULL CHECK (position >= 0),
    -- What it shows, for who can't see it.
    alt        text        CHECK (length(alt) BETWEEN 1 AND 250),
    -- What its objects are called: a keyed hash of store, id and content that nobody guesses.
    name       text        NOT NULL CHECK (name ~ '^[0-9a-f]{32}$'),
    -- SHA-256 of what was uploaded, so that a product holds a picture once.
    content    text        NOT NULL CHECK (content ~ '^[0-9a-f]{64}$'),
    -- In pixels, as the uploaded picture stands upright.
    width      integer     NOT NULL CHECK (width BETWEEN 1 AND 65535),
    height     integer     NOT NULL CHECK (height BETWEEN 1 AND 65535),
    -- [{"width": 320, "height": 213}], the smallest first: each is there as WebP and as JPEG. Shown, never searched by.
    sizes      jsonb       NOT NULL,
    -- What its objects take together.
    bytes      bigint      NOT NULL CHECK (bytes >= 0),
    version    bigint      NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT product_images_position_once UNIQUE (tenant_id, product_id, position) DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT product_images_content_once UNIQUE (tenant_id, product_id, content),
    CONSTRAINT product_images_name_once UNIQUE (tenant_id, name),
    FOREIGN KEY (tenant_id, product_id) REFERENCES public.products (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.product_images IS 'Pictures of products, in the order in which they are shown.';
ALTER TABLE public.product_images ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.product_images FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.product_images
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.product_images TO stoa_app;

CREATE TABLE public.image_leftovers (
    tenant_id uuid        NOT NULL,
    name      text        NOT NULL,
    since     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
COMMENT ON TABLE public.image_leftovers IS
    'Names whose objects no picture needs: of an upload from before its first object until its picture is there, and of a picture that is gone. What has been here for long is removed.';
ALTER TABLE public.image_leftovers ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.image_leftovers FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.image_leftovers
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, DELETE ON public.image_leftovers TO stoa_app;

-- A trigger, because pictures also go with their product.
CREATE FUNCTION public.leave_image() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.image_leftovers (tenant_id, name, since) VALUES (OLD.tenant_id, OLD.name, now());
    RETURN NULL;
END $$;
COMMENT ON FUNCTION public.leave_image() IS 'Notes that the objects of a picture that goes are needed no more.';
REVOKE EXECUTE ON FUNCTION public.leave_image() FROM PUBLIC;
CREATE TRIGGER leave_image AFTER DELETE ON public.product_images FOR EACH ROW EXECUTE FUNCTION public.leave_image();
