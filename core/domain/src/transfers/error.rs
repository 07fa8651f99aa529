//! Why a file is refused.

use kernel::{DomainError, FieldError, Kind};
use tenants::DbError;
use uuid::Uuid;

/// Why something could not be done with a file.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// No such import in this store.
    #[error("there is no import {0}")]
    NoImport(Uuid),
    /// No such export in this store.
    #[error("there is no export {0}")]
    NoExport(Uuid),
    /// The first line does not name columns that are known.
    #[error("the first line must name the columns of a file of products: {}", .0.first().map_or("", |field| field.detail.as_str()))]
    BadColumns(Vec<FieldError>),
    /// The store has enough files waiting.
    #[error("{} files wait already; wait for one of them to be done", super::MOST_WAITING)]
    TooMany,
    /// Somebody else is in the middle of a batch, or did this one.
    #[error("another file of the store is being written; try again")]
    Busy,
    /// It is still being written.
    #[error("the file is not finished; ask for the job `{0}` until it is")]
    NotFinished(Uuid),
    /// The catalogue, where the fault is not a line's.
    #[error(transparent)]
    Catalog(#[from] crate::catalog::CatalogError),
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl TransferError {
    /// Whether somebody else came in between, so that it may go well another time.
    #[must_use]
    pub fn is_a_race(&self) -> bool {
        matches!(self, Self::Busy | Self::Db(DbError::Contended(_)))
    }
}

impl From<sqlx::Error> for TransferError {
    fn from(err: sqlx::Error) -> Self {
        Self::Db(err.into())
    }
}

impl DomainError for TransferError {
    fn kind(&self) -> Kind {
        match self {
            Self::NoImport(_) | Self::NoExport(_) => Kind::NotFound,
            Self::BadColumns(_) => Kind::Invalid,
            Self::NotFinished(_) | Self::TooMany => Kind::Conflict,
            Self::Busy => Kind::Unavailable,
            Self::Catalog(err) => err.kind(),
            Self::Db(err) => err.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoImport(_) => "import.no_import",
            Self::NoExport(_) => "export.no_export",
            Self::BadColumns(_) => "import.bad_columns",
            Self::NotFinished(_) => "export.not_finished",
            Self::TooMany => "transfer.too_many",
            Self::Busy => "service.unavailable",
            Self::Catalog(err) => err.code(),
            Self::Db(err) => err.code(),
        }
    }

    fn fields(&self) -> Vec<FieldError> {
        if let Self::BadColumns(fields) = self { fields.clone() } else { Vec::new() }
    }

    fn retry_after_seconds(&self) -> Option<u64> {
        if let Self::Db(err) = self { err.retry_after_seconds() } else { None }
    }
}
