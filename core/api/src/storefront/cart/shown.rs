//! What shoppers see.

use domain::carts::{AppliedCoupon, MOST_LINES, Notice, Offer, Reckoned, ReckonedLine};
use domain::pricing::Totals;
use kernel::{Currency, DomainError as _, Money, Text as _};
use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;

use crate::http::MoneyShown;

/// A cart as it is now.
#[derive(Object, Serialize)]
#[oai(rename = "Cart")]
pub(crate) struct CartShown {
    /// Its id; null while nothing was ever in it.
    id: Option<Uuid>,
    /// The token of a visitor's new cart, to be sent as `Stoa-Cart` from now on; null in all other answers.
    cart_token: Option<String>,
    /// What is wanted, in the order in which it came.
    items: Vec<ItemShown>,
    /// The coupon that takes something off; the first of them where several go together.
    coupon: Option<CouponShown>,
    /// All coupons that take something off.
    coupons: Vec<CouponShown>,
    /// What it costs.
    totals: TotalsShown,
    /// What the shopper should know of all of it.
    notices: Vec<NoticeShown>,
}

/// Some of a variant.
#[derive(Object, Serialize)]
#[oai(rename = "CartItem")]
struct ItemShown {
    /// The variant.
    variant_id: Uuid,
    /// Its product's name in addresses.
    product_slug: String,
    /// Its name for people.
    name: String,
    /// The store's own name for it.
    sku: Option<String>,
    /// How many.
    quantity: u32,
    /// What one costs now; of what is not for sale any more, what it cost.
    unit_price: MoneyShown,
    /// What they cost before coupons; nothing where it is not for sale any more.
    line_total: MoneyShown,
    /// How many can be had.
    available: i64,
    /// What the shopper should know of it.
    notices: Vec<NoticeShown>,
}

/// A coupon that takes something off.
#[derive(Object, Serialize)]
#[oai(rename = "CartCoupon")]
struct CouponShown {
    /// Its code.
    code: String,
    /// What it takes off.
    discount: MoneyShown,
}

/// What a cart costs: `total` is `items` less `discount` and with `shipping`, and with `tax` where prices do not include it.
#[derive(Object, Serialize)]
#[oai(rename = "Totals")]
pub(crate) struct TotalsShown {
    /// What the items cost before coupons.
    items: MoneyShown,
    /// What coupons take off the items.
    discount: MoneyShown,
    /// What shipping costs.
    shipping: MoneyShown,
    /// The tax of items and shipping.
    tax: MoneyShown,
    /// Whether the prices include it.
    tax_included: bool,
    /// What is paid.
    total: MoneyShown,
}

/// Something that the shopper should know.
#[derive(Object, Serialize)]
#[oai(rename = "CartNotice")]
struct NoticeShown {
    /// Its stable name: `price_changed`, `unavailable`, `out_of_stock`, `coupon_not_applied`,
    /// `lines_left_out`.
    code: String,
    /// What there is to know.
    detail: String,
    /// Of a changed price: what one cost when the item was last touched.
    previous_price: Option<MoneyShown>,
    /// Of a coupon: its code.
    coupon: Option<String>,
    /// Of a coupon: the stable name of the reason.
    reason: Option<String>,
}

impl CartShown {
    pub(crate) fn new(cart: &Reckoned, currency: Currency) -> Self {
        let coupons = || cart.coupons.iter().map(|coupon| CouponShown::new(coupon, currency));
        Self {
            id: cart.cart.id.map(|id| id.0),
            cart_token: cart.token.as_ref().map(|token| token.reveal().to_owned()),
            items: cart.lines.iter().map(|line| ItemShown::new(line, currency)).collect(),
            coupon: coupons().next(),
            coupons: coupons().collect(),
            totals: TotalsShown::new(&cart.totals, currency),
            notices: cart.notices.iter().map(|notice| NoticeShown::new(notice, currency)).collect(),
        }
    }
}

impl ItemShown {
    fn new(line: &ReckonedLine, currency: Currency) -> Self {
        let money = |amount| MoneyShown::from(Money { amount, currency });
        let (item, now) = (&line.item, line.sellable.as_ref());
        Self {
            variant_id: item.variant.0,
            product_slug: now.map_or(item.slug.as_str(), |now| now.slug.as_str()).to_owned(),
            name: now.map_or(&item.name, |now| &now.name).clone(),
            sku: now.and_then(|now| now.sku.as_ref()).map(|sku| sku.as_str().to_owned()),
            quantity: item.quantity.get(),
            unit_price: money(now.map_or(item.seen, |now| now.price)),
            line_total: money(line.total.price),
            available: line.available,
            notices: line.notices.iter().map(|notice| NoticeShown::new(notice, currency)).collect(),
        }
    }
}

impl CouponShown {
    fn new(coupon: &AppliedCoupon, currency: Currency) -> Self {
        let discount = Money { amount: coupon.discount, currency }.into();
        Self { code: coupon.coupon.terms.code.as_str().to_owned(), discount }
    }
}

impl TotalsShown {
    pub(crate) fn new(totals: &Totals, currency: Currency) -> Self {
        let money = |amount| MoneyShown::from(Money { amount, currency });
        Self {
            items: money(totals.items),
            discount: money(totals.discount),
            shipping: money(totals.shipping),
            tax: money(totals.tax),
            tax_included: totals.tax_included,
            total: money(totals.total),
        }
    }
}

impl NoticeShown {
    fn new(notice: &Notice, currency: Currency) -> Self {
        let plain = |code: &str, detail: &str| Self {
            code: code.to_owned(),
            detail: detail.to_owned(),
            previous_price: None,
            coupon: None,
            reason: None,
        };
        match notice {
            Notice::PriceChanged { before } => Self {
                previous_price: Some(Money { amount: *before, currency }.into()),
                ..plain("price_changed", "it costs another price than before")
            },
            Notice::Gone => plain("unavailable", "it is not for sale any more, and in no total"),
            Notice::Short => plain("out_of_stock", "there are fewer than are in the cart"),
            Notice::LeftOut(lines) => {
                let detail =
                    format!("{lines} things of the cart that came along had no room: a cart holds {MOST_LINES}");
                plain("lines_left_out", &detail)
            }
            Notice::CouponIdle { code, why } => Self {
                coupon: Some(code.as_str().to_owned()),
                reason: Some(why.code().to_owned()),
                ..plain("coupon_not_applied", &why.to_string())
            },
        }
    }
}

/// The ways in which a cart can travel.
#[derive(Object, Serialize)]
#[oai(rename = "ShippingOffers")]
pub(super) struct OfferList {
    /// The shipping methods.
    items: Vec<OfferShown>,
}

/// A shipping method, with what it costs for this cart.
#[derive(Object, Serialize)]
#[oai(rename = "ShippingOffer")]
struct OfferShown {
    /// Its id.
    id: Uuid,
    /// Its name for people.
    name: String,
    /// What it costs for this cart.
    price: MoneyShown,
    /// From which spend on, after discounts, it costs nothing.
    free_above: Option<MoneyShown>,
}

impl OfferList {
    pub(super) fn new(offers: &[Offer], currency: Currency) -> Self {
        let money = |amount| MoneyShown::from(Money { amount, currency });
        let shown = |offer: &Offer| OfferShown {
            id: offer.method.id.0,
            name: offer.method.name.as_str().to_owned(),
            price: money(offer.price),
            free_above: offer.method.free_above.map(money),
        };
        Self { items: offers.iter().map(shown).collect() }
    }
}
