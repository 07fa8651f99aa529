//! Showing and forgetting.

use chrono::{DateTime, Utc};
use kernel::Text;
use tenants::TenantTx;

use super::PrivacyError;
use crate::addresses;
use crate::audit;
use crate::carts;
use crate::catalog::ProductId;
use crate::customers::{self, Customer, Note};
use crate::idempotency;
use crate::identity::{self, LogIn, UserId};
use crate::keys;
use crate::orders::{self, Order};
use crate::promotions;
use crate::reviews::{self, Review};
use crate::staff;
use crate::wishlists;

/// Everything that is kept of a person.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The account.
    pub customer: Customer,
    /// Where the person lives.
    pub addresses: Vec<addresses::Kept>,
    /// What the person said of products, whatever was decided about it.
    pub reviews: Vec<Review>,
    /// What the person wishes for, and since when, for sale or not.
    pub wishes: Vec<(ProductId, DateTime<Utc>)>,
    /// What staff noted about the person.
    pub notes: Vec<Note>,
    /// What the person has ordered.
    pub orders: Vec<Order>,
    /// The log-ins that go on.
    pub log_ins: Vec<LogIn>,
}

/// Everything that is kept of a customer.
///
/// # Errors
/// [`customers::CustomerError::NoCustomer`].
pub async fn everything_of(tx: &mut TenantTx, id: UserId) -> Result<Kept, PrivacyError> {
    Ok(Kept {
        customer: customers::shopper(tx, id).await?,
        addresses: addresses::all_of(tx, id).await?,
        reviews: reviews::all_of(tx, id).await?,
        wishes: wishlists::all_of(tx, id).await?,
        notes: customers::notes_about(tx, id).await?,
        orders: orders::all_of(tx, id).await?,
        log_ins: identity::log_ins_of(tx, id).await?,
    })
}

/// Forgets a person, where `expected` is still the account's version: the account and what hangs on it, what the person
/// wrote, whose orders they were, and what the audit keeps beside its bare entries. Addresses, wishes, the cart, notes,
/// letters under way, log-ins and tokens go with the account's row.
///
/// # Errors
/// [`identity::IdentityError::NoAccount`], [`identity::IdentityError::IsStaff`] for somebody who works here, [`identity::IdentityError::Stale`],
/// [`orders::OrderError::StillOpen`] while something is to be done for the person.
pub async fn erase(tx: &mut TenantTx, id: UserId, expected: Option<i64>) -> Result<(), PrivacyError> {
    let user = customers::lock_to_erase(tx, id, expected).await?;
    carts::hold(tx, id).await?;
    // Whoever registers with somebody else's address does not get at what that person has ordered as a visitor.
    let proved = identity::is_email_confirmed(tx, id).await?.then_some(&user.email);
    orders::forget(tx, id, proved).await?;
    promotions::forget_customer(tx, id, proved).await?;
    idempotency::forget_of(tx, id).await?;
    reviews::erase_of(tx, id).await?;
    staff::withdraw_from(tx, &user.email).await?;
    // Somebody who used to work here may have acted through keys, too.
    let mut actors = vec![id.0];
    actors.extend(keys::ids_of(tx, id).await?.into_iter().map(|key| key.0));
    // Last of what may wait for others: whoever writes about this person holds the account or the review meanwhile.
    audit::forget(tx, &[id.to_string(), user.email.as_str().to_owned()], &actors).await?;
    Ok(customers::delete_account(tx, id).await?)
}
