//! The calculator, tried with baskets of any kind. `PROPTEST_CASES=250000` makes a million of them: a quarter a currency.

use std::collections::BTreeMap;

use kernel::Amount;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use super::model::{
    BasisPoints, Basket, Discount, DiscountKind, Line, Outcome, Rate, Scope, Shipping, Taxes, TooLarge, Totals,
};
use super::split::{part, split};
use super::totals;
use crate::catalog::{CategoryId, ProductId};

#[derive(Debug, Clone)]
struct Case {
    lines: Vec<Line>,
    discounts: Vec<Discount>,
    shipping: Option<Shipping>,
    taxes: Taxes,
}

impl Case {
    fn totals(&self) -> Result<Totals, TooLarge> {
        let Self { lines, discounts, shipping, taxes } = self;
        totals(&Basket { lines, discounts, shipping: *shipping, taxes })
    }
}

fn product(number: u128) -> ProductId {
    ProductId(Uuid::from_u128(number))
}

fn category(number: u128) -> CategoryId {
    CategoryId(Uuid::from_u128(number))
}

/// What things cost: mostly like things do in the currency, sometimes nothing, sometimes as much as can be.
fn amount(dear: i64) -> impl Strategy<Value = Amount> {
    let minor = prop_oneof![12 => 0..=dear, 4 => 0..=20_i64, 1 => Just(0), 1 => 0..=Amount::MAX];
    minor.prop_map(|minor| Amount::new(minor).unwrap())
}

fn parts() -> impl Strategy<Value = BasisPoints> {
    let parts = prop_oneof![4 => 0..=10_000_i64, 2 => Just(1_900), 1 => Just(10_000), 1 => 0..=3_i64];
    parts.prop_map(|parts| BasisPoints::new(parts).unwrap())
}

/// A category lies below all that have a lower number.
fn line(dear: i64) -> impl Strategy<Value = Line> {
    let quantity = prop_oneof![8 => 1..=5_u32, 1 => 1..=9_999_u32];
    (amount(dear), quantity, 0..6_u128, 0..4_u128).prop_map(|(unit_price, quantity, number, depth)| Line {
        unit_price,
        quantity,
        product: product(number),
        categories: (0..depth).rev().map(category).collect(),
    })
}

fn scope() -> impl Strategy<Value = Scope> {
    let some = (vec(0..6_u128, 0..3), vec(0..4_u128, 0..2)).prop_map(|(products, categories)| Scope::Of {
        products: products.into_iter().map(product).collect(),
        categories: categories.into_iter().map(category).collect(),
    });
    prop_oneof![Just(Scope::Everything), some]
}

fn discount(dear: i64) -> impl Strategy<Value = Discount> {
    let kind = prop_oneof![
        3 => parts().prop_map(DiscountKind::Percentage),
        3 => amount(dear).prop_map(DiscountKind::Amount),
        1 => Just(DiscountKind::FreeShipping),
    ];
    (kind, scope(), option::weighted(0.3, amount(dear))).prop_map(|(kind, scope, minimum)| Discount {
        kind,
        scope,
        minimum,
    })
}

fn taxes() -> impl Strategy<Value = Taxes> {
    let rate = (parts(), option::of((0..4_u128).prop_map(category)), any::<bool>());
    let rate = rate.prop_map(|(basis_points, category, on_shipping)| Rate { basis_points, category, on_shipping });
    (any::<bool>(), vec(vec(rate, 0..4), 0..3)).prop_map(|(included, rates)| Taxes { included, rates })
}

fn case(dear: i64) -> impl Strategy<Value = Case> {
    let shipping = (amount(dear), option::of(amount(dear)));
    let shipping = option::of(shipping.prop_map(|(price, free_above)| Shipping { price, free_above }));
    (vec(line(dear), 0..12), vec(discount(dear), 0..5), shipping, taxes())
        .prop_map(|(lines, discounts, shipping, taxes)| Case { lines, discounts, shipping, taxes })
}

fn whole(amounts: impl Iterator<Item = Amount>) -> i128 {
    amounts.map(|amount| i128::from(amount.minor())).sum()
}

