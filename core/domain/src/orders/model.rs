//! Orders, their lines and their timelines.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{Amount, Country, Currency, Line, Prose, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::machine::{FulfilmentStatus, OrderStatus, PaymentStatus, State, words};
use crate::addresses;
use crate::audit::Actor;
use crate::catalog::{ProductId, VariantId};
use crate::customers::Phone;
use crate::identity::{Email, UserId};

kernel::typed_id! {
    /// The id of an order.
    OrderId
}

/// What a buyer or staff writes to an order.
pub type OrderNote = Prose<1_000>;

/// Where the goods go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Who takes them.
    pub name: Line<200>,
    /// Street and number.
    pub line1: Line<200>,
    /// More of it.
    pub line2: Option<Line<200>>,
    /// The town.
    pub city: Line<100>,
    /// The part of the country.
    pub region: Option<Line<100>>,
    /// The postal code.
    pub postal_code: Option<Line<20>>,
    /// The country.
    pub country: Country,
    /// Where the carrier can call.
    pub phone: Option<Phone>,
}

impl From<addresses::Address> for Address {
    fn from(kept: addresses::Address) -> Self {
        let addresses::Address { name, line1, line2, city, region, postal_code, country, phone } = kept;
        Self { name: name.widened(), line1, line2, city, region, postal_code, country, phone }
    }
}

/// An address as it is copied into an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiedAddress {
    /// Who takes the goods.
    pub name: String,
    /// Street and number.
    pub line1: String,
    /// More of it.
    pub line2: Option<String>,
    /// The town.
    pub city: String,
    /// The part of the country.
    pub region: Option<String>,
    /// The postal code.
    pub postal_code: Option<String>,
    /// The country, in two letters.
    pub country: String,
    /// Where the carrier can call.
    pub phone: Option<String>,
}

impl From<&Address> for CopiedAddress {
    fn from(address: &Address) -> Self {
        fn text<T: Text>(text: &T) -> String {
            text.as_str().to_owned()
        }
        Self {
            name: text(&address.name),
            line1: text(&address.line1),
            line2: address.line2.as_ref().map(text),
            city: text(&address.city),
            region: address.region.as_ref().map(text),
            postal_code: address.postal_code.as_ref().map(text),
            country: text(&address.country),
            phone: address.phone.as_ref().map(text),
        }
    }
}

/// A shipping method as it is copied into an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiedShipping {
    /// The method then.
    pub id: Uuid,
    /// Its name.
    pub name: String,
}

/// A coupon as it is copied into an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopiedCoupon {
    /// The coupon.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// What it took off, in minor units.
    pub discount_minor: i64,
}

/// A line of an order.
#[derive(Debug, Clone)]
pub struct OrderLine {
    /// What was bought. It may be gone.
    pub variant: VariantId,
    /// Its product.
    pub product: ProductId,
    /// The product's name in addresses, then.
    pub slug: String,
    /// What it was called then.
    pub name: String,
    /// The store's own name for it, then.
    pub sku: Option<String>,
    /// What it was: `{"Size": "S"}`.
    pub options: BTreeMap<String, String>,
    /// What one cost.
    pub unit_price: Amount,
    /// How many.
    pub quantity: i64,
    /// What discounts took off the line.
    pub discount: Amount,
    /// The tax in it or on it.
    pub tax: Amount,
    /// What is paid for the line.
    pub total: Amount,
    /// How many have left.
    pub fulfilled: i64,
}

/// What an order costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderTotals {
    /// The lines, before discounts.
    pub items: Amount,
    /// What discounts took off them.
    pub discount: Amount,
    /// Shipping.
    pub shipping: Amount,
    /// The tax: in them, or on top.
    pub tax: Amount,
    /// Whether it is in them.
    pub tax_included: bool,
    /// What is paid.
    pub total: Amount,
}

/// What an order is made with. All of it is a copy: what changes later changes no order.
#[derive(Debug, Clone)]
pub struct NewOrder {
    /// Who bought; none for visitors.
    pub customer: Option<UserId>,
    /// Where letters go.
    pub email: Email,
    /// SHA-256 of the token by which a visitor gets at it.
    pub access: Option<[u8; 32]>,
    /// The currency of all amounts.
    pub currency: Currency,
    /// What is bought, each variant once.
    pub lines: Vec<OrderLine>,
    /// What it costs.
    pub totals: OrderTotals,
    /// Where it goes.
    pub address: CopiedAddress,
    /// How it travels.
    pub shipping: Option<CopiedShipping>,
    /// What was taken off by code.
    pub coupons: Vec<CopiedCoupon>,
    /// What the buyer wrote.
    pub note: Option<OrderNote>,
}

