//! Reading payments.

use kernel::{Currency, Limit, Page, Text as _};
use tenants::{DbError, TenantTx};

use super::super::{Gateway, LoggedStep, Payment, PaymentError, PaymentFilter, PaymentId, Refund, queries};
use crate::gateways::{self, Method};
use crate::orders::{self, OrderId, Whose};

/// A payment with all that happened to it.
#[derive(Debug, Clone)]
pub struct History {
    /// The payment.
    pub payment: Payment,
    /// What was given back.
    pub refunds: Vec<Refund>,
    /// Its steps, the first first.
    pub steps: Vec<LoggedStep>,
}

/// A payment of an order that is `whose`.
///
/// # Errors
/// [`PaymentError::NoPayment`].
pub async fn payment(tx: &mut TenantTx, id: PaymentId, whose: Whose) -> Result<History, PaymentError> {
    let payment = queries::get(tx, id, whose).await?.ok_or(PaymentError::NoPayment(id))?;
    let (refunds, steps) = (queries::refunds(tx, id).await?, queries::logged(tx, id).await?);
    Ok(History { payment, refunds, steps })
}

/// The payments of an order, the first first.
///
/// # Errors
/// [`DbError`].
pub async fn of_order(tx: &mut TenantTx, order: OrderId) -> Result<Vec<Payment>, DbError> {
    queries::of_order(tx, order).await
}

/// A page of the store's payments, the newest first, those before `before`.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut TenantTx,
    filter: PaymentFilter,
    before: Option<PaymentId>,
    limit: Limit,
) -> Result<Page<Payment>, DbError> {
    Ok(Page::cut(queries::list(tx, filter, before, limit).await?, limit))
}

/// A way to pay.
#[derive(Debug, Clone)]
pub struct Way {
    /// What a payment names.
    pub gateway: String,
    /// Its name for people.
    pub name: String,
}

/// The ways in which the store can be paid.
///
/// # Errors
/// [`DbError`].
pub async fn methods(tx: &mut TenantTx, currency: Currency) -> Result<Vec<Way>, DbError> {
    let takes = |method: &Method| method.currencies.is_empty() || method.currencies.contains(&currency);
    let through = gateways::enabled(tx).await?.into_iter().filter(takes);
    let through = through.map(|method| Way { gateway: method.gateway.as_str().to_owned(), name: method.name });
    let cash = Way { gateway: Gateway::CASH_ON_DELIVERY.to_owned(), name: "Cash on delivery".to_owned() };
    let cash = orders::settings(tx).await?.cash_on_delivery.then_some(cash);
    Ok(cash.into_iter().chain(through).collect())
}
