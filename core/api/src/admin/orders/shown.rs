//! Orders, as staff sees them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::orders::{Order, TimelineEntry};
use domain::payments::Payment;
use poem_openapi::Object;
use poem_openapi::types::Any;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::orders::{
    AddressShown, CouponOfOrder, LineShown, PaymentOfOrder, ShippingOfOrder, TotalsShown, lines, payments,
};

/// An order.
#[derive(Object, Serialize)]
#[oai(rename = "Order")]
pub(in crate::admin) struct OrderShown {
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
    /// Why it was cancelled: `buyer`, `staff`, `out_of_stock` or `deleted`.
    cancelled_for: Option<String>,
    /// When staff removed it.
    deleted_at: Option<DateTime<Utc>>,
    /// What happened, the first thing first; with what buyers do not see.
    timeline: Vec<EntryShown>,
    /// Its payments, the first first.
    payments: Vec<PaymentOfOrder>,
    /// Counts its changes; the same as in `ETag`.
    pub(super) version: i64,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last changed.
    updated_at: DateTime<Utc>,
}

/// Something that happened to an order.
#[derive(Object, Serialize)]
#[oai(rename = "OrderEvent")]
struct EntryShown {
    /// Its id.
    id: Uuid,
    /// What happened, in a word; `note` for what staff wrote.
    kind: String,
    /// Facts about it.
    detail: BTreeMap<String, Any<Value>>,
    /// Whether the buyer sees it.
    shown: bool,
    /// `user` or `api_key`; null where the buyer or the shop itself did it.
    actor_kind: Option<String>,
    /// Who of the staff did it.
    actor_id: Option<Uuid>,
    /// When.
    at: DateTime<Utc>,
}

impl EntryShown {
    fn new(entry: &TimelineEntry) -> Self {
        let (actor_kind, actor_id) = entry.actor.clone().unzip();
        Self {
            id: entry.id,
            kind: entry.kind.clone(),
            detail: entry.detail.as_object().into_iter().flatten().map(|(k, v)| (k.clone(), Any(v.clone()))).collect(),
            shown: entry.shown,
            actor_kind,
            actor_id,
            at: entry.at,
        }
    }
}

impl OrderShown {
    pub(in crate::admin) fn new(order: &Order, paid: &[Payment]) -> Self {
        Self {
            id: order.id.0,
            number: order.number,
            status: order.state.status.as_str().to_owned(),
            payment_status: order.state.payment.as_str().to_owned(),
            fulfilment_status: order.state.fulfilment.as_str().to_owned(),
            customer_id: order.customer.map(|id| id.0),
            email: order.email.clone(),
            items: lines(&order.lines, order.currency),
            shipping_address: order.address.clone().into(),
            shipping_method: order.shipping.clone().map(ShippingOfOrder::from),
            coupons: CouponOfOrder::all(&order.coupons, order.currency),
            totals: TotalsShown::new(order.totals, order.currency),
            note: order.note.clone(),
            expires_at: order.expires_at,
            cancelled_for: order.cancelled_for.map(|why| why.as_str().to_owned()),
            deleted_at: order.deleted_at,
            timeline: order.timeline.iter().map(EntryShown::new).collect(),
            payments: payments(paid),
            version: order.version,
            created_at: order.created_at,
            updated_at: order.updated_at,
        }
    }

    /// What the audit keeps of it: its words, not what is its buyer's.
    pub(super) fn words(&self) -> Value {
        json!({
            "number": self.number, "status": self.status, "payment_status": self.payment_status,
            "fulfilment_status": self.fulfilment_status, "version": self.version,
        })
    }
}
