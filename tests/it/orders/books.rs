//! The audit finds what does not add up, each fault planted alone.

use tests::Mall;

use super::{By, differences, ordered, pay, sql, stocked};

#[tokio::test]
async fn each_planted_difference_is_named() {
    let mall = Mall::open().await;
    let shop = mall.open_store().await;
    let lamp = stocked(&shop, "Lamp", 5).await;
    let (paid, _waiting) = (
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 2)]).await,
        ordered(&mall, &shop, By::Visitor, &[(&lamp, 1)]).await,
    );
    pay(&shop, paid).await.expect(201);
    assert_eq!(differences(&mall, &shop).await, []);
    for (plant, undo, rule) in [
        (
            "UPDATE stock_levels SET on_hand = 4",
            "UPDATE stock_levels SET on_hand = 3",
            "stock.on_hand_is_its_movements",
        ),
        (
            "UPDATE stock_levels SET reserved = 1",
            "UPDATE stock_levels SET reserved = 0",
            "stock.reserved_is_its_reservations",
        ),
        (
            "UPDATE orders SET payment_status = 'pending' WHERE number = 2",
            "UPDATE orders SET payment_status = 'unpaid' WHERE number = 2",
            "stock.promised_to_pending_orders",
        ),
        (
            "UPDATE orders SET payment_status = 'paid' WHERE number = 2",
            "UPDATE orders SET payment_status = 'unpaid' WHERE number = 2",
            "stock.sold_once_a_line",
        ),
        (
            "UPDATE orders SET payment_status = 'unpaid' WHERE number = 1",
            "UPDATE orders SET payment_status = 'paid' WHERE number = 1",
            "payments.orders_say_what_was_paid",
        ),
        ("UPDATE payments SET refunded_minor = 1", "UPDATE payments SET refunded_minor = 0", "payments.refunds_add_up"),
        (
            "UPDATE orders SET payment_status = 'refund_due' WHERE number = 1",
            "UPDATE orders SET payment_status = 'paid' WHERE number = 1",
            "payments.a_refund_is_due",
        ),
        (
            "UPDATE products SET in_stock = false",
            "UPDATE products SET in_stock = true",
            "stock.products_say_what_is_there",
        ),
        (
            "UPDATE products SET sold = sold + 7",
            "UPDATE products SET sold = sold - 7",
            "stock.products_say_what_was_sold",
        ),
        (
            "UPDATE orders SET number = 9 WHERE number = 2",
            "UPDATE orders SET number = 2 WHERE number = 9",
            "orders.numbered_without_gaps",
        ),
        (
            "UPDATE order_lines SET quantity = 7 WHERE quantity = 1",
            "UPDATE order_lines SET quantity = 1 WHERE quantity = 7",
            "orders.lines_add_up",
        ),
        (
            "UPDATE order_lines SET fulfilled = 1 WHERE quantity = 1",
            "UPDATE order_lines SET fulfilled = 0 WHERE quantity = 1",
            "orders.shipped_as_they_say",
        ),
        (
            "UPDATE orders SET expires_at = now() - interval '2 minutes' WHERE number = 2",
            "UPDATE orders SET expires_at = now() + interval '2 minutes' WHERE number = 2",
            "orders.none_waits_too_long",
        ),
    ] {
        sql(&mall, plant).await;
        let found = differences(&mall, &shop).await;
        assert!(found.iter().any(|found| found.rule == rule), "{plant}: {found:?}");
        sql(&mall, undo).await;
    }
    assert_eq!(differences(&mall, &shop).await, []);
}
