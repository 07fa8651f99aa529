//! A cart becomes an order.

use kernel::{Currency, Text as _};
use tenants::TenantTx;

use super::super::{
    Address, CopiedCoupon, CopiedShipping, NewOrder, Order, OrderError, OrderId, OrderLine, OrderNote, OrderTotals,
};
use crate::carts::{self, CartError, Taken, TakenLine, Way, Who};
use crate::identity::{self, Email};
use crate::pricing::{self, Place, ShippingMethodId};

/// What a buyer says where the cart does not.
#[derive(Debug, Clone)]
pub struct Checkout {
    /// Where letters go; a customer's own address where it is left out.
    pub email: Option<Email>,
    /// Where the goods go.
    pub address: Address,
    /// How they travel; where it is left out, by the one method that leads there.
    pub shipping: Option<ShippingMethodId>,
    /// What the buyer has to say.
    pub note: Option<OrderNote>,
    /// SHA-256 of the token that a visitor gets at the order by.
    pub access: [u8; 32],
    /// The store's currency.
    pub currency: Currency,
}

/// Makes an order of a cart, at the prices of now; the cart is empty then.
///
/// # Errors
/// [`OrderError::Cart`], [`OrderError::EmailNeeded`], [`OrderError::ShippingNeeded`], [`OrderError::Coupon`].
pub async fn check_out(tx: &mut TenantTx, id: OrderId, who: &Who, checkout: &Checkout) -> Result<Order, OrderError> {
    let customer = if let Who::Customer(id) = who { Some(*id) } else { None };
    let own = match customer {
        Some(id) => Some(identity::user(tx, id).await.map_err(|_| CartError::NoCustomer)?.email),
        None => None,
    };
    // A customer is written to at the own address, so that one person is one buyer.
    let email = own.or_else(|| checkout.email.clone()).ok_or(OrderError::EmailNeeded)?;
    let place = Place { country: checkout.address.country, region: checkout.address.region.clone() };
    let method = match checkout.shipping {
        Some(method) => Some(method),
        None => only_method(tx, who, &place).await?,
    };
    let taken = carts::take_for_order(tx, who, &Way { place: Some(place), method }).await?;
    let tax_included = pricing::settings(tx).await?.tax_included;
    let new = NewOrder {
        customer,
        email,
        access: customer.is_none().then_some(checkout.access),
        currency: checkout.currency,
        lines: taken.lines.iter().map(line).collect(),
        totals: totals(&taken, tax_included),
        address: (&checkout.address).into(),
        shipping: taken
            .shipping
            .as_ref()
            .map(|method| CopiedShipping { id: method.id.0, name: method.name.as_str().to_owned() }),
        coupons: taken
            .coupons
            .iter()
            .map(|used| CopiedCoupon {
                id: used.coupon.id.0,
                code: used.coupon.terms.code.as_str().to_owned(),
                discount_minor: used.discount.minor(),
            })
            .collect(),
        note: checkout.note.clone(),
    };
    super::place(tx, id, &new).await
}

/// The one shipping method that leads there; none where the store has none.
async fn only_method(tx: &mut TenantTx, who: &Who, place: &Place) -> Result<Option<ShippingMethodId>, OrderError> {
    let offers = carts::shipping_methods(tx, who, Some(place)).await?;
    match offers.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.method.id)),
        _ => Err(OrderError::ShippingNeeded),
    }
}

fn line(taken: &TakenLine) -> OrderLine {
    let sellable = &taken.sellable;
    OrderLine {
        variant: sellable.variant,
        product: sellable.product,
        slug: sellable.slug.as_str().to_owned(),
        name: sellable.name.clone(),
        sku: sellable.sku.as_ref().map(|sku| sku.as_str().to_owned()),
        options: sellable.options.clone(),
        unit_price: sellable.price,
        quantity: taken.quantity.get().into(),
        discount: taken.total.discount,
        tax: taken.total.tax,
        total: taken.total.total,
        fulfilled: 0,
    }
}

fn totals(taken: &Taken, tax_included: bool) -> OrderTotals {
    let totals = &taken.totals;
    OrderTotals {
        items: totals.items,
        discount: totals.discount,
        shipping: totals.shipping,
        tax: totals.tax,
        tax_included,
        total: totals.total,
    }
}
