-- Where customers live, what staff notes about them, how they are found, and how one is forgotten.
SET LOCAL ROLE stoa_owner;

CREATE TABLE public.addresses (
    tenant_id   uuid        NOT NULL,
    id          uuid        NOT NULL,
    customer_id uuid        NOT NULL,
    -- Who receives there.
    name        text        NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    line1       text        NOT NULL CHECK (length(line1) BETWEEN 1 AND 200),
    line2       text        CHECK (length(line2) BETWEEN 1 AND 200),
    city        text        NOT NULL CHECK (length(city) BETWEEN 1 AND 100),
    region      text        CHECK (length(region) BETWEEN 1 AND 100),
    postal_code text        CHECK (length(postal_code) BETWEEN 1 AND 20),
    -- ISO 3166-1 alpha-2.
    country     text        NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    phone       text        CHECK (length(phone) BETWEEN 3 AND 32),
    -- One of a customer's addresses is, where there are any.
    is_default  boolean     NOT NULL,
    version     bigint      NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT addresses_customer_exists FOREIGN KEY (tenant_id, customer_id)
        REFERENCES public.users (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.addresses IS 'Where customers live. Whoever writes one locks its customer first.';
CREATE UNIQUE INDEX addresses_one_default ON public.addresses (tenant_id, customer_id) WHERE is_default;
CREATE INDEX addresses_by_customer ON public.addresses (tenant_id, customer_id, id);
ALTER TABLE public.addresses ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.addresses FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.addresses
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, UPDATE, DELETE ON public.addresses TO stoa_app;

CREATE TABLE public.customer_notes (
    tenant_id   uuid        NOT NULL,
    id          uuid        NOT NULL,
    customer_id uuid        NOT NULL,
    -- One of the staff, perhaps of former days.
    author_id   uuid        NOT NULL,
    body        text        NOT NULL CHECK (length(body) BETWEEN 1 AND 5000),
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT customer_notes_customer_exists FOREIGN KEY (tenant_id, customer_id)
        REFERENCES public.users (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.customer_notes IS 'What staff notes about customers, for staff alone. Appended to, never changed.';
CREATE INDEX customer_notes_by_customer ON public.customer_notes (tenant_id, customer_id, id);
ALTER TABLE public.customer_notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.customer_notes FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.customer_notes
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT ON public.customer_notes TO stoa_app;

CREATE TABLE public.customer_letters (
    tenant_id   uuid        NOT NULL,
    id          uuid        NOT NULL,
    customer_id uuid        NOT NULL,
    subject     text        NOT NULL CHECK (length(subject) BETWEEN 1 AND 150),
    body        text        NOT NULL CHECK (length(body) BETWEEN 1 AND 10000),
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT customer_letters_customer_exists FOREIGN KEY (tenant_id, customer_id)
        REFERENCES public.users (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE public.customer_letters IS 'Private letters of staff to customers that are under way. One that has left is deleted.';
CREATE INDEX customer_letters_by_customer ON public.customer_letters (tenant_id, customer_id);
ALTER TABLE public.customer_letters ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.customer_letters FORCE ROW LEVEL SECURITY;
CREATE POLICY one_store ON public.customer_letters
    USING (tenant_id = (SELECT public.current_tenant())) WITH CHECK (tenant_id = (SELECT public.current_tenant()));
GRANT SELECT, INSERT, DELETE ON public.customer_letters TO stoa_app;

-- Staff finds customers by how their name or their address begins. Compared byte by byte: only that order knows what
-- comes behind everything that begins alike.
ALTER TABLE public.users ADD COLUMN name_folded text COLLATE "C" NOT NULL GENERATED ALWAYS AS (lower(name)) STORED;
CREATE INDEX users_by_name ON public.users (tenant_id, name_folded);
CREATE INDEX users_by_email ON public.users (tenant_id, email COLLATE "C");

-- Whose personal fields a row holds: a user's id, or the e-mail address of somebody who is none yet.
ALTER TABLE public.audit_details ADD COLUMN person text;
CREATE INDEX audit_details_by_person ON public.audit_details (tenant_id, person);
-- None where whoever acted was erased.
ALTER TABLE public.audit_details ALTER COLUMN address DROP NOT NULL;

-- Forgets people in the audit of the store of this transaction: what is kept of them, and from where they acted, by
-- their own hands or by keys of theirs. The entries stay. Nobody deletes from the audit in another way.
CREATE FUNCTION public.forget_in_audit(persons text[], actors uuid[]) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        DELETE FROM public.audit_details d
        WHERE d.tenant_id = public.current_tenant()
          AND (d.person = ANY (persons)
               OR d.entry_id IN (SELECT e.id FROM public.audit_entries e
                                 WHERE e.tenant_id = public.current_tenant() AND e.thing IN ('user', 'customer')
                                   AND e.thing_id = ANY (persons)));
        UPDATE public.audit_details d SET address = NULL
        FROM public.audit_entries e
        WHERE d.tenant_id = public.current_tenant() AND e.tenant_id = public.current_tenant() AND e.id = d.entry_id
          AND e.actor_id = ANY (actors);
    END;
GRANT EXECUTE ON FUNCTION public.forget_in_audit(text[], uuid[]) TO stoa_app;
