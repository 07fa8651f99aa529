//! Reviews, as staff decides about them.

use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::catalog::ProductId;
use domain::reviews::{self, Review, ReviewId, ReviewState};
use kernel::{Limit, Text as _};
use poem_openapi::param::{Path, Query};
use poem_openapi::{Enum, Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use crate::guard::{Allowed, may};
use crate::http::{Answer, Decides, Done, Expected, Fail, Problem, Reads, Removes, Versioned, json};
use crate::tag::Tag;

pub(crate) struct ReviewsApi;

/// What staff has decided about a review.
#[derive(Enum, Clone, Copy)]
#[oai(rename = "ReviewState", rename_all = "lowercase")]
enum StateParam {
    /// Nothing yet.
    Waiting,
    /// It is seen in the shop.
    Approved,
    /// It is not.
    Rejected,
}

impl From<StateParam> for ReviewState {
    fn from(state: StateParam) -> Self {
        match state {
            StateParam::Waiting => Self::Waiting,
            StateParam::Approved => Self::Approved,
            StateParam::Rejected => Self::Rejected,
        }
    }
}

#[OpenApi(prefix_path = "/reviews", tag = "Tag::Reviews")]
impl ReviewsApi {
    /// List reviews
    ///
    /// The newest first, page by page.
    #[oai(path = "/", method = "get", operation_id = "listReviews")]
    async fn list(
        &self,
        caller: Allowed<may::ReadReviews>,
        /// Only those about which this was decided.
        state: Query<Option<StateParam>>,
        /// Only those of this product.
        product_id: Query<Option<Uuid>>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<ReviewPage>, Fail<Reads>> {
        let (state, product) = (state.0.map(ReviewState::from), product_id.0);
        let scope = ("admin reviews", caller.store.id.0, state.map(ReviewState::as_str), product);
        let cursors = &caller.app().cursors;
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let mut tx = caller.begin_read().await?;
        let page = reviews::list(&mut tx, state, product.map(ProductId), before.map(ReviewId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|review| review.id.0);
        let next_cursor = last.and_then(|id| cursors.seal(&scope, &id));
        Ok(Answer::plain(&ReviewPage { items: page.items.iter().map(ReviewShown::from).collect(), next_cursor })?)
    }

    /// Get a review
    ///
    /// Whatever was decided about it.
    #[oai(path = "/:id", method = "get", operation_id = "getReview")]
    async fn get(
        &self,
        caller: Allowed<may::ReadReviews>,
        /// The review's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<ReviewShown>, Fail<Reads>> {
        let review = reviews::review(&mut caller.begin_read().await?, ReviewId(id.0)).await?;
        Ok(Answer::of_version(&ReviewShown::from(&review), review.version)?)
    }

    /// Approve a review
    ///
    /// From now on it is seen in the shop, and counted in the product's rating. One that is approved stays so.
    #[oai(path = "/:id/approve", method = "post", operation_id = "approveReview")]
    async fn approve(
        &self,
        caller: Allowed<may::WriteReviews>,
        /// The review's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Versioned<ReviewShown>, Fail<Decides>> {
        Ok(decide(&caller, "approveReview", ReviewId(id.0), expected, ReviewState::Approved).await?)
    }

    /// Reject a review
    ///
    /// From now on it is seen and counted nowhere in the shop. One that is rejected stays so.
    #[oai(path = "/:id/reject", method = "post", operation_id = "rejectReview")]
    async fn reject(
        &self,
        caller: Allowed<may::WriteReviews>,
        /// The review's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Versioned<ReviewShown>, Fail<Decides>> {
        Ok(decide(&caller, "rejectReview", ReviewId(id.0), expected, ReviewState::Rejected).await?)
    }

    /// Remove a review
    ///
    /// For good. Its writer may then write another.
    #[oai(path = "/:id", method = "delete", operation_id = "removeReview")]
    async fn remove(
        &self,
        caller: Allowed<may::WriteReviews>,
        /// The review's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let id = ReviewId(id.0);
        let mut change = caller.change().await?;
        let before = reviews::remove(change.tx(), id, expected.0).await?;
        change.commit(entry("removeReview", &before).before(json(&ReviewShown::from(&before)))).await?;
        Ok(Done)
    }
}

async fn decide(
    caller: &Allowed<may::WriteReviews>,
    action: &'static str,
    id: ReviewId,
    expected: Expected,
    state: ReviewState,
) -> Result<Versioned<ReviewShown>, Problem> {
    let mut change = caller.change().await?;
    let (before, after) = reviews::decide(change.tx(), id, expected.0, state).await?;
    let shown = ReviewShown::from(&after);
    // What changed nothing leaves no entry.
    if before.version != after.version {
        change.commit(entry(action, &before).before(json(&ReviewShown::from(&before))).after(json(&shown))).await?;
    }
    Answer::of_version(&shown, after.version)
}

/// What a review says is its writer's own.
fn entry(action: &'static str, review: &Review) -> Entry {
    let entry = Entry::new(action, "review", review.id);
    match review.customer {
        Some(customer) => entry.about(customer),
        None => entry,
    }
}

fn twenty() -> u8 {
    20
}

/// A review.
#[derive(Object, Serialize)]
#[oai(rename = "Review")]
pub(super) struct ReviewShown {
    /// Its id.
    id: Uuid,
    /// What it is about.
    product_id: Uuid,
    /// Who wrote it; null where that was a visitor.
    customer_id: Option<Uuid>,
    /// What it is signed with.
    name: String,
    /// How many stars, 1 to 5.
    rating: i64,
    /// In a few words.
    title: Option<String>,
    /// Why.
    body: String,
    /// `waiting`, `approved` or `rejected`.
    state: String,
    /// Whether its writer had bought the product.
    verified_purchase: bool,
    /// Counts its changes; the same as in `ETag`.
    version: i64,
    /// When it was written.
    created_at: DateTime<Utc>,
    /// When staff last decided about it.
    decided_at: Option<DateTime<Utc>>,
}

impl From<&Review> for ReviewShown {
    fn from(review: &Review) -> Self {
        Self {
            id: review.id.0,
            product_id: review.product.0,
            customer_id: review.customer.map(|id| id.0),
            name: review.author.as_str().to_owned(),
            rating: review.stars.count(),
            title: review.title.as_ref().map(|title| title.as_str().to_owned()),
            body: review.body.as_str().to_owned(),
            state: review.state.as_str().to_owned(),
            verified_purchase: review.verified_purchase,
            version: review.version,
            created_at: review.created_at,
            decided_at: review.decided_at,
        }
    }
}

/// A page of reviews.
#[derive(Object, Serialize)]
struct ReviewPage {
    /// The reviews.
    items: Vec<ReviewShown>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}
