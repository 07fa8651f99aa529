//! One order, whole or locked.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{Amount, Currency, Text as _};
use serde::Deserialize;
use serde_json::Value;
use sqlx::types::Json;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use crate::catalog::{ProductId, VariantId};
use crate::identity::UserId;
use crate::orders::machine::{FulfilmentStatus, OrderStatus, PaymentStatus, State};
use crate::orders::model::Cancelled;
use crate::orders::{
    CopiedAddress, CopiedCoupon, CopiedShipping, Order, OrderId, OrderLine, OrderTotals, TimelineEntry, Whose,
};

pub(super) fn broken(what: &'static str) -> DbError {
    sqlx::Error::Decode(format!("an order holds a {what} that breaks its rules").into()).into()
}

pub(super) fn amount(minor: i64) -> Result<Amount, DbError> {
    Amount::new(minor).ok_or_else(|| broken("sum"))
}

pub(super) fn currency(code: &str) -> Result<Currency, DbError> {
    Currency::parse(code).map_err(|_| broken("currency"))
}

pub(super) fn state(status: &str, payment: &str, fulfilment: &str) -> Result<State, DbError> {
    Ok(State {
        status: OrderStatus::read(status).ok_or_else(|| broken("status"))?,
        payment: PaymentStatus::read(payment).ok_or_else(|| broken("status"))?,
        fulfilment: FulfilmentStatus::read(fulfilment).ok_or_else(|| broken("status"))?,
    })
}

/// The customer and the hash that a row must have.
pub(super) fn owner(whose: Whose) -> (Option<Uuid>, Option<Vec<u8>>) {
    match whose {
        Whose::Store => (None, None),
        Whose::Customer(id) => (Some(id.0), None),
        Whose::Visitor(hash) => (None, Some(hash.to_vec())),
    }
}

/// An order, locked.
#[derive(Debug, Clone)]
pub struct Locked {
    /// Where it is.
    pub state: State,
    /// Its version.
    pub version: i64,
    /// Until when it waits.
    pub expires_at: Option<DateTime<Utc>>,
    /// What is paid.
    pub total: Amount,
    /// In this currency.
    pub currency: Currency,
    /// Whether staff removed it.
    pub deleted: bool,
}

