-- Whoever is erased is known by no coupon any more.
SET LOCAL ROLE stoa_owner;

ALTER TABLE public.coupon_uses ALTER COLUMN buyer DROP NOT NULL;
COMMENT ON COLUMN public.coupon_uses.buyer IS
    'SHA-256 of the store and the buyer''s e-mail address: one buyer, logged in or not. Empty once the person was erased.';
