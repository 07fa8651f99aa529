//! One query a rule: each answers what breaks it, and how.

use chrono::TimeDelta;
use tenants::{DbError, TenantTx};

use super::Difference;

/// How long what is over may wait for its job.
const PATIENCE: TimeDelta = TimeDelta::seconds(60);

/// Adds to `$found` what breaks a rule. `$sql` answers one text a row; `$1` is the store.
macro_rules! rule {
    ($found:ident, $tx:ident, $rule:literal, $sql:literal $(, $arg:expr)*) => {
        let tenant = $tx.tenant().0;
        let broken = sqlx::query_scalar!($sql, tenant $(, $arg)*).fetch_all($tx.conn()).await?;
        $found.extend(broken.into_iter().map(|detail| Difference { rule: $rule, detail }));
    };
}

pub(super) async fn all(tx: &mut TenantTx) -> Result<Vec<Difference>, DbError> {
    let mut found = Vec::new();
    found.extend(stock(tx).await?);
    found.extend(orders(tx).await?);
    found.extend(payments(tx).await?);
    found.extend(coupons(tx).await?);
    found.extend(time(tx).await?);
    Ok(found)
}

async fn stock(tx: &mut TenantTx) -> Result<Vec<Difference>, DbError> {
    let mut found = Vec::new();
    rule!(
        found,
        tx,
        "stock.on_hand_is_its_movements",
        r#"SELECT format('variant %s at location %s: %s on hand, movements add up to %s', l.variant_id, l.location_id, l.on_hand,
                         coalesce(m.sum, 0)) AS "detail!"
           FROM stock_levels l
           LEFT JOIN (SELECT variant_id, location_id, sum(delta) AS sum FROM stock_movements WHERE tenant_id = $1
                      GROUP BY variant_id, location_id) m
                ON m.variant_id = l.variant_id AND m.location_id = l.location_id
           WHERE l.tenant_id = $1 AND l.on_hand <> coalesce(m.sum, 0) ORDER BY 1"#
    );
    rule!(
        found,
        tx,
        "stock.reserved_is_its_reservations",
        r#"SELECT format('variant %s at location %s: %s reserved, reservations add up to %s', l.variant_id, l.location_id,
                         l.reserved, coalesce(r.sum, 0)) AS "detail!"
           FROM stock_levels l
           LEFT JOIN (SELECT variant_id, location_id, sum(quantity) AS sum FROM stock_reservations WHERE tenant_id = $1
                      GROUP BY variant_id, location_id) r
                ON r.variant_id = l.variant_id AND r.location_id = l.location_id
           WHERE l.tenant_id = $1 AND l.reserved <> coalesce(r.sum, 0) ORDER BY 1"#
    );
    rule!(
        found,
        tx,
        "stock.promised_to_pending_orders",
        r#"SELECT format('order %s (%s, %s): %s of variant %s are promised, %s were ordered', o.number, o.status, o.payment_status,
                         coalesce(r.sum, 0), l.variant_id, l.quantity) AS "detail!"
           FROM orders o JOIN order_lines l ON l.tenant_id = $1 AND l.order_id = o.id
           LEFT JOIN (SELECT order_id, variant_id, sum(quantity) AS sum FROM stock_reservations WHERE tenant_id = $1
                      GROUP BY order_id, variant_id) r ON r.order_id = o.id AND r.variant_id = l.variant_id
           WHERE o.tenant_id = $1
             AND coalesce(r.sum, 0) <> CASE WHEN o.status = 'open' AND o.payment_status = 'pending' THEN l.quantity ELSE 0 END
           ORDER BY o.number"#
    );
    rule!(
        found,
        tx,
        "stock.sold_once_a_line",
        r#"SELECT format('order %s (%s, %s): %s of variant %s were sold and %s put back; %s were ordered, %s shipped', o.number,
                         o.status, o.payment_status, coalesce(m.sold, 0), l.variant_id, coalesce(m.back, 0), l.quantity,
                         l.fulfilled) AS "detail!"
           FROM orders o JOIN order_lines l ON l.tenant_id = $1 AND l.order_id = o.id
           LEFT JOIN (SELECT order_id, variant_id, -sum(delta) FILTER (WHERE reason = 'sold') AS sold,
                             sum(delta) FILTER (WHERE reason = 'put_back') AS back
                      FROM stock_movements WHERE tenant_id = $1 AND order_id IS NOT NULL
                      GROUP BY order_id, variant_id) m ON m.order_id = o.id AND m.variant_id = l.variant_id
           WHERE o.tenant_id = $1
             AND (coalesce(m.sold, 0), coalesce(m.back, 0)) IS DISTINCT FROM (CASE
                 WHEN o.status IN ('open', 'completed') AND o.payment_status NOT IN ('unpaid', 'pending')
                     THEN ROW (l.quantity::numeric, 0::numeric)
                 WHEN o.status IN ('cancelled', 'expired') AND m.sold IS NOT NULL
                     THEN ROW (l.quantity::numeric, (l.quantity - l.fulfilled)::numeric)
                 ELSE ROW (0::numeric, 0::numeric) END)
           ORDER BY o.number"#
    );
    rule!(
        found,
        tx,
        "stock.products_say_what_is_there",
        r#"SELECT format('product %s says %s', p.slug, CASE WHEN p.in_stock THEN 'in stock' ELSE 'out of stock' END) AS "detail!"
           FROM products p
           WHERE p.tenant_id = $1 AND p.in_stock <> EXISTS (
               SELECT FROM variants v JOIN stock_levels l ON l.tenant_id = $1 AND l.variant_id = v.id
               WHERE v.tenant_id = $1 AND v.product_id = p.id AND l.on_hand > l.reserved)
           ORDER BY p.slug"#
    );
    rule!(
        found,
        tx,
        "stock.products_say_what_was_sold",
        r#"SELECT format('product %s says %s were sold, %s are not counted yet, orders took %s', p.slug, p.sold,
                         coalesce(c.sum, 0), coalesce(m.sum, 0)) AS "detail!"
           FROM products p
           LEFT JOIN (SELECT v.product_id, -sum(m.delta) AS sum FROM stock_movements m
                      JOIN variants v ON v.tenant_id = $1 AND v.id = m.variant_id
                      WHERE m.tenant_id = $1 AND m.order_id IS NOT NULL GROUP BY v.product_id) m ON m.product_id = p.id
           LEFT JOIN (SELECT v.product_id, sum(c.delta) AS sum FROM sold_changes c
                      JOIN variants v ON v.tenant_id = $1 AND v.id = c.variant_id
                      WHERE c.tenant_id = $1 GROUP BY v.product_id) c ON c.product_id = p.id
           WHERE p.tenant_id = $1 AND p.sold + coalesce(c.sum, 0) <> coalesce(m.sum, 0) ORDER BY p.slug"#
    );
    Ok(found)
}

