//! Reviews.

use chrono::{DateTime, Utc};
use kernel::{Line, Passage};

use crate::catalog::{ProductId, RatingChange};
use crate::identity::{PersonName, UserId};

kernel::typed_id! {
    /// The id of a review.
    ReviewId
}

/// What a review is headed with.
pub type ReviewTitle = Line<120>;
/// What it says.
pub type ReviewText = Passage<5_000>;

/// 1 to 5 stars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stars(i64);

impl Stars {
    /// The fewest.
    pub const MIN: i64 = 1;
    /// The most.
    pub const MAX: i64 = 5;

    /// Takes 1 to 5; none otherwise.
    #[must_use]
    pub fn new(stars: i64) -> Option<Self> {
        (Self::MIN..=Self::MAX).contains(&stars).then_some(Self(stars))
    }

    /// How many.
    #[must_use]
    pub fn count(self) -> i64 {
        self.0
    }
}

/// What staff has decided about a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewState {
    /// Nothing yet.
    Waiting,
    /// It is seen in the shop.
    Approved,
    /// It is not.
    Rejected,
}

impl ReviewState {
    /// The word for it, in the database and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
        }
    }

    pub(super) fn read(word: &str) -> Option<Self> {
        [Self::Waiting, Self::Approved, Self::Rejected].into_iter().find(|state| state.as_str() == word)
    }
}

/// Who writes.
#[derive(Debug, Clone)]
pub enum Author {
    /// Somebody with an account; signed with the account's name where there is no other.
    Customer(UserId, Option<PersonName>),
    /// Somebody else.
    Visitor(PersonName),
}

/// What a review is made with.
#[derive(Debug, Clone)]
pub struct NewReview {
    /// Who writes it.
    pub author: Author,
    /// How good the product is.
    pub stars: Stars,
    /// In a few words.
    pub title: Option<ReviewTitle>,
    /// Why.
    pub body: ReviewText,
}

/// A review.
#[derive(Debug, Clone)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// What it is about.
    pub product: ProductId,
    /// Who wrote it; none where that was a visitor.
    pub customer: Option<UserId>,
    /// What it is signed with.
    pub author: PersonName,
    /// How good the product is.
    pub stars: Stars,
    /// In a few words.
    pub title: Option<ReviewTitle>,
    /// Why.
    pub body: ReviewText,
    /// What staff has decided.
    pub state: ReviewState,
    /// Whether its writer had bought the product.
    pub verified_purchase: bool,
    /// Counts its changes.
    pub version: i64,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When staff last decided about it.
    pub decided_at: Option<DateTime<Utc>>,
}

impl Review {
    /// What its product's rating gains when this review, which was `before`, is `after`.
    pub(super) fn change(&self, before: ReviewState, after: ReviewState) -> RatingChange {
        let counted = |state| i64::from(state == ReviewState::Approved);
        let reviews = counted(after) - counted(before);
        RatingChange { product: self.product, stars: self.stars.count() * reviews, reviews }
    }
}
