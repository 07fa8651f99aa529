//! The store's own settings.

use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::orders::{self, OrderSettings};
use domain::pricing::{self, TradeSettings};
use domain::staff;
use domain::stock::{self, Thresholds};
use kernel::Text as _;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use tenants::TenantTx;
use tenants::registry::{self, Language, Origin, Store, StoreName};
use uuid::Uuid;

use crate::App;
use crate::guard::{Allowed, may};
use crate::http::{
    Answer, Body, ChangesStore, Expected, Fail, In, List, Problem, Reads, Versioned, Whole, given, json,
};
use crate::tag::Tag;

pub(crate) struct StoreApi;

#[OpenApi(prefix_path = "/store", tag = "Tag::Store")]
impl StoreApi {
    /// Get the store
    ///
    /// Its name, its addresses and its settings.
    #[oai(path = "/", method = "get", operation_id = "getStore")]
    async fn get(&self, caller: Allowed<may::ReadStore>) -> Result<Versioned<OwnStoreShown>, Fail<Reads>> {
        let (shown, version) = OwnStoreShown::read(&mut caller.begin_read().await?, caller.app()).await?;
        Ok(Answer::of_version(&shown, version)?)
    }

    /// Change the store
    ///
    /// Its name, the origins of other hosts whose pages may call its APIs from a browser, its letters' language, whether
    /// its prices include tax, how it deals with orders, and from where on its stock counts as low. What is left out stays.
    #[oai(path = "/", method = "patch", operation_id = "changeStore")]
    async fn change(
        &self,
        caller: Allowed<may::WriteStore>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<StoreChangeBody>,
    ) -> Result<Versioned<OwnStoreShown>, Fail<ChangesStore>> {
        let wanted = body.0;
        let origins: Option<Vec<_>> =
            wanted.allowed_origins.as_ref().map(|origins| origins.0.iter().map(|origin| origin.0.clone()).collect());
        let (name, language) = (wanted.name.as_ref().map(|name| &name.0), wanted.language.as_ref().map(|tag| &tag.0));
        let mut change = caller.change().await?;
        let (before, _) = OwnStoreShown::read(change.tx(), caller.app()).await?;
        registry::change_this_store(change.tx(), name, origins.as_deref(), language, expected.0).await?;
        wanted.change_settings(change.tx()).await?;
        let (shown, version) = OwnStoreShown::read(change.tx(), caller.app()).await?;
        let id = caller.store.id;
        change.commit(Entry::new("changeStore", "store", id).before(json(&before)).after(json(&shown))).await?;
        Ok(Answer::of_version(&shown, version)?)
    }
}

/// Origins of a store, at most.
const MOST_ORIGINS: usize = 20;
/// The longest that an order waits for its payment: a week.
const LONGEST_WAIT: i32 = 7 * 24 * 60;
/// The most that can count as low.
const MOST_LOW: i32 = 1_000_000;

/// What of the store is to be changed; what is left out stays.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoreChangeBody {
    /// Its name for people.
    #[serde(default, deserialize_with = "given")]
    name: Option<In<StoreName>>,
    /// Origins of other hosts whose pages may call its APIs from a browser.
    #[serde(default, deserialize_with = "given")]
    allowed_origins: Option<List<In<Origin>, 0, MOST_ORIGINS>>,
    /// The language of its letters to people (BCP 47).
    #[serde(default, deserialize_with = "given")]
    language: Option<In<Language>>,
    /// Whether prices include tax. Orders that were made keep what they were made with.
    #[serde(default, deserialize_with = "given")]
    tax_included: Option<bool>,
    /// For how many minutes an order waits for its payment. Orders that were made keep what they were made with.
    #[serde(default, deserialize_with = "given")]
    order_expiry_minutes: Option<Whole<1, LONGEST_WAIT>>,
    /// Whether buyers may pay the carrier.
    #[serde(default, deserialize_with = "given")]
    cash_on_delivery: Option<bool>,
    /// Whether such an order counts as paid when it is made; else staff captures the payment once the money is there.
    #[serde(default, deserialize_with = "given")]
    cash_on_delivery_is_paid: Option<bool>,
    /// Up to how many left stock is `critical`, and staff is told.
    #[serde(default, deserialize_with = "given")]
    stock_critical: Option<Whole<0, MOST_LOW>>,
    /// Up to how many left stock is `medium`; not below `stock_critical`.
    #[serde(default, deserialize_with = "given")]
    stock_medium: Option<Whole<0, MOST_LOW>>,
    /// Whether staff has letters about what waits for it, such as reviews and low stock.
    #[serde(default, deserialize_with = "given")]
    staff_letters: Option<bool>,
}

