//! Orders, as their buyers see them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::orders::{Order, TimelineEntry};
use domain::payments::Payment;
use poem_openapi::Object;
use poem_openapi::types::Any;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::orders::{
    AddressShown, CouponOfOrder, LineShown, PaymentOfOrder, ShippingOfOrder, TotalsShown, lines, payments,
};

/// An order.
#[derive(Object, Serialize)]
#[oai(rename = "Order")]
pub(crate) struct OrderShown {
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
    /// By which a visitor gets at the order, in the header `Stoa-Order-Token`. Told where the order is made, and null
    /// elsewhere.
    access_token: Option<String>,
    /// Where letters go.
    email: String,
    /// What was bought.
    items: Vec<LineShown>,
    /// Where it goes.
    shipping_address: AddressShown,
    /// How it travels.
    shipping_method: Option<ShippingOfOrder>,
    /// What was taken off by code.
    coupons: Vec<CouponOfOrder>,
    /// What it costs.
    totals: TotalsShown,
    /// What the buyer wrote.
    note: Option<String>,
    /// Until when it waits for its payment.
    expires_at: Option<DateTime<Utc>>,
    /// What happened, the first thing first.
    timeline: Vec<EntryShown>,
    /// Its payments, the first first.
    payments: Vec<PaymentOfOrder>,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// Something that happened to an order.
#[derive(Object, Serialize)]
#[oai(rename = "OrderEvent")]
struct EntryShown {
    /// What happened, in a word.
    kind: String,
    /// Facts about it.
    detail: BTreeMap<String, Any<Value>>,
    /// When.
    at: DateTime<Utc>,
}

impl OrderShown {
    pub(crate) fn new(order: &Order, paid: &[Payment]) -> Self {
        let entry = |entry: &TimelineEntry| EntryShown {
            kind: entry.kind.clone(),
            detail: entry.detail.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), Any(v.clone()))).collect(),
            at: entry.at,
        };
        Self {
            id: order.id.0,
            number: order.number,
            status: order.state.status.as_str().to_owned(),
            payment_status: order.state.payment.as_str().to_owned(),
            fulfilment_status: order.state.fulfilment.as_str().to_owned(),
            access_token: None,
            email: order.email.clone(),
            items: lines(&order.lines, order.currency),
            shipping_address: order.address.clone().into(),
            shipping_method: order.shipping.clone().map(ShippingOfOrder::from),
            coupons: CouponOfOrder::all(&order.coupons, order.currency),
            totals: TotalsShown::new(order.totals, order.currency),
            note: order.note.clone(),
            expires_at: order.expires_at,
            timeline: order.timeline.iter().filter(|entry| entry.shown).map(entry).collect(),
            payments: payments(paid),
            created_at: order.created_at,
        }
    }
}
