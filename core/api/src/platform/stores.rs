//! Opening stores, and their life.

use domain::audit::Entry;
use domain::identity::{Email, NewUser, Password, PersonName, Surface};
use domain::opening::{OpeningError, open_store};
use kernel::{Currency, FieldError, Limit};
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use tenants::TenantId;
use tenants::registry::{self, NewStore, StoreName, StoreSlug, StoreStep};
use uuid::Uuid;

use crate::admin::StoreShown;
use crate::guard::{Anyone, OperatorCaller};
use crate::http::{Answer, Body, Created, Fail, In, OpensStore, OperatorActs, OperatorReads, Problem, Versioned, json};
use crate::session::{self, SessionShown};
use crate::tag::Tag;

pub(crate) struct StoresApi;

#[OpenApi(prefix_path = "/stores", tag = "Tag::Stores")]
impl StoresApi {
    /// Open a store
    ///
    /// Anyone may. Makes the store and its owner, and logs the owner in.
    #[oai(path = "/", method = "post", operation_id = "openStore")]
    async fn open(&self, anyone: Anyone, body: Body<NewStoreBody>) -> Result<Created<StoreOpened>, Fail<OpensStore>> {
        let NewStoreBody { name, slug, currency, owner } = body.0;
        anyone.app().limits.opening(anyone.address)?;
        let password = anyone.app().passwords.hash(owner.password.0).await?;
        let new = NewStore { name: name.0, slug: slug.0, currency: currency.0 };
        let owner = NewUser { email: owner.email.0, name: owner.name.0, password };
        let mut tx = anyone.begin_new_store().await?;
        let (store, user) = open_store(&mut tx, &new, &owner).await.map_err(refusal)?;
        let surface = Surface::Admin(store.id);
        let session = session::begin(anyone.app(), tx, &user, &owner.password, surface).await?;
        let SessionShown { access_token, token_type, expires_in, refresh_token, .. } = session;
        let shown = StoreShown::new(&store, anyone.app());
        let opened = StoreOpened { store: shown, access_token, token_type, refresh_token, expires_in };
        Ok(Created::at(format!("/platform/v1/stores/{}", store.id), &opened, store.version)?)
    }

    /// List stores
    ///
    /// All stores in the order in which they were opened, page by page. For operators.
    #[oai(path = "/", method = "get", operation_id = "listStores")]
    async fn list(
        &self,
        caller: OperatorCaller,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<StorePage>, Fail<OperatorReads>> {
        let cursors = &caller.app().cursors;
        let after: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&"stores", &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = registry::list(&mut caller.begin().await?, after.map(TenantId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|store| store.id.0);
        let shown = StorePage {
            items: page.items.iter().map(|store| StoreShown::new(store, caller.app())).collect(),
            next_cursor: last.and_then(|id| cursors.seal(&"stores", &id)),
        };
        Ok(Answer::plain(&shown)?)
    }

    /// Get a store
    ///
    /// For operators.
    #[oai(path = "/:id", method = "get", operation_id = "getStore")]
    async fn get(
        &self,
        caller: OperatorCaller,
        /// The store's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<StoreShown>, Fail<OperatorReads>> {
        let store = registry::get(&mut caller.begin().await?, TenantId(id.0)).await?;
        Ok(Answer::of_version(&StoreShown::new(&store, caller.app()), store.version)?)
    }

    /// Suspend a store
    ///
    /// Visitors do not find it any more, and its staff can't change anything. For operators.
    #[oai(path = "/:id/suspend", method = "post", operation_id = "suspendStore")]
    async fn suspend(
        &self,
        caller: OperatorCaller,
        /// The store's id.
        id: Path<Uuid>,
    ) -> Result<Answer<StoreShown>, Fail<OperatorActs>> {
        Ok(step(&caller, TenantId(id.0), StoreStep::Suspend, "suspendStore").await?)
    }

    /// Resume a store
    ///
    /// Puts a suspended store back on the air. For operators.
    #[oai(path = "/:id/resume", method = "post", operation_id = "resumeStore")]
    async fn resume(
        &self,
        caller: OperatorCaller,
        /// The store's id.
        id: Path<Uuid>,
    ) -> Result<Answer<StoreShown>, Fail<OperatorActs>> {
        Ok(step(&caller, TenantId(id.0), StoreStep::Resume, "resumeStore").await?)
    }
}

async fn step(
    caller: &OperatorCaller,
    id: TenantId,
    step: StoreStep,
    action: &'static str,
) -> Result<Answer<StoreShown>, Problem> {
    let mut change = caller.change().await?;
    let before = StoreShown::new(&registry::get(change.tx(), id).await?, caller.app());
    let store = registry::step(change.tx(), id, step).await?;
    let shown = StoreShown::new(&store, caller.app());
    change.commit(Entry::new(action, "store", id).before(json(&before)).after(json(&shown))).await?;
    Answer::of_version(&shown, store.version)
}

/// The owner's fields lie below `/owner` in this body.
fn refusal(err: OpeningError) -> Problem {
    let mut problem = Problem::from(err);
    for field in problem.errors.iter_mut().filter(|field| field.pointer == "/email") {
        *field = FieldError::new("/owner/email", field.detail.clone());
    }
    problem
}

fn twenty() -> u8 {
    20
}

/// A store to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewStoreBody {
    /// Its name for people.
    name: In<StoreName>,
    /// Its name in addresses, new to the deployment.
    slug: In<StoreSlug>,
    /// What it sells in, for good (ISO 4217).
    currency: In<Currency>,
    /// Whose it is.
    owner: OwnerBody,
}

/// A store's owner to be.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnerBody {
    /// The owner's e-mail address.
    email: In<Email>,
    /// The owner's password.
    password: In<Password>,
    /// The owner's name.
    name: In<PersonName>,
}

/// A store that was just opened.
#[derive(Object, Serialize)]
struct StoreOpened {
    /// The store.
    store: StoreShown,
    /// The owner's access token for the Admin API. Send it as `Authorization: Bearer …`.
    access_token: String,
    /// Always `Bearer`.
    token_type: String,
    /// Good once, to renew the owner's log-in.
    refresh_token: String,
    /// For how many seconds the access token is good.
    expires_in: i64,
}

/// A page of stores.
#[derive(Object, Serialize)]
struct StorePage {
    /// The stores.
    items: Vec<StoreShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}
