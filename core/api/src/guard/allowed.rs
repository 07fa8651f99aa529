//! Staff who may do something.

use std::marker::PhantomData;
use std::sync::Arc;

use chrono::Utc;
use domain::identity::{self, Role, Surface, UserId};
use poem::http::StatusCode;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use tenants::registry::{Store, StoreStatus};
use tenants::{DbError, TenantId, TenantTx};

use super::may::May;
use super::token::bearer;
use super::{app, resolved};
use crate::App;
use crate::http::Problem;
use crate::policy::Permission;

/// One of the staff of the store that the request names, who has the permission `P`.
pub struct Allowed<P> {
    app: Arc<App>,
    /// The store.
    pub store: Arc<Store>,
    /// Who it is.
    pub user: UserId,
    /// What the user is there.
    pub roles: Arc<[Role]>,
    permission: PhantomData<fn() -> P>,
}

const SCHEME: &str = "StaffToken";

impl<'a, P: May> ApiExtractor<'a> for Allowed<P> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = MetaSecurityScheme {
            ty: "http",
            description: Some("The access token that a log-in at `/admin/v1/auth/login` gives."),
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
        let (app, store) = (Arc::clone(app(request)?), Arc::clone(resolved(request)?.staffed()?));
        let claims =
            app.tokens.verify(bearer(request)?, Surface::Admin(store.id), Utc::now()).map_err(Problem::from)?;
        let user = UserId(claims.sub);
        let roles = roles(&app, store.id, user).await?;
        if roles.is_empty() {
            return Err(Problem::from(identity::IdentityError::BadToken).into());
        }
        if let Some(permission) = P::PERMISSION {
            allow(&app, &store, &roles, permission)?;
        }
        Ok(Self { app, store, user, roles, permission: PhantomData })
    }
}

fn allow(app: &App, store: &Store, roles: &[Role], permission: Permission) -> Result<(), Problem> {
    if !app.policy.allows(roles, permission) {
        let detail = format!("your roles do not hold the permission `{}`", permission.as_str());
        return Err(Problem::new(StatusCode::FORBIDDEN, "access.denied", detail));
    }
    if permission.writes() && store.status != StoreStatus::Active {
        let detail = format!("the store is {}: it can be read, not changed", store.status);
        return Err(Problem::new(StatusCode::FORBIDDEN, "store.not_active", detail));
    }
    Ok(())
}

async fn roles(app: &App, store: TenantId, user: UserId) -> Result<Arc<[Role]>, Problem> {
    let look_up = async {
        let mut tx = app.tenants.begin_read(store).await?;
        identity::roles_of(&mut tx, user).await
    };
    app.roles.try_get_with((store, user), look_up).await.map_err(|err: Arc<DbError>| Problem::of(&*err))
}

impl<P: May> Allowed<P> {
    /// What requests share.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// A transaction of the store.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin(&self) -> Result<TenantTx, DbError> {
        self.app.tenants.begin(self.store.id).await
    }

    /// A transaction that reads the store.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin_read(&self) -> Result<TenantTx, DbError> {
        self.app.tenants.begin_read(self.store.id).await
    }
}
