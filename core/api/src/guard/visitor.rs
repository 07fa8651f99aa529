//! Anyone who looks at a store.

use std::sync::Arc;

use chrono::Utc;
use domain::identity::{IdentityError, Surface};
use domain::keys::KeySecret;
use poem::http::header;
use poem::{FromRequest, Request, RequestBody};
use serde::Serialize;
use tenants::registry::Store;
use tenants::{DbError, TenantTx};

use super::token::bearer;
use super::{app, resolved};
use crate::App;
use crate::http::{Problem, Shared};

/// Anyone, in a store that is open.
pub struct Visitor {
    app: Arc<App>,
    /// The store that the request names.
    pub store: Arc<Store>,
}

impl<'a> FromRequest<'a> for Visitor {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let (app, store) = (Arc::clone(app(request)?), Arc::clone(resolved(request)?.open()?));
        if request.headers().contains_key(header::AUTHORIZATION) {
            known(&app, &store, bearer(request)?).await?;
        }
        Ok(Self { app, store })
    }
}

/// Nobody needs a token here; but who sends one is told if it is no good in this store, rather than taken for nobody.
async fn known(app: &App, store: &Store, token: &str) -> Result<(), Problem> {
    let Some(secret) = KeySecret::presented(token) else {
        app.tokens.verify(token, Surface::Storefront(store.id), Utc::now())?;
        return Ok(());
    };
    let found = match secret.store() == store.id {
        true => app.principals.of_key(&app.tenants, &app.policy, store.id, &secret).await?,
        false => None,
    };
    Ok(found.map(drop).ok_or(IdentityError::BadToken)?)
}

impl Visitor {
    /// What requests share.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// What everybody in this store is answered to `asked`, remembered or made of a transaction that reads the catalogue.
    ///
    /// # Errors
    /// What `make` refuses, and [`DbError`].
    pub async fn everybodys<T: Serialize, F: Future<Output = Result<T, Problem>>>(
        &self,
        asked: String,
        make: impl FnOnce(TenantTx) -> F,
    ) -> Result<Shared, Problem> {
        let database = (&self.app.tenants, &self.app.prices);
        self.app.answers.answer(database, self.store.id, asked, make).await
    }

    /// A transaction that reads the store.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin_read(&self) -> Result<TenantTx, DbError> {
        self.app.tenants.begin_read(self.store.id).await
    }
}
