//! The one place that decides whether a review's writer has bought what it is about.

use crate::catalog::ProductId;
use crate::identity::UserId;

/// Whether `customer` has paid for `product`. Nobody has, while this shop takes no orders.
pub(super) fn has_bought(_customer: UserId, _product: ProductId) -> bool {
    false
}
