//! What is done with files later.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::jobs::Kind;

/// Takes a file of products in. Killed, it goes on where it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct ImportProducts {
    /// The import.
    pub import: Uuid,
}

impl Kind for ImportProducts {
    const NAME: &'static str = "import.products";
    const RETRIES: u32 = 8;
    const TIMEOUT: Duration = Duration::from_secs(30 * 60);
}

/// Writes a file of all products. Killed, it goes on where it was.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExportProducts {
    /// The export.
    pub export: Uuid,
}

impl Kind for ExportProducts {
    const NAME: &'static str = "export.products";
    const RETRIES: u32 = 8;
    const TIMEOUT: Duration = Duration::from_secs(30 * 60);
}

/// Forgets an import or an export, a week after it was asked for.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetFile {
    /// The import or export.
    pub file: Uuid,
}

impl Kind for ForgetFile {
    const NAME: &'static str = "transfer.forget";
}
