//! Stock, as staff sees and moves it.

mod body;
mod shown;

use domain::audit::Entry;
use domain::catalog::{ProductId, Sku, VariantId};
use domain::idempotency;
use domain::stock::{self, Filter, Grade, LocationId, MovementId};
use kernel::{Limit, Text as _};
use poem_openapi::param::Query;
use poem_openapi::{Enum, OpenApi};
use uuid::Uuid;

use self::body::AdjustmentBody;
use self::shown::{AdjustedShown, MovementPage, MovementShown, StockPage, StockedShown};
use crate::guard::{Allowed, may};
use crate::http::{Answer, Booked, ComparedBody, Creates, Fail, IdempotencyKey, In, Once, Reads, json};
use crate::tag::Tag;

pub(crate) struct StockApi;

/// How much of something is left, by the store's settings.
#[derive(Enum, Clone, Copy)]
#[oai(rename = "StockLevelGrade", rename_all = "snake_case")]
enum GradeParam {
    /// Hardly any.
    Critical,
    /// Some.
    Medium,
    /// Enough.
    Good,
}

impl From<GradeParam> for Grade {
    fn from(grade: GradeParam) -> Self {
        match grade {
            GradeParam::Critical => Self::Critical,
            GradeParam::Medium => Self::Medium,
            GradeParam::Good => Self::Good,
        }
    }
}

#[OpenApi(prefix_path = "/stock", tag = "Tag::Stock")]
impl StockApi {
    /// List stock
    ///
    /// Every variant with what the store has of it, page by page.
    #[oai(path = "/", method = "get", operation_id = "listStock")]
    #[expect(clippy::too_many_arguments, reason = "each is a parameter of the request")]
    async fn list(
        &self,
        caller: Allowed<may::ReadStock>,
        /// The variants of one product.
        product_id: Query<Option<Uuid>>,
        /// The variant of this SKU.
        sku: Query<Option<In<Sku>>>,
        /// Only what lies at this location counts.
        location_id: Query<Option<Uuid>>,
        /// Variants of which so much is left.
        stock_level: Query<Option<GradeParam>>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<StockPage>, Fail<Reads>> {
        let filter = Filter {
            product: product_id.0.map(ProductId),
            sku: sku.0.map(|sku| sku.0.as_str().to_owned()),
            location: location_id.0.map(LocationId),
            grade: stock_level.0.map(Grade::from),
        };
        let (scope, cursors) = (("stock", caller.store.id.0, format!("{filter:?}")), &caller.app().cursors);
        let after: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = stock::list(&mut caller.begin_read().await?, &filter, after.map(VariantId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|stocked| stocked.variant.0);
        let shown = StockPage {
            items: page.items.into_iter().map(StockedShown::from).collect(),
            next_cursor: last.and_then(|id| cursors.seal(&scope, &id)),
        };
        Ok(Answer::plain(&shown)?)
    }

    /// Adjust stock
    ///
    /// Says how many of a variant came to or left a location (`delta`), or how many lie there (`on_hand`): one of the two.
    /// What is promised to orders can't be taken away.
    #[oai(path = "/adjustments", method = "post", operation_id = "adjustStock")]
    async fn adjust(
        &self,
        caller: Allowed<may::WriteStock>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: ComparedBody<AdjustmentBody>,
    ) -> Result<Once<AdjustedShown, Booked>, Fail<Creates>> {
        let (wanted, claim) = (body.value.parse()?, caller.claim("adjustStock", key, body.hash));
        let mut change = caller.change().await?;
        if let Some(kept) = idempotency::claim(change.tx(), &claim).await? {
            return Ok(Once::again(kept)?);
        }
        let actor = change.actor();
        let adjusted = stock::adjust(change.tx(), &wanted, actor).await?;
        let shown = AdjustedShown::from(&adjusted);
        let answer = Once::first(&shown)?;
        idempotency::keep(change.tx(), &claim, answer.kept()).await?;
        change.commit(Entry::new("adjustStock", "variant", adjusted.variant).after(json(&shown))).await?;
        Ok(answer)
    }

    /// List stock movements
    ///
    /// Everything that came or went, the newest first, page by page.
    #[oai(path = "/movements", method = "get", operation_id = "listStockMovements")]
    async fn movements(
        &self,
        caller: Allowed<may::ReadStock>,
        /// Those of one variant; not together with `order_id`.
        variant_id: Query<Option<Uuid>>,
        /// Those that one order led to.
        order_id: Query<Option<Uuid>>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<MovementPage>, Fail<Reads>> {
        let of = body::movements_of(variant_id.0, order_id.0)?;
        let (scope, cursors) = (("stock movements", caller.store.id.0, format!("{of:?}")), &caller.app().cursors);
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = stock::movements(&mut caller.begin_read().await?, of, before.map(MovementId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|movement| movement.id.0);
        let shown = MovementPage {
            items: page.items.into_iter().map(MovementShown::from).collect(),
            next_cursor: last.and_then(|id| cursors.seal(&scope, &id)),
        };
        Ok(Answer::plain(&shown)?)
    }
}

fn twenty() -> u8 {
    20
}
