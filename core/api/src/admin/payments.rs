//! Payments, as staff sees and deals with them.

use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::idempotency::{self, Claim, Kept};
use domain::orders::{OrderId, Whose};
use domain::payments::{self, History, LoggedStep, Payment, PaymentFilter, PaymentId, PaymentState, Refund, Teller};
use kernel::{Currency, Limit, Money};
use poem_openapi::param::{Path, Query};
use poem_openapi::types::Any;
use poem_openapi::{Enum, Object, OpenApi};
use serde::Serialize;
use serde_json::{Value, json};
use tenants::{DbError, TenantId, TenantTx};
use uuid::Uuid;

use super::orders::RefundBody;
use crate::guard::{Allowed, may};
use crate::http::{
    Answer, ComparedBody, Creates, Did, Fail, IdempotencyKey, MoneyShown, New, Once, Problem, Reads, StepsOnce,
    Versioned,
};
use crate::orders::PaymentOfOrder;
use crate::tag::Tag;

pub(crate) struct PaymentsApi;

/// Where a payment is.
#[derive(Enum, Clone, Copy)]
#[oai(rename = "PaymentStatus", rename_all = "snake_case")]
enum StatusParam {
    /// It is written down; its gateway knows nothing of it yet.
    Created,
    /// The buyer is at the gateway.
    Pending,
    /// The money is promised.
    Authorized,
    /// The money is there.
    Captured,
    /// The promise was let go.
    Voided,
    /// It came to nothing.
    Failed,
    /// It was given up.
    Cancelled,
    /// Its gateway did not say what became of it.
    Indeterminate,
    /// Some of the money was given back.
    PartiallyRefunded,
    /// All of the money was given back.
    Refunded,
}

impl From<StatusParam> for PaymentState {
    fn from(status: StatusParam) -> Self {
        match status {
            StatusParam::Created => Self::Created,
            StatusParam::Pending => Self::Pending,
            StatusParam::Authorized => Self::Authorized,
            StatusParam::Captured => Self::Captured,
            StatusParam::Voided => Self::Voided,
            StatusParam::Failed => Self::Failed,
            StatusParam::Cancelled => Self::Cancelled,
            StatusParam::Indeterminate => Self::Indeterminate,
            StatusParam::PartiallyRefunded => Self::PartiallyRefunded,
            StatusParam::Refunded => Self::Refunded,
        }
    }
}

#[OpenApi(prefix_path = "/payments", tag = "Tag::Payments")]
impl PaymentsApi {
    /// List payments
    ///
    /// The store's payments, the newest first, page by page.
    #[oai(path = "/", method = "get", operation_id = "listPayments")]
    async fn list(
        &self,
        caller: Allowed<may::ReadPayments>,
        /// Those that are so.
        status: Query<Option<StatusParam>>,
        /// Those of one order.
        order_id: Query<Option<Uuid>>,
        /// How many at most.
        #[oai(default = "twenty", validator(minimum(value = "1"), maximum(value = "100")))]
        limit: Query<u8>,
        /// Where the last page ended.
        #[oai(validator(max_length = 2000))]
        cursor: Query<Option<String>>,
    ) -> Result<Answer<PaymentPage>, Fail<Reads>> {
        let filter = PaymentFilter { status: status.0.map(PaymentState::from), order: order_id.0.map(OrderId) };
        let (scope, cursors) = (("payments", caller.store.id.0, format!("{filter:?}")), &caller.app().cursors);
        let before: Option<Uuid> = cursor.0.map(|cursor| cursors.open(&scope, &cursor)).transpose()?;
        let limit = Limit::new(limit.0).unwrap_or_default();
        let page = payments::list(&mut caller.begin_read().await?, filter, before.map(PaymentId), limit).await?;
        let last = page.items.last().filter(|_| page.more).map(|payment| payment.id.0);
        let shown = PaymentPage {
            items: page.items.iter().map(PaymentOfOrder::from).collect(),
            next_cursor: last.and_then(|id| cursors.seal(&scope, &id)),
        };
        Ok(Answer::plain(&shown)?)
    }

    /// Get a payment
    ///
    /// With all that happened to it.
    #[oai(path = "/:id", method = "get", operation_id = "getPayment")]
    async fn get(
        &self,
        caller: Allowed<may::ReadPayments>,
        /// The payment's id.
        id: Path<Uuid>,
    ) -> Result<Versioned<HistoryShown>, Fail<Reads>> {
        let history = payments::payment(&mut caller.begin_read().await?, PaymentId(id.0), Whose::Store).await?;
        Ok(Answer::of_version(&HistoryShown::from(&history), history.payment.version)?)
    }

