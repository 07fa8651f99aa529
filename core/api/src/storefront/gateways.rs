//! What comes from gateways: buyers who have paid, or not, and the providers' own calls. Nobody is believed; the gateway is asked.

use domain::payments::{PaymentId, Webhook};
use gateway::KeyValue;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;
use uuid::Uuid;

use crate::guard::Passing;
use crate::http::{AnyQuery, Calls, ComesBack, Done, Fail, Message, SentBack};
use crate::tag::Tag;

pub(crate) struct GatewaysApi;

/// Bytes that a browser brings back, at most.
const BROUGHT: usize = 64 * 1024;
/// Bytes of a provider's call, at most.
const CALLED: usize = 256 * 1024;

#[OpenApi(tag = "Tag::Payments")]
impl GatewaysApi {
    /// Come back from paying
    ///
    /// Where a gateway sends the buyer's browser. The gateway is asked what became of the payment, and the browser goes on to
    /// the `return_url` that the payment was begun with, or else to the order's page.
    #[oai(path = "/payments/:id/return", method = "get", operation_id = "returnFromPayment")]
    async fn returned(
        &self,
        buyer: Passing,
        /// The payment's id.
        id: Path<Uuid>,
        query: AnyQuery,
    ) -> Result<SentBack, Fail<ComesBack>> {
        come_back(&buyer, PaymentId(id.0), query.0, Vec::new()).await
    }

    /// Come back from paying, with a form
    ///
    /// The same for gateways that send the browser with a form.
    #[oai(path = "/payments/:id/return", method = "post", operation_id = "returnFromPaymentWithForm")]
    async fn returned_with_form(
        &self,
        buyer: Passing,
        /// The payment's id.
        id: Path<Uuid>,
        sent: Message<BROUGHT>,
    ) -> Result<SentBack, Fail<ComesBack>> {
        come_back(&buyer, PaymentId(id.0), sent.query, sent.body).await
    }

    /// Tell of a payment
    ///
    /// For the provider of a gateway. What it does not sign is refused; of more than 600 calls a minute from one address, those
    /// that are too many.
    #[oai(path = "/gateways/:gateway/webhook", method = "post", operation_id = "receiveGatewayWebhook")]
    async fn webhook(
        &self,
        provider: Passing,
        /// The gateway's name.
        #[oai(validator(max_length = 64))]
        gateway: Path<String>,
        sent: Message<CALLED>,
    ) -> Result<Done, Fail<Calls>> {
        provider.app().limits.webhook(provider.store.id, provider.address)?;
        let Message { query, headers, body } = sent;
        let request = Webhook { headers, query, body, sandbox: false };
        provider.app().teller.webhook(provider.store.id, &gateway.0, request).await?;
        Ok(Done)
    }
}

async fn come_back(
    buyer: &Passing,
    id: PaymentId,
    query: Vec<KeyValue>,
    body: Vec<u8>,
) -> Result<SentBack, Fail<ComesBack>> {
    buyer.app().limits.payment(buyer.store.id, buyer.address)?;
    let returned = buyer.app().teller.returned(buyer.store.id, id, query, body).await?;
    Ok(SentBack(returned.location))
}
