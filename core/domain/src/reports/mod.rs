//! What a store's staff sees of how it fares: sales by day, orders by state, what is bought most.
//!
//! Days are those of UTC. A sale is an order whose money came, on the day that it was ordered; what is given back counts on the
//! day that it is given back, so that no day changes long after it is over.

mod queries;

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime};
use kernel::{Amount, Limit};
use tenants::{DbError, TenantTx};

use crate::catalog::ProductId;
use crate::stock::{self, LowStock};

/// The days from the first to the last, at most.
pub const MOST_DAYS: u64 = 366;
/// How many products are named.
const MOST_PRODUCTS: i64 = 10;

/// From a day to a day, both of them in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    from: NaiveDate,
    to: NaiveDate,
}

impl Period {
    /// From `from` to `to`; none where they are not in this order, too far from one another, or of years without four digits.
    #[must_use]
    pub fn new(from: NaiveDate, to: NaiveDate) -> Option<Self> {
        let last = from.checked_add_days(Days::new(MOST_DAYS - 1))?;
        let written = |day: NaiveDate| (1..=9999).contains(&day.year());
        (from <= to && to <= last && written(from) && written(to)).then_some(Self { from, to })
    }

    /// Its first day.
    #[must_use]
    pub fn from(self) -> NaiveDate {
        self.from
    }

    /// Its last day.
    #[must_use]
    pub fn to(self) -> NaiveDate {
        self.to
    }

    fn bounds(self) -> (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>) {
        let end = self.to.checked_add_days(Days::new(1)).unwrap_or(self.to);
        (self.from.and_time(NaiveTime::MIN).and_utc(), end.and_time(NaiveTime::MIN).and_utc())
    }
}

/// What was sold on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sales {
    /// The day.
    pub day: NaiveDate,
    /// How many orders.
    pub orders: i64,
    /// What they cost.
    pub total: Amount,
    /// What was given back that day.
    pub refunded: Amount,
}

/// How many orders are so.
#[derive(Debug, Clone)]
pub struct InState {
    /// Where they are.
    pub status: String,
    /// Where their money is.
    pub payment_status: String,
    /// Where their goods are.
    pub fulfilment_status: String,
    /// How many.
    pub orders: i64,
}

/// A product that is bought much.
#[derive(Debug, Clone)]
pub struct TopProduct {
    /// The product. It may be gone.
    pub product: ProductId,
    /// What it was called; one of its names, where it had several.
    pub name: String,
    /// How many were bought.
    pub quantity: i64,
    /// What was paid for them.
    pub total: Amount,
}

/// How a store fares.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// Each day of the period.
    pub sales: Vec<Sales>,
    /// The period's orders.
    pub states: Vec<InState>,
    /// What was bought most in the period.
    pub top: Vec<TopProduct>,
    /// What is low now.
    pub low: Vec<LowStock>,
}

/// How the store fared in a period.
///
/// # Errors
/// [`DbError`].
pub async fn dashboard(tx: &mut TenantTx, period: Period) -> Result<Dashboard, DbError> {
    let bounds = period.bounds();
    let mut sold = queries::sales(tx, bounds).await?;
    let mut refunded = queries::refunds(tx, bounds).await?;
    let day = |day| {
        let (orders, total) = sold.remove(&day).unwrap_or((0, Amount::ZERO));
        Sales { day, orders, total, refunded: refunded.remove(&day).unwrap_or(Amount::ZERO) }
    };
    let sales = period.from.iter_days().take_while(|day| *day <= period.to).map(day).collect();
    Ok(Dashboard {
        sales,
        states: queries::states(tx, bounds).await?,
        top: queries::top(tx, bounds, MOST_PRODUCTS).await?,
        low: stock::low(tx, Limit::default()).await?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_an_order_and_an_end() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let one = Period::new(day("2026-02-28"), day("2026-02-28")).unwrap();
        assert_eq!(one.bounds().1.to_string(), "2026-03-01 00:00:00 UTC");
        assert!(Period::new(day("2024-01-01"), day("2024-12-31")).is_some(), "a leap year");
        assert_eq!(Period::new(day("2024-01-01"), day("2025-01-01")), None);
        assert_eq!(Period::new(day("2026-01-02"), day("2026-01-01")), None);
        assert_eq!(Period::new(NaiveDate::MAX, NaiveDate::MAX), None, "nothing overflows");
        assert_eq!(Period::new(NaiveDate::MIN, NaiveDate::MIN), None, "the database has no such days");
    }
}
