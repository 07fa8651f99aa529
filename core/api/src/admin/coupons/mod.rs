//! Coupons, as staff writes them, and who used them.

mod body;
mod shown;

use domain::audit::Entry;
use domain::promotions::{self, CouponCode, CouponId, CouponUseId};
use kernel::{Limit, Text as _};
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use uuid::Uuid;

use self::body::{CouponChangeBody, NewCouponBody};
use self::shown::{CouponPage, CouponShown, UsePage, UseShown};
use crate::guard::{Allowed, may};
use crate::http::{Answer, Body, Changes, Created, Creates, Done, Expected, Fail, In, Reads, Removes, Versioned, json};
use crate::tag::Tag;

pub(crate) struct CouponsApi;

#[OpenApi(prefix_path = "/coupons", tag = "Tag::Promotions")]
impl CouponsApi {
    /// List coupons
    ///
    /// The newest first, page by page.
    #[oai(path = "/", method = "get", operation_id = "listCoupons")]
    async fn list(
        &self,
        caller: Allowed<may::ReadPromotions>,
        /// Only those that are switched on, or only those that are not.
        active: Query<Option<bool>>,
        /// The one that has this code, in any case.
        code: Query<Option<In<CouponCode>>>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<CouponPage>, Fail<Reads>> {
        let code = code.0.map(|code| code.0);
        let scope = ("admin coupons", caller.store.id.0, active.0, code.as_ref().map(CouponCode::as_str));
        let cursors = &caller.app().cursors;
        let after: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let (after, limit) = (after.map(CouponId), Limit::new(limit.0).unwrap_or_default());
        let mut tx = caller.begin_read().await?;
        let page = promotions::list_coupons(&mut tx, active.0, code.as_ref(), after, limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|coupon| coupon.id.0);
        let shown = CouponPage {
            items: page.items.iter().map(|coupon| CouponShown::new(coupon, caller.store.currency)).collect(),
            next_cursor: last.and_then(|id| cursors.seal(&scope, &id)),
        };
        Ok(Answer::plain(&shown)?)
    }

    /// Add a coupon
    ///
    /// Its code is new to the store, whatever its case. It covers everything unless it names products or categories. A
    /// percentage is reckoned on what the covered lines cost after other coupons, and rounded half up; coupons for some
    /// products or categories go before those for everything.
    #[oai(path = "/", method = "post", operation_id = "addCoupon")]
    async fn add(
        &self,
        caller: Allowed<may::WritePromotions>,
        body: Body<NewCouponBody>,
    ) -> Result<Created<CouponShown>, Fail<Creates>> {
        let currency = caller.store.currency;
        let given = body.0.parse(currency)?;
        let mut change = caller.change().await?;
        let coupon = promotions::add_coupon(change.tx(), given).await?;
        let shown = CouponShown::new(&coupon, currency);
        change.commit(Entry::new("addCoupon", "coupon", coupon.id).after(json(&shown))).await?;
        Ok(Created::at(format!("/admin/v1/coupons/{}", coupon.id), &shown, coupon.version)?)
    }

    /// Get a coupon
    ///
    /// One coupon, with the version that a change of it names. Uses do not count as changes.
    #[oai(path = "/:id", method = "get", operation_id = "getCoupon")]
    async fn get(
        &self,
        caller: Allowed<may::ReadPromotions>,
        /// The coupon's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<CouponShown>, Fail<Reads>> {
        let coupon = promotions::coupon(&mut caller.begin_read().await?, CouponId(id.0)).await?;
        Ok(Answer::of_version(&CouponShown::new(&coupon, caller.store.currency), coupon.version)?)
    }

    /// Change a coupon
    ///
    /// What is left out stays. Orders that were made keep what it took off them.
    #[oai(path = "/:id", method = "patch", operation_id = "changeCoupon")]
    async fn change(
        &self,
        caller: Allowed<may::WritePromotions>,
        /// The coupon's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
        body: Body<CouponChangeBody>,
    ) -> Result<Versioned<CouponShown>, Fail<Changes>> {
        let (id, currency) = (CouponId(id.0), caller.store.currency);
        let wanted = body.0.parse(currency)?;
        let mut change = caller.change().await?;
        let before = CouponShown::new(&promotions::coupon(change.tx(), id).await?, currency);
        let coupon = promotions::change_coupon(change.tx(), id, expected.0, wanted).await?;
        let shown = CouponShown::new(&coupon, currency);
        change.commit(Entry::new("changeCoupon", "coupon", id).before(json(&before)).after(json(&shown))).await?;
        Ok(Answer::of_version(&shown, coupon.version)?)
    }

    /// Remove a coupon
    ///
    /// One that was never used; others are switched off with `active`.
    #[oai(path = "/:id", method = "delete", operation_id = "removeCoupon")]
    async fn remove(
        &self,
        caller: Allowed<may::WritePromotions>,
        /// The coupon's id.
        id: Path<Uuid>,
        #[oai(name = "If-Match")] expected: Expected,
    ) -> Result<Done, Fail<Removes>> {
        let (id, currency) = (CouponId(id.0), caller.store.currency);
        let mut change = caller.change().await?;
        let before = CouponShown::new(&promotions::coupon(change.tx(), id).await?, currency);
        promotions::remove_coupon(change.tx(), id, expected.0).await?;
        change.commit(Entry::new("removeCoupon", "coupon", id).before(json(&before))).await?;
        Ok(Done)
    }

    /// List the uses of a coupon
    ///
    /// The newest first, page by page: one for each order that has it, or had it until it was given back.
    #[oai(path = "/:id/uses", method = "get", operation_id = "listCouponUses")]
    async fn uses(
        &self,
        caller: Allowed<may::ReadPromotions>,
        /// The coupon's id.
        id: Path<Uuid>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<UsePage>, Fail<Reads>> {
        let (scope, cursors) = (("coupon uses", caller.store.id.0, id.0), &caller.app().cursors);
        let after: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let (after, limit) = (after.map(CouponUseId), Limit::new(limit.0).unwrap_or_default());
        let page = promotions::list_uses(&mut caller.begin_read().await?, CouponId(id.0), after, limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|one| one.id.0);
        let shown = UsePage {
            items: page.items.iter().map(|one| UseShown::new(one, caller.store.currency)).collect(),
            next_cursor: last.and_then(|id| cursors.seal(&scope, &id)),
        };
        Ok(Answer::plain(&shown)?)
    }
}

fn twenty() -> u8 {
    20
}
