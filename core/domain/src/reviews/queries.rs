//! The SQL of reviews.

use chrono::{DateTime, Utc};
use kernel::{Limit, Slug, Text, TextError};
use tenants::{DbError, TenantTx};
use uuid::Uuid;

use super::{Review, ReviewError, ReviewId, ReviewState, ReviewText, ReviewTitle, Stars};
use crate::catalog::{CatalogError, ProductId};
use crate::identity::{IdentityError, PersonName, UserId};

struct Row {
    id: Uuid,
    product_id: Uuid,
    customer_id: Option<Uuid>,
    author: String,
    stars: i64,
    title: Option<String>,
    body: String,
    state: String,
    verified_purchase: bool,
    version: i64,
    created_at: DateTime<Utc>,
    decided_at: Option<DateTime<Utc>>,
}

impl Row {
    fn read(self) -> Result<Review, DbError> {
        let broken = || DbError::from(sqlx::Error::Decode(format!("review {} breaks its rules", self.id).into()));
        let unfit = |_: TextError| broken();
        Ok(Review {
            id: ReviewId(self.id),
            product: ProductId(self.product_id),
            customer: self.customer_id.map(UserId),
            author: PersonName::parse(&self.author).map_err(unfit)?,
            stars: Stars::new(self.stars).ok_or_else(broken)?,
            title: self.title.as_deref().map(ReviewTitle::parse).transpose().map_err(unfit)?,
            body: ReviewText::parse(&self.body).map_err(unfit)?,
            state: ReviewState::read(&self.state).ok_or_else(broken)?,
            verified_purchase: self.verified_purchase,
            version: self.version,
            created_at: self.created_at,
            decided_at: self.decided_at,
        })
    }
}

/// A statement over reviews; `$rest` is what follows `WHERE tenant_id = $1 AND`.
macro_rules! reviews {
    ($rest:literal, $($arg:expr),*) => {
        sqlx::query_as!(
            Row,
            "SELECT id, product_id, customer_id, author, stars, title, body, state, verified_purchase, version,
                    created_at, decided_at
             FROM reviews WHERE tenant_id = $1 AND " + $rest,
            $($arg),*
        )
    };
}

pub(super) async fn insert(tx: &mut TenantTx, review: &Review, slug: &Slug) -> Result<(), ReviewError> {
    let tenant = tx.tenant();
    sqlx::query!(
        "INSERT INTO reviews (tenant_id, id, product_id, customer_id, author, stars, title, body, state,
                              verified_purchase, version, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        tenant.0,
        review.id.0,
        review.product.0,
        review.customer.map(|id| id.0),
        review.author.as_str(),
        review.stars.count(),
        review.title.as_ref().map(Text::as_str),
        review.body.as_str(),
        review.state.as_str(),
        review.verified_purchase,
        review.version,
        review.created_at,
    )
    .execute(tx.conn())
    .await
    .map_err(|err| match err.as_database_error().and_then(|cause| cause.constraint()) {
        Some("reviews_customer_once") => ReviewError::AlreadyReviewed,
        // What was there a moment ago may be gone when its key is looked at.
        Some("reviews_product_exists") => CatalogError::NoProductNamed(slug.clone()).into(),
        Some("reviews_customer_exists") => IdentityError::NoAccount.into(),
        _ => err.into(),
    })?;
    Ok(())
}

pub(super) async fn get(tx: &mut TenantTx, id: ReviewId) -> Result<Option<Review>, DbError> {
    let tenant = tx.tenant();
    reviews!("id = $2", tenant.0, id.0).fetch_optional(tx.conn()).await?.map(Row::read).transpose()
}

pub(super) async fn lock(tx: &mut TenantTx, id: ReviewId) -> Result<Option<Review>, DbError> {
    let tenant = tx.tenant();
    reviews!("id = $2 FOR UPDATE", tenant.0, id.0).fetch_optional(tx.conn()).await?.map(Row::read).transpose()
}

/// One statement a filter, so that each walks its own index whatever plan is kept for it.
pub(super) async fn list(
    tx: &mut TenantTx,
    state: Option<ReviewState>,
    product: Option<ProductId>,
    before: Option<ReviewId>,
    limit: Limit,
) -> Result<Vec<Review>, DbError> {
    let (tenant, before, limit) = (tx.tenant().0, before.map_or(Uuid::max(), |id| id.0), limit.and_one());
    let rows = match (state.map(ReviewState::as_str), product) {
        (None, None) => {
            reviews!("id < $2 ORDER BY id DESC LIMIT $3", tenant, before, limit).fetch_all(tx.conn()).await?
        }
        (Some(state), None) => {
            reviews!("id < $2 AND state = $4 ORDER BY id DESC LIMIT $3", tenant, before, limit, state)
                .fetch_all(tx.conn())
                .await?
        }
        (None, Some(product)) => {
            reviews!("id < $2 AND product_id = $4 ORDER BY id DESC LIMIT $3", tenant, before, limit, product.0)
                .fetch_all(tx.conn())
                .await?
        }
        (Some(state), Some(product)) => {
            reviews!(
                "id < $2 AND product_id = $4 AND state = $5 ORDER BY id DESC LIMIT $3",
                tenant,
                before,
                limit,
                product.0,
                state
            )
            .fetch_all(tx.conn())
            .await?
        }
    };
    rows.into_iter().map(Row::read).collect()
}

pub(super) async fn set_state(tx: &mut TenantTx, id: ReviewId, state: ReviewState) -> Result<(), DbError> {
    let (tenant, now) = (tx.tenant(), tx.now());
    sqlx::query!(
        "UPDATE reviews SET state = $3, decided_at = $4, version = version + 1 WHERE tenant_id = $1 AND id = $2",
        tenant.0,
        id.0,
        state.as_str(),
        now,
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete(tx: &mut TenantTx, id: ReviewId) -> Result<(), DbError> {
    let tenant = tx.tenant();
    sqlx::query!("DELETE FROM reviews WHERE tenant_id = $1 AND id = $2", tenant.0, id.0).execute(tx.conn()).await?;
    Ok(())
}

pub(super) async fn all_of(tx: &mut TenantTx, customer: UserId) -> Result<Vec<Review>, DbError> {
    let tenant = tx.tenant();
    let rows = reviews!("customer_id = $2 ORDER BY id DESC", tenant.0, customer.0).fetch_all(tx.conn()).await?;
    rows.into_iter().map(Row::read).collect()
}

pub(super) async fn products_reviewed_by(tx: &mut TenantTx, customer: UserId) -> Result<Vec<ProductId>, DbError> {
    let tenant = tx.tenant();
    let products = sqlx::query_scalar!(
        "SELECT product_id FROM reviews WHERE tenant_id = $1 AND customer_id = $2",
        tenant.0,
        customer.0,
    );
    Ok(products.fetch_all(tx.conn()).await?.into_iter().map(ProductId).collect())
}

/// Deletes a customer's reviews, and answers what they were.
pub(super) async fn delete_of(tx: &mut TenantTx, customer: UserId) -> Result<Vec<Review>, DbError> {
    let tenant = tx.tenant();
    let rows = sqlx::query_as!(
        Row,
        "DELETE FROM reviews WHERE tenant_id = $1 AND customer_id = $2
         RETURNING id, product_id, customer_id, author, stars, title, body, state, verified_purchase, version,
                   created_at, decided_at",
        tenant.0,
        customer.0,
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Row::read).collect()
}
