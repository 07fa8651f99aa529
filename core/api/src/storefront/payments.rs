//! Payments, as buyers begin and watch them.

use domain::idempotency;
use domain::orders::{OrderId, Shortage};
use domain::payments::{self, Gateway, PaymentError, PaymentId, Started, Way};
use domain::stores;
use kernel::Text as _;
use poem_openapi::param::{Header, Path};
use poem_openapi::types::Any;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tenants::TenantTx;
use uuid::Uuid;

use crate::guard::Shopper;
use crate::http::{Answer, ComparedBody, Fail, IdempotencyKey, In, New, Once, OwnReads, Pays, Problem, given};
use crate::orders::PaymentOfOrder;
use crate::tag::Tag;

pub(crate) struct PaymentsApi;

/// How often a payment is begun anew when somebody else was faster.
const TRIES: usize = 8;

#[OpenApi(tag = "Tag::Payments")]
impl PaymentsApi {
    /// List payment methods
    ///
    /// The ways in which this store can be paid.
    #[oai(path = "/payment-methods", method = "get", operation_id = "listPaymentMethods")]
    async fn methods(&self, shopper: Shopper) -> Result<Answer<MethodList>, Fail<OwnReads>> {
        let ways = payments::methods(&mut shopper.begin_read().await?, shopper.store.currency).await?;
        let shown = |way: Way| MethodShown { gateway: way.gateway, name: way.name };
        Ok(Answer::plain(&MethodList { items: ways.into_iter().map(shown).collect() })?)
    }

    /// Begin to pay
    ///
    /// Checks the stock of every line, and takes it. If any is short, the order is cancelled and the answer is 409
    /// `order.out_of_stock` with `shortages`: `[{variant_id, name, requested, available}]`. What the buyer has to do next
    /// is in `next`: with `kind` `redirect` the browser goes to `url`, with `post_form` it sends `fields` there, with `none`
    /// there is nothing to do. The order is held for as long as that takes. Where the gateway does not take the payment (409
    /// `payment.gateway_refused`) or does not answer (503 `payment.gateway_away`), another payment can be begun.
    #[oai(path = "/orders/:id/payments", method = "post", operation_id = "startPayment")]
    async fn start(
        &self,
        shopper: Shopper,
        /// The order's id.
        id: Path<Uuid>,
        /// The order's token, of a visitor.
        #[oai(name = "Stoa-Order-Token", validator(max_length = 100))]
        token: Header<Option<String>>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: ComparedBody<PaymentBody>,
    ) -> Result<Once<StartedShown, New>, Fail<Pays>> {
        let (order, whose) = (OrderId(id.0), shopper.whose(token.0.as_deref())?);
        shopper.app().limits.payment(shopper.store.id, shopper.address)?;
        let request = body.about(order.0);
        let claim = shopper.claim("startPayment", key, token.0.as_deref().unwrap_or(""), request);
        let gateway = body.value.gateway.0;
        let return_url = match &body.value.return_url {
            Some(url) => {
                Some(stores::return_url(&mut shopper.begin_read().await?, &shopper.app().base_url, url).await?)
            }
            None => None,
        };
        let through = gateway.as_str() != Gateway::CASH_ON_DELIVERY;
        let mut tries = 0;
        let begun = loop {
            tries += 1;
            let mut tx = shopper.begin().await?;
            if let Some(kept) = idempotency::claim(&mut tx, &claim).await? {
                return Ok(Once::again(kept)?);
            }
            let (vault, return_url) = (&shopper.app().vault, return_url.as_deref());
            let started = match through {
                true => payments::begin(&mut tx, vault, order, whose, &gateway, return_url, &claim).await,
                false => payments::start(&mut tx, order, whose, return_url).await,
            };
            let begun = match started {
                Ok(Started::Short(shortages)) => {
                    let refusal = out_of_stock(shortages);
                    idempotency::keep(&mut tx, &claim, &refusal.kept()).await?;
                    tx.commit().await?;
                    return Err(refusal.into());
                }
                Ok(Started::Begun { payment, portions, hold }) => {
                    if !through {
                        idempotency::keep(&mut tx, &claim, StartedShown::answer(&payment)?.kept()).await?;
                    }
                    payments::take_stock(&mut tx, order, &portions, hold).await.map(|()| payment)
                }
                Ok(Started::Again(payment)) => Ok(payment),
                Err(err) => Err(err),
            };
            match ended(tx, begun).await {
                Err(err) if err.may_pass() && tries < TRIES => {}
                done => break done?,
            }
        };
        if !through {
            return Ok(StartedShown::answer(&begun)?);
        }
        let payment = shopper.app().teller.begin(shopper.store.id, begun.id).await?;
        let answer = StartedShown::answer(&payment)?;
        let mut tx = shopper.begin().await?;
        // Who is killed before this finds the payment itself, by the key that it was begun with.
        if idempotency::claim(&mut tx, &claim).await?.is_none() {
            idempotency::keep(&mut tx, &claim, answer.kept()).await?;
            tx.commit().await?;
        }
        Ok(answer)
    }