words! {
    /// Why an order was cancelled.
    Cancelled {
        /// The buyer wanted so.
        Buyer = "buyer",
        /// Staff wanted so.
        Staff = "staff",
        /// A line was short when it was to be paid.
        OutOfStock = "out_of_stock",
        /// Staff removed it.
        Deleted = "deleted",
        /// Its money was promised, and nobody took it or shipped for it.
        Lapsed = "lapsed",
    }
}

/// An order.
#[derive(Debug, Clone)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Its number in the store: 1, 2, 3 …
    pub number: i64,
    /// Where it is, and its money, and its goods.
    pub state: State,
    /// Who bought.
    pub customer: Option<UserId>,
    /// Where letters go.
    pub email: String,
    /// The currency of all amounts.
    pub currency: Currency,
    /// What it costs.
    pub totals: OrderTotals,
    /// Where it goes.
    pub address: CopiedAddress,
    /// How it travels.
    pub shipping: Option<CopiedShipping>,
    /// What was taken off by code.
    pub coupons: Vec<CopiedCoupon>,
    /// What the buyer wrote.
    pub note: Option<String>,
    /// Until when it waits for its payment.
    pub expires_at: Option<DateTime<Utc>>,
    /// Why it was cancelled.
    pub cancelled_for: Option<Cancelled>,
    /// When staff removed it.
    pub deleted_at: Option<DateTime<Utc>>,
    /// What was bought.
    pub lines: Vec<OrderLine>,
    /// What happened, the first thing first.
    pub timeline: Vec<TimelineEntry>,
    /// Counts its changes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Order {
    /// Where letters about it go; none once its buyer is forgotten.
    #[must_use]
    pub fn reader(&self) -> Option<Email> {
        Email::parse(&self.email).ok().filter(|_| self.email != ERASED)
    }
}

/// The address of who is forgotten. It leads nowhere (RFC 2606).
pub(super) const ERASED: &str = "erased@erased.invalid";

/// An order in a list.
#[derive(Debug, Clone)]
pub struct ListedOrder {
    /// Its id.
    pub id: OrderId,
    /// Its number in the store.
    pub number: i64,
    /// Where it is, and its money, and its goods.
    pub state: State,
    /// Who bought.
    pub customer: Option<UserId>,
    /// Where letters go.
    pub email: String,
    /// What is paid.
    pub total: Amount,
    /// In this currency.
    pub currency: Currency,
    /// How many lines it has.
    pub lines: i64,
    /// Counts its changes.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// Something that happened to an order.
#[derive(Debug, Clone)]
pub struct TimelineEntry {
    /// Its id.
    pub id: Uuid,
    /// What happened, in a word.
    pub kind: String,
    /// Facts about it.
    pub detail: Value,
    /// Whether the buyer sees it.
    pub shown: bool,
    /// Who of the staff did it.
    pub actor: Option<(String, Uuid)>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Something that is to be written into the timeline.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// What happened, in a word.
    pub kind: &'static str,
    /// Facts about it. No secrets.
    pub detail: Value,
    /// Whether the buyer sees it.
    pub shown: bool,
    /// Who of the staff did it.
    pub actor: Option<Actor>,
}

impl NewEntry {
    /// Something that everybody sees and the shop itself or the buyer did.
    pub fn new(kind: &'static str) -> Self {
        Self { kind, detail: Value::Object(serde_json::Map::new()), shown: true, actor: None }
    }

    /// With facts.
    #[must_use]
    pub fn with(self, detail: Value) -> Self {
        Self { detail, ..self }
    }

    /// Done by somebody of the staff.
    #[must_use]
    pub fn by(self, actor: Option<Actor>) -> Self {
        Self { actor, ..self }
    }
}

/// Whose orders are meant. Ownership is part of the query: another's order is as missing as one that is nowhere.
#[derive(Debug, Clone, Copy)]
pub enum Whose {
    /// Any of the store's.
    Store,
    /// A customer's.
    Customer(UserId),
    /// That of a visitor who has a token of this SHA-256.
    Visitor([u8; 32]),
}

/// Which orders staff lists.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Those that are so.
    pub status: Option<OrderStatus>,
    /// Those whose money is so.
    pub payment: Option<PaymentStatus>,
    /// Those whose goods are so.
    pub fulfilment: Option<FulfilmentStatus>,
    /// Those of one customer.
    pub customer: Option<UserId>,
    /// Those of one address.
    pub email: Option<Email>,
    /// The one of this number.
    pub number: Option<i64>,
}

/// A line that is short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortage {
    /// What is short.
    pub variant: VariantId,
    /// What it is called.
    pub name: String,
    /// How many were asked for.
    pub requested: i64,
    /// How many there are.
    pub available: i64,
}
