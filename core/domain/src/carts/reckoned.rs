//! What a cart looks like now: what its lines cost and whether they can be had, what its coupons take off.

use std::collections::{BTreeMap, HashMap};

use kernel::{Amount, Country};
use tenants::{DbError, TenantTx};

use super::{Cart, CartError, CartToken, Item, Who};
use crate::catalog::{self, Sellable, VariantId};
use crate::identity::{self, IdentityError};
use crate::pricing::{
    self, Basket, Discount, Line, LineTotal, Outcome, Place, Shipping, ShippingMethod, ShippingMethodId, Taxes, Totals,
};
use crate::promotions::{self, Buyer, Coupon, CouponCode, PromotionsError};
use crate::stock;

/// Where what is in the cart will go, and how, as far as that is known.
#[derive(Debug, Clone, Default)]
pub struct Way {
    /// Where to.
    pub place: Option<Place>,
    /// How.
    pub method: Option<ShippingMethodId>,
}

impl Way {
    pub(super) fn country(&self) -> Option<Country> {
        self.place.as_ref().map(|place| place.country)
    }
}

/// Something that the shopper should know.
#[derive(Debug)]
pub enum Notice {
    /// One costs another price than when the line was last touched.
    PriceChanged {
        /// What one cost then.
        before: Amount,
    },
    /// It is not for sale any more. It is in no total.
    Gone,
    /// There are fewer than are wanted.
    Short,
    /// So many lines of a cart that became a part of this one had no room.
    LeftOut(i32),
    /// A coupon takes nothing off.
    CouponIdle {
        /// Its code.
        code: CouponCode,
        /// Why.
        why: PromotionsError,
    },
}

/// A line as it is now.
#[derive(Debug)]
pub struct ReckonedLine {
    /// As it is kept.
    pub item: Item,
    /// What it is now; none where it is not for sale any more.
    pub sellable: Option<Sellable>,
    /// How many there are.
    pub available: i64,
    /// What it costs; nothing where it is not for sale any more.
    pub total: LineTotal,
    /// What the shopper should know of it.
    pub notices: Vec<Notice>,
}

/// A coupon that takes something off.
#[derive(Debug, Clone)]
pub struct AppliedCoupon {
    /// The coupon.
    pub coupon: Coupon,
    /// What it takes off.
    pub discount: Amount,
}

/// A cart as it is now.
#[derive(Debug)]
pub struct Reckoned {
    /// As it is kept.
    pub cart: Cart,
    /// The token of a cart that was made just now.
    pub token: Option<CartToken>,
    /// Its lines.
    pub lines: Vec<ReckonedLine>,
    /// Its coupons, those that take something off.
    pub coupons: Vec<AppliedCoupon>,
    /// What it costs.
    pub totals: Totals,
    /// What the shopper should know of all of it.
    pub notices: Vec<Notice>,
}

/// A shipping method that leads there, with what it costs for this cart.
#[derive(Debug, Clone)]
pub struct Offer {
    /// The method.
    pub method: ShippingMethod,
    /// What it costs for this cart.
    pub price: Amount,
}

/// What the catalogue and stock say of some variants.
pub(super) struct Goods {
    sellables: BTreeMap<VariantId, Sellable>,
    available: HashMap<VariantId, i64>,
}

impl Goods {
    pub(super) async fn of(tx: &mut TenantTx, variants: &[VariantId]) -> Result<Self, DbError> {
        if variants.is_empty() {
            return Ok(Self { sellables: BTreeMap::new(), available: HashMap::new() });
        }
        let sellables = catalog::sellables(tx, variants).await?;
        Ok(Self { sellables, available: stock::available(tx, variants).await? })
    }

    pub(super) fn sellable(&self, variant: VariantId) -> Option<&Sellable> {
        self.sellables.get(&variant)
    }

    /// How many can be sold: of what is not for sale, none.
    pub(super) fn available(&self, variant: VariantId) -> i64 {
        self.sellable(variant).and_then(|_| self.available.get(&variant)).copied().unwrap_or(0)
    }
}

/// What a total is made of, but for the shipping method.
pub(super) struct Scales {
    lines: Vec<Line>,
    coupons: Vec<Coupon>,
    discounts: Vec<Discount>,
    taxes: Taxes,
    idle: Vec<Notice>,
}

impl Scales {
    pub(super) async fn of(
        tx: &mut TenantTx,
        who: &Who,
        cart: &Cart,
        goods: &Goods,
        place: Option<&Place>,
    ) -> Result<Self, CartError> {
        let line = |item: &Item| {
            let sellable = goods.sellable(item.variant)?;
            Some(Line {
                unit_price: sellable.price,
                quantity: item.quantity.get(),
                product: sellable.product,
                categories: sellable.categories.clone(),
            })
        };
        let lines: Vec<_> = cart.items.iter().filter_map(line).collect();
        let (coupons, idle) = good_coupons(tx, who, &cart.codes).await?;
        let taxes = if lines.is_empty() { Taxes::default() } else { pricing::taxes_at(tx, place).await? };
        let discounts = coupons.iter().map(|coupon| coupon.terms.discount()).collect();
        Ok(Self { lines, coupons, discounts, taxes, idle })
    }

    pub(super) fn totals(&self, shipping: Option<Shipping>) -> Result<Totals, CartError> {
        let Self { lines, discounts, taxes, .. } = self;
        Ok(pricing::totals(&Basket { lines, discounts, shipping, taxes })?)
    }

