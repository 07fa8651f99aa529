//! What the calculator is given, and what it answers.

use kernel::Amount;

use crate::catalog::{CategoryId, ProductId};

/// A part in ten thousand, 0 to 10,000: 1,900 is 19 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BasisPoints(i32);

impl BasisPoints {
    /// All of it.
    pub const MAX: i32 = 10_000;

    /// Takes a part; none outside 0 to [`BasisPoints::MAX`].
    #[must_use]
    pub fn new(parts: i64) -> Option<Self> {
        i32::try_from(parts).ok().filter(|parts| (0..=Self::MAX).contains(parts)).map(Self)
    }

    /// The parts in ten thousand.
    #[must_use]
    pub fn get(self) -> i32 {
        self.0
    }
}

/// Some of a variant.
#[derive(Debug, Clone)]
pub struct Line {
    /// What one costs now.
    pub unit_price: Amount,
    /// How many.
    pub quantity: u32,
    /// The product that it is a variant of.
    pub product: ProductId,
    /// The product's category, the one above it, and so on to the top.
    pub categories: Vec<CategoryId>,
}

/// Which lines a discount covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All.
    Everything,
    /// Those of these products, and those in these categories or below them.
    Of {
        /// The products.
        products: Vec<ProductId>,
        /// The categories.
        categories: Vec<CategoryId>,
    },
}

impl Scope {
    /// Whether a line is covered.
    #[must_use]
    pub fn covers(&self, line: &Line) -> bool {
        match self {
            Self::Everything => true,
            Self::Of { products, categories } => {
                products.contains(&line.product) || line.categories.iter().any(|id| categories.contains(id))
            }
        }
    }
}

/// What a discount takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscountKind {
    /// A part of what the covered lines cost.
    Percentage(BasisPoints),
    /// An amount, once an order.
    Amount(Amount),
    /// What shipping costs.
    FreeShipping,
}

/// A discount that was asked for.
#[derive(Debug, Clone)]
pub struct Discount {
    /// What it takes off.
    pub kind: DiscountKind,
    /// Which lines it covers.
    pub scope: Scope,
    /// What the covered lines must cost at least, before discounts.
    pub minimum: Option<Amount>,
}

/// How the goods travel.
#[derive(Debug, Clone, Copy)]
pub struct Shipping {
    /// What it costs.
    pub price: Amount,
    /// From which spend on, after discounts, it costs nothing.
    pub free_above: Option<Amount>,
}

/// A tax rate that applies where the goods go.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// How much.
    pub basis_points: BasisPoints,
    /// On what of the category or below it; on everything else where there is none.
    pub category: Option<CategoryId>,
    /// Whether shipping bears it, too.
    pub on_shipping: bool,
}

/// How the basket is taxed.
#[derive(Debug, Clone, Default)]
pub struct Taxes {
    /// Whether prices include it.
    pub included: bool,
    /// The rates of the place, then those of the wider place around it, and so on. The first list that has one for a
    /// line decides.
    pub rates: Vec<Vec<Rate>>,
}

/// All that a total is made of.
#[derive(Debug, Clone, Copy)]
pub struct Basket<'a> {
    /// What is bought.
    pub lines: &'a [Line],
    /// The coupons, in the order in which they were given.
    pub discounts: &'a [Discount],
    /// How it travels, if that is known.
    pub shipping: Option<Shipping>,
    /// How it is taxed.
    pub taxes: &'a Taxes,
}

/// What came of a discount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It took this much off: off the lines, or off shipping.
    Applied(Amount),
    /// The covered lines cost less than it asks for.
    BelowMinimum,
    /// It covers no line.
    NothingCovered,
}

impl Outcome {
    /// What it took off.
    #[must_use]
    pub fn amount(self) -> Amount {
        if let Self::Applied(amount) = self { amount } else { Amount::ZERO }
    }
}

/// A line, reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineTotal {
    /// Unit price × quantity.
    pub price: Amount,
    /// What discounts took off.
    pub discount: Amount,
    /// The tax in it or on it.
    pub tax: Amount,
    /// What is paid for it.
    pub total: Amount,
}

/// Shipping, reckoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShippingTotal {
    /// What it costs, after what makes it free.
    pub price: Amount,
    /// The tax in it or on it.
    pub tax: Amount,
    /// What is paid for it.
    pub total: Amount,
}

/// What a basket costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totals {
    /// One for each line, in their order.
    pub lines: Vec<LineTotal>,
    /// One for each discount, in their order.
    pub outcomes: Vec<Outcome>,
    /// Shipping.
    pub delivery: ShippingTotal,
    /// What the lines cost before discounts.
    pub items: Amount,
    /// What discounts took off the lines.
    pub discount: Amount,
    /// What shipping costs.
    pub shipping: Amount,
    /// The tax of lines and shipping: in them, or on top.
    pub tax: Amount,
    /// Whether it is in them.
    pub tax_included: bool,
    /// What is paid.
    pub total: Amount,
}

/// A sum is beyond what an amount can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sum is larger than an amount can be; take less")]
pub struct TooLarge;
