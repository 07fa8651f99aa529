//! What shoppers say of products.

use chrono::{DateTime, Utc};
use domain::identity::PersonName;
use domain::reviews::{self, Author, NewReview, Review, ReviewError, ReviewId, ReviewText, ReviewTitle, Stars};
use kernel::{FieldError, Limit, Slug, Text as _};
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::guard::{Shopper, Visitor};
use crate::http::{Body, Created, Fail, In, Posts, Problem, Shown, StoreReads, Whole, given};
use crate::session::gone;
use crate::tag::Tag;

pub(crate) struct ReviewsApi;

#[OpenApi(prefix_path = "/products", tag = "Tag::Reviews")]
impl ReviewsApi {
    /// List a product's reviews
    ///
    /// Those that staff has approved, the newest first, page by page.
    #[oai(path = "/:slug/reviews", method = "get", operation_id = "listReviews")]
    async fn list(
        &self,
        visitor: Visitor,
        /// The product's slug.
        slug: Path<In<Slug>>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
        /// The `ETag` of an answer that the client has.
        #[oai(name = "If-None-Match")]
        if_none_match: Header<Option<String>>,
    ) -> Result<Shown<ReviewPage>, Fail<StoreReads>> {
        let (slug, limit) = (slug.0.0, Limit::new(limit.0).unwrap_or_default());
        let (scope, cursors) = (("reviews", visitor.store.id.0, slug.as_str()), &visitor.app().cursors);
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let page = reviews::approved(&mut visitor.begin_read().await?, &slug, before.map(ReviewId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|review| review.id.0);
        let shown = ReviewPage {
            items: page.items.iter().map(ReviewShown::from).collect(),
            next_cursor: last.and_then(|id| cursors.seal(&scope, &id)),
        };
        Ok(Shown::new(&shown, if_none_match.0.as_deref())?)
    }

    /// Review a product
    ///
    /// By anybody; a customer reviews a product once. It waits, unseen, until staff has approved it.
    #[oai(path = "/:slug/reviews", method = "post", operation_id = "addReview")]
    async fn add(
        &self,
        shopper: Shopper,
        /// The product's slug.
        slug: Path<In<Slug>>,
        body: Body<NewReviewBody>,
    ) -> Result<Created<OwnReviewShown>, Fail<Posts>> {
        shopper.app().limits.review(shopper.store.id, shopper.address)?;
        let (slug, new) = (slug.0.0, body.0.parse(&shopper)?);
        let mut tx = shopper.begin().await?;
        let review = reviews::write(&mut tx, &slug, new).await.map_err(|err| match err {
            ReviewError::Identity(err) => gone::<Posts>(err),
            other => other.into(),
        })?;
        tx.commit().await?;
        let location = format!("/store/v1/products/{}/reviews", slug.as_str());
        Ok(Created::at(location, &OwnReviewShown::from(&review), review.version)?)
    }
}

fn twenty() -> u8 {
    20
}

/// What is said of a product.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewReviewBody {
    /// The name to sign it with; a customer may leave it out, and signs with the account's.
    #[serde(default, deserialize_with = "given")]
    name: Option<In<PersonName>>,
    /// How many stars.
    rating: Whole<1, 5>,
    /// In a few words.
    #[serde(default, deserialize_with = "given")]
    title: Option<In<ReviewTitle>>,
    /// Why.
    body: In<ReviewText>,
}

impl NewReviewBody {
    fn parse(self, shopper: &Shopper) -> Result<NewReview, Problem> {
        let name = self.name.map(|name| name.0);
        let wrong = |pointer, detail| Problem::of_field(FieldError::new(pointer, detail));
        let author = match (shopper.user, name) {
            (Some(user), name) => Author::Customer(user, name),
            (None, Some(name)) => Author::Visitor(name),
            (None, None) => return Err(wrong("/name", "is required of whoever is not logged in")),
        };
        let stars = Stars::new(self.rating.0.into()).ok_or_else(|| wrong("/rating", "must be 1 to 5"))?;
        Ok(NewReview { author, stars, title: self.title.map(|title| title.0), body: self.body.0 })
    }
}

/// What somebody says of a product.
#[derive(Object, Serialize)]
#[oai(rename = "Review")]
struct ReviewShown {
    /// Its id.
    id: Uuid,
    /// What it is signed with.
    name: String,
    /// How many stars, 1 to 5.
    rating: i64,
    /// In a few words.
    title: Option<String>,
    /// Why.
    body: String,
    /// Whether its writer had bought the product.
    verified_purchase: bool,
    /// When it was written.
    created_at: DateTime<Utc>,
}

impl From<&Review> for ReviewShown {
    fn from(review: &Review) -> Self {
        Self {
            id: review.id.0,
            name: review.author.as_str().to_owned(),
            rating: review.stars.count(),
            title: review.title.as_ref().map(|title| title.as_str().to_owned()),
            body: review.body.as_str().to_owned(),
            verified_purchase: review.verified_purchase,
            created_at: review.created_at,
        }
    }
}

/// What the caller has just said of a product.
#[derive(Object, Serialize)]
#[oai(rename = "OwnReview")]
struct OwnReviewShown {
    /// Its id.
    id: Uuid,
    /// Always `waiting`: nobody sees it until staff has approved it.
    state: String,
    /// What it is signed with.
    name: String,
    /// How many stars, 1 to 5.
    rating: i64,
    /// In a few words.
    title: Option<String>,
    /// Why.
    body: String,
    /// Whether its writer had bought the product.
    verified_purchase: bool,
    /// When it was written.
    created_at: DateTime<Utc>,
}

impl From<&Review> for OwnReviewShown {
    fn from(review: &Review) -> Self {
        let ReviewShown { id, name, rating, title, body, verified_purchase, created_at } = review.into();
        Self { id, state: review.state.as_str().to_owned(), name, rating, title, body, verified_purchase, created_at }
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