    /// Capture a payment
    ///
    /// Takes the money that was promised: the gateway is asked for it, or, of what the carrier collects, it is noted. Where the
    /// gateway refuses (409 `payment.gateway_refused`) or does not answer (503 `payment.gateway_away`), the promise stands. An
    /// answer of the gateway that is lost is looked for, and a gateway that can't be asked at the moment is asked later: the
    /// payment is `authorized` until then.
    #[oai(path = "/:id/capture", method = "post", operation_id = "capturePayment")]
    async fn capture(
        &self,
        caller: Allowed<may::WritePayments>,
        /// The payment's id.
        id: Path<Uuid>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
    ) -> Result<Once<HistoryShown, Did>, Fail<StepsOnce>> {
        let id = PaymentId(id.0);
        let claim = caller.claim("capturePayment", key, crate::http::about(id.0));
        let mut change = caller.change().await?;
        if let Some(kept) = idempotency::claim(change.tx(), &claim).await? {
            return Ok(Once::again(kept)?);
        }
        let actor = change.actor();
        let history = payments::capture(change.tx(), id, actor).await?;
        let answer = Once::first(&HistoryShown::from(&history))?;
        keep(change.tx(), &claim, answer.kept(), &history.payment).await?;
        change.commit(entry("capturePayment", &history)).await?;
        Ok(carried_out(&caller, &claim, &history, answer).await?)
    }

    /// Let a payment go
    ///
    /// Ends the promise of money of a payment that is not captured; its order is cancelled.
    #[oai(path = "/:id/void", method = "post", operation_id = "voidPayment")]
    async fn void(
        &self,
        caller: Allowed<may::WritePayments>,
        /// The payment's id.
        id: Path<Uuid>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
    ) -> Result<Once<HistoryShown, Did>, Fail<StepsOnce>> {
        let id = PaymentId(id.0);
        let claim = caller.claim("voidPayment", key, crate::http::about(id.0));
        let mut change = caller.change().await?;
        if let Some(kept) = idempotency::claim(change.tx(), &claim).await? {
            return Ok(Once::again(kept)?);
        }
        let actor = change.actor();
        let history = payments::void(change.tx(), id, actor).await?;
        let answer = Once::first(&HistoryShown::from(&history))?;
        keep(change.tx(), &claim, answer.kept(), &history.payment).await?;
        change.commit(entry("voidPayment", &history)).await?;
        Ok(carried_out(&caller, &claim, &history, answer).await?)
    }

    /// Give money of a payment back
    ///
    /// Some of what was captured, or all that is left. The gateway is asked for it; what came of that is the refund's `status`:
    /// one that is `pending` or `indeterminate` is looked after until the gateway says, and another can begin then.
    #[oai(path = "/:id/refunds", method = "post", operation_id = "refundPayment")]
    async fn refund(
        &self,
        caller: Allowed<may::RefundOrders>,
        /// The payment's id.
        id: Path<Uuid>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: ComparedBody<RefundBody>,
    ) -> Result<Once<HistoryShown, New>, Fail<Creates>> {
        let id = PaymentId(id.0);
        let claim = caller.claim("refundPayment", key, body.about(id.0));
        let wanted = body.value.parse(caller.store.currency)?;
        let mut change = caller.change().await?;
        if let Some(kept) = idempotency::claim(change.tx(), &claim).await? {
            return Ok(Once::again(kept)?);
        }
        let actor = change.actor();
        let (history, refund) = payments::refund(change.tx(), id, &wanted, Some(actor)).await?;
        let answer = given_back(&history)?;
        keep(change.tx(), &claim, answer.kept(), &history.payment).await?;
        change.commit(entry("refundPayment", &history)).await?;
        if history.payment.through.is_none() {
            return Ok(answer);
        }
        let (teller, store) = (&caller.app().teller, caller.store.id);
        let asked = async {
            teller.carry_out_refund(store, refund).await?;
            given_back(&payments::payment(&mut caller.begin_read().await?, id, Whose::Store).await?)
        };
        Ok(written(teller, store, &claim, asked.await, answer).await)
    }
}

/// Has the gateway do what was asked for, where the payment has one. What comes of that is the answer: a refusal only where
/// nothing is left to be done.
async fn carried_out(
    caller: &Allowed<may::WritePayments>,
    claim: &Claim,
    history: &History,
    answer: Once<HistoryShown, Did>,
) -> Result<Once<HistoryShown, Did>, Problem> {
    if history.payment.through.is_none() {
        return Ok(answer);
    }
    let (teller, store, id) = (&caller.app().teller, caller.store.id, history.payment.id);
    let asked = teller.carry_out_asked(store, id).await;
    let read = async { Ok::<_, Problem>(payments::payment(&mut caller.begin_read().await?, id, Whose::Store).await?) };
    let read = read.await;
    if let Err(err) = asked {
        let stands = |it: &History| it.payment.status == PaymentState::Authorized && it.payment.doing.is_none();
        if read.as_ref().is_ok_and(stands) {
            teller.answered(store, claim, None).await?;
            return Err(err.into());
        }
        tracing::warn!(payment.id = %id, "What the gateway of the payment `{id}` is to do is left to a job: {err}");
    }
    let said = read.and_then(|history| Once::first(&HistoryShown::from(&history)));
    Ok(written(teller, store, claim, said, answer).await)
}

