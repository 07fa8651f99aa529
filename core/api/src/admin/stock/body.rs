//! What staff says about stock.

use domain::catalog::VariantId;
use domain::stock::{Adjustment, LocationId, MOST_ON_HAND, MovementsOf, Note, Reason, Wanted};
use kernel::FieldError;
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use uuid::Uuid;

use crate::http::{In, Problem, Whole, given};

/// The most that can come, go or lie somewhere.
const MOST: i32 = MOST_ON_HAND as i32;

/// Something that came or went, or was counted. Give one of `delta` and `on_hand`.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdjustmentBody {
    /// Of what.
    variant_id: Uuid,
    /// Where; at the default location where it is left out.
    #[serde(default, deserialize_with = "given")]
    location_id: Option<Uuid>,
    /// How many came, or went where it is negative.
    #[serde(default, deserialize_with = "given")]
    delta: Option<Whole<{ -MOST }, MOST>>,
    /// How many lie there now.
    #[serde(default, deserialize_with = "given")]
    on_hand: Option<Whole<0, MOST>>,
    /// Why.
    reason: ReasonBody,
    /// More about it.
    #[serde(default, deserialize_with = "given")]
    note: Option<In<Note>>,
}

/// Why something came or went.
#[derive(Enum, Deserialize, Clone, Copy)]
#[oai(rename = "StockReason", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum ReasonBody {
    /// What a variant began with.
    Initial,
    /// A delivery came.
    Received,
    /// Somebody counted.
    Counted,
    /// A buyer sent it back.
    Returned,
    /// It broke.
    Damaged,
    /// It is gone.
    Lost,
    /// An earlier entry was wrong.
    Correction,
}

impl From<ReasonBody> for Reason {
    fn from(reason: ReasonBody) -> Self {
        match reason {
            ReasonBody::Initial => Self::Initial,
            ReasonBody::Received => Self::Received,
            ReasonBody::Counted => Self::Counted,
            ReasonBody::Returned => Self::Returned,
            ReasonBody::Damaged => Self::Damaged,
            ReasonBody::Lost => Self::Lost,
            ReasonBody::Correction => Self::Correction,
        }
    }
}

impl AdjustmentBody {
    pub(super) fn parse(self) -> Result<Adjustment, Problem> {
        let wanted = match (self.delta, self.on_hand) {
            (Some(Whole(0)), None) => {
                return Err(Problem::of_field(FieldError::new("/delta", "must not be 0: nothing came or went")));
            }
            (Some(Whole(delta)), None) => Wanted::By(delta.into()),
            (None, Some(Whole(on_hand))) => Wanted::To(on_hand.into()),
            _ => return Err(Problem::of_field(FieldError::new("/delta", "give one of `delta` and `on_hand`"))),
        };
        Ok(Adjustment {
            variant: VariantId(self.variant_id),
            location: self.location_id.map(LocationId),
            wanted,
            reason: self.reason.into(),
            note: self.note.map(|note| note.0),
        })
    }
}

/// Which movements are asked for.
pub(super) fn movements_of(variant: Option<Uuid>, order: Option<Uuid>) -> Result<MovementsOf, Problem> {
    match (variant, order) {
        (None, None) => Ok(MovementsOf::Store),
        (Some(variant), None) => Ok(MovementsOf::Variant(VariantId(variant))),
        (None, Some(order)) => Ok(MovementsOf::Order(order)),
        (Some(_), Some(_)) => {
            Err(Problem::of_field(FieldError::new("/query/order_id", "can't be asked for together with `variant_id`")))
        }
    }
}
