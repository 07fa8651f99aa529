//! Levels, movements and what changes them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::Line;
use uuid::Uuid;

use super::LocationId;
use crate::catalog::{ProductId, VariantId};

kernel::typed_id! {
    /// The id of a movement.
    MovementId
}

/// A few words about a movement.
pub type Note = Line<500>;

/// What lies at one place, at most.
pub const MOST_ON_HAND: i64 = 1_000_000_000;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// Why something came or went.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        impl Reason {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its word, in the database and the API.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

reasons! {
    /// What a variant began with.
    Initial = "initial";
    /// A delivery came.
    Received = "received";
    /// Somebody counted.
    Counted = "counted";
    /// A buyer sent it back.
    Returned = "returned";
    /// It broke.
    Damaged = "damaged";
    /// It is gone.
    Lost = "lost";
    /// An earlier entry was wrong.
    Correction = "correction";
    /// An order was paid.
    Sold = "sold";
    /// A paid order was undone before it was shipped.
    PutBack = "put_back";
}

impl Reason {
    /// The reason of that word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == word)
    }
}

/// What staff says about a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// So many came, or went where it is negative.
    By(i64),
    /// So many lie there.
    To(i64),
}

/// A change of a level by staff.
#[derive(Debug, Clone)]
pub struct Adjustment {
    /// Of what.
    pub variant: VariantId,
    /// Where; at the default place where it is left out.
    pub location: Option<LocationId>,
    /// How.
    pub wanted: Wanted,
    /// Why.
    pub reason: Reason,
    /// More about it.
    pub note: Option<Note>,
}

/// What lies at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// The place.
    pub location: LocationId,
    /// What lies there.
    pub on_hand: i64,
    /// What of it is promised.
    pub reserved: i64,
}

impl Level {
    /// What can be sold.
    #[must_use]
    pub fn available(&self) -> i64 {
        self.on_hand - self.reserved
    }
}

/// What a change of a level led to.
#[derive(Debug, Clone)]
pub struct Adjusted {
    /// Of what.
    pub variant: VariantId,
    /// What lies there now.
    pub level: Level,
    /// By how many it changed.
    pub delta: i64,
    /// The movement; none where nothing had to move.
    pub movement: Option<MovementId>,
}

/// A variant, and what the store has of it.
#[derive(Debug, Clone)]
pub struct Stocked {
    /// The variant.
    pub variant: VariantId,
    /// Its product.
    pub product: ProductId,
    /// The product's name.
    pub product_name: String,
    /// The store's own name for the variant.
    pub sku: Option<String>,
    /// What the variant is: `{"Size": "S"}`.
    pub options: BTreeMap<String, String>,
    /// What lies where.
    pub levels: Vec<Level>,
}

impl Stocked {
    /// What lies anywhere.
    #[must_use]
    pub fn on_hand(&self) -> i64 {
        self.levels.iter().map(|level| level.on_hand).sum()
    }

    /// What of it is promised.
    #[must_use]
    pub fn reserved(&self) -> i64 {
        self.levels.iter().map(|level| level.reserved).sum()
    }
}

/// A variant of which little is left.
#[derive(Debug, Clone)]
pub struct LowStock {
    /// The variant.
    pub variant: VariantId,
    /// Its product.
    pub product: ProductId,
    /// The product's name.
    pub product_name: String,
    /// The store's own name for the variant.
    pub sku: Option<String>,
    /// What the variant is: `{"Size": "S"}`.
    pub options: BTreeMap<String, String>,
    /// What can be sold, at all places together.
    pub available: i64,
}

/// From where on stock counts as low, by the store's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// Up to here it is critical.
    pub critical: i64,
    /// Up to here it is medium.
    pub medium: i64,
}

/// How much of something is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grade {
    /// Hardly any.
    Critical,
    /// Some.
    Medium,
    /// Enough.
    Good,
}

impl Thresholds {
    /// The grade of so many.
    #[must_use]
    pub fn grade(&self, available: i64) -> Grade {
        match available {
            few if few <= self.critical => Grade::Critical,
            some if some <= self.medium => Grade::Medium,
            _ => Grade::Good,
        }
    }

    /// From how many to how many a grade goes.
    pub(super) fn range(&self, grade: Option<Grade>) -> (i64, i64) {
        match grade {
            None => (i64::MIN, i64::MAX),
            Some(Grade::Critical) => (i64::MIN, self.critical),
            Some(Grade::Medium) => (self.critical + 1, self.medium),
            Some(Grade::Good) => (self.medium + 1, i64::MAX),
        }
    }
}

/// Which variants are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those of one product.
    pub product: Option<ProductId>,
    /// The one of this SKU.
    pub sku: Option<String>,
    /// What lies at one place counts alone.
    pub location: Option<LocationId>,
    /// Those of which so much is left.
    pub grade: Option<Grade>,
}

/// Which movements are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovementsOf {
    /// All of them.
    Store,
    /// Those of one variant.
    Variant(VariantId),
    /// Those that an order led to.
    Order(Uuid),
}

/// Something that came or went.
#[derive(Debug, Clone)]
pub struct Movement {
    /// Its id.
    pub id: MovementId,
    /// Of what.
    pub variant: VariantId,
    /// Where.
    pub location: LocationId,
    /// How many came, or went where it is negative.
    pub delta: i64,
    /// Why.
    pub reason: String,
    /// More about it.
    pub note: Option<String>,
    /// Who moved it, where that was not an order.
    pub actor: Option<(String, Uuid)>,
    /// The order that moved it.
    pub order: Option<Uuid>,
    /// When.
    pub at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_meet_without_a_gap() {
        let thresholds = Thresholds { critical: 10, medium: 50 };
        for (count, grade) in
            [(0, Grade::Critical), (10, Grade::Critical), (11, Grade::Medium), (50, Grade::Medium), (51, Grade::Good)]
        {
            assert_eq!(thresholds.grade(count), grade);
            let (from, to) = thresholds.range(Some(grade));
            assert!((from..=to).contains(&count));
        }
    }
}