impl StoreChangeBody {
    /// Writes what is given of the settings. The store's entry is locked by this transaction.
    async fn change_settings(&self, tx: &mut TenantTx) -> Result<(), Problem> {
        if let Some(tax_included) = self.tax_included {
            pricing::change_settings(tx, TradeSettings { tax_included }).await?;
        }
        let before = orders::settings(tx).await?;
        let after = OrderSettings {
            expiry_minutes: self.order_expiry_minutes.map_or(before.expiry_minutes, |minutes| minutes.0),
            cash_on_delivery: self.cash_on_delivery.unwrap_or(before.cash_on_delivery),
            cash_on_delivery_is_paid: self.cash_on_delivery_is_paid.unwrap_or(before.cash_on_delivery_is_paid),
        };
        if after != before {
            orders::change_settings(tx, after).await?;
        }
        let before = stock::thresholds(tx).await?;
        let after = Thresholds {
            critical: self.stock_critical.map_or(before.critical, |count| count.0.into()),
            medium: self.stock_medium.map_or(before.medium, |count| count.0.into()),
        };
        if after != before {
            stock::change_thresholds(tx, after).await?;
        }
        if let Some(wanted) = self.staff_letters {
            staff::want_letters(tx, wanted).await?;
        }
        Ok(())
    }
}

/// A store.
#[derive(Object, Serialize)]
#[oai(rename = "Store")]
pub(crate) struct StoreShown {
    /// Its id.
    id: Uuid,
    /// Its name in addresses.
    slug: String,
    /// Its name for people.
    name: String,
    /// What it sells in (ISO 4217).
    currency: String,
    /// `active`, `suspended`, `closing` or `erased`.
    status: String,
    /// Where it is found.
    urls: StoreUrls,
    /// Origins of other hosts whose pages may call its APIs from a browser.
    allowed_origins: Vec<String>,
    /// The language of its letters to people (BCP 47).
    language: String,
    /// When it was opened.
    created_at: DateTime<Utc>,
}

/// A store, as its own staff sees it.
#[derive(Object, Serialize)]
#[oai(rename = "OwnStore")]
struct OwnStoreShown {
    #[oai(flatten)]
    #[serde(flatten)]
    store: StoreShown,
    /// Whether prices include tax.
    tax_included: bool,
    /// For how many minutes an order waits for its payment.
    order_expiry_minutes: i32,
    /// Whether buyers may pay the carrier.
    cash_on_delivery: bool,
    /// Whether such an order counts as paid when it is made.
    cash_on_delivery_is_paid: bool,
    /// Up to how many left stock is `critical`.
    stock_critical: i64,
    /// Up to how many left stock is `medium`.
    stock_medium: i64,
    /// Whether staff has letters about what waits for it.
    staff_letters: bool,
}

impl OwnStoreShown {
    /// The store of `tx`, and its version.
    async fn read(tx: &mut TenantTx, app: &App) -> Result<(Self, i64), Problem> {
        let store = registry::this_store(tx).await?;
        let (orders, stock) = (orders::settings(tx).await?, stock::thresholds(tx).await?);
        let shown = Self {
            store: StoreShown::new(&store, app),
            tax_included: pricing::settings(tx).await?.tax_included,
            order_expiry_minutes: orders.expiry_minutes,
            cash_on_delivery: orders.cash_on_delivery,
            cash_on_delivery_is_paid: orders.cash_on_delivery_is_paid,
            stock_critical: stock.critical,
            stock_medium: stock.medium,
            staff_letters: staff::wants_letters(tx).await?,
        };
        Ok((shown, store.version))
    }
}

/// Where a store is found.
#[derive(Object, Serialize)]
struct StoreUrls {
    /// The Storefront API.
    storefront: String,
    /// The Admin API.
    admin: String,
}

impl StoreShown {
    pub(crate) fn new(store: &Store, app: &App) -> Self {
        let url = app.store_url(store.slug.as_str());
        Self {
            id: store.id.0,
            slug: store.slug.as_str().to_owned(),
            name: store.name.as_str().to_owned(),
            currency: store.currency.code().to_owned(),
            status: store.status.as_str().to_owned(),
            urls: StoreUrls { storefront: format!("{url}/store/v1"), admin: format!("{url}/admin/v1") },
            allowed_origins: store.allowed_origins.iter().map(|origin| origin.as_str().to_owned()).collect(),
            language: store.language.as_str().to_owned(),
            created_at: store.created_at,
        }
    }
}
