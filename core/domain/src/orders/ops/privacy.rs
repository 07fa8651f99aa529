//! What orders keep of a person: shown, and forgotten. The order itself stays: it is in the books.

use tenants::{DbError, TenantTx};

use super::super::queries::{privacy as queries, read};
use super::super::{Order, OrderError, Whose};
use crate::identity::{Email, UserId};

/// All orders of a customer, the newest first, those that staff removed too.
///
/// # Errors
/// [`DbError`].
pub async fn all_of(tx: &mut TenantTx, customer: UserId) -> Result<Vec<Order>, DbError> {
    let mut orders = Vec::new();
    for id in queries::ids_of(tx, customer).await? {
        orders.extend(read::get(tx, id, Whose::Store).await?);
    }
    Ok(orders)
}

/// Forgets whose orders these are: those of `customer` and, where there is one, those that somebody made under the address
/// `proved` without logging in. What is left is what was bought, for how much, and in which part of which country. The
/// caller holds the customer's cart, so that none is made meanwhile.
///
/// # Errors
/// [`OrderError::StillOpen`] where something is still to be done for the person.
pub async fn forget(tx: &mut TenantTx, customer: UserId, proved: Option<&Email>) -> Result<(), OrderError> {
    if queries::lock_of(tx, customer, proved).await?.into_iter().any(|open| open) {
        return Err(OrderError::StillOpen);
    }
    Ok(queries::forget(tx, customer, proved).await?)
}