async fn orders(tx: &mut TenantTx) -> Result<Vec<Difference>, DbError> {
    let mut found = Vec::new();
    rule!(
        found,
        tx,
        "orders.numbered_without_gaps",
        r#"SELECT format('%s orders, the highest number is %s, the counter is at %s', o.count, o.highest, coalesce(c.last, 0))
                      AS "detail!"
           FROM (SELECT count(*) AS count, coalesce(max(number), 0) AS highest FROM orders WHERE tenant_id = $1) o
           LEFT JOIN (SELECT last FROM order_counters WHERE tenant_id = $1) c ON true
           WHERE o.count <> o.highest OR o.highest <> coalesce(c.last, 0)"#
    );
    rule!(
        found,
        tx,
        "orders.lines_add_up",
        r#"SELECT format('order %s: items %s, discount %s; its lines add up to %s and %s', o.number, o.items_minor,
                         o.discount_minor, coalesce(l.items, 0), coalesce(l.discount, 0)) AS "detail!"
           FROM orders o
           LEFT JOIN (SELECT order_id, sum(unit_price_minor * quantity) AS items, sum(discount_minor) AS discount
                      FROM order_lines WHERE tenant_id = $1 GROUP BY order_id) l ON l.order_id = o.id
           WHERE o.tenant_id = $1
             AND (o.items_minor <> coalesce(l.items, 0) OR o.discount_minor <> coalesce(l.discount, 0))
           ORDER BY o.number"#
    );
    rule!(
        found,
        tx,
        "orders.shipped_as_they_say",
        r#"SELECT format('order %s is %s; %s of %s have left', o.number, o.fulfilment_status, l.gone, l.bought) AS "detail!"
           FROM orders o
           JOIN (SELECT order_id, sum(fulfilled) AS gone, sum(quantity) AS bought FROM order_lines WHERE tenant_id = $1
                 GROUP BY order_id) l ON l.order_id = o.id
           WHERE o.tenant_id = $1 AND o.fulfilment_status <> CASE
                 WHEN l.gone = 0 THEN 'unfulfilled' WHEN l.gone < l.bought THEN 'partial' ELSE 'fulfilled' END
           ORDER BY o.number"#
    );
    Ok(found)
}

