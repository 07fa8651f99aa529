//! What the approved reviews of a product come to. Kept on the product, so that lists show it without counting.

use tenants::{DbError, TenantTx};

use super::ProductId;
use super::queries::rating as queries;

/// The stars of the approved reviews, and their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rating {
    /// All stars together.
    pub sum: i64,
    /// How many gave them.
    pub count: i64,
}

impl Rating {
    /// The average in tenths of a star, halves rounded up; none where nobody gave any.
    #[must_use]
    pub fn tenths(self) -> Option<u8> {
        let doubled = self.sum.checked_mul(20)?.checked_add(self.count)?;
        let tenths = doubled.checked_div(self.count.checked_mul(2)?)?;
        u8::try_from(tenths).ok()
    }
}

/// What ratings a product gains; negative where it loses some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatingChange {
    /// Whose rating changes.
    pub product: ProductId,
    /// Stars, all together.
    pub stars: i64,
    /// How many reviews.
    pub reviews: i64,
}

/// Locks products against other changes of their ratings, in the order of their ids. To be called before the reviews
/// themselves are locked: whoever removes a product comes in that order, too.
///
/// # Errors
/// [`DbError`].
pub async fn lock_ratings(tx: &mut TenantTx, products: &[ProductId]) -> Result<(), DbError> {
    queries::lock(tx, products).await
}

/// Adds to the ratings of products, each of them named once. A product's version stays: nobody changed the product.
///
/// # Errors
/// [`DbError`].
pub async fn change_ratings(tx: &mut TenantTx, changes: &[RatingChange]) -> Result<(), DbError> {
    if changes.is_empty() {
        return Ok(());
    }
    queries::add(tx, changes).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_average_is_rounded_to_tenths_halves_up() {
        let tenths = |sum, count| Rating { sum, count }.tenths();
        assert_eq!(tenths(0, 0), None);
        assert_eq!(tenths(5, 1), Some(50));
        assert_eq!(tenths(13, 3), Some(43), "4.33");
        assert_eq!(tenths(14, 3), Some(47), "4.67");
        assert_eq!(tenths(85, 20), Some(43), "4.25");
        assert_eq!(tenths(1, 1), Some(10));
        assert_eq!(tenths(i64::MAX, i64::MAX), None, "no overflow");
    }
}
