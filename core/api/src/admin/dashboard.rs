//! How the store fares.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, Utc};
use domain::reports::{self, Dashboard, MOST_DAYS, Period};
use kernel::{Amount, Currency, FieldError, Money};
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use crate::guard::{Allowed, may};
use crate::http::{Answer, Fail, MoneyShown, Problem, Reads};
use crate::tag::Tag;

pub(crate) struct DashboardApi;

/// How many days are shown where nobody says.
const USUAL_DAYS: u64 = 30;

#[OpenApi(prefix_path = "/dashboard", tag = "Tag::Reports")]
impl DashboardApi {
    /// See how the store fares
    ///
    /// Sales by day, orders by state and the products that are bought most, of the orders made from `from` to `to`, and what
    /// stock is low now. Days are those of UTC. A sale is an order whose money came, on the day that it was ordered; what is given
    /// back counts on the day that it is given back.
    #[oai(path = "/", method = "get", operation_id = "getDashboard")]
    async fn get(
        &self,
        caller: Allowed<may::ReadReports>,
        /// The first day; 29 days before the last where it is left out.
        from: Query<Option<NaiveDate>>,
        /// The last day; today where it is left out. At most 366 days are shown.
        to: Query<Option<NaiveDate>>,
    ) -> Result<Answer<DashboardShown>, Fail<Reads>> {
        let period = period(from.0, to.0)?;
        let found = reports::dashboard(&mut caller.begin_read().await?, period).await?;
        Ok(Answer::plain(&DashboardShown::new(period, found, caller.store.currency))?)
    }
}

fn period(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Result<Period, Problem> {
    let to = to.unwrap_or_else(|| Utc::now().date_naive());
    let from = from.or_else(|| to.checked_sub_days(Days::new(USUAL_DAYS - 1)));
    from.and_then(|from| Period::new(from, to)).ok_or_else(|| {
        let detail = format!("must not be behind `to`, nor {MOST_DAYS} days or more before it");
        Problem::of_field(FieldError::new("/query/from", detail))
    })
}

/// How the store fares.
#[derive(Object, Serialize)]
#[oai(rename = "Dashboard")]
struct DashboardShown {
    /// The first day.
    from: NaiveDate,
    /// The last day.
    to: NaiveDate,
    /// Each day, the first first.
    sales: Vec<SalesShown>,
    /// How many orders are in which state, the most first.
    orders: Vec<StateShown>,
    /// The products that were bought most.
    top_products: Vec<TopShown>,
    /// What stock is critical now, the least first.
    low_stock: Vec<LowShown>,
}

/// What was sold on a day.
#[derive(Object, Serialize)]
#[oai(rename = "SalesOfDay")]
struct SalesShown {
    /// The day, of UTC.
    date: NaiveDate,
    /// How many orders of that day were paid.
    orders: i64,
    /// What they cost.
    total: MoneyShown,
    /// What was given back that day.
    refunded: MoneyShown,
}

/// How many orders are so.
#[derive(Object, Serialize)]
#[oai(rename = "OrdersInState")]
struct StateShown {
    /// `open`, `completed`, `cancelled` or `expired`.
    status: String,
    /// `unpaid`, `pending`, `authorized`, `paid`, `partially_refunded`, `refunded` or `refund_due`.
    payment_status: String,
    /// `unfulfilled`, `partial` or `fulfilled`.
    fulfilment_status: String,
    /// How many.
    count: i64,
}

/// A product that is bought much.
#[derive(Object, Serialize)]
#[oai(rename = "TopProduct")]
struct TopShown {
    /// The product. It may be gone.
    product_id: Uuid,
    /// What it was called when it was bought.
    name: String,
    /// How many were bought.
    quantity: i64,
    /// What was paid for them.
    total: MoneyShown,
}

/// A variant of which little is left.
#[derive(Object, Serialize)]
#[oai(rename = "LowStock")]
struct LowShown {
    /// The variant.
    variant_id: Uuid,
    /// Its product.
    product_id: Uuid,
    /// The product's name.
    product_name: String,
    /// The store's own name for it.
    sku: Option<String>,
    /// What it is: `{"Size": "S"}`.
    options: BTreeMap<String, String>,
    /// What can be sold, at all places together.
    available: i64,
}

impl DashboardShown {
    fn new(period: Period, found: Dashboard, currency: Currency) -> Self {
        let money = |amount: Amount| MoneyShown::from(Money { amount, currency });
        let sales = found.sales.into_iter().map(|day| SalesShown {
            date: day.day,
            orders: day.orders,
            total: money(day.total),
            refunded: money(day.refunded),
        });
        let orders = found.states.into_iter().map(|state| StateShown {
            status: state.status,
            payment_status: state.payment_status,
            fulfilment_status: state.fulfilment_status,
            count: state.orders,
        });
        let top = found.top.into_iter().map(|top| TopShown {
            product_id: top.product.0,
            name: top.name,
            quantity: top.quantity,
            total: money(top.total),
        });
        let low = found.low.into_iter().map(|low| LowShown {
            variant_id: low.variant.0,
            product_id: low.product.0,
            product_name: low.product_name,
            sku: low.sku,
            options: low.options,
            available: low.available,
        });
        Self {
            from: period.from(),
            to: period.to(),
            sales: sales.collect(),
            orders: orders.collect(),
            top_products: top.collect(),
            low_stock: low.collect(),
        }
    }
}