async fn payments(tx: &mut TenantTx) -> Result<Vec<Difference>, DbError> {
    let mut found = Vec::new();
    rule!(
        found,
        tx,
        "payments.orders_say_what_was_paid",
        r#"SELECT format('order %s says %s: %s of %s captured, %s refunded, %s under way, %s promised', o.number, o.payment_status,
                         coalesce(p.captured, 0), o.total_minor, coalesce(p.refunded, 0), coalesce(p.waiting, 0),
                         coalesce(p.promised, 0)) AS "detail!"
           FROM orders o
           LEFT JOIN (SELECT order_id, coalesce(sum(captured_minor) FILTER (WHERE NOT surplus), 0) AS captured,
                             coalesce(sum(refunded_minor) FILTER (WHERE NOT surplus), 0) AS refunded,
                             count(*) FILTER (WHERE status IN ('created', 'pending', 'indeterminate')) AS waiting,
                             count(*) FILTER (WHERE status = 'authorized') AS promised,
                             count(*) FILTER (WHERE status IN ('captured', 'partially_refunded', 'refunded')) AS taken
                      FROM payments WHERE tenant_id = $1 GROUP BY order_id) p ON p.order_id = o.id
           WHERE o.tenant_id = $1 AND NOT CASE o.payment_status
                 WHEN 'unpaid' THEN coalesce(p.captured, 0) = coalesce(p.refunded, 0) AND coalesce(p.promised, 0) = 0
                                    AND coalesce(p.waiting, 0) = 0
                 WHEN 'pending' THEN p.waiting = 1
                 WHEN 'authorized' THEN p.promised = 1 AND p.captured = 0
                 WHEN 'paid' THEN p.taken >= 1 AND p.captured - p.refunded = o.total_minor AND p.promised + p.waiting = 0
                 WHEN 'partially_refunded' THEN p.refunded > 0 AND p.refunded < p.captured
                 WHEN 'refunded' THEN p.taken >= 1 AND p.refunded = p.captured
                 ELSE true END
           ORDER BY o.number"#
    );
    rule!(
        found,
        tx,
        "payments.refunds_add_up",
        r#"SELECT format('payment %s: %s refunded and %s on its way, its refunds add up to %s and %s', p.id, p.refunded_minor,
                         p.returning_minor, coalesce(r.done, 0), coalesce(r.under_way, 0)) AS "detail!"
           FROM payments p
           LEFT JOIN (SELECT payment_id, sum(amount_minor) FILTER (WHERE status = 'succeeded') AS done,
                             sum(amount_minor) FILTER (WHERE status IN ('pending', 'indeterminate')) AS under_way
                      FROM refunds WHERE tenant_id = $1 GROUP BY payment_id) r ON r.payment_id = p.id
           WHERE p.tenant_id = $1 AND (p.refunded_minor <> coalesce(r.done, 0) OR p.returning_minor <> coalesce(r.under_way, 0))
           ORDER BY p.id"#
    );
    rule!(
        found,
        tx,
        "payments.status_says_what_moved",
        r#"SELECT format('payment %s is %s: %s captured, %s refunded', p.id, p.status, p.captured_minor, p.refunded_minor) AS "detail!"
           FROM payments p
           WHERE p.tenant_id = $1 AND NOT CASE p.status
                 WHEN 'captured' THEN p.captured_minor = p.amount_minor AND p.refunded_minor = 0
                 WHEN 'partially_refunded' THEN p.refunded_minor > 0 AND p.refunded_minor < p.captured_minor
                 WHEN 'refunded' THEN p.captured_minor > 0 AND p.refunded_minor = p.captured_minor
                 ELSE p.captured_minor = 0 AND p.refunded_minor = 0 END
           ORDER BY p.id"#
    );
    rule!(
        found,
        tx,
        "payments.a_surplus_is_kept",
        r#"SELECT format('payment %s: its order has no use for %s, and nothing gives it back', p.id,
                         p.captured_minor - p.refunded_minor) AS "detail!"
           FROM payments p
           WHERE p.tenant_id = $1 AND p.surplus AND p.captured_minor > p.refunded_minor + p.returning_minor ORDER BY p.id"#
    );
    let long = tx.now() - TimeDelta::days(1);
    rule!(
        found,
        tx,
        "payments.no_refund_is_under_way_for_long",
        r#"SELECT format('payment %s: nobody says since %s what became of the refund %s of %s', r.payment_id, r.created_at, r.id,
                         r.amount_minor) AS "detail!"
           FROM refunds r
           WHERE r.tenant_id = $1 AND r.status IN ('pending', 'indeterminate') AND r.created_at < $2 ORDER BY r.id"#,
        long
    );
    rule!(
        found,
        tx,
        "payments.one_is_held",
        r#"SELECT format('payment %s is %s, and staff has to look at it: %s', p.id, p.status, p.held_for) AS "detail!"
           FROM payments p WHERE p.tenant_id = $1 AND p.held_for IS NOT NULL ORDER BY p.id"#
    );
    rule!(
        found,
        tx,
        "payments.a_refund_is_due",
        r#"SELECT format('order %s: its money is to be given back', o.number) AS "detail!"
           FROM orders o WHERE o.tenant_id = $1 AND o.payment_status = 'refund_due' ORDER BY o.number"#
    );
    Ok(found)
}

