//! Visitors and customers: whoever may do something in a shop, logged in or not.

use std::net::IpAddr;
use std::sync::Arc;

use domain::identity::UserId;
use domain::keys::KeySecret;
use poem::http::header;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::registry::Registry;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use tenants::registry::Store;
use tenants::{DbError, TenantTx};

use super::token::bearer;
use super::{Customer, Visitor, app};
use crate::App;
use crate::caller::address;

/// Anyone, in a store that is open; a customer where the token is one's.
pub struct Shopper {
    app: Arc<App>,
    /// The store that the request names.
    pub store: Arc<Store>,
    /// Who it is, if that is known.
    pub user: Option<UserId>,
    /// Where the request comes from.
    pub address: IpAddr,
}

impl<'a> ApiExtractor<'a> for Shopper {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        <Customer as ApiExtractor>::register(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        <Customer as ApiExtractor>::security_schemes()
    }

    /// Nobody needs a token.
    fn has_security_fallback() -> bool {
        true
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let app = Arc::clone(app(request)?);
        let address = address(request, &app.trusted_proxies);
        // A key is a shop's own website: whoever sits before it is a visitor.
        let is_visitor =
            !request.headers().contains_key(header::AUTHORIZATION) || KeySecret::presented(bearer(request)?).is_some();
        if is_visitor {
            let store = <Visitor as FromRequest>::from_request(request, body).await?.store;
            return Ok(Self { app, store, user: None, address });
        }
        let Customer { store, user, .. } = <Customer as ApiExtractor>::from_request(request, body, options).await?;
        Ok(Self { app, store, user: Some(user), address })
    }
}

impl Shopper {
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

    /// A transaction of the store.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin(&self) -> Result<TenantTx, DbError> {
        self.app.tenants.begin(self.store.id).await
    }
}
