//! What staff sees of customers.

use chrono::{DateTime, NaiveDate, Utc};
use domain::addresses::Kept;
use domain::customers::{Customer, Note};
use domain::identity::LogIn;
use domain::privacy;
use kernel::Text as _;
use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;

use crate::addresses::AddressShown;
use crate::admin::orders::OrderShown;
use crate::admin::reviews::ReviewShown;

/// A customer in a list.
#[derive(Object, Serialize)]
#[oai(rename = "ListedCustomer")]
pub(super) struct ListedShown {
    /// Its id.
    id: Uuid,
    /// The e-mail address, in lower case.
    email: String,
    /// Whether the person proved that the address is its own.
    email_confirmed: bool,
    /// The person's name.
    name: String,
    /// Where the person can be called.
    phone: Option<String>,
    /// When the person was born.
    birth_date: Option<NaiveDate>,
    /// When the account was made.
    created_at: DateTime<Utc>,
    /// Counts changes of the account; the same as in `ETag`.
    version: i64,
}

impl From<&Customer> for ListedShown {
    fn from(customer: &Customer) -> Self {
        Self {
            id: customer.user.id.0,
            email: customer.user.email.as_str().to_owned(),
            email_confirmed: customer.email_confirmed,
            name: customer.user.name.as_str().to_owned(),
            phone: customer.phone.as_ref().map(|phone| phone.as_str().to_owned()),
            birth_date: customer.birth_date,
            created_at: customer.user.created_at,
            version: customer.version,
        }
    }
}

/// A customer.
#[derive(Object, Serialize)]
#[oai(rename = "Customer")]
pub(super) struct CustomerShown {
    /// Its id.
    id: Uuid,
    /// The e-mail address, in lower case.
    email: String,
    /// Whether the person proved that the address is its own.
    email_confirmed: bool,
    /// The person's name.
    name: String,
    /// Where the person can be called.
    phone: Option<String>,
    /// When the person was born.
    birth_date: Option<NaiveDate>,
    /// When the account was made.
    created_at: DateTime<Utc>,
    /// Counts changes of the account; the same as in `ETag`.
    version: i64,
    /// Where the person lives, the newest first.
    addresses: Vec<AddressShown>,
}

impl CustomerShown {
    pub(super) fn new(customer: &Customer, addresses: &[Kept]) -> Self {
        let ListedShown { id, email, email_confirmed, name, phone, birth_date, created_at, version } = customer.into();
        let addresses = addresses.iter().map(AddressShown::from).collect();
        Self { id, email, email_confirmed, name, phone, birth_date, created_at, version, addresses }
    }
}

/// A page of customers.
#[derive(Object, Serialize)]
pub(super) struct CustomerPage {
    /// The customers.
    pub(super) items: Vec<ListedShown>,
    /// Where the next page begins; null on the last.
    pub(super) next_cursor: Option<String>,
}

/// A note about a customer.
#[derive(Object, Serialize)]
#[oai(rename = "CustomerNote")]
pub(super) struct NoteShown {
    /// Its id.
    id: Uuid,
    /// Who wrote it.
    author_id: Uuid,
    /// What it says.
    text: String,
    /// When it was written.
    created_at: DateTime<Utc>,
}

impl From<&Note> for NoteShown {
    fn from(note: &Note) -> Self {
        Self {
            id: note.id.0,
            author_id: note.author.0,
            text: note.text.as_str().to_owned(),
            created_at: note.created_at,
        }
    }
}

/// A product that the person wishes for.
#[derive(Object, Serialize)]
#[oai(rename = "ExportedWish")]
struct WishShown {
    /// The product.
    product_id: Uuid,
    /// Since when.
    added_at: DateTime<Utc>,
}

/// A log-in that goes on.
#[derive(Object, Serialize)]
#[oai(rename = "ExportedLogIn")]
struct LogInShown {
    /// Which API it is for: `storefront` or `admin`.
    surface: String,
    /// When it began.
    created_at: DateTime<Utc>,
    /// When it ends if it is not renewed.
    expires_at: DateTime<Utc>,
}

impl From<&LogIn> for LogInShown {
    fn from(log_in: &LogIn) -> Self {
        let LogIn { surface, created_at, expires_at } = log_in.clone();
        Self { surface, created_at, expires_at }
    }
}

/// Everything that is kept of a customer.
#[derive(Object, Serialize)]
#[oai(rename = "CustomerExport")]
pub(super) struct ExportShown {
    /// When this was true.
    exported_at: DateTime<Utc>,
    /// The account, and where the person lives.
    customer: CustomerShown,
    /// What the person said of products, whatever was decided about it.
    reviews: Vec<ReviewShown>,
    /// What the person wishes for, for sale or not.
    wishlist: Vec<WishShown>,
    /// What staff noted about the person.
    notes: Vec<NoteShown>,
    /// What the person has ordered.
    orders: Vec<OrderShown>,
    /// The log-ins that go on.
    log_ins: Vec<LogInShown>,
}

impl ExportShown {
    pub(super) fn new(kept: &privacy::Kept, orders: Vec<OrderShown>, exported_at: DateTime<Utc>) -> Self {
        let wish = |(product, added_at): &(domain::catalog::ProductId, DateTime<Utc>)| WishShown {
            product_id: product.0,
            added_at: *added_at,
        };
        Self {
            exported_at,
            customer: CustomerShown::new(&kept.customer, &kept.addresses),
            reviews: kept.reviews.iter().map(ReviewShown::from).collect(),
            wishlist: kept.wishes.iter().map(wish).collect(),
            notes: kept.notes.iter().map(NoteShown::from).collect(),
            orders,
            log_ins: kept.log_ins.iter().map(LogInShown::from).collect(),
        }
    }
}
