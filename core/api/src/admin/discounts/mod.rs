//! Dated discounts of products, as staff sees and writes them.

mod body;
mod shown;

use domain::audit::Entry;
use domain::catalog::{self, DiscountId};
use kernel::Limit;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use uuid::Uuid;

use self::body::{DiscountChangeBody, NewDiscountBody};
use self::shown::{DiscountPage, DiscountShown, ListedShown};
use crate::guard::{Allowed, may};
use crate::http::{Answer, Body, Changes, Created, Creates, Done, Expected, Fail, Reads, Removes, Versioned, json};
use crate::tag::Tag;

pub(crate) struct DiscountsApi;

#[OpenApi(prefix_path = "/discounts", tag = "Tag::Promotions")]
impl DiscountsApi {
    /// List discounts
    ///
    /// The dated discounts of products, the newest first, page by page.
    #[oai(path = "/", method = "get", operation_id = "listDiscounts")]
    async fn list(
        &self,
        caller: Allowed<may::ReadPromotions>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<DiscountPage>, Fail<Reads>> {
        let (scope, cursors) = (("discounts", caller.store.id.0), &caller.app().cursors);
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let mut tx = caller.begin_read().await?;
        let page = catalog::list_discounts(&mut tx, before.map(DiscountId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|discount| discount.id.0);
        let currency = caller.store.currency;
        let shown = DiscountPage {
            items: page.items.iter().map(|discount| ListedShown::new(discount, currency, tx.now())).collect(),
            next_cursor: last.and_then(|id| cursors.seal(&scope, &id)),
        };
        Ok(Answer::plain(&shown)?)
    }

    /// Add a discount
    ///
    /// It takes a part or an amount off the price of what it is for, from `starts_at` until `ends_at`. Discounts do not add up:
    /// of those that run for a product, the best one counts.
    #[oai(path = "/", method = "post", operation_id = "addDiscount")]
    async fn add(
        &self,
        caller: Allowed<may::WritePromotions>,
        body: Body<NewDiscountBody>,
    ) -> Result<Created<DiscountShown>, Fail<Creates>> {
        let (name, given) = body.0.parse(caller.store.currency)?;
        let mut change = caller.change().await?;
        let discount = catalog::add_discount(change.tx(), name, &given).await?;
        let shown = DiscountShown::new(&discount, caller.store.currency, change.tx().now());
        change.commit(Entry::new("addDiscount", "discount", discount.id).after(json(&shown))).await?;
        Ok(Created::at(format!("/admin/v1/discounts/{}", discount.id), &shown, discount.version)?)
    }

    /// Get a discount
    ///
    /// With all that it names.
    #[oai(path = "/:id", method = "get", operation_id = "getDiscount")]
    async fn get(
        &self,
        caller: Allowed<may::ReadPromotions>,
        /// The discount's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<DiscountShown>, Fail<Reads>> {
        let mut tx = caller.begin_read().await?;
        let discount = catalog::discount(&mut tx, DiscountId(id.0)).await?;
        Ok(Answer::of_version(&DiscountShown::new(&discount, caller.store.currency, tx.now()), discount.version)?)
    }

    /// Change a discount
    ///
    /// What is left out stays; a list that is sent replaces the one that was there. Prices follow at once.
    #[oai(path = "/:id", method = "patch", operation_id = "changeDiscount")]
    async fn change(
        &self,
        caller: Allowed<may::WritePromotions>,
        /// The discount's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<DiscountChangeBody>,
    ) -> Result<Versioned<DiscountShown>, Fail<Changes>> {
        let (id, given, currency) = (DiscountId(id.0), body.0.parse(caller.store.currency)?, caller.store.currency);
        let mut change = caller.change().await?;
        let now = change.tx().now();
        let before = DiscountShown::new(&catalog::discount(change.tx(), id).await?, currency, now);
        let discount = catalog::change_discount(change.tx(), id, expected.0, &given).await?;
        let shown = DiscountShown::new(&discount, currency, now);
        change.commit(Entry::new("changeDiscount", "discount", id).before(json(&before)).after(json(&shown))).await?;
        Ok(Answer::of_version(&shown, discount.version)?)
    }

    /// Remove a discount
    ///
    /// Prices follow at once. To stop it only, set `active` to false.
    #[oai(path = "/:id", method = "delete", operation_id = "removeDiscount")]
    async fn remove(
        &self,
        caller: Allowed<may::WritePromotions>,
        /// The discount's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let id = DiscountId(id.0);
        let mut change = caller.change().await?;
        let now = change.tx().now();
        let before = DiscountShown::new(&catalog::discount(change.tx(), id).await?, caller.store.currency, now);
        catalog::remove_discount(change.tx(), id, expected.0).await?;
        change.commit(Entry::new("removeDiscount", "discount", id).before(json(&before))).await?;
        Ok(Done)
    }
}

fn twenty() -> u8 {
    20
}
