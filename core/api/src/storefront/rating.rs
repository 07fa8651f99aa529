//! What the approved reviews of a product come to, as visitors see it.

use domain::catalog::Rating;
use poem_openapi::Object;
use serde::Serialize;

/// What the approved reviews of a product come to.
#[derive(Object, Serialize)]
#[oai(rename = "Rating")]
pub(super) struct RatingShown {
    /// The average of the stars, 1 to 5, rounded to one decimal; null where nobody gave any.
    average: Option<f64>,
    /// How many gave them.
    count: i64,
}

impl From<Rating> for RatingShown {
    #[expect(
        clippy::float_arithmetic,
        reason = "tenths become a number with one decimal, and nobody counts on with it"
    )]
    fn from(rating: Rating) -> Self {
        Self { average: rating.tenths().map(|tenths| f64::from(tenths) / 10.0), count: rating.count }
    }
}
