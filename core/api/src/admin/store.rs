//! The store's own settings.

use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::pricing::{self, TradeSettings};
use kernel::Text as _;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use tenants::TenantTx;
use tenants::registry::{self, Language, Origin, Store, StoreName};
use uuid::Uuid;

use crate::App;
use crate::guard::{Allowed, may};
use crate::http::{Answer, Body, ChangesStore, Expected, Fail, In, List, Problem, Reads, Versioned, given, json};
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
    /// Its name, the origins of other hosts whose pages may call its APIs from a browser, its letters' language, and
    /// whether its prices include tax.
    #[oai(path = "/", method = "patch", operation_id = "changeStore")]
    async fn change(
        &self,
        caller: Allowed<may::WriteStore>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<StoreChangeBody>,
    ) -> Result<Versioned<OwnStoreShown>, Fail<ChangesStore>> {
        let StoreChangeBody { name, allowed_origins, language, tax_included } = body.0;
        let origins: Option<Vec<_>> =
            allowed_origins.map(|origins| origins.0.into_iter().map(|origin| origin.0).collect());
        let (name, language) = (name.map(|name| name.0), language.map(|language| language.0));
        let mut change = caller.change().await?;
        let (before, _) = OwnStoreShown::read(change.tx(), caller.app()).await?;
        let (name, origins) = (name.as_ref(), origins.as_deref());
        registry::change_this_store(change.tx(), name, origins, language.as_ref(), expected.0).await?;
        if let Some(tax_included) = tax_included {
            pricing::change_settings(change.tx(), TradeSettings { tax_included }).await?;
        }
        let (shown, version) = OwnStoreShown::read(change.tx(), caller.app()).await?;
        let id = caller.store.id;
        change.commit(Entry::new("changeStore", "store", id).before(json(&before)).after(json(&shown))).await?;
        Ok(Answer::of_version(&shown, version)?)
    }
}

/// Origins of a store, at most.
const MOST_ORIGINS: usize = 20;

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
}

impl OwnStoreShown {
    /// The store of `tx`, and its version.
    async fn read(tx: &mut TenantTx, app: &App) -> Result<(Self, i64), Problem> {
        let store = registry::this_store(tx).await?;
        let tax_included = pricing::settings(tx).await?.tax_included;
        Ok((Self { store: StoreShown::new(&store, app), tax_included }, store.version))
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
