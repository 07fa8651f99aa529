//! Staff, and keys of staff, who may do something.

use std::marker::PhantomData;
use std::sync::Arc;

use chrono::Utc;
use domain::access::Permissions;
use domain::audit::{Actor, Origin};
use domain::idempotency::Claim;
use domain::identity::{IdentityError, Surface, UserId};
use domain::keys::KeySecret;
use poem::http::StatusCode;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use sha2::{Digest as _, Sha256};
use tenants::registry::{Store, StoreStatus};
use tenants::{DbError, TenantTx};

use super::may::May;
use super::principal::Principal;
use super::token::bearer;
use super::{Change, app, origin, resolved};
use crate::App;
use crate::http::{IdempotencyKey, Problem};

/// One of the staff of the store that the request names, or a key of one, who has the permission `P`.
pub struct Allowed<P> {
    app: Arc<App>,
    /// The store.
    pub store: Arc<Store>,
    principal: Arc<Principal>,
    origin: Origin,
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
            description: Some("The access token that a log-in at `/admin/v1/auth/login` gives, or an API key."),
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
        let principal = principal(&app, &store, bearer(request)?).await?;
        allow::<P>(&store, &principal)?;
        let origin = origin(request, principal.actor)?;
        Ok(Self { app, store, principal, origin, permission: PhantomData })
    }
}

async fn principal(app: &App, store: &Store, token: &str) -> Result<Arc<Principal>, Problem> {
    let found = match KeySecret::presented(token) {
        Some(secret) if secret.store() == store.id => {
            app.principals.of_key(&app.tenants, &app.policy, store.id, &secret).await?
        }
        Some(_) => None,
        None => {
            let claims = app.tokens.verify(token, Surface::Admin(store.id), Utc::now())?;
            let user = UserId(claims.sub);
            app.principals.of_session(&app.tenants, &app.policy, store.id, user, claims.sid).await?
        }
    };
    // Somebody without any role is no staff any more.
    Ok(found.filter(|principal| !principal.roles.is_empty()).ok_or(IdentityError::BadToken)?)
}

fn allow<P: May>(store: &Store, principal: &Principal) -> Result<(), Problem> {
    let denied = |detail: &str| Err(Problem::new(StatusCode::FORBIDDEN, "access.denied", detail));
    let Some(permission) = P::PERMISSION else {
        return match principal.actor {
            Actor::User(_) => Ok(()),
            _ => denied("an API key has no account of its own"),
        };
    };
    if !principal.permissions.holds(permission) {
        return denied(&format!("this needs the permission `{}`, which you do not have", permission.as_str()));
    }
    if permission.writes() && store.status != StoreStatus::Active {
        let detail = format!("the store is {}: it can be read, not changed", store.status);
        return Err(Problem::new(StatusCode::FORBIDDEN, "store.not_active", detail));
    }
    Ok(())
}

impl<P: May> Allowed<P> {
    /// What requests share.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// In whose name the request is made: the user's own, or that of a key's maker.
    pub fn user(&self) -> UserId {
        self.principal.user
    }

    /// What the caller may do: all that it can pass on.
    pub fn permissions(&self) -> Permissions {
        self.principal.permissions
    }

    /// The request, as an act of the caller.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The names of the user's roles.
    pub fn role_names(&self) -> Vec<String> {
        use kernel::Text as _;
        self.principal.roles.iter().map(|role| role.as_str().to_owned()).collect()
    }

    /// A transaction that reads the catalogue, with prices as they are now.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin_catalog(&self) -> Result<TenantTx, DbError> {
        Ok(self.app.prices.begin(&self.app.tenants, self.store.id).await?.0)
    }

    /// A request that may be a repetition: what it is called, and what it asks.
    pub fn claim(&self, operation: &'static str, key: IdempotencyKey, request: [u8; 32]) -> Claim {
        let actor = self.principal.actor;
        let caller = Sha256::new_with_prefix(actor.kind()).chain_update(actor.id()).finalize().into();
        Claim { operation, caller, key: key.0, request }
    }

    /// A transaction that reads the store.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin_read(&self) -> Result<TenantTx, DbError> {
        self.app.tenants.begin_read(self.store.id).await
    }

    /// A transaction that changes the store, and says so in the audit.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn change(&self) -> Result<Change, DbError> {
        Ok(Change::new(self.app.tenants.begin(self.store.id).await?, self.origin.clone()))
    }

    /// A transaction that notes what is about to happen outside the database, before the one that changes the store. Nothing
    /// that it writes is anybody's to see, so it leaves no entry.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin_note(&self) -> Result<TenantTx, DbError> {
        self.app.tenants.begin(self.store.id).await
    }
}
