//! Parts of orders.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::orders::{CopiedCoupon, CopiedShipping, ListedOrder, OrderLine, OrderTotals};
use domain::payments::Payment;
use kernel::{Amount, Currency, Money};
use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;

use crate::http::MoneyShown;

fn money(amount: Amount, currency: Currency) -> MoneyShown {
    Money { amount, currency }.into()
}

/// A line of an order. All of it is as it was when the order was made.
#[derive(Object, Serialize)]
#[oai(rename = "OrderLine")]
pub(crate) struct LineShown {
    /// What was bought.
    variant_id: Uuid,
    /// Its product.
    product_id: Uuid,
    /// The product's name in addresses.
    product_slug: String,
    /// The product's name, with the values of its options.
    name: String,
    /// The store's own name for it.
    sku: Option<String>,
    /// One value for each option of the product.
    options: BTreeMap<String, String>,
    /// How many.
    quantity: i64,
    /// How many have left.
    fulfilled: i64,
    /// What one cost.
    unit_price: MoneyShown,
    /// What discounts took off the line.
    discount: MoneyShown,
    /// The tax in it or on it.
    tax: MoneyShown,
    /// What is paid for the line.
    line_total: MoneyShown,
}

/// The lines of an order.
pub(crate) fn lines(lines: &[OrderLine], currency: Currency) -> Vec<LineShown> {
    let shown = |line: &OrderLine| LineShown {
        variant_id: line.variant.0,
        product_id: line.product.0,
        product_slug: line.slug.clone(),
        name: line.name.clone(),
        sku: line.sku.clone(),
        options: line.options.clone(),
        quantity: line.quantity,
        fulfilled: line.fulfilled,
        unit_price: money(line.unit_price, currency),
        discount: money(line.discount, currency),
        tax: money(line.tax, currency),
        line_total: money(line.total, currency),
    };
    lines.iter().map(shown).collect()
}

/// What an order costs.
#[derive(Object, Serialize)]
#[oai(rename = "OrderTotals")]
pub(crate) struct TotalsShown {
    /// The lines, before discounts.
    items: MoneyShown,
    /// What discounts took off them.
    discount: MoneyShown,
    /// Shipping.
    shipping: MoneyShown,
    /// The tax.
    tax: MoneyShown,
    /// Whether the tax is in the prices, or on top.
    tax_included: bool,
    /// What is paid.
    total: MoneyShown,
}

impl TotalsShown {
    pub(crate) fn new(totals: OrderTotals, currency: Currency) -> Self {
        Self {
            items: money(totals.items, currency),
            discount: money(totals.discount, currency),
            shipping: money(totals.shipping, currency),
            tax: money(totals.tax, currency),
            tax_included: totals.tax_included,
            total: money(totals.total, currency),
        }
    }
}

/// How an order travels.
#[derive(Object, Serialize)]
#[oai(rename = "OrderShipping")]
pub(crate) struct ShippingOfOrder {
    /// The shipping method.
    id: Uuid,
    /// Its name then.
    name: String,
}

impl From<CopiedShipping> for ShippingOfOrder {
    fn from(shipping: CopiedShipping) -> Self {
        Self { id: shipping.id, name: shipping.name }
    }
}

/// A coupon of an order.
#[derive(Object, Serialize)]
#[oai(rename = "OrderCoupon")]
pub(crate) struct CouponOfOrder {
    /// Its code.
    code: String,
    /// What it took off.
    discount: MoneyShown,
}

impl CouponOfOrder {
    pub(crate) fn all(coupons: &[CopiedCoupon], currency: Currency) -> Vec<Self> {
        let amount = |minor| Amount::new(minor).unwrap_or(Amount::ZERO);
        let shown = |coupon: &CopiedCoupon| Self {
            code: coupon.code.clone(),
            discount: money(amount(coupon.discount_minor), currency),
        };
        coupons.iter().map(shown).collect()
    }
}

/// A payment of an order.
#[derive(Object, Serialize)]
#[oai(rename = "Payment")]
pub(crate) struct PaymentOfOrder {
    /// Its id.
    id: Uuid,
    /// What it pays.
    order_id: Uuid,
    /// How.
    gateway: String,
    /// `created`, `pending`, `authorized`, `captured`, `voided`, `failed`, `cancelled`, `indeterminate`,
    /// `partially_refunded` or `refunded`.
    status: String,
    /// How much is to be paid.
    amount: MoneyShown,
    /// How much was.
    captured: MoneyShown,
    /// How much of that was given back.
    refunded: MoneyShown,
    /// When it was begun.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

impl From<&Payment> for PaymentOfOrder {
    fn from(payment: &Payment) -> Self {
        Self {
            id: payment.id.0,
            order_id: payment.order.0,
            gateway: payment.gateway.clone(),
            status: payment.status.as_str().to_owned(),
            amount: money(payment.amount, payment.currency),
            captured: money(payment.captured, payment.currency),
            refunded: money(payment.refunded, payment.currency),
            created_at: payment.created_at,
            updated_at: payment.updated_at,
        }
    }
}

/// The payments of an order.
pub(crate) fn payments(payments: &[Payment]) -> Vec<PaymentOfOrder> {
    payments.iter().map(PaymentOfOrder::from).collect()
}

/// A page of orders.
#[derive(Object, Serialize)]
pub(crate) struct OrderPage {
    /// The orders, the newest first.
    pub(crate) items: Vec<ListedOrderShown>,
    /// Where the next page begins; null on the last.
    pub(crate) next_cursor: Option<String>,
}

/// An order in a list.
#[derive(Object, Serialize)]
#[oai(rename = "ListedOrder")]
pub(crate) struct ListedOrderShown {
    /// Its id.
    id: Uuid,
    /// Its number in the store.
    number: i64,
    /// `open`, `completed`, `cancelled` or `expired`.
    status: String,
    /// `unpaid`, `pending`, `authorized`, `paid`, `partially_refunded`, `refunded` or `refund_due`.
    payment_status: String,
    /// `unfulfilled`, `partial` or `fulfilled`.
    fulfilment_status: String,
    /// Who bought; null for visitors.
    customer_id: Option<Uuid>,
    /// Where letters go.
    email: String,
    /// How many lines it has.
    lines: i64,
    /// What is paid.
    total: MoneyShown,
    /// When it was made.
    created_at: DateTime<Utc>,
}

impl From<&ListedOrder> for ListedOrderShown {
    fn from(order: &ListedOrder) -> Self {
        Self {
            id: order.id.0,
            number: order.number,
            status: order.state.status.as_str().to_owned(),
            payment_status: order.state.payment.as_str().to_owned(),
            fulfilment_status: order.state.fulfilment.as_str().to_owned(),
            customer_id: order.customer.map(|id| id.0),
            email: order.email.clone(),
            lines: order.lines,
            total: money(order.total, order.currency),
            created_at: order.created_at,
        }
    }
}
