//! Showing and forgetting.

use chrono::{DateTime, Utc};
use kernel::Text;
use tenants::TenantTx;

use crate::addresses;
use crate::audit;
use crate::catalog::ProductId;
use crate::customers::{self, Customer, CustomerError, Note};
use crate::identity::{self, IdentityError, LogIn, UserId};
use crate::keys;
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
    /// The log-ins that go on.
    pub log_ins: Vec<LogIn>,
}

/// Everything that is kept of a customer.
///
/// # Errors
/// [`CustomerError::NoCustomer`].
pub async fn everything_of(tx: &mut TenantTx, id: UserId) -> Result<Kept, CustomerError> {
    Ok(Kept {
        customer: customers::shopper(tx, id).await?,
        addresses: addresses::all_of(tx, id).await?,
        reviews: reviews::all_of(tx, id).await?,
        wishes: wishlists::all_of(tx, id).await?,
        notes: customers::notes_about(tx, id).await?,
        log_ins: identity::log_ins_of(tx, id).await?,
    })
}

/// Forgets a person, where `expected` is still the account's version: the account and what hangs on it, what the person
/// wrote, and what the audit keeps beside its bare entries. Addresses, wishes, notes, log-ins and tokens go with the
/// account's row.
///
/// # Errors
/// [`IdentityError::NoAccount`], [`IdentityError::IsStaff`] for somebody who works here, [`IdentityError::Stale`].
pub async fn erase(tx: &mut TenantTx, id: UserId, expected: Option<i64>) -> Result<(), IdentityError> {
    let user = customers::lock_to_erase(tx, id, expected).await?;
    reviews::erase_of(tx, id).await?;
    staff::withdraw_from(tx, &user.email).await?;
    // Somebody who used to work here may have acted through keys, too.
    let mut actors = vec![id.0];
    actors.extend(keys::ids_of(tx, id).await?.into_iter().map(|key| key.0));
    // Last of what may wait for others: whoever writes about this person holds the account or the review meanwhile.
    audit::forget(tx, &[id.to_string(), user.email.as_str().to_owned()], &actors).await?;
    Ok(customers::delete_account(tx, id).await?)
}
