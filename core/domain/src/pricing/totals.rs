//! The calculator. Its rules are written down at the module.

use std::collections::BTreeMap;

use kernel::Amount;

use super::model::{
    BasisPoints, Basket, Discount, DiscountKind, Line, LineTotal, Outcome, Rate, Scope, Shipping, ShippingTotal, Taxes,
    TooLarge, Totals,
};
use super::split::{part, split};

const WHOLE: i64 = BasisPoints::MAX as i64;

/// What a basket costs.
///
/// # Errors
/// [`TooLarge`] where a sum is beyond what an amount can be.
pub fn totals(basket: &Basket<'_>) -> Result<Totals, TooLarge> {
    let prices = basket.lines.iter().map(price).collect::<Result<Vec<_>, _>>()?;
    // From here on no sum of lines is above an amount, and none that is made of a few of them leaves 64 bits.
    let items = amount(prices.iter().copied().map(i128::from).sum())?;
    let mut left = prices.clone();
    let mut outcomes = vec![Outcome::NothingCovered; basket.discounts.len()];
    for (place, discount) in in_order(basket.discounts) {
        outcomes[place] = apply(discount, basket.lines, &prices, &mut left);
    }
    let shipping = ship(basket.shipping, left.iter().sum(), basket.discounts, &mut outcomes);
    let bearing: Vec<i64> = left.into_iter().chain([shipping]).collect();
    let taxes = taxes_on(&bearing, basket.lines, basket.taxes);
    let on_top = !basket.taxes.included;
    let line = |(place, price): (usize, &i64)| reckoned(*price, bearing[place], taxes[place], on_top);
    let lines = prices.iter().enumerate().map(line).collect::<Result<Vec<_>, _>>()?;
    let LineTotal { price, tax, total, .. } = reckoned(shipping, shipping, taxes[lines.len()], on_top)?;
    let delivery = ShippingTotal { price, tax, total };
    Ok(Totals {
        items,
        discount: sum(lines.iter().map(|line| line.discount))?,
        shipping: delivery.price,
        tax: sum(lines.iter().map(|line| line.tax).chain([delivery.tax]))?,
        tax_included: basket.taxes.included,
        total: sum(lines.iter().map(|line| line.total).chain([delivery.total]))?,
        lines,
        outcomes,
        delivery,
    })
}

fn amount(minor: i128) -> Result<Amount, TooLarge> {
    i64::try_from(minor).ok().and_then(Amount::new).ok_or(TooLarge)
}

fn sum(amounts: impl Iterator<Item = Amount>) -> Result<Amount, TooLarge> {
    amount(amounts.map(|amount| i128::from(amount.minor())).sum())
}

fn price(line: &Line) -> Result<i64, TooLarge> {
    amount(i128::from(line.unit_price.minor()) * i128::from(line.quantity)).map(Amount::minor)
}

/// Those for some products or categories first, then those for everything.
fn in_order(discounts: &[Discount]) -> impl Iterator<Item = (usize, &Discount)> {
    let of = |everything: bool| {
        discounts.iter().enumerate().filter(move |(_, one)| (one.scope == Scope::Everything) == everything)
    };
    of(false).chain(of(true))
}

/// Takes a discount off what is left of the lines that it covers.
fn apply(discount: &Discount, lines: &[Line], prices: &[i64], left: &mut [i64]) -> Outcome {
    let covered: Vec<usize> = (0..lines.len()).filter(|place| discount.scope.covers(&lines[*place])).collect();
    if covered.is_empty() {
        return Outcome::NothingCovered;
    }
    let spent: i64 = covered.iter().map(|place| prices[*place]).sum();
    if discount.minimum.is_some_and(|minimum| spent < minimum.minor()) {
        return Outcome::BelowMinimum;
    }
    let rest: Vec<i64> = covered.iter().map(|place| left[*place]).collect();
    let whole = rest.iter().sum();
    let taken = match discount.kind {
        DiscountKind::Percentage(parts) => part(whole, parts.get().into(), WHOLE),
        DiscountKind::Amount(amount) => amount.minor().min(whole),
        DiscountKind::FreeShipping => 0,
    };
    for (place, share) in covered.into_iter().zip(split(taken, &rest)) {
        left[place] -= share;
    }
    Outcome::Applied(Amount::new(taken).unwrap_or(Amount::ZERO))
}

/// What shipping costs. The first discount that makes it free is said to have taken it off.
fn ship(shipping: Option<Shipping>, spent: i64, discounts: &[Discount], outcomes: &mut [Outcome]) -> i64 {
    let Some(method) = shipping else { return 0 };
    if method.free_above.is_some_and(|enough| spent >= enough.minor()) {
        return 0;
    }
    let frees = |(discount, outcome): &(&Discount, &mut Outcome)| {
        discount.kind == DiscountKind::FreeShipping && matches!(outcome, Outcome::Applied(_))
    };
    match discounts.iter().zip(outcomes).find(frees) {
        Some((_, outcome)) => {
            *outcome = Outcome::Applied(method.price);
            0
        }
        None => method.price.minor(),
    }
}

/// The tax of each line, and behind them of shipping: reckoned once a rate, and split over what bears it.
fn taxes_on(bearing: &[i64], lines: &[Line], taxes: &Taxes) -> Vec<i64> {
    let mut by_rate: BTreeMap<BasisPoints, Vec<usize>> = BTreeMap::new();
    let of_lines = lines.iter().map(|line| rate_of(line, taxes)).chain([rate_of_shipping(taxes)]);
    for (place, rate) in of_lines.enumerate() {
        if let Some(rate) = rate {
            by_rate.entry(rate.basis_points).or_default().push(place);
        }
    }
    let mut on = vec![0; bearing.len()];
    for (rate, places) in by_rate {
        let (rate, weights) = (i64::from(rate.get()), places.iter().map(|place| bearing[*place]).collect::<Vec<_>>());
        let tax = part(weights.iter().sum(), rate, if taxes.included { WHOLE + rate } else { WHOLE });
        for (place, share) in places.into_iter().zip(split(tax, &weights)) {
            on[place] = share;
        }
    }
    on
}

/// The rate of the nearest category in the nearest place; for the line's own category before the one above it, for either
/// before the one for everything else.
fn rate_of<'a>(line: &Line, taxes: &'a Taxes) -> Option<&'a Rate> {
    let in_place = |rates: &'a Vec<Rate>| {
        let of = |category: Option<_>| rates.iter().find(|rate| rate.category == category);
        line.categories.iter().find_map(|category| of(Some(*category))).or_else(|| of(None))
    };
    taxes.rates.iter().find_map(in_place)
}

fn rate_of_shipping(taxes: &Taxes) -> Option<&Rate> {
    let general = taxes.rates.iter().flatten().find(|rate| rate.category.is_none());
    general.filter(|rate| rate.on_shipping)
}

fn reckoned(price: i64, left: i64, tax: i64, on_top: bool) -> Result<LineTotal, TooLarge> {
    let total = if on_top { i128::from(left) + i128::from(tax) } else { left.into() };
    let of = |minor: i64| amount(minor.into());
    Ok(LineTotal { price: of(price)?, discount: of(price - left)?, tax: of(tax)?, total: amount(total)? })
}
