//! Operators of the platform.

use std::sync::Arc;

use chrono::Utc;
use domain::audit::{Actor, Origin};
use domain::identity::{self, IdentityError, OperatorId, Surface};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use tenants::{DbError, PlatformTx};

use super::token::bearer;
use super::{PlatformChange, app, origin};
use crate::App;
use crate::http::Problem;

/// An operator of the platform.
pub struct OperatorCaller {
    app: Arc<App>,
    /// Who it is.
    pub operator: OperatorId,
    origin: Origin,
}

const SCHEME: &str = "OperatorToken";

impl<'a> ApiExtractor<'a> for OperatorCaller {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = MetaSecurityScheme {
            ty: "http",
            description: Some("The access token that a log-in at `/platform/v1/auth/login` gives."),
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
        let app = Arc::clone(app(request)?);
        let claims = app.tokens.verify(bearer(request)?, Surface::Platform, Utc::now()).map_err(Problem::from)?;
        let operator = OperatorId(claims.sub);
        // Operators are few and ask seldom: that the log-in still goes on is looked up each time.
        let mut tx = app.platform.begin().await.map_err(Problem::from)?;
        let alive = identity::is_operator_session_alive(&mut tx, operator, claims.sid).await.map_err(Problem::from)?;
        if !alive {
            return Err(Problem::from(IdentityError::BadToken).into());
        }
        let origin = origin(request, Actor::Operator(operator.0))?;
        Ok(Self { app, operator, origin })
    }
}

impl OperatorCaller {
    /// What requests share.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The request, as an act of the caller.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// A transaction of the platform, to read.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn begin(&self) -> Result<PlatformTx, DbError> {
        self.app.platform.begin().await
    }

    /// A transaction that changes the platform, and says so in the audit.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn change(&self) -> Result<PlatformChange, DbError> {
        Ok(PlatformChange::new(self.app.platform.begin().await?, self.origin.clone()))
    }
}