    /// Get a payment
    ///
    /// How a payment fares, for those who wait for it.
    #[oai(path = "/payments/:id", method = "get", operation_id = "getPayment")]
    async fn get(
        &self,
        shopper: Shopper,
        /// The payment's id.
        id: Path<Uuid>,
        /// The order's token, of a visitor.
        #[oai(name = "Stoa-Order-Token", validator(max_length = 100))]
        token: Header<Option<String>>,
    ) -> Result<Answer<PaymentOfOrder>, Fail<OwnReads>> {
        let whose = shopper.whose(token.0.as_deref())?;
        let found = payments::payment(&mut shopper.begin_read().await?, PaymentId(id.0), whose).await?;
        Ok(Answer::plain(&PaymentOfOrder::from(&found.payment))?)
    }
}

/// Commits what went well, and rolls back to its end what did not: whoever tries again must not meet its locks.
async fn ended<T>(tx: TenantTx, done: Result<T, PaymentError>) -> Result<T, PaymentError> {
    match done {
        Ok(done) => {
            tx.commit().await?;
            Ok(done)
        }
        Err(err) => {
            tx.roll_back().await?;
            Err(err)
        }
    }
}

fn out_of_stock(shortages: Vec<Shortage>) -> Problem {
    let shown: Vec<_> = shortages
        .iter()
        .map(|short| {
            json!({ "variant_id": short.variant.0, "name": short.name, "requested": short.requested, "available": short.available })
        })
        .collect();
    let err = domain::orders::OrderError::OutOfStock(shortages);
    Problem::of(&err).with_member("shortages", shown)
}

/// How an order is to be paid.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
struct PaymentBody {
    /// A way of `GET /payment-methods`.
    gateway: In<Gateway>,
    /// Where the buyer's browser goes once it comes back from paying: on one of the store's hosts, or on one of its allowed
    /// origins.
    #[oai(validator(max_length = 2000))]
    #[serde(default, deserialize_with = "given")]
    return_url: Option<String>,
}

/// The ways to pay.
#[derive(Object, Serialize)]
#[oai(rename = "PaymentMethodList")]
struct MethodList {
    /// The ways.
    items: Vec<MethodShown>,
}

/// A way to pay.
#[derive(Object, Serialize)]
#[oai(rename = "PaymentMethod")]
struct MethodShown {
    /// What a payment names.
    gateway: String,
    /// Its name for people.
    name: String,
}

/// A payment that was begun.
#[derive(Object, Serialize)]
#[oai(rename = "PaymentStarted")]
struct StartedShown {
    /// Its id.
    id: Uuid,
    /// Where it is.
    status: String,
    /// What the buyer has to do next.
    next: NextShown,
}

/// What the buyer has to do next.
#[derive(Object, Serialize)]
#[oai(rename = "PaymentNext")]
struct NextShown {
    /// `redirect`, `post_form` or `none`.
    kind: String,
    /// Where the browser goes.
    url: Option<String>,
    /// What it sends there.
    fields: Option<Any<Value>>,
}

impl StartedShown {
    fn answer(payment: &payments::Payment) -> Result<Once<Self, New>, Problem> {
        let next = payment.next.as_ref();
        let text = |name: &str| next.and_then(|next| next[name].as_str()).map(str::to_owned);
        let fields = next.map(|next| next["fields"].clone()).filter(Value::is_object).map(Any);
        let next = NextShown { kind: text("kind").unwrap_or_else(|| "none".to_owned()), url: text("url"), fields };
        let shown = Self { id: payment.id.0, status: payment.status.as_str().to_owned(), next };
        Ok(Once::first(&shown)?.at(format!("/store/v1/payments/{}", payment.id), payment.version))
    }
}
