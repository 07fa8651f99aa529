//! What is to be done after stock moved.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::jobs::Kind;

/// Counts what orders took and put back into `products.sold`, for all that happened until it runs.
#[derive(Debug, Serialize, Deserialize)]
pub struct CountSold {}

impl Kind for CountSold {
    const NAME: &'static str = "stock.count_sold";

    fn once(&self) -> Option<String> {
        Some("all".to_owned())
    }
}

/// Looks whether products of these variants still have anything to sell, and whether staff is to be told that little is left.
#[derive(Debug, Serialize, Deserialize)]
pub struct RefreshStock {
    /// The variants whose stock moved.
    pub variants: Vec<Uuid>,
}

impl Kind for RefreshStock {
    const NAME: &'static str = "stock.refresh";
}
