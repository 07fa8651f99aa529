//! Anyone who looks at a store.

use std::sync::Arc;

use poem::{FromRequest, Request, RequestBody};
use tenants::registry::Store;
use tenants::{DbError, TenantTx};

use super::{app, resolved};
use crate::App;

/// Anyone, in a store that is open.
pub struct Visitor {
    app: Arc<App>,
    /// The store that the request names.
    pub store: Arc<Store>,
}

impl<'a> FromRequest<'a> for Visitor {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let store = Arc::clone(resolved(request)?.open()?);
        Ok(Self { app: Arc::clone(app(request)?), store })
    }
}

impl Visitor {
    /// What requests share.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// A transaction that reads the store.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin_read(&self) -> Result<TenantTx, DbError> {
        self.app.tenants.begin_read(self.store.id).await
    }
}
