//! What can go wrong between us and the database.

use kernel::{DomainError, Kind};

/// The database did not do what was asked. What it said is for the log, never for a caller.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No connection could be had: the server is away, or all connections are busy.
    #[error("the database can't be reached just now; try again")]
    Unavailable(#[source] sqlx::Error),
    /// Two transactions got into each other's way, and this one lost.
    #[error("another change came in between; try again")]
    Contended(#[source] sqlx::Error),
    /// A statement failed in a way that no caller can help.
    #[error("the database refused a statement")]
    Failed(#[source] sqlx::Error),
    /// The task that begins a transaction was ended.
    #[error("a transaction could not be begun")]
    Ended(#[from] tokio::task::JoinError),
}

impl From<sqlx::Error> for DbError {
    fn from(err: sqlx::Error) -> Self {
        match &err {
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Tls(_) => {
                Self::Unavailable(err)
            }
            sqlx::Error::Database(cause) => match cause.code().as_deref() {
                // Serialization failure, deadlock, lock not available.
                Some("40001" | "40P01" | "55P03") => Self::Contended(err),
                // Connection failures, a server that starts or stops, a demoted primary, no connection left.
                Some(code) if code.starts_with("08") || code.starts_with("57P") => Self::Unavailable(err),
                // A read-only server, time-outs of a statement or a transaction, no memory, disk or connection left.
                Some("25006" | "25P03" | "57014") => Self::Unavailable(err),
                Some(code) if code.starts_with("53") => Self::Unavailable(err),
                _ => Self::Failed(err),
            },
            _ => Self::Failed(err),
        }
    }
}

impl DbError {
    /// Whether `err` says that the connection itself is of no more use, so that a fresh one may do better.
    pub(crate) fn is_of_the_connection(err: &sqlx::Error) -> bool {
        match err {
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(cause) => {
                cause.code().is_some_and(|code| code.starts_with("08") || code.starts_with("57P") || code == "25006")
            }
            _ => false,
        }
    }
}

impl DomainError for DbError {
    fn kind(&self) -> Kind {
        match self {
            Self::Unavailable(_) | Self::Contended(_) => Kind::Unavailable,
            Self::Failed(_) | Self::Ended(_) => Kind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) | Self::Contended(_) => "service.unavailable",
            Self::Failed(_) | Self::Ended(_) => "service.fault",
        }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        matches!(self, Self::Unavailable(_) | Self::Contended(_)).then_some(1)
    }
}