/// Keeps an answer with the asking: not as the last word where a gateway is asked after the commit.
pub(super) async fn keep(tx: &mut TenantTx, claim: &Claim, kept: &Kept, payment: &Payment) -> Result<(), DbError> {
    match payment.through {
        Some(_) => idempotency::keep_for_now(tx, claim, kept).await,
        None => idempotency::keep(tx, claim, kept).await,
    }
}

/// The last word about what is written down, and kept as such: what came of it, or the answer that was `kept` with the asking
/// where nothing came of it yet. A job goes on with it then, so that it is no error.
pub(super) async fn written<T, M>(
    teller: &Teller,
    store: TenantId,
    claim: &Claim,
    came: Result<Once<T, M>, Problem>,
    kept: Once<T, M>,
) -> Once<T, M> {
    let answer = came.unwrap_or_else(|problem| {
        tracing::warn!("What was written down by `{}` is left to a job: {problem}", claim.operation);
        kept
    });
    if let Err(err) = teller.answered(store, claim, Some(answer.kept())).await {
        tracing::warn!("The answer of `{}` can't be kept: {err}", claim.operation);
    }
    answer
}

fn given_back(history: &History) -> Result<Once<HistoryShown, New>, Problem> {
    let answer = Once::first(&HistoryShown::from(history))?;
    Ok(answer.at(format!("/admin/v1/payments/{}", history.payment.id), history.payment.version))
}

pub(super) fn entry(action: &'static str, history: &History) -> Entry {
    let payment = &history.payment;
    let after = json!({
        "order_id": payment.order.0, "status": payment.status.as_str(), "captured": payment.captured.minor(),
        "refunded": payment.refunded.minor(), "version": payment.version,
    });
    Entry::new(action, "payment", payment.id).after(after)
}

fn twenty() -> u8 {
    20
}

/// A page of payments.
#[derive(Object, Serialize)]
struct PaymentPage {
    /// The payments, the newest first.
    items: Vec<PaymentOfOrder>,
    /// Where the next page begins; null on the last.
    next_cursor: Option<String>,
}

/// A payment with all that happened to it.
#[derive(Object, Serialize)]
#[oai(rename = "PaymentHistory")]
pub(super) struct HistoryShown {
    /// The payment.
    payment: PaymentOfOrder,
    /// What was given back.
    refunds: Vec<RefundShown>,
    /// Its steps, the first first.
    events: Vec<StepShown>,
}

/// What was given back.
#[derive(Object, Serialize)]
#[oai(rename = "Refund")]
struct RefundShown {
    /// Its id.
    id: Uuid,
    /// How much.
    amount: MoneyShown,
    /// `pending`, `indeterminate`, `succeeded` or `failed`.
    status: String,
    /// Why.
    reason: Option<String>,
    /// When.
    created_at: DateTime<Utc>,
}

/// A step of a payment.
#[derive(Object, Serialize)]
#[oai(rename = "PaymentEvent")]
struct StepShown {
    /// Its id.
    id: Uuid,
    /// What happened, in a word.
    kind: String,
    /// Where the payment was.
    from: Option<String>,
    /// Where it is then.
    to: String,
    /// Facts about it.
    detail: Any<Value>,
    /// When.
    at: DateTime<Utc>,
}

impl From<&History> for HistoryShown {
    fn from(history: &History) -> Self {
        let currency = history.payment.currency;
        Self {
            payment: PaymentOfOrder::from(&history.payment),
            refunds: history.refunds.iter().map(|refund| RefundShown::new(refund, currency)).collect(),
            events: history.steps.iter().map(StepShown::from).collect(),
        }
    }
}

impl RefundShown {
    fn new(refund: &Refund, currency: Currency) -> Self {
        Self {
            id: refund.id.0,
            amount: Money { amount: refund.amount, currency }.into(),
            status: refund.status.as_str().to_owned(),
            reason: refund.reason.clone(),
            created_at: refund.created_at,
        }
    }
}

impl From<&LoggedStep> for StepShown {
    fn from(step: &LoggedStep) -> Self {
        Self {
            id: step.id,
            kind: step.kind.clone(),
            from: step.from.clone(),
            to: step.to.clone(),
            detail: Any(step.detail.clone()),
            at: step.at,
        }
    }
}
