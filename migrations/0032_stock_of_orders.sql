-- What orders do to stock: each in one call, levels in one order, and last before COMMIT, so that a row is locked for no
-- longer than that takes. They run as their caller, under its policies, and name the tenant nevertheless.
SET LOCAL ROLE stoa_owner;

-- A UUID version 7 (RFC 9562), for ids that are made here.
CREATE FUNCTION public.new_id() RETURNS uuid
    LANGUAGE sql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
        SELECT encode(set_bit(set_bit(overlay(
            uuid_send(gen_random_uuid())
            PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
            52, 1), 53, 1), 'hex')::uuid;
    END;
GRANT EXECUTE ON FUNCTION public.new_id() TO stoa_app;

-- Takes stock for an order: promised until `until` or, where that is null, sold at once. From the default place if that has
-- all of a line, else from wherever there is some. `variants` are in the order of their ids, each once.
-- Answers one row a level: what is left there. Where a line can't be had it answers a row without a place, and stops: the
-- caller rolls back.
CREATE FUNCTION public.take_stock(tenant uuid, taker uuid, until timestamptz, at timestamptz, variants uuid[], quantities bigint[])
    RETURNS TABLE (variant uuid, place uuid, taken bigint, remaining bigint)
    LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp
AS $$
DECLARE
    usual uuid := (SELECT l.id FROM locations l WHERE l.tenant_id = tenant AND l.is_default);
    missing bigint;
    level record;
BEGIN
    FOR i IN 1 .. coalesce(cardinality(variants), 0) LOOP
        variant := variants[i];
        taken := quantities[i];
        UPDATE stock_levels s
        SET reserved = s.reserved + CASE WHEN until IS NULL THEN 0 ELSE taken END,
            on_hand = s.on_hand - CASE WHEN until IS NULL THEN taken ELSE 0 END
        WHERE s.tenant_id = tenant AND s.variant_id = variant AND s.location_id = usual AND s.on_hand - s.reserved >= taken
        RETURNING s.location_id, s.on_hand - s.reserved INTO place, remaining;
        IF FOUND THEN
            PERFORM note_taken(tenant, taker, until, at, variant, place, taken);
            RETURN NEXT;
            CONTINUE;
        END IF;
        missing := quantities[i];
        FOR level IN
            SELECT s.location_id, s.on_hand - s.reserved AS free FROM stock_levels s
            WHERE s.tenant_id = tenant AND s.variant_id = variant AND s.on_hand > s.reserved
            ORDER BY s.location_id FOR UPDATE
        LOOP
            EXIT WHEN missing = 0;
            place := level.location_id;
            taken := least(missing, level.free);
            UPDATE stock_levels s
            SET reserved = s.reserved + CASE WHEN until IS NULL THEN 0 ELSE taken END,
                on_hand = s.on_hand - CASE WHEN until IS NULL THEN taken ELSE 0 END
            WHERE s.tenant_id = tenant AND s.variant_id = variant AND s.location_id = place;
            remaining := level.free - taken;
            missing := missing - taken;
            PERFORM note_taken(tenant, taker, until, at, variant, place, taken);
            RETURN NEXT;
        END LOOP;
        IF missing > 0 THEN
            place := NULL;
            taken := missing;
            remaining := 0;
            RETURN NEXT;
            RETURN;
        END IF;
    END LOOP;
END
$$;

-- Writes down what `take_stock` took.
CREATE FUNCTION public.note_taken(tenant uuid, taker uuid, until timestamptz, at timestamptz, variant uuid, place uuid, taken bigint)
    RETURNS void
    LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp
AS $$
BEGIN
    IF until IS NULL THEN
        INSERT INTO stock_movements (tenant_id, id, variant_id, location_id, delta, reason, order_id, created_at)
        VALUES (tenant, new_id(), variant, place, -taken, 'sold', taker, at);
    ELSE
        INSERT INTO stock_reservations (tenant_id, order_id, variant_id, location_id, quantity, expires_at)
        VALUES (tenant, taker, variant, place, taken, until);
    END IF;
END
$$;

-- Ends what is promised to an order: sold where `sold`, else free again. Answers one row a level: what is free there now.
-- An order to which nothing is promised changes nothing.
CREATE FUNCTION public.settle_stock(tenant uuid, taker uuid, sold boolean, at timestamptz)
    RETURNS TABLE (variant uuid, place uuid, taken bigint, remaining bigint)
    LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp
AS $$
BEGIN
    FOR variant, place, taken IN
        SELECT r.variant_id, r.location_id, r.quantity FROM stock_reservations r
        WHERE r.tenant_id = tenant AND r.order_id = taker ORDER BY r.variant_id, r.location_id FOR UPDATE
    LOOP
        DELETE FROM stock_reservations r
        WHERE r.tenant_id = tenant AND r.order_id = taker AND r.variant_id = variant AND r.location_id = place;
        UPDATE stock_levels s
        SET reserved = s.reserved - taken, on_hand = s.on_hand - CASE WHEN sold THEN taken ELSE 0 END
        WHERE s.tenant_id = tenant AND s.variant_id = variant AND s.location_id = place
        RETURNING s.on_hand - s.reserved INTO remaining;
        IF sold THEN
            INSERT INTO stock_movements (tenant_id, id, variant_id, location_id, delta, reason, order_id, created_at)
            VALUES (tenant, new_id(), variant, place, -taken, 'sold', taker, at);
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;

-- Puts back what an order took and did not ship. Once: a second time changes nothing.
CREATE FUNCTION public.put_back_stock(tenant uuid, taker uuid, at timestamptz)
    RETURNS TABLE (variant uuid, place uuid, taken bigint, remaining bigint)
    LANGUAGE plpgsql VOLATILE SET search_path = public, pg_temp
AS $$
DECLARE
    last_variant uuid;
    shipped bigint := 0;
    gone bigint;
BEGIN
    IF EXISTS (SELECT FROM stock_movements m WHERE m.tenant_id = tenant AND m.order_id = taker AND m.reason = 'put_back') THEN
        RETURN;
    END IF;
    FOR variant, place, taken IN
        SELECT m.variant_id, m.location_id, -m.delta FROM stock_movements m
        WHERE m.tenant_id = tenant AND m.order_id = taker AND m.reason = 'sold' ORDER BY m.variant_id, m.location_id
    LOOP
        IF variant IS DISTINCT FROM last_variant THEN
            last_variant := variant;
            shipped := coalesce((SELECT l.fulfilled FROM order_lines l
                                 WHERE l.tenant_id = tenant AND l.order_id = taker AND l.variant_id = variant), 0);
        END IF;
        gone := least(shipped, taken);
        shipped := shipped - gone;
        taken := taken - gone;
        CONTINUE WHEN taken = 0;
        UPDATE stock_levels s SET on_hand = s.on_hand + taken
        WHERE s.tenant_id = tenant AND s.variant_id = variant AND s.location_id = place
        RETURNING s.on_hand - s.reserved INTO remaining;
        INSERT INTO stock_movements (tenant_id, id, variant_id, location_id, delta, reason, order_id, created_at)
        VALUES (tenant, new_id(), variant, place, taken, 'put_back', taker, at);
        RETURN NEXT;
    END LOOP;
END
$$;

GRANT EXECUTE ON FUNCTION public.take_stock(uuid, uuid, timestamptz, timestamptz, uuid[], bigint[]),
                          public.note_taken(uuid, uuid, timestamptz, timestamptz, uuid, uuid, bigint),
                          public.settle_stock(uuid, uuid, boolean, timestamptz),
                          public.put_back_stock(uuid, uuid, timestamptz) TO stoa_app;
