//! Why a gateway can't be had, or is refused.

use gateway::ComponentError;
use kernel::{Currency, DomainError, FieldError, Kind};
use tenants::DbError;

use super::SchemaFault;

/// Why something could not be done with a gateway.
#[derive(Debug, thiserror::Error)]
pub enum GatewaysError {
    /// No such gateway that a store could choose.
    #[error("there is no such gateway")]
    NoGateway,
    /// No such version in the registry.
    #[error("there is no such version of a gateway")]
    NoVersion,
    /// The store has not switched it on.
    #[error("the store has not switched this gateway on")]
    NotEnabled,
    /// The version is none that a store may choose.
    #[error("there is no such version that is approved; leave it out to get the newest that is")]
    NotApproved,
    /// Other bytes have the number.
    #[error("other bytes are registered under this version; give the component a new one")]
    VersionTaken,
    /// The component can't be used.
    #[error(transparent)]
    Component(ComponentError),
    /// What it says of itself can't be registered.
    #[error("the component describes itself wrongly: {0}")]
    Description(String),
    /// The schema of its settings can't be used.
    #[error("the schema of the settings can't be used: {0}")]
    Schema(#[from] SchemaFault),
    /// The settings don't follow the schema.
    #[error("settings are not as the gateway wants them; see `errors`")]
    Settings(Vec<FieldError>),
    /// The gateway does not take what the store sells in.
    #[error("this gateway does not take {}, which the store sells in", .0.code())]
    WrongCurrency(Currency),
    /// The secrets were sealed with another master key.
    #[error("the store's secrets of this gateway can't be opened any more; set them anew")]
    Unsealable,
    /// A version that was fit to be registered can't be made ready.
    #[error("the gateway can't be made ready at the moment")]
    Unloadable(#[source] ComponentError),
    /// The row was changed since the caller read it.
    #[error("it was changed in the meantime; read it again")]
    Stale,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for GatewaysError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for GatewaysError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoGateway | Self::NoVersion | Self::NotEnabled => Kind::NotFound,
            Self::Component(ComponentError::Host(_)) | Self::Unloadable(_) => Kind::Internal,
            Self::NotApproved | Self::Component(_) | Self::Description(_) | Self::Schema(_) | Self::Settings(_) => {
                Kind::Invalid
            }
            Self::VersionTaken | Self::WrongCurrency(_) | Self::Unsealable => Kind::Conflict,
            Self::Stale => Kind::Stale,
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoGateway => "gateways.no_gateway",
            Self::NoVersion => "gateways.no_version",
            Self::NotEnabled => "gateways.not_enabled",
            Self::NotApproved => "gateways.not_approved",
            Self::VersionTaken => "gateways.version_taken",
            Self::Component(ComponentError::Host(_)) | Self::Unloadable(_) => "service.fault",
            Self::Component(_) => "gateways.bad_component",
            Self::Description(_) => "gateways.bad_description",
            Self::Schema(_) => "gateways.bad_schema",
            Self::Settings(_) => "gateways.bad_settings",
            Self::WrongCurrency(_) => "gateways.wrong_currency",
            Self::Unsealable => "gateways.secrets_unreadable",
            Self::Stale => "request.stale_version",
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        match self {
            Self::Settings(fields) => fields.clone(),
            Self::NotApproved => vec![FieldError::new("/version", self.to_string())],
            // The body as a whole (RFC 6901).
            Self::Component(err) if !matches!(err, ComponentError::Host(_)) => {
                vec![FieldError::new("", self.to_string())]
            }
            Self::Description(_) | Self::Schema(_) => vec![FieldError::new("", self.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        if let Self::Db(err) = self { err.retry_after_seconds() } else { None }
    }
}
