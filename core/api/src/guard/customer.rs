//! Shoppers who are logged in.

use std::sync::Arc;

use chrono::Utc;
use domain::audit::{Actor, Origin};
use domain::identity::{IdentityError, Surface, UserId};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use tenants::registry::Store;
use tenants::{DbError, TenantTx};

use super::token::bearer;
use super::{app, origin, resolved};
use crate::App;
use crate::http::Problem;

/// A shopper, logged in to the store that the request names. Sees what is its own.
pub struct Customer {
    app: Arc<App>,
    /// The store.
    pub store: Arc<Store>,
    /// Who it is.
    pub user: UserId,
    /// The request, as an act of this person.
    pub origin: Origin,
}

const SCHEME: &str = "CustomerToken";

impl<'a> ApiExtractor<'a> for Customer {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = MetaSecurityScheme {
            ty: "http",
            description: Some("The access token that a log-in at `/store/v1/auth/login` gives."),
            name: None,
            key_in: None,
            scheme: Some("bearer"),
            bearer_format: Some("JWT"),
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(SCHEME, scheme);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        let (app, store) = (Arc::clone(app(request)?), Arc::clone(resolved(request)?.open()?));
        let surface = Surface::Storefront(store.id);
        let claims = app.tokens.verify(bearer(request)?, surface, Utc::now()).map_err(Problem::from)?;
        let user = UserId(claims.sub);
        let found = app.principals.of_session(&app.tenants, &app.policy, store.id, user, claims.sid).await?;
        found.ok_or_else(|| Problem::from(IdentityError::BadToken))?;
        let origin = origin(request, Actor::User(user.0))?;
        Ok(Self { app, store, user, origin })
    }
}

impl Customer {
    /// What requests share.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// A transaction that reads the catalogue, with prices as they are now.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin_catalog(&self) -> Result<TenantTx, DbError> {
        Ok(self.app.prices.begin(&self.app.tenants, self.store.id).await?.0)
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