/// What must be true of the totals of any basket.
fn check(case: &Case) -> Result<(), TestCaseError> {
    let exact = case.lines.iter().map(|line| i128::from(line.unit_price.minor()) * i128::from(line.quantity)).sum();
    let most = i128::from(Amount::MAX);
    let Ok(found) = case.totals() else {
        let shipping = case.shipping.map_or(0, |shipping| i128::from(shipping.price.minor()));
        let at_most: i128 = 2 * (exact + shipping);
        prop_assert!(at_most > most, "{exact} and {shipping} were said to be too large");
        return Ok(());
    };
    let minor = |amount: Amount| i128::from(amount.minor());

    // The lines and shipping are the total; so are the sums that a cart shows.
    let delivery = found.delivery;
    prop_assert_eq!(minor(found.items), exact);
    prop_assert_eq!(whole(found.lines.iter().map(|line| line.total)) + minor(delivery.total), minor(found.total));
    prop_assert_eq!(whole(found.lines.iter().map(|line| line.discount)), minor(found.discount));
    prop_assert_eq!(whole(found.lines.iter().map(|line| line.tax)) + minor(delivery.tax), minor(found.tax));
    let on_top = if case.taxes.included { 0 } else { minor(found.tax) };
    prop_assert_eq!(minor(found.items) - minor(found.discount) + minor(found.shipping) + on_top, minor(found.total));

    // No line costs less than nothing, or holds more tax than it costs.
    for line in &found.lines {
        prop_assert!(line.discount <= line.price && line.tax <= line.total);
        let on_top = if case.taxes.included { 0 } else { minor(line.tax) };
        prop_assert_eq!(minor(line.price) - minor(line.discount) + on_top, minor(line.total));
    }

    // What discounts are said to have taken off is what is gone; one that does not apply takes nothing.
    let waived = case.shipping.map_or(0, |shipping| minor(shipping.price)) - minor(found.shipping);
    let (of_lines, of_shipping): (Vec<_>, Vec<_>) = case
        .discounts
        .iter()
        .zip(&found.outcomes)
        .partition(|(discount, _)| discount.kind != DiscountKind::FreeShipping);
    prop_assert_eq!(whole(of_lines.iter().map(|(_, outcome)| outcome.amount())), minor(found.discount));
    prop_assert!(whole(of_shipping.iter().map(|(_, outcome)| outcome.amount())) <= waived);
    for (discount, outcome) in case.discounts.iter().zip(&found.outcomes) {
        let covered = case.lines.iter().zip(&found.lines).filter(|(line, _)| discount.scope.covers(line));
        let spent: Vec<_> = covered.map(|(_, total)| total.price).collect();
        let enough = discount.minimum.is_none_or(|least| whole(spent.iter().copied()) >= minor(least));
        let expected = match (spent.is_empty(), enough) {
            (true, _) => matches!(outcome, Outcome::NothingCovered),
            (false, false) => matches!(outcome, Outcome::BelowMinimum),
            (false, true) => matches!(outcome, Outcome::Applied(_)),
        };
        prop_assert!(expected, "{discount:?}: {outcome:?}");
    }

    // The tax of a rate is that of the sum of what bears it, rounded half up.
    let mut bearing: BTreeMap<i32, (i128, i128)> = BTreeMap::new();
    for (line, total) in case.lines.iter().zip(&found.lines) {
        let rate = slow_rate(line, &case.taxes).map_or(0, |rate| rate.basis_points.get());
        let (taxed, tax) = bearing.entry(rate).or_default();
        *taxed += minor(total.price) - minor(total.discount);
        *tax += minor(total.tax);
    }
    let general = case.taxes.rates.iter().flatten().find(|rate| rate.category.is_none());
    let on_shipping = general.filter(|rate| rate.on_shipping).map_or(0, |rate| rate.basis_points.get());
    let (taxed, tax) = bearing.entry(on_shipping).or_default();
    *taxed += minor(found.shipping);
    *tax += minor(delivery.tax);
    for (rate, (taxed, tax)) in bearing {
        let below = if case.taxes.included { 10_000 + i128::from(rate) } else { 10_000 };
        // Within a half of the exact value, and a half itself is rounded up.
        let error = tax * below - taxed * i128::from(rate);
        prop_assert!(-below < 2 * error && 2 * error <= below, "{rate} on {taxed} is said to be {tax}");
    }
    Ok(())
}

