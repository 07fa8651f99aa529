//! The interface for shops.

use poem::http::StatusCode;
use poem::web::{Data, Path};
use poem::{Request, Response, handler};
use serde_json::{Value, json};

use super::Shared;
use super::state::{Refusal, State};
use crate::faults::{How, Operation, answer};

type Done = Result<Value, Refusal>;

#[handler]
pub(super) async fn begin(Data(shared): Data<&Shared>, request: &Request, body: String) -> Response {
    let amount = serde_json::from_str::<Value>(&body).unwrap_or_default()["amount"].as_u64();
    perform(shared, request, Operation::Request, amount, |state, account| {
        let asked =
            serde_json::from_str(&body).map_err(|_| (422, "request.body", "the body is not what it should be"))?;
        let reference = state.begin(account, asked)?;
        let mut told = state.show(account, &reference)?;
        told["page"] = json!(format!("http://{}/pay/{reference}", shared.address));
        Ok(told)
    })
    .await
}

#[handler]
pub(super) async fn show(Data(shared): Data<&Shared>, request: &Request, Path(reference): Path<String>) -> Response {
    let amount = of(shared, &reference);
    perform(shared, request, Operation::Inquiry, amount, |state, account| state.show(account, &reference)).await
}

#[handler]
pub(super) async fn change(
    Data(shared): Data<&Shared>,
    request: &Request,
    Path((reference, what)): Path<(String, String)>,
    body: String,
) -> Response {
    let body: Value = serde_json::from_str(&body).unwrap_or_default();
    let wanted = body["amount"].as_u64();
    let operation = match what.as_str() {
        "settle" => Operation::Verify,
        "capture" => Operation::Capture,
        "void" => Operation::Reverse,
        "refunds" => Operation::Refund,
        _ => return refused((404, "request.path", "there is nothing here")),
    };
    let amount = wanted.or_else(|| of(shared, &reference));
    perform(shared, request, operation, amount, |state, account| {
        let missing = (422, "request.body", "the body names no amount");
        match operation {
            Operation::Capture => state.capture(account, &reference, wanted.ok_or(missing)?),
            Operation::Reverse => state.void(account, &reference),
            Operation::Refund => {
                let id = body["id"].as_str().ok_or((422, "request.body", "the body names no id"))?;
                state.refund(account, &reference, id, wanted.ok_or(missing)?)
            }
            _ => state.settle(account, &reference),
        }
    })
    .await
}

#[handler]
pub(super) async fn unsettled(Data(shared): Data<&Shared>, request: &Request) -> Response {
    let list = |state: &mut State, account: &str| Ok(json!({ "payments": state.unsettled(account) }));
    perform(shared, request, Operation::Unverified, None, list).await
}

/// Who calls, whether it goes wrong, and what is done.
async fn perform(
    shared: &Shared,
    request: &Request,
    operation: Operation,
    amount: Option<u64>,
    then: impl FnOnce(&mut State, &str) -> Done,
) -> Response {
    let account = request.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
    let Some(account) = account.filter(|key| key.starts_with("fake_")) else {
        return refused((401, "request.key", "the key is unknown: it begins with `fake_`"));
    };
    let (fault, done) = {
        let mut state = shared.lock();
        let fault = state.faults.strike(operation, account, amount);
        if let Some(instead) = fault.as_ref().and_then(How::instead) {
            return instead;
        }
        (fault, then(&mut state, account))
    };
    match (done, fault) {
        (Ok(body), Some(fault)) => fault.deliver(StatusCode::OK, body).await,
        (Ok(body), None) => answer(StatusCode::OK, &body),
        (Err(refusal), _) => refused(refusal),
    }
}

fn of(shared: &Shared, reference: &str) -> Option<u64> {
    shared.lock().payments.get(reference).map(|payment| payment.asked.amount)
}

fn refused((status, code, message): Refusal) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    answer(status, &json!({ "code": code, "message": message }))
}