async fn coupons(tx: &mut TenantTx) -> Result<Vec<Difference>, DbError> {
    let mut found = Vec::new();
    rule!(
        found,
        tx,
        "coupons.used_by_living_orders",
        r#"SELECT format('order %s is %s: its use of a coupon is %s', o.number, o.status,
                         CASE WHEN u.given_back_at IS NULL THEN 'taken' ELSE 'given back' END) AS "detail!"
           FROM coupon_uses u JOIN orders o ON o.tenant_id = $1 AND o.id = u.order_id
           WHERE u.tenant_id = $1 AND (u.given_back_at IS NULL) <> (o.status IN ('open', 'completed')) ORDER BY o.number"#
    );
    rule!(
        found,
        tx,
        "coupons.uses_have_orders",
        r#"SELECT format('a use of coupon %s is of the order %s, which is not there', u.coupon_id, u.order_id) AS "detail!"
           FROM coupon_uses u
           WHERE u.tenant_id = $1 AND NOT EXISTS (SELECT FROM orders o WHERE o.tenant_id = $1 AND o.id = u.order_id)
           ORDER BY u.order_id"#
    );
    rule!(
        found,
        tx,
        "coupons.counted_right",
        r#"SELECT format('coupon %s says %s uses, %s are taken', c.code, c.used, coalesce(u.taken, 0)) AS "detail!"
           FROM coupons c
           LEFT JOIN (SELECT coupon_id, count(*) AS taken FROM coupon_uses WHERE tenant_id = $1 AND given_back_at IS NULL
                      GROUP BY coupon_id) u ON u.coupon_id = c.id
           WHERE c.tenant_id = $1 AND c.used <> coalesce(u.taken, 0) ORDER BY c.code"#
    );
    Ok(found)
}

async fn time(tx: &mut TenantTx) -> Result<Vec<Difference>, DbError> {
    let mut found = Vec::new();
    let late = tx.now() - PATIENCE;
    rule!(
        found,
        tx,
        "orders.none_waits_too_long",
        r#"SELECT format('order %s should have expired at %s', o.number, o.expires_at) AS "detail!"
           FROM orders o WHERE o.tenant_id = $1 AND o.status = 'open' AND o.expires_at < $2 ORDER BY o.number"#,
        late
    );
    rule!(
        found,
        tx,
        "stock.no_promise_outlives_its_end",
        r#"SELECT format('%s of variant %s were promised to order %s until %s', r.quantity, r.variant_id, r.order_id, r.expires_at)
                      AS "detail!"
           FROM stock_reservations r WHERE r.tenant_id = $1 AND r.expires_at < $2 ORDER BY r.order_id"#,
        late
    );
    Ok(found)
}