/// The rate of a line, looked up in another way: the first of all that fit, sorted by place and then by category.
fn slow_rate<'a>(line: &Line, taxes: &'a Taxes) -> Option<&'a Rate> {
    let nearness = |rate: &Rate| match rate.category {
        None => Some(usize::MAX),
        Some(category) => line.categories.iter().position(|own| *own == category),
    };
    let all = taxes.rates.iter().enumerate().flat_map(|(place, rates)| rates.iter().map(move |rate| (place, rate)));
    all.filter_map(|(place, rate)| Some(((place, nearness(rate)?), rate)))
        .min_by_key(|(key, _)| *key)
        .map(|(_, rate)| rate)
}

fn cases() -> ProptestConfig {
    let config = match std::env::var_os("PROPTEST_CASES") {
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(1_000),
    };
    // A case that fails is printed; it becomes a test of its own, not a file of seeds.
    ProptestConfig { failure_persistence: None, ..config }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn totals_add_up_in_yen(case in case(500_000)) {
        check(&case)?;
    }

    #[test]
    fn totals_add_up_in_euros(case in case(100_000)) {
        check(&case)?;
    }

    #[test]
    fn totals_add_up_in_kuwaiti_dinars(case in case(1_000_000)) {
        check(&case)?;
    }

    #[test]
    fn totals_add_up_in_rials(case in case(5_000_000_000)) {
        check(&case)?;
    }

    #[test]
    fn the_order_of_the_lines_changes_no_sum(mut case in case(100_000)) {
        // With a second discount the first one's odd units, which fall to the first among equals, may make a difference.
        case.discounts.truncate(1);
        let before = case.totals();
        case.lines.reverse();
        if let (Ok(before), Ok(after)) = (before, case.totals()) {
            let sums = |t: Totals| (t.items, t.discount, t.shipping, t.outcomes);
            prop_assert_eq!(sums(before), sums(after));
        }
    }

    #[test]
    fn a_split_is_whole_and_fair(weights in vec(0..=Amount::MAX / 20, 0..20), parts in parts()) {
        let whole: i64 = weights.iter().sum();
        let amount = part(whole, parts.get().into(), 10_000);
        let shares = split(amount, &weights);
        prop_assert_eq!(shares.iter().sum::<i64>(), amount);
        for (share, weight) in shares.into_iter().zip(weights) {
            let error = i128::from(share) * i128::from(whole) - i128::from(amount) * i128::from(weight);
            prop_assert!((0..=weight).contains(&share) && error.abs() < i128::from(whole).max(1));
        }
    }
}

#[test]
fn scoped_coupons_go_before_those_for_everything() {
    let line = |number, minor| Line {
        unit_price: Amount::new(minor).unwrap(),
        quantity: 1,
        product: product(number),
        categories: Vec::new(),
    };
    let percent = |parts, scope| Discount {
        kind: DiscountKind::Percentage(BasisPoints::new(parts).unwrap()),
        scope,
        minimum: None,
    };
    let pants = Scope::Of { products: vec![product(1)], categories: Vec::new() };
    let case = Case {
        lines: vec![line(1, 10_000), line(2, 5_000), line(3, 20_000)],
        discounts: vec![
            percent(1_000, Scope::Everything),
            Discount { kind: DiscountKind::Amount(Amount::new(2_000).unwrap()), scope: pants, minimum: None },
        ],
        shipping: Some(Shipping { price: Amount::new(2_000).unwrap(), free_above: None }),
        taxes: Taxes::default(),
    };
    // 20 off pants of 100, then 10 % off 330: 297, and 20 for shipping.
    let found = case.totals().unwrap();
    assert_eq!([found.discount, found.total].map(Amount::minor), [5_300, 31_700]);
    assert_eq!(found.outcomes.iter().map(|outcome| outcome.amount().minor()).collect::<Vec<_>>(), [3_300, 2_000]);
}

#[test]
fn a_thousand_small_lines_are_taxed_like_one_large_one() {
    let line =
        |quantity| Line { unit_price: Amount::new(3).unwrap(), quantity, product: product(1), categories: Vec::new() };
    let rate = Rate { basis_points: BasisPoints::new(1_000).unwrap(), category: None, on_shipping: true };
    for included in [true, false] {
        let taxes = Taxes { included, rates: vec![vec![rate]] };
        let tax =
            |lines| Case { lines, discounts: Vec::new(), shipping: None, taxes: taxes.clone() }.totals().unwrap().tax;
        assert_eq!(tax(vec![line(1); 1_000]), tax(vec![line(1_000)]), "included: {included}");
    }
}
