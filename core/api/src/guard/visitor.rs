//! Anyone who looks at a store.

use std::sync::Arc;

use chrono::Utc;
use domain::identity::{IdentityError, Surface};
use domain::keys::KeySecret;
use poem::http::header;
use poem::{FromRequest, Request, RequestBody};
use tenants::registry::Store;
use tenants::{DbError, TenantTx};

use super::token::bearer;
use super::{app, resolved};
use crate::App;
use crate::http::Problem;

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

    /// A transaction that reads the catalogue, with prices as they are now.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin_catalog(&self) -> Result<TenantTx, DbError> {
        self.app.prices.begin(&self.app.tenants, self.store.id).await
    }

    /// A transaction that reads the store.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin_read(&self) -> Result<TenantTx, DbError> {
        self.app.tenants.begin_read(self.store.id).await
    }
}