/// Locks an order. Whoever changes one does this first, so that changes of one order come one after another.
pub(in crate::orders) async fn lock(tx: &mut TenantTx, id: OrderId, whose: Whose) -> Result<Option<Locked>, DbError> {
    let (tenant, (customer, hash)) = (tx.tenant(), owner(whose));
    let row = sqlx::query_as!(
        LockedRow,
        r#"SELECT status, payment_status, fulfilment_status, version, expires_at, total_minor, currency,
                  deleted_at IS NOT NULL AS "deleted!"
           FROM orders
           WHERE tenant_id = $1 AND id = $2 AND ($3::uuid IS NULL OR customer_id = $3)
             AND ($4::bytea IS NULL OR access_hash = $4) AND (deleted_at IS NULL OR $3 IS NULL AND $4 IS NULL)
           FOR NO KEY UPDATE"#,
        tenant.0,
        id.0,
        customer,
        hash,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(LockedRow::read).transpose()
}

struct LockedRow {
    status: String,
    payment_status: String,
    fulfilment_status: String,
    version: i64,
    expires_at: Option<DateTime<Utc>>,
    total_minor: i64,
    currency: String,
    deleted: bool,
}

impl LockedRow {
    fn read(self) -> Result<Locked, DbError> {
        Ok(Locked {
            state: state(&self.status, &self.payment_status, &self.fulfilment_status)?,
            version: self.version,
            expires_at: self.expires_at,
            total: amount(self.total_minor)?,
            currency: currency(&self.currency)?,
            deleted: self.deleted,
        })
    }
}

#[derive(Debug, Deserialize)]
struct LineRow {
    variant_id: Uuid,
    product_id: Uuid,
    product_slug: String,
    name: String,
    sku: Option<String>,
    options: BTreeMap<String, String>,
    unit_price_minor: i64,
    quantity: i64,
    discount_minor: i64,
    tax_minor: i64,
    total_minor: i64,
    fulfilled: i64,
}

#[derive(Debug, Deserialize)]
struct EntryRow {
    id: Uuid,
    kind: String,
    detail: Value,
    shown: bool,
    actor_kind: Option<String>,
    actor_id: Option<Uuid>,
    created_at: DateTime<Utc>,
}

struct OrderRow {
    id: Uuid,
    number: i64,
    status: String,
    payment_status: String,
    fulfilment_status: String,
    customer_id: Option<Uuid>,
    email: String,
    currency: String,
    items_minor: i64,
    discount_minor: i64,
    shipping_minor: i64,
    tax_minor: i64,
    total_minor: i64,
    tax_included: bool,
    shipping_address: Json<CopiedAddress>,
    shipping_method: Option<Json<CopiedShipping>>,
    coupons: Json<Vec<CopiedCoupon>>,
    note: Option<String>,
    expires_at: Option<DateTime<Utc>>,
    cancelled_for: Option<String>,
    deleted_at: Option<DateTime<Utc>>,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    lines: Json<Vec<LineRow>>,
    timeline: Json<Vec<EntryRow>>,
}

/// An order with its lines and its timeline. What staff removed, staff alone sees.
pub(in crate::orders) async fn get(tx: &mut TenantTx, id: OrderId, whose: Whose) -> Result<Option<Order>, DbError> {
    let (tenant, (customer, hash)) = (tx.tenant(), owner(whose));
    let row = sqlx::query_as!(
        OrderRow,
        r#"SELECT o.id, o.number, o.status, o.payment_status, o.fulfilment_status, o.customer_id, o.email, o.currency,
                  o.items_minor, o.discount_minor, o.shipping_minor, o.tax_minor, o.total_minor, o.tax_included,
                  o.shipping_address AS "shipping_address: Json<CopiedAddress>",
                  o.shipping_method AS "shipping_method: Json<CopiedShipping>",
                  o.coupons AS "coupons: Json<Vec<CopiedCoupon>>", o.note, o.expires_at, o.cancelled_for, o.deleted_at,
                  o.version, o.created_at, o.updated_at,
                  (SELECT coalesce(jsonb_agg(to_jsonb(l) ORDER BY l.position), '[]') FROM order_lines l
                   WHERE l.tenant_id = $1 AND l.order_id = o.id) AS "lines!: Json<Vec<LineRow>>",
                  (SELECT coalesce(jsonb_agg(to_jsonb(e) ORDER BY e.id), '[]') FROM order_entries e
                   WHERE e.tenant_id = $1 AND e.order_id = o.id) AS "timeline!: Json<Vec<EntryRow>>"
           FROM orders o
           WHERE o.tenant_id = $1 AND o.id = $2 AND ($3::uuid IS NULL OR o.customer_id = $3)
             AND ($4::bytea IS NULL OR o.access_hash = $4)
             AND (o.deleted_at IS NULL OR $3 IS NULL AND $4 IS NULL)"#,
        tenant.0,
        id.0,
        customer,
        hash,
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(OrderRow::read).transpose()
}

pub(in crate::orders) async fn has_bought(
    tx: &mut TenantTx,
    customer: UserId,
    product: ProductId,
) -> Result<bool, DbError> {
    let tenant = tx.tenant();
    let bought = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM orders o JOIN order_lines l ON l.tenant_id = $1 AND l.order_id = o.id
                          WHERE o.tenant_id = $1 AND o.customer_id = $2 AND l.product_id = $3
                            AND o.status IN ('open', 'completed')
                            AND o.payment_status IN ('paid', 'partially_refunded')) AS "bought!""#,
        tenant.0,
        customer.0,
        product.0,
    );
    Ok(bought.fetch_one(tx.conn()).await?)
}

impl OrderRow {
    fn read(self) -> Result<Order, DbError> {
        Ok(Order {
            id: OrderId(self.id),
            number: self.number,
            state: state(&self.status, &self.payment_status, &self.fulfilment_status)?,
            customer: self.customer_id.map(UserId),
            email: self.email,
            currency: currency(&self.currency)?,
            totals: OrderTotals {
                items: amount(self.items_minor)?,
                discount: amount(self.discount_minor)?,
                shipping: amount(self.shipping_minor)?,
                tax: amount(self.tax_minor)?,
                tax_included: self.tax_included,
                total: amount(self.total_minor)?,
            },
            address: self.shipping_address.0,
            shipping: self.shipping_method.map(|method| method.0),
            coupons: self.coupons.0,
            note: self.note,
            expires_at: self.expires_at,
            cancelled_for: self.cancelled_for.as_deref().and_then(Cancelled::read),
            deleted_at: self.deleted_at,
            lines: self.lines.0.into_iter().map(LineRow::read).collect::<Result<_, _>>()?,
            timeline: self.timeline.0.into_iter().map(EntryRow::read).collect(),
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl LineRow {
    fn read(self) -> Result<OrderLine, DbError> {
        Ok(OrderLine {
            variant: VariantId(self.variant_id),
            product: ProductId(self.product_id),
            slug: self.product_slug,
            name: self.name,
            sku: self.sku,
            options: self.options,
            unit_price: amount(self.unit_price_minor)?,
            quantity: self.quantity,
            discount: amount(self.discount_minor)?,
            tax: amount(self.tax_minor)?,
            total: amount(self.total_minor)?,
            fulfilled: self.fulfilled,
        })
    }
}

impl EntryRow {
    fn read(self) -> TimelineEntry {
        TimelineEntry {
            id: self.id,
            kind: self.kind,
            detail: self.detail,
            shown: self.shown,
            actor: self.actor_kind.zip(self.actor_id),
            at: self.created_at,
        }
    }
}
