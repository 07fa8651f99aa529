-- Which products a file has named so far: one that comes again is told, wherever a batch of lines ends.
SET LOCAL ROLE stoa_owner;

CREATE TABLE public.import_slugs (
    tenant_id uuid   NOT NULL,
    import_id uuid   NOT NULL,
    slug      text   NOT NULL,
    -- The byte at which the batch began that named it, and the line.
    batch     bigint NOT NULL,
    line      bigint NOT NULL,
    PRIMARY KEY (tenant_id, import_id, slug),
    FOREIGN KEY (tenant_id, import_id) REFERENCES public.imports (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.import_slugs IS 'Products that a file has named so far. Removed with its last line.';
ALTER TABLE public.import_slugs ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.import_slugs FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.import_slugs
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, DELETE ON public.import_slugs TO stoa_app;
