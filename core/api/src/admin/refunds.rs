//! Refunds of which nobody says what became of them, settled by staff.

use domain::idempotency;
use domain::payments::{self, Given, PaymentId, RefundId};
use poem_openapi::param::Path;
use poem_openapi::{Enum, Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

use super::payments::{HistoryShown, entry};
use crate::guard::{Allowed, may};
use crate::http::{ComparedBody, Creates, Did, Fail, IdempotencyKey, Once};
use crate::tag::Tag;

pub(crate) struct RefundsApi;

#[OpenApi(prefix_path = "/payments", tag = "Tag::Payments")]
impl RefundsApi {
    /// Settle a refund by hand
    ///
    /// Of one that is `indeterminate`, its gateway does not say whether the money went back; neither does that of one that is
    /// under way for more than a day, of which staff has a letter. The provider's own pages do: what they say is noted here.
    /// Nobody is asked for it any more, and another refund can begin. Money that did not go back is still to be given.
    #[oai(path = "/:id/refunds/:refund_id/settle", method = "post", operation_id = "settleRefund")]
    async fn settle(
        &self,
        caller: Allowed<may::RefundOrders>,
        /// The payment's id.
        id: Path<Uuid>,
        /// The refund's id.
        refund_id: Path<Uuid>,
        #[oai(name = "Idempotency-Key")] key: IdempotencyKey,
        body: ComparedBody<FoundBody>,
    ) -> Result<Once<HistoryShown, Did>, Fail<Creates>> {
        let (id, refund) = (PaymentId(id.0), RefundId(refund_id.0));
        let claim = caller.claim("settleRefund", key, body.about(refund.0));
        let mut change = caller.change().await?;
        if let Some(kept) = idempotency::claim(change.tx(), &claim).await? {
            return Ok(Once::again(kept)?);
        }
        let actor = change.actor();
        let history = payments::settle_by_hand(change.tx(), id, refund, body.value.status.into(), actor).await?;
        let answer = Once::first(&HistoryShown::from(&history))?;
        idempotency::keep(change.tx(), &claim, answer.kept()).await?;
        change.commit(entry("settleRefund", &history)).await?;
        Ok(answer)
    }
}

/// What the provider's own pages say.
#[derive(Object, Deserialize)]
#[serde(deny_unknown_fields)]
#[oai(rename = "FoundRefund")]
struct FoundBody {
    /// Whether the money went back.
    status: FoundStatus,
}

/// Whether the money went back.
#[derive(Enum, Clone, Copy, Deserialize)]
#[oai(rename = "FoundRefundStatus", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum FoundStatus {
    /// It did.
    Succeeded,
    /// It did not.
    Failed,
}

impl From<FoundStatus> for Given {
    fn from(status: FoundStatus) -> Self {
        match status {
            FoundStatus::Succeeded => Self::Back,
            FoundStatus::Failed => Self::Not,
        }
    }
}
