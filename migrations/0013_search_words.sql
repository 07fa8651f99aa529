-- Words are looked up by how they begin. In the order of their bytes that is a stretch of the index; in the order of a
-- language it is not.
SET LOCAL ROLE stoa_owner;

ALTER TABLE public.search_grams DROP CONSTRAINT search_grams_tenant_id_word_fkey;
ALTER TABLE public.search_words ALTER COLUMN word TYPE text COLLATE "C";
ALTER TABLE public.search_grams ALTER COLUMN word TYPE text COLLATE "C", ALTER COLUMN gram TYPE text COLLATE "C";
ALTER TABLE public.search_grams ADD CONSTRAINT search_grams_word_exists
    FOREIGN KEY (tenant_id, word) REFERENCES public.search_words (tenant_id, word) ON DELETE CASCADE;
ALTER TABLE public.search_labels ALTER COLUMN word TYPE text COLLATE "C";
