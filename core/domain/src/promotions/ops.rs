//! What staff does with coupons.

use std::collections::HashSet;
use std::hash::Hash;

use kernel::{FieldError, Limit, Page};
use tenants::{DbError, TenantTx};

use super::{Coupon, CouponChange, CouponCode, CouponId, PromotionsError, Terms, TermsGiven, queries};

/// Adds a coupon. Its code must be new to the store, whatever its case.
///
/// # Errors
/// [`PromotionsError::CodeTaken`], [`PromotionsError::BadTerms`].
pub async fn add_coupon(tx: &mut TenantTx, given: TermsGiven) -> Result<Coupon, PromotionsError> {
    let terms = each_once(given.checked()?);
    refuse_unknown(tx, &terms).await?;
    let (id, now) = (CouponId::generate(), tx.now());
    let coupon = Coupon { id, terms, used: 0, version: 1, created_at: now, updated_at: now };
    if queries::insert(tx, &coupon).await? { Ok(coupon) } else { Err(PromotionsError::CodeTaken) }
}

/// A coupon.
///
/// # Errors
/// [`PromotionsError::NoCoupon`].
pub async fn coupon(tx: &mut TenantTx, id: CouponId) -> Result<Coupon, PromotionsError> {
    queries::get(tx, id).await?.ok_or(PromotionsError::NoCoupon(id))
}

/// The coupons that have these codes, good or not, in the order of the codes.
///
/// # Errors
/// [`DbError`].
pub async fn coupons_of_codes(tx: &mut TenantTx, codes: &[CouponCode]) -> Result<Vec<Coupon>, DbError> {
    if codes.is_empty() { Ok(Vec::new()) } else { queries::of_codes(tx, codes).await }
}

/// A page of the coupons, those behind `after`, the newest first.
///
/// # Errors
/// [`DbError`].
pub async fn list_coupons(
    tx: &mut TenantTx,
    active: Option<bool>,
    code: Option<&CouponCode>,
    after: Option<CouponId>,
    limit: Limit,
) -> Result<Page<Coupon>, DbError> {
    Ok(Page::cut(queries::list(tx, active, code, after, limit).await?, limit))
}

/// Changes a coupon where `expected` is still its version.
///
/// # Errors
/// [`PromotionsError::NoCoupon`], [`PromotionsError::Stale`], [`PromotionsError::CodeTaken`],
/// [`PromotionsError::BadTerms`], [`PromotionsError::LimitBelowUses`].
pub async fn change_coupon(
    tx: &mut TenantTx,
    id: CouponId,
    expected: Option<i64>,
    change: CouponChange,
) -> Result<Coupon, PromotionsError> {
    let before = queries::lock(tx, id).await?.ok_or(PromotionsError::NoCoupon(id))?;
    if expected.is_some_and(|expected| expected != before.version) {
        return Err(PromotionsError::Stale);
    }
    let names = change.products.is_some() || change.categories.is_some();
    let terms = each_once(change.onto(before.terms)?);
    if names {
        refuse_unknown(tx, &terms).await?;
    }
    if terms.total_limit.is_some_and(|limit| limit < before.used) {
        return Err(PromotionsError::LimitBelowUses(before.used));
    }
    let (version, updated_at) = (before.version + 1, tx.now());
    let coupon = Coupon { terms, version, updated_at, ..before };
    queries::update(tx, &coupon).await?;
    Ok(coupon)
}

/// Removes a coupon that was never used, where `expected` is still its version.
///
/// # Errors
/// [`PromotionsError::NoCoupon`], [`PromotionsError::Stale`], [`PromotionsError::InUse`].
pub async fn remove_coupon(tx: &mut TenantTx, id: CouponId, expected: Option<i64>) -> Result<(), PromotionsError> {
    if queries::delete(tx, id, expected).await? {
        return Ok(());
    }
    coupon(tx, id).await?;
    Err(PromotionsError::Stale)
}

fn each_once(mut terms: Terms) -> Terms {
    fn once<T: Eq + Hash + Copy>(ids: &mut Vec<T>) {
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(*id));
    }
    once(&mut terms.products);
    once(&mut terms.categories);
    terms
}

/// Refuses products and categories that are not there.
async fn refuse_unknown(tx: &mut TenantTx, terms: &Terms) -> Result<(), PromotionsError> {
    if terms.products.is_empty() && terms.categories.is_empty() {
        return Ok(());
    }
    let (products, categories) = queries::known(tx, terms).await?;
    let wrong = |list: &str, place, what: &str| {
        FieldError::new(format!("/{list}/{place}"), format!("there is no {what} with this id"))
    };
    let lost_products = terms.products.iter().enumerate().filter(|(_, id)| !products.contains(&id.0));
    let lost_categories = terms.categories.iter().enumerate().filter(|(_, id)| !categories.contains(&id.0));
    let lost: Vec<_> = lost_products
        .map(|(place, _)| wrong("product_ids", place, "product"))
        .chain(lost_categories.map(|(place, _)| wrong("category_ids", place, "category")))
        .collect();
    if lost.is_empty() { Ok(()) } else { Err(PromotionsError::BadTerms(lost)) }
}
