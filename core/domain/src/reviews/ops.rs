//! What can be done with reviews.

use kernel::{Limit, Page, Slug};
use serde::Serialize;
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::{Author, NewReview, Review, ReviewError, ReviewId, ReviewState, queries};
use crate::catalog::{self, ProductId};
use crate::events::{self, Event, EventKind};
use crate::identity::{self, UserId};
use crate::orders;

/// What is told of a review that was written.
#[derive(Serialize)]
struct Written {
    product_id: Uuid,
}

/// Writes a review of an active product. It waits until staff has decided about it.
///
/// # Errors
/// [`catalog::CatalogError::NoProductNamed`], [`ReviewError::AlreadyReviewed`] where the customer has written one,
/// [`identity::IdentityError::NoAccount`] where the customer is gone.
pub async fn write(tx: &mut TenantTx, slug: &Slug, new: NewReview) -> Result<Review, ReviewError> {
    let product = catalog::visible_id(tx, slug).await?;
    let (customer, author) = match new.author {
        Author::Visitor(name) => (None, name),
        Author::Customer(id, Some(name)) => (Some(id), name),
        Author::Customer(id, None) => (Some(id), identity::user(tx, id).await?.name),
    };
    let verified_purchase = match customer {
        Some(id) => orders::has_bought(tx, id, product).await?,
        None => false,
    };
    let review = Review {
        id: ReviewId::generate(),
        product,
        customer,
        author,
        stars: new.stars,
        title: new.title,
        body: new.body,
        state: ReviewState::Waiting,
        verified_purchase,
        version: 1,
        created_at: tx.now(),
        decided_at: None,
    };
    queries::insert(tx, &review, slug).await?;
    events::record(tx, Event::new(EventKind::ReviewWaiting, review.id.0).with(&Written { product_id: product.0 }))
        .await?;
    Ok(review)
}

/// A page of the approved reviews of an active product, the newest first, those before `before`.
///
/// # Errors
/// [`catalog::CatalogError::NoProductNamed`].
pub async fn approved(
    tx: &mut TenantTx,
    slug: &Slug,
    before: Option<ReviewId>,
    limit: Limit,
) -> Result<Page<Review>, ReviewError> {
    let product = catalog::visible_id(tx, slug).await?;
    let rows = queries::list(tx, Some(ReviewState::Approved), Some(product), before, limit).await?;
    Ok(Page::cut(rows, limit))
}

/// A page of all reviews, or of those in a state, or of a product, the newest first, those before `before`.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut TenantTx,
    state: Option<ReviewState>,
    product: Option<ProductId>,
    before: Option<ReviewId>,
    limit: Limit,
) -> Result<Page<Review>, DbError> {
    Ok(Page::cut(queries::list(tx, state, product, before, limit).await?, limit))
}

/// All reviews of a customer, the newest first.
///
/// # Errors
/// [`DbError`].
pub async fn all_of(tx: &mut TenantTx, customer: UserId) -> Result<Vec<Review>, DbError> {
    queries::all_of(tx, customer).await
}

/// A review, whatever was decided about it.
///
/// # Errors
/// [`ReviewError::NoReview`].
pub async fn review(tx: &mut TenantTx, id: ReviewId) -> Result<Review, ReviewError> {
    queries::get(tx, id).await?.ok_or(ReviewError::NoReview(id))
}

/// Decides about a review where `expected` is still its version, and counts it in its product's rating or takes it out
/// of there. Answers what the review was, and what it is. One about which just that was decided stays as it is, whatever
/// version is expected: the answer of the first time may have been lost.
///
/// # Errors
/// [`ReviewError::NoReview`], [`ReviewError::Stale`].
pub async fn decide(
    tx: &mut TenantTx,
    id: ReviewId,
    expected: Option<i64>,
    state: ReviewState,
) -> Result<(Review, Review), ReviewError> {
    let before = lock(tx, id).await?;
    if before.state == state {
        return Ok((before.clone(), before));
    }
    if expected.is_some_and(|expected| expected != before.version) {
        return Err(ReviewError::Stale);
    }
    queries::set_state(tx, id, state).await?;
    catalog::change_ratings(tx, &[before.change(before.state, state)]).await?;
    let after = review(tx, id).await?;
    Ok((before, after))
}

/// Removes a review where `expected` is still its version, and answers what it was.
///
/// # Errors
/// [`ReviewError::NoReview`], [`ReviewError::Stale`].
pub async fn remove(tx: &mut TenantTx, id: ReviewId, expected: Option<i64>) -> Result<Review, ReviewError> {
    let before = lock(tx, id).await?;
    if expected.is_some_and(|expected| expected != before.version) {
        return Err(ReviewError::Stale);
    }
    queries::delete(tx, id).await?;
    catalog::change_ratings(tx, &[before.change(before.state, ReviewState::Rejected)]).await?;
    Ok(before)
}

/// Removes what a customer has written, whose account the caller has locked. Texts are personal even where the name is
/// taken off them, so that they go as a whole, and their stars with them.
///
/// # Errors
/// [`DbError`].
pub async fn erase_of(tx: &mut TenantTx, customer: UserId) -> Result<(), DbError> {
    let products = queries::products_reviewed_by(tx, customer).await?;
    catalog::lock_ratings(tx, &products).await?;
    let changes: Vec<_> = queries::delete_of(tx, customer)
        .await?
        .into_iter()
        .map(|review| review.change(review.state, ReviewState::Rejected))
        .filter(|change| change.reviews != 0)
        .collect();
    catalog::change_ratings(tx, &changes).await
}

/// Locks a review behind its product.
async fn lock(tx: &mut TenantTx, id: ReviewId) -> Result<Review, ReviewError> {
    let product = review(tx, id).await?.product;
    catalog::lock_ratings(tx, &[product]).await?;
    queries::lock(tx, id).await?.ok_or(ReviewError::NoReview(id))
}
