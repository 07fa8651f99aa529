//! Uses of coupons: taken with an order, given back with it, each once.

use chrono::{DateTime, Utc};
use kernel::{Amount, Limit, Page, Text as _};
use sha2::{Digest as _, Sha256};
use tenants::{DbError, TenantId, TenantTx};
use uuid::Uuid;

use super::{Coupon, CouponId, PromotionsError, ops, queries};
use crate::identity::{Email, UserId};

kernel::typed_id! {
    /// The id of a use.
    CouponUseId
}

/// Who buys. One address is one buyer, logged in or not.
#[derive(Debug, Clone)]
pub struct Buyer {
    /// The address that the order is made with: of a customer, the account's.
    pub email: Email,
    /// The customer, if one is logged in.
    pub customer: Option<UserId>,
    /// Whether the buyer has ordered before, other than what was cancelled or has expired.
    pub has_ordered: bool,
}

impl Buyer {
    pub(super) fn hash(&self, store: TenantId) -> Vec<u8> {
        hash(store, &self.email)
    }
}

/// A use of a coupon.
#[derive(Debug, Clone)]
pub struct CouponUse {
    /// Its id.
    pub id: CouponUseId,
    /// The order.
    pub order: Uuid,
    /// The customer, if one was logged in.
    pub customer: Option<UserId>,
    /// What it took off.
    pub discount: Amount,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// When it was given back, if it was.
    pub given_back_at: Option<DateTime<Utc>>,
}

/// Takes a use of a coupon for an order that is made in this transaction, or for one that comes back to life. For an order
/// that has it already this does nothing. A refusal leaves the transaction good, but for the last: then it must be dropped.
///
/// # Errors
/// [`PromotionsError::UnknownCode`], [`PromotionsError::Over`], [`PromotionsError::UsedUp`],
/// [`PromotionsError::UsedByBuyer`], [`PromotionsError::FirstOrderOnly`].
pub async fn take_coupon(
    tx: &mut TenantTx,
    id: CouponId,
    order: Uuid,
    buyer: &Buyer,
    discount: Amount,
) -> Result<(), PromotionsError> {
    let coupon = queries::lock(tx, id).await?.ok_or(PromotionsError::UnknownCode)?;
    let hash = buyer.hash(tx.tenant());
    // Counted after the lock was had: whoever took a use before has committed it, or will never.
    let (holds, by_buyer) = queries::count_uses(tx, id, order, &hash).await?;
    if holds {
        return Ok(());
    }
    coupon.refuse(tx.now())?;
    allowed(&coupon, buyer, by_buyer)?;
    let first = coupon.terms.first_order_only;
    let taken = queries::take(tx, id, order, &hash, buyer.customer, first, discount).await?;
    if taken { Ok(()) } else { Err(PromotionsError::UsedUp) }
}

/// Refuses a coupon to a buyer who has used it as often as one can. What is taken at the same moment shows at the order.
///
/// # Errors
/// [`PromotionsError::UsedByBuyer`], [`PromotionsError::FirstOrderOnly`].
pub async fn refuse_buyer(tx: &mut TenantTx, coupon: &Coupon, buyer: &Buyer) -> Result<(), PromotionsError> {
    let hash = buyer.hash(tx.tenant());
    let (_, by_buyer) = queries::count_uses(tx, coupon.id, Uuid::nil(), &hash).await?;
    allowed(coupon, buyer, by_buyer)
}

fn allowed(coupon: &Coupon, buyer: &Buyer, by_buyer: i64) -> Result<(), PromotionsError> {
    if coupon.terms.per_customer_limit.is_some_and(|limit| by_buyer >= limit) {
        return Err(PromotionsError::UsedByBuyer);
    }
    if coupon.terms.first_order_only && (buyer.has_ordered || by_buyer > 0) {
        return Err(PromotionsError::FirstOrderOnly);
    }
    Ok(())
}

/// Gives back what an order took, if it has not been: how many uses.
///
/// # Errors
/// [`DbError`].
pub async fn give_back(tx: &mut TenantTx, order: Uuid) -> Result<u64, DbError> {
    if queries::lock_those_of(tx, order).await? { queries::give_back(tx, order).await } else { Ok(0) }
}

/// A page of the uses of a coupon, those behind `after`, the newest first.
///
/// # Errors
/// [`PromotionsError::NoCoupon`].
pub async fn list_uses(
    tx: &mut TenantTx,
    id: CouponId,
    after: Option<CouponUseId>,
    limit: Limit,
) -> Result<Page<CouponUse>, PromotionsError> {
    ops::coupon(tx, id).await?;
    Ok(Page::cut(queries::list_uses(tx, id, after, limit).await?, limit))
}

/// Forgets who used coupons: a customer and, where there is one, whoever used them under the address `proved` without
/// logging in. That a coupon was used stays counted; by whom is known no more.
///
/// # Errors
/// [`DbError`].
pub async fn forget_customer(tx: &mut TenantTx, customer: UserId, proved: Option<&Email>) -> Result<(), DbError> {
    let hash = proved.map(|email| hash(tx.tenant(), email));
    queries::forget_customer(tx, customer, hash.as_deref()).await
}

fn hash(store: TenantId, email: &Email) -> Vec<u8> {
    Sha256::new().chain_update(store.0).chain_update(email.as_str()).finalize().to_vec()
}
