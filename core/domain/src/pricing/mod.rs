//! What things cost together: one pure calculator, and what it reckons with, shipping methods and tax rates.
//!
//! # The rules
//!
//! All amounts are minor units of one currency by its exponent (JPY 0, EUR 2, KWD 3, IRR 0); the calculator knows no
//! currency and no floats, and multiplies in 128 bits. In this order:
//!
//! 1. **Lines**: unit price × quantity. The unit price has the product's own discounts in it already.
//! 2. **Discounts** (coupons): those for some products or categories first, then those for everything, each group in the
//!    order in which they were given, and each on what the ones before left: as Shopify and Saleor do. A minimum spend is
//!    compared with what the lines that the discount covers cost *before* any discount, so that no coupon shuts out
//!    another. A percentage is reckoned on the sum of these lines and **rounded half up** (as Saleor since 3.12 does); an
//!    amount never takes more than they cost. What is taken is split over them by **largest remainder**.
//! 3. **Shipping**: the method's price; nothing from the spend on that the method names, after discounts; nothing with a
//!    discount that says so.
//! 4. **Tax**: each line, and shipping where the rate says so, bears one rate. The tax of a rate is reckoned **once, on the
//!    sum of what bears it, and rounded half up**, as EN 16931 (BR-CO-17) reckons invoices: so a thousand small lines are
//!    taxed like one large one. It is then split over them by largest remainder. Discounts are not taxed and shipping is
//!    (Directive 2006/112/EC, articles 78 and 79). Where prices include tax, it is the part `rate / (1 + rate)` of them;
//!    else it comes on top.
//!
//! So always: the lines and shipping sum to the total, and `total = items − discount + shipping`, plus `tax` where it comes
//! on top. Nothing is negative. What passes [`kernel::Amount::MAX`] is refused.

mod error;
mod model;
mod queries;
mod settings;
mod shipping;
mod split;
mod taxes;
#[cfg(test)]
mod tests;
mod totals;

pub use error::PricingError;
pub use model::{
    BasisPoints, Basket, Discount, DiscountKind, Line, LineTotal, Outcome, Rate, Scope, Shipping, ShippingTotal, Taxes,
    TooLarge, Totals,
};
pub use settings::{TradeSettings, change_settings, settings};
pub use shipping::{
    MOST_COUNTRIES, NewShippingMethod, ShippingMethod, ShippingMethodChange, ShippingMethodId, ShippingName,
    active_shipping_methods, add_shipping_method, change_shipping_method, list_shipping_methods,
    remove_shipping_method, shipping_method,
};
pub use taxes::{
    NewTaxRate, Place, Region, TaxName, TaxRate, TaxRateChange, TaxRateId, add_tax_rate, change_tax_rate,
    list_tax_rates, remove_tax_rate, tax_rate, taxes_at,
};
pub use totals::totals;
