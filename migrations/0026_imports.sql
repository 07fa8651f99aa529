-- Products that come as files and go as files.
SET LOCAL ROLE stoa_owner;

CREATE TABLE public.imports (
    tenant_id  uuid        NOT NULL,
    -- The id of its job, too, where one runs it.
    id         uuid        NOT NULL,
    -- Whether it only looks.
    dry_run    boolean     NOT NULL,
    -- The names in the file's first line, joined by commas.
    columns    text        NOT NULL CHECK (length(columns) BETWEEN 1 AND 1000),
    -- How large the file is; none while it is still coming.
    bytes      bigint      CHECK (bytes >= 0),
    -- Where to go on: what is before this place was done, in the transaction that moved it.
    next_byte  bigint      NOT NULL CHECK (next_byte >= 0),
    next_line  bigint      NOT NULL CHECK (next_line > 0),
    -- Up to where products were written and counted: beyond next_byte while their stock is still to be written.
    written_byte bigint    NOT NULL CHECK (written_byte >= next_byte),
    -- When that last moved on.
    moved_at   timestamptz NOT NULL,
    -- Lines that were read; those of products that were made, changed, found as they are to be, and refused.
    lines      bigint      NOT NULL DEFAULT 0,
    created    bigint      NOT NULL DEFAULT 0,
    changed    bigint      NOT NULL DEFAULT 0,
    unchanged  bigint      NOT NULL DEFAULT 0,
    refused    bigint      NOT NULL DEFAULT 0,
    -- How many faults were found; the first thousand are in import_faults.
    faults     bigint      NOT NULL DEFAULT 0,
    -- Who of the staff sent it, or which API key; none for whoever has a shell.
    actor_kind text        CHECK (actor_kind IN ('user', 'api_key')),
    actor_id   uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT imports_somebody_sent CHECK ((actor_kind IS NULL) = (actor_id IS NULL))
);
COMMENT ON TABLE public.imports IS 'Files with products, and how far each is taken in. Forgotten after a week.';
ALTER TABLE public.imports ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.imports FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.imports
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.imports TO stoa_app;

CREATE TABLE public.import_faults (
    tenant_id uuid   NOT NULL,
    import_id uuid   NOT NULL,
    -- In the order in which they were found.
    number    bigint NOT NULL,
    -- The line of the file, from 1.
    line      bigint NOT NULL,
    -- The column; empty where the whole line is meant.
    field     text   NOT NULL,
    reason    text   NOT NULL,
    PRIMARY KEY (tenant_id, import_id, number),
    FOREIGN KEY (tenant_id, import_id) REFERENCES public.imports (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.import_faults IS 'What was wrong with which line of a file.';
ALTER TABLE public.import_faults ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.import_faults FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.import_faults
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, DELETE ON public.import_faults TO stoa_app;

CREATE TABLE public.exports (
    tenant_id   uuid        NOT NULL,
    -- The id of its job, too.
    id          uuid        NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('products')),
    -- Where to go on: behind this product.
    after_id    uuid        NOT NULL,
    -- How much is written so far.
    products    bigint      NOT NULL DEFAULT 0,
    bytes       bigint      NOT NULL DEFAULT 0,
    chunks      bigint      NOT NULL DEFAULT 0,
    -- When the file was whole.
    finished_at timestamptz,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE public.exports IS 'Files that staff asked for. Forgotten after a week.';
ALTER TABLE public.exports ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.exports FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.exports
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.exports TO stoa_app;

CREATE TABLE public.file_chunks (
    tenant_id uuid   NOT NULL,
    -- The import or export that the file belongs to.
    file_id   uuid   NOT NULL,
    number    bigint NOT NULL CHECK (number >= 0),
    bytes     bytea  NOT NULL,
    PRIMARY KEY (tenant_id, file_id, number)
);
COMMENT ON TABLE public.file_chunks IS 'Files in pieces, so that nobody holds a whole one. An import is removed with its last line, an export after a week.';
ALTER TABLE public.file_chunks ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.file_chunks FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.file_chunks
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, DELETE ON public.file_chunks TO stoa_app;