    /// The coupons that take something off, and why the others do not.
    pub(super) fn weighed(self, totals: &Totals) -> (Vec<AppliedCoupon>, Vec<Notice>) {
        let (mut applied, mut idle) = (Vec::new(), self.idle);
        for (coupon, outcome) in self.coupons.into_iter().zip(&totals.outcomes) {
            let why = match (outcome, coupon.terms.minimum) {
                (Outcome::Applied(discount), _) => {
                    applied.push(AppliedCoupon { coupon, discount: *discount });
                    continue;
                }
                (Outcome::BelowMinimum, Some(minimum)) => PromotionsError::BelowMinimum(minimum),
                _ => PromotionsError::NothingCovered,
            };
            idle.push(Notice::CouponIdle { code: coupon.terms.code, why });
        }
        (applied, idle)
    }
}

/// Which of the coupons are good for whoever this is, and why the others are not.
async fn good_coupons(
    tx: &mut TenantTx,
    who: &Who,
    codes: &[CouponCode],
) -> Result<(Vec<Coupon>, Vec<Notice>), CartError> {
    let mut found = promotions::coupons_of_codes(tx, codes).await?;
    let (mut good, mut idle) = (Vec::<Coupon>::new(), Vec::new());
    for code in codes {
        let place = found.iter().position(|coupon| coupon.terms.code == *code);
        let coupon = place.map(|place| found.swap_remove(place));
        match refuse(tx, who, coupon).await {
            Ok(coupon) if good.iter().all(|other| other.terms.goes_with(&coupon.terms)) => good.push(coupon),
            Ok(_) => idle.push(Notice::CouponIdle { code: code.clone(), why: PromotionsError::NotTogether }),
            Err(PromotionsError::Db(err)) => return Err(err.into()),
            Err(why) => idle.push(Notice::CouponIdle { code: code.clone(), why }),
        }
    }
    Ok((good, idle))
}

/// Refuses a coupon that is not good now, or not for this customer. What a visitor did before shows at the order.
pub(super) async fn refuse(tx: &mut TenantTx, who: &Who, coupon: Option<Coupon>) -> Result<Coupon, PromotionsError> {
    let coupon = coupon.ok_or(PromotionsError::UnknownCode)?;
    coupon.refuse(tx.now())?;
    let personal = coupon.terms.first_order_only || coupon.terms.per_customer_limit.is_some();
    if let (true, Who::Customer(id)) = (personal, who) {
        let user = match identity::user(tx, *id).await {
            Ok(user) => user,
            Err(IdentityError::Db(err)) => return Err(err.into()),
            Err(_) => return Err(PromotionsError::UnknownCode),
        };
        let buyer = Buyer { email: user.email, customer: Some(*id), has_ordered: false };
        promotions::refuse_buyer(tx, &coupon, &buyer).await?;
    }
    Ok(coupon)
}

/// The shipping method of a way, if one is chosen and leads there.
pub(super) async fn chosen(tx: &mut TenantTx, way: &Way) -> Result<Option<ShippingMethod>, CartError> {
    let Some(id) = way.method else { return Ok(None) };
    match pricing::shipping_method(tx, id).await {
        Ok(method) if method.leads_to(way.country()) => Ok(Some(method)),
        Ok(_) | Err(pricing::PricingError::NoShippingMethod(_)) => Err(CartError::UnknownShipping(id)),
        Err(other) => Err(other.into()),
    }
}

/// Reckons a cart.
pub(super) async fn reckon(
    tx: &mut TenantTx,
    who: &Who,
    cart: Cart,
    goods: &Goods,
    way: &Way,
) -> Result<Reckoned, CartError> {
    let shipping = chosen(tx, way).await?.as_ref().map(Shipping::from);
    let scales = Scales::of(tx, who, &cart, goods, way.place.as_ref()).await?;
    let totals = scales.totals(shipping)?;
    Ok(put_together(cart, goods, scales, totals))
}

fn put_together(cart: Cart, goods: &Goods, scales: Scales, totals: Totals) -> Reckoned {
    let mut reckoned = totals.lines.iter();
    let nothing = LineTotal { price: Amount::ZERO, discount: Amount::ZERO, tax: Amount::ZERO, total: Amount::ZERO };
    let line = |item: &Item| {
        let sellable = goods.sellable(item.variant).cloned();
        let available = goods.available(item.variant);
        let total = sellable.as_ref().and_then(|_| reckoned.next()).copied().unwrap_or(nothing);
        let notices = notices_of(item, sellable.as_ref(), available);
        ReckonedLine { item: item.clone(), sellable, available, total, notices }
    };
    let lines: Vec<_> = cart.items.iter().map(line).collect();
    let (coupons, mut notices) = scales.weighed(&totals);
    notices.extend((cart.left_out > 0).then_some(Notice::LeftOut(cart.left_out)));
    Reckoned { cart, token: None, lines, coupons, totals, notices }
}

fn notices_of(item: &Item, sellable: Option<&Sellable>, available: i64) -> Vec<Notice> {
    let Some(sellable) = sellable else { return vec![Notice::Gone] };
    let changed = (sellable.price != item.seen).then_some(Notice::PriceChanged { before: item.seen });
    let short = (available < item.quantity.get().into()).then_some(Notice::Short);
    changed.into_iter().chain(short).collect()
}
